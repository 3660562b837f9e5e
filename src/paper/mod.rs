//! Documents to print: the receipt of a purchase and the statement of a month, as PDF.
//!
//! The same data give the same bytes: no clock, no network, no font files. Deliberately absent: anything that decides what
//! a document says of money; that is read off the purchase and off the statement.

mod letters;
mod receipt;
mod sheet;
mod statement;

pub use receipt::{ReceiptData, receipt, receipt_facts};
pub use statement::statement;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;

use crate::ledger::Timestamp;

/// `2026-11-23 12:41`, in UTC.
fn moment(time: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(time.millis()).unwrap_or_default();
    moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string()
}
