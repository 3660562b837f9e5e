//! The kinds of object the sandbox keeps, each with its shape and its verbs.

pub mod balance_transaction;
pub mod catalogue;
pub mod charge;
pub mod checkout_request;
pub mod checkout_session;
pub mod coupon;
pub mod customer;
pub mod dispute;
mod intent_request;
pub mod invoice;
pub mod line_item;
pub mod payment;
pub mod payment_intent;
pub mod payment_method;
pub mod portal_session;
pub mod promotion;
pub mod refund;
pub mod setup_intent;
pub mod subscription;

pub use balance_transaction::BalanceTransaction;
pub use catalogue::{Price, Product};
pub use charge::Charge;
pub use checkout_session::CheckoutSession;
pub use coupon::Coupon;
pub use customer::Customer;
pub use dispute::Dispute;
pub use invoice::Invoice;
pub use payment_intent::PaymentIntent;
pub use payment_method::PaymentMethod;
pub use portal_session::PortalSession;
pub use promotion::PromotionCode;
pub use refund::Refund;
pub use setup_intent::SetupIntent;
pub use subscription::Subscription;

use serde_json::Value;

use super::state::{Desk, Due};

/// Does everything whose time has come.
pub fn come_due(desk: &mut Desk) {
    checkout_session::expire_due(desk);
    coupon::come_due(desk);
    subscription::renew_due(desk);
    while let Some((at, _)) = desk.store.due.first()
        && *at <= desk.now
        && let Some((_, due)) = desk.store.due.pop_first()
    {
        match due {
            Due::Refund(id) => refund::come_due(desk, &id),
            Due::Debit(id) => {
                // Whoever settled it by hand was earlier.
                let _ = payment::settle_debit(desk, &id, None);
            }
        }
    }
}

/// Adds the fields that Stripe always sends and that are always null here.
fn with_nulls(mut object: Value, fields: &[&str]) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.extend(fields.iter().map(|field| ((*field).to_owned(), Value::Null)));
    }
    object
}
