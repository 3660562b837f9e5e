//! Stripe's events about subscriptions and their invoices, as narrowly as we use them. Which of ours it is, is found by
//! Stripe's ids that we noted, or by our own id that the object carries; the amount and the customer are checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The key under which our id stands in a subscription's metadata.
pub(in crate::payments) const METADATA_SUBSCRIPTION: &str = "subscription";

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::payments) enum SubscriptionNews {
    /// The page was finished.
    Begun,
    /// The page was left for too long.
    Abandoned,
    /// An invoice is paid.
    Paid { until: i64, subtotal: i64, currency: String },
    /// The bank said no to an invoice.
    Unpaid { until: i64, invoice_url: Option<String> },
    /// What Stripe says of the subscription as a whole.
    Told { cancels: bool, ended: bool },
}

/// News and which subscription it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::payments) struct Heard {
    /// Our own id, where the object carries it.
    pub ours: Option<String>,
    /// Stripe's.
    pub stripe: Option<String>,
    pub customer: Option<String>,
    pub session: Option<String>,
    pub at: i64,
    pub live: bool,
    pub news: SubscriptionNews,
}

/// Whether events of this type are worked off here.
pub(in crate::payments) fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "invoice.paid" | "invoice.payment_failed" | "customer.subscription.updated" | "customer.subscription.deleted"
    )
}

/// Reads an event; none when it is about something else.
///
/// # Errors
/// When an event of a known type has another shape.
pub(in crate::payments) fn decode(payload: &str) -> Result<Option<Heard>, serde_json::Error> {
    let envelope: Envelope = serde_json::from_str(payload)?;
    let (kind, object) = (envelope.kind.as_str(), envelope.data.object);
    let is_session = kind.starts_with("checkout.session.") && object["mode"] == "subscription";
    let heard = |ours, stripe, customer, news| Heard {
        ours,
        stripe,
        customer,
        session: None,
        at: envelope.created,
        live: envelope.livemode,
        news,
    };
    Ok(Some(match kind {
        "checkout.session.completed" | "checkout.session.expired" if is_session => {
            let session: Session = serde_json::from_value(object)?;
            let news = if kind.ends_with("expired") { SubscriptionNews::Abandoned } else { SubscriptionNews::Begun };
            Heard {
                session: Some(session.id),
                ..heard(session.client_reference_id, session.subscription, session.customer, news)
            }
        }
        "invoice.paid" | "invoice.payment_failed" => {
            let Some(invoice) = read_invoice(object)? else { return Ok(None) };
            let InvoiceRead { ours, stripe, customer, until, subtotal, currency, page } = invoice;
            let news = if kind == "invoice.paid" {
                SubscriptionNews::Paid { until, subtotal, currency }
            } else {
                SubscriptionNews::Unpaid { until, invoice_url: page }
            };
            heard(ours, Some(stripe), customer, news)
        }
        "customer.subscription.updated" | "customer.subscription.deleted" => {
            let told: Told = serde_json::from_value(object)?;
            let ended = kind.ends_with("deleted") || matches!(told.status.as_str(), "canceled" | "incomplete_expired");
            let news = SubscriptionNews::Told { cancels: told.cancel_at_period_end, ended };
            heard(own(told.metadata), Some(told.id), Some(told.customer), news)
        }
        _ => return Ok(None),
    }))
}

/// An invoice of a subscription.
pub(in crate::payments) struct InvoiceRead {
    /// Our own id, where the object carries it.
    pub ours: Option<String>,
    /// Stripe's name of the subscription.
    pub stripe: String,
    pub customer: Option<String>,
    /// The end of the period that it is for.
    pub until: i64,
    pub subtotal: i64,
    pub currency: String,
    /// Where it can be paid.
    pub page: Option<String>,
}

/// Reads an invoice; none when it is of no subscription.
///
/// # Errors
/// When it has another shape.
pub(in crate::payments) fn read_invoice(object: Value) -> Result<Option<InvoiceRead>, serde_json::Error> {
    let invoice: Invoice = serde_json::from_value(object)?;
    let Some((stripe, metadata)) = invoice.subscription() else { return Ok(None) };
    let until = invoice.lines.data.iter().map(|line| line.period.end).max().unwrap_or_default();
    Ok(Some(InvoiceRead {
        ours: own(metadata),
        stripe,
        customer: invoice.customer,
        until,
        subtotal: invoice.subtotal,
        currency: invoice.currency,
        page: invoice.hosted_invoice_url,
    }))
}

