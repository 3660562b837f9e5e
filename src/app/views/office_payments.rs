//! What the back office shows of payments: Stripe's events and every purchase.

use serde::{Deserialize, Serialize};

use super::{ChoiceView, FrameView, PurchaseView};

/// A page of Stripe's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeEventsView {
    pub frame: FrameView,
    /// The states to choose from, and the one that is shown; empty for all.
    pub states: Vec<ChoiceView>,
    pub state: String,
    /// The type that is shown; empty for all.
    pub kind: String,
    pub events: Vec<OfficeEventView>,
    /// Where the next page starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
}

/// One event as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeEventView {
    pub id: String,
    pub kind: String,
    pub at: String,
    /// The state's stable name.
    pub state: String,
    pub attempts: i64,
    pub note: String,
    /// The purchase that it names; empty when it names none.
    pub purchase: String,
    /// How often it was replayed and when last; empty when never.
    pub replayed: String,
}

/// One event with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeEventDetailView {
    pub frame: FrameView,
    pub event: OfficeEventView,
    pub api_version: String,
    /// The payment intent that it is about; empty when it names none.
    pub intent: String,
    /// Whether the purchase that it names is one of ours.
    pub purchase_known: bool,
    /// What the state means and what to do.
    pub advice: String,
    pub payload: String,
}

/// A page of purchases of every account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficePurchasesView {
    pub frame: FrameView,
    /// The states to choose from, and the one that is shown; empty for all.
    pub states: Vec<ChoiceView>,
    pub state: String,
    /// The account whose purchases are shown; empty for all.
    pub account: String,
    pub purchases: Vec<OfficePurchaseView>,
    /// Where the next page starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
}

/// One purchase as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficePurchaseView {
    pub id: String,
    pub account: String,
    pub package: String,
    pub credits: i64,
    pub price: String,
    pub at: String,
    /// The state's stable name.
    pub state: String,
}

/// One purchase with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficePurchaseDetailView {
    pub frame: FrameView,
    pub purchase: OfficePurchaseView,
    /// The customer's name.
    pub customer: String,
    /// What went back, and what is left to refund.
    pub money: PurchaseView,
    /// Payments of it that brought no credits, by Stripe's names.
    pub other_payments: Vec<String>,
    /// Makes pressing a button twice one act.
    pub request: String,
    /// What is known, as name and value, in groups.
    pub groups: Vec<FactsView>,
    pub events: Vec<OfficeEventView>,
}

/// A titled list of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsView {
    pub title: String,
    /// Name and value.
    pub facts: Vec<(String, String)>,
}
