//! Setup intents: made and finished by a checkout session in setup mode, read by their id.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::cards::{Behaviour, Decline};
use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::Metadata;
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::{payment_method, with_nulls};

/// Attaches and is declined at every charge; the bank says nothing while it is saved.
const DECLINED_LATER: &str = "4000000000000341";

const NULLS: [&str; 19] = [
    "allowed_payment_method_types",
    "application",
    "attach_to_self",
    "automatic_payment_methods",
    "cancellation_reason",
    "customer_account",
    "description",
    "excluded_payment_method_types",
    "flow_directions",
    "last_setup_error",
    "latest_attempt",
    "managed_payments",
    "mandate",
    "next_action",
    "on_behalf_of",
    "payment_method_configuration_details",
    "payment_method_options",
    "single_use_mandate",
    "setup_future_usage",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetupIntent {
    pub id: String,
    pub created: i64,
    pub customer: Option<String>,
    pub payment_method: String,
    pub metadata: Metadata,
}

impl Object for SetupIntent {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let object = json!({
            "id": self.id,
            "object": "setup_intent",
            "client_secret": format!("{}_secret_sandbox", self.id),
            "created": self.created,
            "customer": self.customer,
            "livemode": false,
            "metadata": self.metadata,
            "payment_method": self.payment_method,
            "payment_method_types": ["card"],
            "status": "succeeded",
            "usage": "off_session",
        });
        with_nulls(object, &NULLS)
    }
}

/// Saves a card for later charges; the bank is asked once, and 3-D Secure counts as passed on the page.
///
/// # Errors
/// When the bank behind the card says no.
pub fn succeed(desk: &mut Desk, customer: Option<String>, method: &str) -> Result<String, ApiError> {
    let card = desk.store.payment_methods.get(method).map(|method| method.card);
    if let Some(card) = card
        && let Behaviour::Declines(reason) = card.behaviour
        && card.number != DECLINED_LATER
    {
        return Err(if reason == Decline::AuthenticationRequired { Decline::Generic } else { reason }.error());
    }
    if let Some(kept) = desk.store.payment_methods.get_mut(method) {
        kept.is_set_up = true;
    }
    if let Some(customer) = &customer {
        payment_method::attach_to(desk, method, customer)?;
    }
    let id = new_id("seti_");
    let intent = SetupIntent {
        id: id.clone(),
        created: desk.now,
        customer,
        payment_method: method.to_owned(),
        metadata: Metadata::new(),
    };
    let shape = intent.render();
    desk.store.setup_intents.put(intent);
    desk.emit("setup_intent.succeeded", shape);
    Ok(id)
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    let intent = desk.store.setup_intents.get(id);
    intent.map(Object::render).ok_or_else(|| ApiError::no_such("setupintent", id, "intent"))
}