/// Whether a payload that cannot be read is of a type that is worked off here.
pub(in crate::payments) fn is_about(payload: &str) -> bool {
    let envelope: Result<Envelope, _> = serde_json::from_str(payload);
    envelope.is_ok_and(|envelope| is_known(&envelope.kind))
}

fn own(metadata: Option<BTreeMap<String, String>>) -> Option<String> {
    metadata?.remove(METADATA_SUBSCRIPTION)
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    client_reference_id: Option<String>,
    subscription: Option<String>,
    customer: Option<String>,
}

#[derive(Deserialize)]
struct Invoice {
    customer: Option<String>,
    subtotal: i64,
    currency: String,
    hosted_invoice_url: Option<String>,
    lines: Lines,
    /// Since API version 2025-03-31.
    parent: Option<Parent>,
    /// Before it.
    subscription: Option<String>,
}

impl Invoice {
    fn subscription(&self) -> Option<(String, Option<BTreeMap<String, String>>)> {
        let details = self.parent.as_ref().and_then(|parent| parent.subscription_details.as_ref());
        match (details, &self.subscription) {
            (Some(details), _) => Some((details.subscription.clone(), details.metadata.clone())),
            (None, Some(id)) => Some((id.clone(), None)),
            (None, None) => None,
        }
    }
}

#[derive(Deserialize)]
struct Parent {
    subscription_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    subscription: String,
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Lines {
    data: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    period: Period,
}

#[derive(Deserialize)]
struct Period {
    end: i64,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    customer: String,
    status: String,
    cancel_at_period_end: bool,
    metadata: Option<BTreeMap<String, String>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, object: Value) -> String {
        json!({ "id": "evt_1", "type": kind, "created": 7, "livemode": false, "data": { "object": object } })
            .to_string()
    }

    #[test]
    fn an_invoice_names_its_subscription_in_old_and_new_versions() {
        let lines =
            json!({ "data": [{ "period": { "start": 1, "end": 90 } }, { "period": { "start": 1, "end": 30 } }] });
        let new = json!({ "customer": "cus_1", "subtotal": 500_000, "currency": "usd", "lines": lines,
            "parent": { "subscription_details": { "subscription": "sub_1", "metadata": { "subscription": "SUB_1" } } } });
        let old = json!({ "customer": "cus_1", "subtotal": 500_000, "currency": "usd", "lines": lines, "subscription": "sub_1" });
        for (object, ours) in [(new, Some("SUB_1")), (old, None)] {
            let heard = decode(&event("invoice.paid", object)).expect("readable").expect("about a subscription");
            assert_eq!((heard.ours.as_deref(), heard.stripe.as_deref()), (ours, Some("sub_1")));
            let paid = SubscriptionNews::Paid { until: 90, subtotal: 500_000, currency: "usd".into() };
            assert_eq!((heard.news, heard.at, heard.live), (paid, 7, false));
        }
        let single = json!({ "customer": "cus_1", "subtotal": 1, "currency": "usd", "lines": { "data": [] } });
        assert_eq!(decode(&event("invoice.paid", single)).expect("readable"), None, "an invoice of another kind");
        assert!(decode(&event("invoice.paid", json!({}))).is_err());
    }

    #[test]
    fn a_subscription_says_whether_it_ends_or_has_ended() {
        for (kind, status, cancels, ended) in [
            ("customer.subscription.updated", "active", true, false),
            ("customer.subscription.updated", "canceled", false, true),
            ("customer.subscription.deleted", "canceled", false, true),
        ] {
            let object =
                json!({ "id": "sub_1", "customer": "cus_1", "status": status, "cancel_at_period_end": cancels });
            let heard = decode(&event(kind, object)).expect("readable").expect("known");
            assert_eq!(heard.news, SubscriptionNews::Told { cancels, ended }, "{kind} {status}");
        }
        let payment = json!({ "id": "cs_1", "mode": "payment" });
        assert_eq!(decode(&event("checkout.session.completed", payment)).expect("readable"), None);
    }
}
