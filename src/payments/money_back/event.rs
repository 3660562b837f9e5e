//! Stripe's events about money that goes back, as narrowly as we use them: which payment to ask about.

use serde::Deserialize;
use serde_json::Value;

use crate::payments::event::{Reference, Undecodable, absent};

/// A payment to which something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Stripe's payment intent, where it is named.
    pub intent: Option<String>,
    /// Stripe's charge; always there where no intent is.
    pub charge: Option<String>,
    pub live: bool,
}

/// What the event's object is.
#[derive(Clone, Copy)]
enum Kind {
    Charge,
    /// A refund or a dispute.
    OfACharge,
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "charge.refunded" => Kind::Charge,
        "charge.refund.updated"
        | "refund.created"
        | "refund.updated"
        | "refund.failed"
        | "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => Kind::OfACharge,
        _ => return None,
    })
}

/// Whether events of this type are worked off here.
pub fn is_known(name: &str) -> bool {
    kind(name).is_some()
}

/// Reads a stored event; `None` if its type says nothing about money that goes back.
///
/// # Errors
/// [`Undecodable`] with the field that is missing or of another type.
pub fn decode(payload: &str) -> Result<Option<Heard>, Undecodable> {
    let head: Head = serde_json::from_str(payload)?;
    let Some(kind) = kind(&head.kind) else { return Ok(None) };
    let envelope: Envelope = serde_json::from_str(payload)?;
    let object = envelope.data.object;
    let (charge, intent) = match kind {
        Kind::Charge => {
            let charge: Charge = serde_json::from_value(object)?;
            (Some(charge.id), charge.payment_intent)
        }
        Kind::OfACharge => {
            let object: OfACharge = serde_json::from_value(object)?;
            (object.charge.map(|charge| charge.id().to_owned()), object.payment_intent)
        }
    };
    let intent = intent.map(|intent| intent.id().to_owned());
    if charge.is_none() && intent.is_none() {
        return Err(absent("charge").into());
    }
    Ok(Some(Heard { intent, charge, live: envelope.livemode }))
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Envelope {
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

#[derive(Deserialize)]
struct Charge {
    id: String,
    payment_intent: Option<Reference>,
}

#[derive(Deserialize)]
struct OfACharge {
    charge: Option<Reference>,
    payment_intent: Option<Reference>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, object: &Value) -> String {
        json!({ "id": "evt_1", "type": kind, "livemode": false, "created": 1, "data": { "object": object } })
            .to_string()
    }

    fn heard(intent: Option<&str>, charge: Option<&str>) -> Heard {
        Heard { intent: intent.map(str::to_owned), charge: charge.map(str::to_owned), live: false }
    }

    const OF_A_CHARGE: [&str; 9] = [
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    ];

    #[test]
    fn every_known_type_names_its_payment() {
        let charge =
            json!({ "id": "ch_1", "payment_intent": "pi_1", "amount_refunded": 400, "field_of_next_year": [1] });
        let read = decode(&event("charge.refunded", &charge)).expect("readable");
        assert_eq!(read, Some(heard(Some("pi_1"), Some("ch_1"))));
        for kind in OF_A_CHARGE {
            assert!(is_known(kind), "{kind}");
            let object = json!({ "id": "re_1", "charge": "ch_1", "payment_intent": "pi_1", "amount": 400 });
            assert_eq!(
                decode(&event(kind, &object)).expect("readable"),
                Some(heard(Some("pi_1"), Some("ch_1"))),
                "{kind}"
            );
            let expanded = json!({ "charge": { "id": "ch_1" }, "payment_intent": null });
            assert_eq!(decode(&event(kind, &expanded)).expect("readable"), Some(heard(None, Some("ch_1"))), "{kind}");
        }
    }

    #[test]
    fn another_type_is_none_of_them_whatever_its_object_is() {
        for kind in ["charge.succeeded", "charge.updated", "payment_intent.succeeded", "account.updated"] {
            assert!(!is_known(kind));
            assert_eq!(decode(&event(kind, &json!(7))).expect("readable"), None, "{kind}");
        }
    }

    #[test]
    fn a_known_type_that_names_no_payment_is_undecodable() {
        for (kind, object) in [
            ("charge.refunded", json!({ "payment_intent": "pi_1" })),
            ("charge.refunded", json!([])),
            ("refund.failed", json!({ "id": "re_1", "charge": null })),
            ("refund.created", json!({ "charge": 7 })),
            ("charge.dispute.closed", json!({ "id": "du_1" })),
        ] {
            assert!(decode(&event(kind, &object)).is_err(), "{kind} {object}");
        }
        assert!(decode(r#"{"id":"evt_1","type":"charge.refunded"}"#).is_err());
        assert!(decode("{}").is_err());
    }
}
