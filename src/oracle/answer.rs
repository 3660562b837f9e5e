//! What the Oracle answers.

use serde::{Deserialize, Serialize};

use super::conserved::Kept;
use super::drift::Drift;
use crate::billing::Outcome;
use crate::judge::ExampleRow;

/// How often a law is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OracleVerdict {
    /// For all values that the assumptions allow.
    Always,
    /// For some, and for others not.
    Sometimes,
    /// For none.
    Never,
    /// The assumptions contradict each other, so that nothing can be said.
    Vacuous,
    /// No law was asked about; what the transitions keep was found.
    Answered,
    /// A limit was reached first.
    Unknown,
}

impl OracleVerdict {
    /// As the API spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Sometimes => "sometimes",
            Self::Never => "never",
            Self::Vacuous => "vacuous",
            Self::Answered => "answered",
            Self::Unknown => "unknown",
        }
    }
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Bound {
    /// It reaches beyond 64 bits.
    Unbounded,
    /// The value is the end; where it is not attained, it is only approached.
    At { value: String, attained: bool },
    /// The end lies between these two; it is no short fraction.
    Between { low: String, high: String },
    /// A limit was reached first.
    Unknown,
}

/// Which values a name can have where law and assumptions hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Range {
    Number { name: String, integer: bool, low: Bound, high: Bound },
    Truth { name: String, can_be_true: Option<bool>, can_be_false: Option<bool> },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleAnswer {
    pub verdict: OracleVerdict,
    /// Values for which the law is true.
    pub example: Vec<ExampleRow>,
    /// Values for which it is not.
    pub counterexample: Vec<ExampleRow>,
    /// The values that each name can have where it is true.
    pub ranges: Vec<Range>,
    /// Names whose range was not looked for, because the law has too many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges_left_out: Vec<String>,
    /// What the transitions do and keep.
    pub kept: Option<Kept>,
    /// What the observations say.
    pub drift: Option<Drift>,
    /// Why it is unknown, or which line contradicts.
    pub reason: Option<String>,
    /// Questions put to the solver.
    pub questions: u32,
    pub solver: String,
}

impl Outcome for OracleAnswer {
    fn verdict(&self) -> &'static str {
        self.verdict.as_str()
    }

    fn is_paid(&self) -> bool {
        self.verdict != OracleVerdict::Unknown
    }
}
