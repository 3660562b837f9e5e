//! Sessions of the customer portal, and what its page says.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::Params;
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::with_nulls;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalSession {
    pub id: String,
    pub created: i64,
    pub customer: String,
    pub return_url: Option<String>,
    pub url: String,
}

impl Object for PortalSession {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let object = json!({
            "id": self.id,
            "object": "billing_portal.session",
            "configuration": "bpc_sandbox",
            "created": self.created,
            "customer": self.customer,
            "livemode": false,
            "return_url": self.return_url,
            "url": self.url,
        });
        with_nulls(object, &["customer_account", "flow", "locale", "on_behalf_of"])
    }
}

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let customer = params.required("customer")?;
    let return_url = params.url("return_url")?;
    params.ignore(&["configuration", "locale"]);
    params.refuse(&["flow_data", "on_behalf_of"])?;
    params.finish()?;
    desk.known_customer(&customer, "customer")?;
    let id = new_id("bps_");
    let url = format!("{}/p/session/{id}", desk.base_url);
    let session = PortalSession { id, created: desk.now, customer, return_url, url };
    let shape = session.render();
    desk.store.portal_sessions.put(session);
    Ok(shape)
}

/// What the portal has to tell this customer, in one sentence.
pub fn tell(desk: &Desk, session: &PortalSession) -> String {
    let cards: Vec<String> = desk
        .store
        .payment_methods
        .newest_first()
        .filter(|method| method.customer.as_deref() == Some(session.customer.as_str()))
        .map(|method| format!("{} {}", method.card.brand, method.card.last4()))
        .collect();
    let cards = if cards.is_empty() { "No cards are saved".to_owned() } else { format!("Cards: {}", cards.join(", ")) };
    let subscription = desk
        .store
        .subscriptions
        .newest_first()
        .find(|subscription| subscription.customer == session.customer)
        .map_or_else(|| "no subscription".to_owned(), |one| format!("subscription {}", one.status.word()));
    format!("{cards}; {subscription}. At Stripe, invoices and billing details are here too.")
}
