//! Stripe's events about a customer rather than a purchase: a saved card, or the subscription.
//!
//! As narrow as [`super::event`]; whose customer it is, our own row says and never the event's metadata.

use serde::Deserialize;
use serde_json::Value;

use super::event::{Reference, Undecodable};
use super::inbox::EventState;
use super::store::WaitingEvent;
use super::{Mode, PaymentError, Payments, subscription};

/// What such an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerNews {
    /// A card was saved on Stripe's page.
    CardSaved { customer: String, setup: String },
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

#[derive(Deserialize)]
struct SetupSession {
    /// Ours always have one.
    customer: Option<Reference>,
    setup_intent: Reference,
}

/// Reads an event, with whether it is of live mode; none when it is about something else.
///
/// # Errors
/// When it is about a saved card and has another shape.
pub fn decode(payload: &str) -> Result<Option<(CustomerNews, bool)>, Undecodable> {
    // What is no event at all is left to whoever reads purchases' events.
    let Ok(envelope) = serde_json::from_str::<Envelope>(payload) else { return Ok(None) };
    let object = envelope.data.object;
    if envelope.kind != "checkout.session.completed" || object["mode"] != "setup" {
        return Ok(None);
    }
    let SetupSession { customer, setup_intent } = serde_json::from_value(object)?;
    let Some(customer) = customer else { return Ok(None) };
    let (customer, setup) = (customer.id().to_owned(), setup_intent.id().to_owned());
    Ok(Some((CustomerNews::CardSaved { customer, setup }, envelope.livemode)))
}

impl Payments {
    /// Acts on news about a customer; none when the event is about something else. Repeating it changes nothing.
    ///
    /// # Errors
    /// When the store or Stripe does not answer; the event waits then.
    pub(super) async fn hear_of_customer(
        &self,
        event: &WaitingEvent,
    ) -> Result<Option<(EventState, String)>, PaymentError> {
        match subscription::decode(&event.payload) {
            Ok(Some(heard)) => {
                let (state, note) = self.hear_of_subscription(&heard, &event.id).await?;
                return Ok(Some((state, note.to_owned())));
            }
            Ok(None) => {}
            // One that is not ours to read is left to whoever reads purchases' events.
            Err(error) if subscription::is_about(&event.payload) => {
                tracing::error!(event = %event.id, %error, "an event could not be read and is kept");
                return Ok(Some((EventState::Undecodable, error.to_string())));
            }
            Err(_) => {}
        }
        let (news, live) = match decode(&event.payload) {
            Ok(Some(heard)) => heard,
            Ok(None) => return Ok(None),
            Err(error) => {
                tracing::error!(event = %event.id, %error, "an event could not be read and is kept");
                return Ok(Some((EventState::Undecodable, error.to_string())));
            }
        };
        if live != (self.inner.config.mode == Mode::Live) {
            return Ok(Some((EventState::Ignored, "of the other mode, live or test".to_owned())));
        }
        let heard = match news {
            CustomerNews::CardSaved { customer, setup } => self.card_was_saved(&customer, &setup).await?,
        };
        Ok(Some((if heard { EventState::Done } else { EventState::Ignored }, String::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_finished_page_for_saving_a_card_saves_one() {
        let event = |kind: &str, mode: &str| {
            let object = json!({ "mode": mode, "customer": "cus_1", "setup_intent": "seti_1", "metadata": {} });
            json!({ "type": kind, "livemode": false, "data": { "object": object } }).to_string()
        };
        let saved = CustomerNews::CardSaved { customer: "cus_1".into(), setup: "seti_1".into() };
        let read = |kind: &str, mode: &str| decode(&event(kind, mode)).expect("readable");
        assert_eq!(read("checkout.session.completed", "setup"), Some((saved, false)));
        for (kind, mode) in [("checkout.session.completed", "payment"), ("checkout.session.expired", "setup")] {
            assert_eq!(read(kind, mode), None, "{kind} {mode}");
        }
        assert_eq!(decode("{}").expect("about something else"), None);
    }

    #[test]
    fn a_saved_card_that_cannot_be_read_is_undecodable_and_one_of_nobody_is_not_ours() {
        let event = |object: Value| {
            json!({ "type": "checkout.session.completed", "livemode": false, "data": { "object": object } }).to_string()
        };
        for object in [
            json!({ "mode": "setup", "customer": "cus_1" }),
            json!({ "mode": "setup", "customer": 7, "setup_intent": "seti_1" }),
        ] {
            assert!(decode(&event(object.clone())).is_err(), "{object}");
        }
        let of_nobody = json!({ "mode": "setup", "customer": null, "setup_intent": "seti_1" });
        assert_eq!(decode(&event(of_nobody)).expect("readable"), None);
    }
}
