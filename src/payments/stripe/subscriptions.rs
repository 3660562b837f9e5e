//! The fintech subscription at Stripe: its page, and whether it ends with the paid period.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use stripe::StripeRequest;
use stripe_billing::invoice::ListInvoice;
use stripe_billing::subscription::UpdateSubscription;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionLineItemsPriceDataRecurring, CreateCheckoutSessionLineItemsPriceDataRecurringInterval,
    CreateCheckoutSessionLineItemsPriceDataTaxBehavior, CreateCheckoutSessionSubscriptionData, ProductData,
};
use stripe_shared::{CheckoutSessionMode, InvoiceStatus};
use stripe_types::{Currency, RangeQueryTs};

use super::books::{Named, PAGE, unreadable};
use super::{CallError, IN_USE_PAUSE, Stripe, checked, once, patiently, read_error, taxed};
use crate::ledger::SubscriptionId;
use crate::payments::PaymentsConfig;
use crate::payments::reconcile;
use crate::payments::subscription::{METADATA_SUBSCRIPTION, PRICE_CENTS, read_invoice};

/// An invoice as a list has it; what is in it, the reader of events knows.
#[derive(Deserialize)]
struct ListedInvoice {
    id: String,
    #[serde(flatten)]
    object: Map<String, Value>,
}

impl Named for ListedInvoice {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Stripe {
    /// The invoices of subscriptions that were made from that second on and are paid.
    pub(super) async fn paid_invoices(&self, from: i64) -> Result<Vec<reconcile::Invoice>, CallError> {
        let page = |from: i64, after: Option<&str>| {
            let request = ListInvoice::new().status(InvoiceStatus::Paid).created(RangeQueryTs::gte(from)).limit(PAGE);
            match after {
                Some(id) => request.starting_after(id),
                None => request,
            }
        };
        let listed: Vec<ListedInvoice> = self.all(from, page).await?;
        let mut invoices = Vec::new();
        for ListedInvoice { id, object } in listed {
            let read = read_invoice(Value::Object(object)).map_err(|error| unreadable(&error))?;
            invoices.extend(read.map(|read| reconcile::Invoice {
                id,
                subscription: read.stripe,
                ours: read.ours,
                until: read.until,
                subtotal: read.subtotal,
                currency: read.currency,
            }));
        }
        Ok(invoices)
    }

    /// Opens the subscription's page; answers its session and where it is.
    pub async fn open_subscription(
        &self,
        subscription: SubscriptionId,
        customer: &str,
        config: &PaymentsConfig,
    ) -> Result<(String, String), CallError> {
        let strategy = once(format!("{subscription}:checkout:{customer}"))?;
        let request = taxed(subscription_request(subscription, customer, &config.public_url), config.tax);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        let session = patiently(IN_USE_PAUSE, send).await?;
        let url = session
            .url
            .ok_or_else(|| CallError::Refused { message: "the checkout session came without a page".into() })?;
        Ok((session.id.to_string(), url))
    }

    /// Has a subscription end with its paid period, or go on after all.
    pub async fn set_subscription_end(&self, id: &str, ends: bool, key: String) -> Result<(), CallError> {
        let request = UpdateSubscription::new(checked(id)?).cancel_at_period_end(ends);
        let request = request.customize().request_strategy(once(key)?);
        request.send(&self.client).await.map(|_| ()).map_err(read_error)
    }
}

fn subscription_request(subscription: SubscriptionId, customer: &str, public_url: &str) -> CreateCheckoutSession {
    let id = subscription.to_string();
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::USD);
    price.unit_amount = Some(PRICE_CENTS);
    price.product_data = Some(ProductData::new("Aethel fintech tier"));
    price.tax_behavior = Some(CreateCheckoutSessionLineItemsPriceDataTaxBehavior::Exclusive);
    price.recurring = Some(CreateCheckoutSessionLineItemsPriceDataRecurring::new(
        CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Month,
    ));
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price_data = Some(price);
    item.quantity = Some(1);
    let mut data = CreateCheckoutSessionSubscriptionData::new();
    data.metadata = Some(HashMap::from([(METADATA_SUBSCRIPTION.to_owned(), id.clone())]));
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Subscription)
        .customer(customer)
        .client_reference_id(id)
        .subscription_data(data)
        .line_items([item])
        .success_url(format!("{public_url}/billing?done=subscribed"))
        .cancel_url(format!("{public_url}/billing?done=subscription_left"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ulid::Ulid;

    #[test]
    fn the_subscription_costs_what_the_tier_costs_every_month() {
        let id = SubscriptionId::from_ulid(Ulid::from(4u128));
        let body = subscription_request(id, "cus_1", "https://aethel.example").build().body.expect("a form");
        let sent: Vec<(String, String)> = serde_urlencoded::from_str(&body).expect("url-encoded");
        for (name, value) in [
            ("mode", "subscription"),
            ("customer", "cus_1"),
            ("client_reference_id", &id.to_string()),
            ("subscription_data[metadata][subscription]", &id.to_string()),
            ("line_items[0][price_data][unit_amount]", "500000"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][recurring][interval]", "month"),
        ] {
            assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{name}: {sent:?}");
        }
        assert!(sent.iter().all(|(name, _)| name != "allow_promotion_codes"));
    }
}
