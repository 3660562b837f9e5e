//! Stripe's events, as narrowly as we use them: a field that we do not read cannot make an event unreadable.
//!
//! Deliberately not `async-stripe`'s event types: those follow one API version, while events arrive in the version of
//! the account or endpoint. Decides nothing; see [`super::purchase::advance`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::promotion::Terms;
use super::purchase::{Failure, News, PaymentEvent};

/// The key under which a purchase's id stands in the metadata of sessions and payment intents.
pub const METADATA_PURCHASE: &str = "purchase";

/// What an event says about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Our purchase id as text, if the object carries one.
    pub purchase: Option<String>,
    pub session: Option<String>,
    pub intent: Option<String>,
    pub live: bool,
    /// A finished checkout has a card that can be remembered.
    pub finished_checkout: bool,
    pub event: PaymentEvent,
}

/// An event of a known type that does not have that type's shape.
#[derive(Debug, thiserror::Error)]
#[error("the event cannot be read: {0}")]
pub struct Undecodable(#[from] serde_json::Error);

/// The types that say something about a purchase.
#[derive(Clone, Copy)]
enum Kind {
    SessionCompleted,
    SessionPaidLater,
    SessionFailedLater,
    SessionExpired,
    IntentSucceeded,
    IntentFailed,
    IntentProcessing,
    IntentCanceled,
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "checkout.session.completed" => Kind::SessionCompleted,
        "checkout.session.async_payment_succeeded" => Kind::SessionPaidLater,
        "checkout.session.async_payment_failed" => Kind::SessionFailedLater,
        "checkout.session.expired" => Kind::SessionExpired,
        "payment_intent.succeeded" => Kind::IntentSucceeded,
        "payment_intent.payment_failed" => Kind::IntentFailed,
        "payment_intent.processing" => Kind::IntentProcessing,
        "payment_intent.canceled" => Kind::IntentCanceled,
        _ => return None,
    })
}

/// Whether events of this type are worked off; all others are only kept.
pub fn is_known(name: &str) -> bool {
    kind(name).is_some()
}

/// Reads a stored event; `None` if its type says nothing about a purchase.
///
/// # Errors
/// [`Undecodable`] with the field that is missing or of another type.
pub fn decode(payload: &str) -> Result<Option<Announcement>, Undecodable> {
    let envelope: Envelope = serde_json::from_str(payload)?;
    let Some(kind) = kind(&envelope.kind) else { return Ok(None) };
    let (at, live, object) = (envelope.created, envelope.livemode, envelope.data.object);
    Ok(Some(match kind {
        Kind::SessionCompleted | Kind::SessionPaidLater | Kind::SessionFailedLater | Kind::SessionExpired => {
            let mut session: Session = serde_json::from_value(object)?;
            if session.mode.as_deref().is_some_and(|mode| mode != "payment") {
                return Ok(None);
            }
            let news = session.news(kind)?;
            let finished_checkout = matches!(news, News::Succeeded { .. });
            Announcement {
                purchase: session.client_reference_id.or_else(|| purchase_of(session.metadata)),
                session: Some(session.id),
                intent: session.payment_intent.map(|reference| reference.id().to_owned()),
                live,
                finished_checkout,
                event: PaymentEvent { at, news },
            }
        }
        Kind::IntentSucceeded | Kind::IntentFailed | Kind::IntentProcessing | Kind::IntentCanceled => {
            let mut intent: Intent = serde_json::from_value(object)?;
            let news = intent.news(kind);
            Announcement {
                purchase: purchase_of(intent.metadata),
                session: None,
                intent: Some(intent.id),
                live,
                finished_checkout: false,
                event: PaymentEvent { at, news },
            }
        }
    }))
}

fn purchase_of(metadata: Option<BTreeMap<String, String>>) -> Option<String> {
    metadata?.remove(METADATA_PURCHASE)
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

/// An id, or the whole object where Stripe expanded it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Reference {
    Id(String),
    Object { id: String },
}

