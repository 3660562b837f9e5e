//! The Judge's pages.

use serde::{Deserialize, Serialize};

use super::{FrameView, ShareView};

/// The Judge's bench: an empty, an exemplary or a refused program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchView {
    pub frame: FrameView,
    pub price: i64,
    pub kind: String,
    pub source: String,
    /// What may be taken for granted, one a line.
    pub assumptions: String,
    pub goal: String,
    pub problems: Vec<ProblemView>,
    /// Why it cannot be asked, although the program alone can be read.
    pub refusals: Vec<String>,
    /// The verdict that the account already has on this very question.
    pub known: Option<KnownView>,
    /// Makes pressing the button twice one verification.
    pub request: String,
    pub recent: Vec<RecentView>,
}

/// A verdict that there is already: to be opened for nothing, or found again at the price of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownView {
    pub id: String,
    pub verdict: String,
    pub at: String,
    pub again: AgainView,
}

/// The button that asks the question of an earlier verification again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgainView {
    /// Which verification.
    pub id: String,
    pub price: i64,
    /// Makes pressing it twice one verification.
    pub request: String,
}

/// Why a program cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemView {
    pub line: i64,
    pub column: i64,
    /// Of how many letters, at least one.
    pub length: i64,
    pub message: String,
    pub help: String,
}

/// An earlier verification in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentView {
    pub id: String,
    pub at: String,
    pub title: String,
    pub kind: String,
    pub verdict: String,
}

/// A page of earlier verifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationsView {
    pub frame: FrameView,
    pub rows: Vec<RecentView>,
    /// The verdict they are filtered by; empty for all.
    pub verdict: String,
    /// The last one's id where there is a next page.
    pub next: String,
    /// Whether this is the first page.
    pub newest: bool,
}

/// A verification's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictView {
    pub frame: FrameView,
    pub id: String,
    pub balance: i64,
    pub receipt: String,
    pub share: ShareView,
    pub again: AgainView,
    pub found: VerdictFound,
}

/// What was asked of the Judge and what it found: nothing of whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictFound {
    pub kind: String,
    pub source: String,
    /// What may be taken for granted, and what is to follow, where that stands beside the program.
    pub beside: Vec<(String, String)>,
    pub at: String,
    pub verdict: String,
    pub headline: String,
    pub explanation: String,
    /// The line at fault, counted from one; 0 when there is none.
    pub fault_line: i64,
    pub fault: String,
    /// What the line could say instead; empty when no mend is known.
    pub mend: String,
    pub values: Vec<ValueView>,
    pub facts: Vec<FactView>,
    /// The lines that the verdict rests on, as a text; empty where it rests on none.
    pub rests_on: String,
    pub took: String,
    pub solver: String,
    /// Under what the solver worked; empty where that is not known.
    pub limits: String,
    pub charged: i64,
}

/// A name in an example or counterexample, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueView {
    pub name: String,
    pub before: String,
    pub after: String,
    pub wrong: bool,
}

/// A further fact about a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactView {
    pub title: String,
    pub text: String,
    pub tone: String,
}
