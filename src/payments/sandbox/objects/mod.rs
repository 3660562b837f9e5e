//! The kinds of object the sandbox keeps, each with its shape and its verbs.

pub mod charge;
pub mod checkout_request;
pub mod checkout_session;
pub mod customer;
mod intent_request;
pub mod line_item;
pub mod payment;
pub mod payment_intent;
pub mod payment_method;
pub mod portal_session;
pub mod promotion;
pub mod setup_intent;
pub mod subscription;

pub use charge::Charge;
pub use checkout_session::CheckoutSession;
pub use customer::Customer;
pub use payment_intent::PaymentIntent;
pub use payment_method::PaymentMethod;
pub use portal_session::PortalSession;
pub use setup_intent::SetupIntent;
pub use subscription::Subscription;

use serde_json::Value;

/// Adds the fields that Stripe always sends and that are always null here.
fn with_nulls(mut object: Value, fields: &[&str]) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.extend(fields.iter().map(|field| ((*field).to_owned(), Value::Null)));
    }
    object
}
