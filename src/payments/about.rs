//! What an event is about, as far as its object says so: read from any event, of a known type or not.
//!
//! For finding it again from the purchase. Decides nothing: what an event does, [`super::event`] reads.

use serde_json::Value;

use super::event::METADATA_PURCHASE;
use crate::ledger::PurchaseId;

/// Stripe's ids are some thirty characters.
const ID_LENGTH_MAX: usize = 255;

/// The names in an event's object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Our own id, where the object carries one.
    pub purchase: Option<PurchaseId>,
    /// Stripe's payment intent: the object itself, or the one that it belongs to.
    pub intent: Option<String>,
}

impl About {
    /// Reads what a payload names; what cannot be read names nothing.
    pub fn of(payload: &str) -> Self {
        let event: Value = serde_json::from_str(payload).unwrap_or_default();
        let object = &event["data"]["object"];
        let own = [&object["client_reference_id"], &object["metadata"][METADATA_PURCHASE]];
        let intent = if object["object"] == "payment_intent" { &object["id"] } else { &object["payment_intent"] };
        let intent = intent.as_str().or_else(|| intent["id"].as_str());
        About {
            purchase: own.into_iter().find_map(|text| text.as_str()?.parse().ok()),
            intent: intent.filter(|id| id.starts_with("pi_") && id.len() <= ID_LENGTH_MAX).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_of_any_type_names_its_purchase_and_its_payment() {
        let id: PurchaseId = "PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB".parse().expect("an id");
        let by_metadata = json!({ "purchase": id });
        for (object, purchase, intent) in [
            (json!({ "object": "checkout.session", "client_reference_id": id, "payment_intent": "pi_1" }), true, true),
            (json!({ "object": "checkout.session", "client_reference_id": id, "payment_intent": null }), true, false),
            (json!({ "object": "payment_intent", "id": "pi_1", "metadata": by_metadata }), true, true),
            (json!({ "object": "charge", "id": "ch_1", "payment_intent": { "id": "pi_1" } }), false, true),
            (json!({ "object": "dispute", "payment_intent": 7, "metadata": { "purchase": "PUR_1" } }), false, false),
            (json!([1]), false, false),
        ] {
            let event = json!({ "id": "evt_1", "type": "x", "data": { "object": object } });
            let about = About::of(&event.to_string());
            let expected = About { purchase: purchase.then_some(id), intent: intent.then(|| "pi_1".to_owned()) };
            assert_eq!(about, expected, "{event}");
        }
        for nothing in ["", "{", "7", "{}"] {
            assert_eq!(About::of(nothing), About::default(), "{nothing}");
        }
    }
}
