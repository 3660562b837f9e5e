//! What the billing page shows: cards, automatic purchases, and a payment to be confirmed.

use serde::{Deserialize, Serialize};

use super::{ChoiceView, FrameView, PurchaseView};

/// The billing page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingView {
    pub frame: FrameView,
    pub cards: Vec<CardView>,
    /// False when Stripe did not answer: the list is then not known.
    pub cards_known: bool,
    pub top_up: TopUpView,
    pub subscription: SubscriptionView,
    /// Makes pressing a button twice one request.
    pub request: String,
}

/// A saved card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    pub id: String,
    /// `Visa ending in 4242`.
    pub name: String,
    /// `12/2030`.
    pub expires: String,
    pub is_default: bool,
}

/// The rule for automatic purchases, as its form and as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpView {
    pub enabled: bool,
    /// The rule in one sentence.
    pub sentence: String,
    /// As typed: empty without a rule.
    pub threshold: String,
    pub package: String,
    /// In dollars.
    pub cap: String,
    pub packages: Vec<ChoiceView>,
    /// The code of why it has stopped; empty when it has not.
    pub halted: String,
    /// The purchase to be confirmed; empty when there is none.
    pub confirm: String,
    /// After a failure or at the month's limit: when it goes on; empty otherwise.
    pub not_before: String,
}

/// The subscription to the fintech tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionView {
    /// `none`, `arranged`, or the state's stable name.
    pub state: String,
    /// `$5,000`.
    pub price: String,
    /// The end of the last paid period.
    pub paid_until: String,
    /// Until when the tier stays if nothing more is paid.
    pub tier_until: String,
    /// Stripe's page for the first payment, or for an invoice that could not be charged; empty when there is none.
    pub pay_at: String,
}

/// The receipt of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    pub frame: FrameView,
    /// The purchase's id.
    pub purchase: String,
    /// Names and what they are, in order.
    pub facts: Vec<(String, String)>,
}

/// What is about to be bought with the saved card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    pub package: String,
    pub credits: i64,
    pub price: String,
    pub buys: String,
    pub balance_after: i64,
}

/// A payment that its customer confirms on the bank's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmView {
    pub frame: FrameView,
    pub purchase: PurchaseView,
    pub can_confirm: bool,
    pub request: String,
}