impl Reference {
    pub fn id(&self) -> &str {
        match self {
            Reference::Id(id) | Reference::Object { id } => id,
        }
    }
}

#[derive(Deserialize)]
struct Session {
    id: String,
    payment_status: String,
    amount_total: Option<i64>,
    currency: Option<String>,
    client_reference_id: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    payment_intent: Option<Reference>,
    /// `payment`, `setup` or `subscription`.
    mode: Option<String>,
    amount_subtotal: Option<i64>,
    total_details: Option<TotalDetails>,
    discounts: Option<Vec<Discount>>,
}

#[derive(Deserialize)]
struct TotalDetails {
    amount_discount: i64,
    amount_tax: i64,
}

#[derive(Deserialize)]
struct Discount {
    promotion_code: Option<Reference>,
}

impl Session {
    fn news(&mut self, kind: Kind) -> Result<News, Undecodable> {
        Ok(match kind {
            Kind::SessionExpired => News::Closed,
            Kind::SessionFailedLater => News::AttemptFailed(Failure {
                code: "async_payment_failed".into(),
                message: "The payment did not arrive.".into(),
            }),
            // Completed is not paid: a bank debit completes the page days before the money moves.
            _ if self.payment_status == "unpaid" => News::Processing,
            _ => News::Succeeded {
                amount: self.amount_total.ok_or_else(|| absent("amount_total"))?,
                currency: self.currency.take().ok_or_else(|| absent("currency"))?,
                intent: self.payment_intent.as_ref().map(|reference| reference.id().to_owned()),
                terms: self.terms(),
            },
        })
    }

    /// None when the amount is simply the price.
    fn terms(&self) -> Option<Terms> {
        let details = self.total_details.as_ref()?;
        if details.amount_discount == 0 && details.amount_tax == 0 {
            return None;
        }
        let codes = self.discounts.iter().flatten().filter_map(|discount| discount.promotion_code.as_ref());
        Some(Terms {
            subtotal: self.amount_subtotal?,
            discount: details.amount_discount,
            tax: details.amount_tax,
            promotion: codes.map(|code| code.id().to_owned()).next(),
        })
    }
}

#[derive(Deserialize)]
struct Intent {
    id: String,
    amount_received: i64,
    currency: String,
    metadata: Option<BTreeMap<String, String>>,
    last_payment_error: Option<LastError>,
}

#[derive(Deserialize)]
struct LastError {
    code: Option<String>,
    /// The bank's own word, which is more exact.
    decline_code: Option<String>,
    message: Option<String>,
}

impl Intent {
    fn news(&mut self, kind: Kind) -> News {
        match kind {
            Kind::IntentFailed => {
                let error = self.last_payment_error.take();
                let (code, message) =
                    error.map(|error| (error.decline_code.or(error.code), error.message)).unwrap_or_default();
                News::AttemptFailed(Failure {
                    code: code.unwrap_or_else(|| "payment_failed".into()),
                    message: message.unwrap_or_else(|| "The payment failed.".into()),
                })
            }
            Kind::IntentProcessing => News::Processing,
            Kind::IntentCanceled => News::Closed,
            _ => News::Succeeded {
                amount: self.amount_received,
                currency: std::mem::take(&mut self.currency),
                intent: Some(self.id.clone()),
                terms: None,
            },
        }
    }
}

