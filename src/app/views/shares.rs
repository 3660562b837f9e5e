//! Public links to answers: what the account sees of them, and what everybody sees behind them.

use serde::{Deserialize, Serialize};

use super::{BatchFound, FrameView, OracleFound, VerdictFound};

/// Whether an answer has a public link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareView {
    /// The answer's id.
    pub subject: String,
    /// Since when; empty when it has none.
    pub since: String,
    /// The link, for a few minutes after it was made; empty at all other times, as it is nowhere kept.
    pub link: String,
    pub request: String,
}

/// An answer behind a public link: nothing of whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedView {
    pub frame: FrameView,
    pub answer: SharedAnswer,
    pub price: i64,
    pub at: String,
    pub solver: String,
    pub seal: SealView,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedAnswer {
    Verdict(VerdictFound),
    Law(OracleFound),
    Report(BatchFound),
}

/// The till's signature under an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealView {
    /// Exactly what is signed, line feed included.
    pub text: String,
    pub signature: String,
    pub key_id: String,
    pub public_key: String,
}
