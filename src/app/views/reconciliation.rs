//! What the back office shows of comparisons between Stripe's books and ours.

use serde::{Deserialize, Serialize};

use super::FrameView;

/// The list of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationsView {
    pub frame: FrameView,
    pub runs: Vec<RunView>,
    /// Where the next page starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
    /// Makes pressing the button twice one run.
    pub request: String,
}

/// One run as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    pub id: String,
    pub at: String,
    /// `Nightly` or `By an operator`.
    pub kind: String,
    /// The state's stable name.
    pub state: String,
    pub found: i64,
    /// What Stripe kept for us in all, `$1,234.50`; empty until it is done.
    pub net: String,
}

/// One run with its sums and differences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationView {
    pub frame: FrameView,
    pub run: RunView,
    /// From when until when, in words.
    pub window: String,
    /// Why it failed; empty when it did not.
    pub failure: String,
    /// The sums as name and amount; empty until it is done.
    pub sums: Vec<SumView>,
    /// How our books compare with the gross, in a sentence; empty until it is done.
    pub sentence: String,
    pub differences: Vec<DifferenceView>,
    /// The number behind which the next page starts; 0 when this is the last.
    pub next_after: i64,
    pub first: bool,
    /// How many differences were found and are not kept.
    pub not_kept: i64,
}

/// One sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumView {
    pub name: String,
    pub amount: String,
    /// Whether it is the sum of those above.
    pub total: bool,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceView {
    pub number: i64,
    /// The stable name.
    pub name: String,
    pub title: String,
    pub advice: String,
    /// The purchase; empty when none is named.
    pub purchase: String,
    /// Whether it is one of ours, with a page of its own.
    pub purchase_known: bool,
    /// Stripe's ids, one after the other.
    pub stripe: String,
    /// As dollars; empty where that side has nothing.
    pub at_stripe: String,
    pub in_books: String,
    pub repairable: bool,
    pub mended: bool,
    /// What became of the last repair; empty when there was none.
    pub repair: String,
    /// The event by which it was heard; empty when there was none.
    pub event: String,
}
