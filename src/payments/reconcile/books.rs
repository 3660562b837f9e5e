//! The two sides of a comparison: what Stripe's lists say, and what our rows and the ledger say. Amounts are cents.
//!
//! Pure data, read by the adapter on one side and by the store on the other.

use std::collections::BTreeSet;

use crate::ledger::{AccountId, Cents, Credits, PurchaseId, SubscriptionId, Timestamp};
use crate::payments::promotion::Terms;
use crate::payments::purchase::PurchaseState;

/// Everything that Stripe said, each list newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StripeBooks {
    pub sessions: Vec<Session>,
    pub payments: Vec<Payment>,
    pub charges: Vec<Charge>,
    pub refunds: Vec<Refund>,
    pub disputes: Vec<Dispute>,
    pub movements: Vec<Movement>,
    /// Invoices of subscriptions that are paid.
    pub invoices: Vec<Invoice>,
    /// Payment intents that were asked for by their ids and that Stripe does not know.
    pub unknown: BTreeSet<String>,
}

/// A checkout session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    /// What it names as our purchase; not looked up.
    pub purchase: Option<String>,
    pub intent: Option<String>,
    /// It can no longer be paid.
    pub expired: bool,
    /// What the amount differs from the price by.
    pub terms: Option<Terms>,
}

/// How far a payment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits for the customer.
    Open,
    /// The customer has acted, the money has not arrived.
    Processing,
    /// The money has arrived.
    Succeeded,
    /// It can no longer be paid.
    Canceled,
}

/// A payment intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub intent: String,
    /// What it names as our purchase; not looked up.
    pub purchase: Option<String>,
    pub progress: Progress,
    pub received: i64,
    pub currency: String,
    /// Unix seconds.
    pub created: i64,
}

/// A charge: one for every time a bank was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub id: String,
    pub intent: Option<String>,
    pub amount: i64,
    /// What of it has been refunded; refunds that failed do not count.
    pub refunded: i64,
    pub paid: bool,
    /// The movement that it is booked as.
    pub movement: Option<String>,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    pub id: String,
    pub charge: Option<String>,
    pub intent: Option<String>,
    pub amount: i64,
    /// Whether the money is gone; a refund may wait, or fail.
    pub settled: bool,
    /// The movement that it is booked as.
    pub movement: Option<String>,
}

/// A dispute, with what the customer's bank took for it and gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    pub id: String,
    pub charge: Option<String>,
    pub intent: Option<String>,
    pub lost: bool,
    /// What was taken and not given back.
    pub withdrawn: i64,
    /// Whether anything was taken at all: an inquiry takes nothing.
    pub moved: bool,
    /// The movements that it says it is booked as, each with its amount.
    pub movements: Vec<(String, i64)>,
}

/// A paid invoice of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    pub id: String,
    /// Stripe's name of the subscription.
    pub subscription: String,
    /// What it names as our subscription; not looked up.
    pub ours: Option<String>,
    /// The end of the period that it pays for, in Unix seconds.
    pub until: i64,
    /// What it came to before tax.
    pub subtotal: i64,
    pub currency: String,
}

/// A subscription of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    pub id: SubscriptionId,
    pub account: AccountId,
    /// Stripe's name of it, once that was heard.
    pub stripe: Option<String>,
    /// The end of the last period that was paid, in Unix seconds.
    pub paid_until: i64,
}

/// A movement of Stripe's balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub id: String,
    /// Stripe's reporting category: `charge`, `refund`, `dispute`, `fee`, `payout`, …
    pub category: String,
    pub amount: i64,
    pub fee: i64,
    pub net: i64,
    pub currency: String,
    /// The charge, refund or dispute.
    pub source: Option<String>,
}

/// One purchase of ours, with what the ledger says of its credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub purchase: PurchaseId,
    pub account: AccountId,
    pub state: PurchaseState,
    pub price: Cents,
    pub discount: Cents,
    pub tax: Cents,
    pub credits: Credits,
    pub paid_at: Option<Timestamp>,
    pub session: Option<String>,
    pub intent: Option<String>,
    /// The ledger's grant; none when there is none.
    pub granted: Option<Granted>,
}

impl Booked {
    /// What was paid, by our row: the price, less the discount, with the tax. In cents.
    pub fn total(&self) -> i64 {
        let (price, discount, tax) = (self.price.get(), self.discount.get(), self.tax.get());
        price.saturating_sub(discount).saturating_add(tax)
    }
}

/// What the ledger keeps of a purchase's credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// How many were granted.
    pub size: Credits,
    /// How many of them were taken back, owed ones included.
    pub reversed: Credits,
    /// What was paid for them.
    pub paid: Cents,
}
