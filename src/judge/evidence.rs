//! What a verdict rests on, in words and numbers that pages and programs can show.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Proved,
    Refuted,
    Vacuous,
    NotConserved,
    Overflow,
    Satisfiable,
    Unknown,
}

/// The API's spelling, read back.
impl FromStr for Verdict {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or(())
    }
}

impl Verdict {
    /// Every verdict there is.
    pub const ALL: [Verdict; 7] = [
        Verdict::Proved,
        Verdict::Refuted,
        Verdict::Vacuous,
        Verdict::NotConserved,
        Verdict::Overflow,
        Verdict::Satisfiable,
        Verdict::Unknown,
    ];

    /// The verdict as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Refuted => "refuted",
            Verdict::Vacuous => "vacuous",
            Verdict::NotConserved => "not_conserved",
            Verdict::Overflow => "overflow",
            Verdict::Satisfiable => "satisfiable",
            Verdict::Unknown => "unknown",
        }
    }

    /// Whether the claim was found to be right: what the API calls `result`.
    pub fn is_affirmative(self) -> bool {
        matches!(self, Verdict::Proved | Verdict::Satisfiable)
    }

    /// A verdict is paid for; `unknown` is none.
    pub fn is_paid(self) -> bool {
        self != Verdict::Unknown
    }
}

/// A line of the program. Line 0 stands for the request's own assumptions and goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub line: u32,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRole {
    Parameter,
    External,
    Secret,
    /// Has a value before and one after.
    State,
    /// Anything else with one value.
    Value,
}

/// One name in an example. A name that does not change has the same value before and after;
/// one that has no before (a formula's name, a result) has only an after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleRow {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub role: RowRole,
    /// Stands in the condition that fails.
    pub at_fault: bool,
}

/// Whether what must be kept is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conservation {
    /// `None` when a limit was reached first.
    pub holds: Option<bool>,
    /// The balances of the law that fails, or of all of them.
    pub names: Vec<String>,
    /// For people: `payer + payee`.
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The line that does not follow.
    pub failing: Option<Line>,
    /// Values for which it does not, checked by exact evaluation.
    pub counterexample: Vec<ExampleRow>,
    /// Values that satisfy everything, for the verdict `satisfiable`.
    pub example: Vec<ExampleRow>,
    pub conserved: Option<Conservation>,
    /// `None` where there are no guards, or a limit was reached.
    pub guards_can_hold: Option<bool>,
    /// The guards and equations that the proof, or the contradiction, used.
    pub used: Vec<Line>,
    /// What is made (positive) or lost (negative).
    pub by_how_much: Option<String>,
    /// What the failing line could say instead, and then holds.
    pub mend: Option<Line>,
    /// One sentence on why.
    pub reason: Option<String>,
}

/// Under what the solver worked: with the same again, the same question gets the same verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolverLimits {
    pub seed: u32,
    /// The solver's work on each of its questions, in its own count: what decides when it gives up.
    pub rlimit: u64,
    /// The backstop on the clock, for all questions together.
    pub wall_ms: u64,
    pub memory_mb: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: Verdict,
    pub evidence: Evidence,
    /// SHA-256 of the question, in hexadecimal: the same question has the same hash.
    pub program_hash: String,
    pub duration_ms: u64,
    /// The same in microseconds, for those who show tenths.
    pub duration_us: u64,
    pub solver: String,
    /// None in what was written before limits were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<SolverLimits>,
}
