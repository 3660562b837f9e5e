//! Money that goes back: refunds, refunds that fail, disputes and what becomes of them. The credits follow the money.
//!
//! An event only says that something happened to a payment. What then counts is what Stripe says about the whole
//! payment now, asked outside any transaction; the pure [`follow`] decides what that means, and the purchase's row, the
//! event's mark, the ledger's entries and the letter commit together. The row counts these commits, and each is under
//! the request key of its count: what was asked for before another commit is stale and is asked for again.
//!
//! Deliberately absent: any sum of what single events say.
//!
//! [`follow`]: super::purchase::money_back::follow

mod event;
mod refund;
mod resume;
mod store;
mod told;
mod work;

pub use refund::{RefundError, RefundOrder, Refunded};
pub use told::{RefundStep, RefundTold};

pub(super) use event::{Heard, decode, is_known};

#[cfg(test)]
mod tests;