fn absent(field: &'static str) -> serde_json::Error {
    <serde_json::Error as serde::de::Error>::missing_field(field)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, object: Value) -> String {
        json!({ "id": "evt_1", "object": "event", "type": kind, "api_version": "2026-09-30.endive",
            "created": 1_700_000_000, "livemode": false, "pending_webhooks": 1, "data": { "object": object } })
        .to_string()
    }

    fn session(status: &str) -> Value {
        json!({ "id": "cs_1", "object": "checkout.session", "payment_status": status, "amount_total": 1_000,
            "currency": "usd", "client_reference_id": "PUR_1", "metadata": { "purchase": "PUR_1" },
            "payment_intent": "pi_1", "field_of_next_year": { "x": [1] } })
    }

    fn intent() -> Value {
        json!({ "id": "pi_1", "object": "payment_intent", "amount": 1_000, "amount_received": 1_000, "currency": "usd",
            "metadata": { "purchase": "PUR_1" }, "last_payment_error": { "code": "card_declined",
            "decline_code": "generic_decline", "message": "Your card was declined." } })
    }

    fn paid() -> News {
        News::Succeeded { amount: 1_000, currency: "usd".into(), intent: Some("pi_1".into()), terms: None }
    }

    #[test]
    fn a_checkout_says_what_was_taken_off_by_which_code_and_what_tax_was_put_on() {
        let mut object = session("paid");
        object["amount_subtotal"] = json!(1_250);
        object["total_details"] = json!({ "amount_discount": 350, "amount_shipping": 0, "amount_tax": 100 });
        object["discounts"] = json!([{ "coupon": null, "promotion_code": "promo_1" }]);
        let News::Succeeded { terms, .. } = news("checkout.session.completed", object) else { panic!("paid") };
        let told = Terms { subtotal: 1_250, discount: 350, tax: 100, promotion: Some("promo_1".into()) };
        assert_eq!(terms, Some(told));
    }

    fn news(kind: &str, object: Value) -> News {
        decode(&event(kind, object)).expect("readable").expect("known").event.news
    }

    #[test]
    fn a_paid_completion_names_purchase_session_intent_and_money() {
        let read = decode(&event("checkout.session.completed", session("paid"))).expect("readable").expect("known");
        assert_eq!(
            read,
            Announcement {
                purchase: Some("PUR_1".into()),
                session: Some("cs_1".into()),
                intent: Some("pi_1".into()),
                live: false,
                finished_checkout: true,
                event: PaymentEvent { at: 1_700_000_000, news: paid() },
            }
        );
    }

    #[test]
    fn an_unpaid_completion_is_not_a_payment() {
        assert_eq!(news("checkout.session.completed", session("unpaid")), News::Processing);
    }

    #[test]
    fn every_known_type_has_its_news() {
        let paid = paid();
        assert_eq!(news("checkout.session.async_payment_succeeded", session("paid")), paid);
        assert!(matches!(news("checkout.session.async_payment_failed", session("unpaid")), News::AttemptFailed(_)));
        assert_eq!(news("checkout.session.expired", session("unpaid")), News::Closed);
        assert_eq!(news("payment_intent.succeeded", intent()), paid);
        assert_eq!(news("payment_intent.processing", intent()), News::Processing);
        assert_eq!(news("payment_intent.canceled", intent()), News::Closed);
        let declined = Failure { code: "generic_decline".into(), message: "Your card was declined.".into() };
        assert_eq!(news("payment_intent.payment_failed", intent()), News::AttemptFailed(declined));
    }

    #[test]
    fn an_expanded_payment_intent_is_read_as_its_id() {
        let mut object = session("paid");
        object["payment_intent"] = json!({ "id": "pi_2", "amount": 1 });
        let read = decode(&event("checkout.session.completed", object)).expect("readable").expect("known");
        assert_eq!(read.intent.as_deref(), Some("pi_2"));
    }

    #[test]
    fn an_unknown_type_is_no_announcement_whatever_its_object_is() {
        assert_eq!(decode(&event("account.updated", json!(7))).expect("readable"), None);
        assert!(!is_known("account.updated"));
    }

    #[test]
    fn a_known_type_without_its_fields_is_undecodable() {
        for (kind, object) in [
            ("checkout.session.completed", json!({})),
            ("checkout.session.completed", json!({ "id": "cs_1", "payment_status": "paid", "currency": "usd" })),
            ("payment_intent.succeeded", json!({ "id": "pi_1", "amount_received": "1000", "currency": "usd" })),
            ("payment_intent.succeeded", json!([])),
        ] {
            assert!(decode(&event(kind, object.clone())).is_err(), "{kind} {object}");
        }
        assert!(decode(r#"{"id":"evt_1","type":"payment_intent.succeeded"}"#).is_err());
    }
}
