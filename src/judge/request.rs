//! Requests: what may be asked, and how it is read before anything is paid.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::language::{self, Condition, Diagnostic, Expr, Fault, Program, SOURCE_BYTES_MAX};
use crate::solver::SolverError;

/// More assumptions than this belong into a program.
const ASSUMPTIONS_MAX: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofType {
    Test,
    Validity,
    Conservation,
    Satisfiable,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Limits {
    /// The solver's work, never above the server's own limit.
    pub rlimit: Option<u64>,
}

/// `{type, formula | source, assumptions?, goal?, limits?}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ProofRequest {
    #[serde(rename = "type")]
    pub proof_type: ProofType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// Objects with these members and no others. What serde derives would take an array too, by position;
/// so it is derived as functions of the type (`remote`), and reached only from inside an object.
macro_rules! objects_only {
    ($($name:ident),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> Visitor<'de> for Members {
                    type Value = $name;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<$name, A::Error> {
                        $name::deserialize(MapAccessDeserializer::new(members))
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $name::serialize(self, serializer)
            }
        }
    )*};
}

objects_only!(Limits, ProofRequest);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    #[error("the program cannot be read: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Unreadable(Vec<Diagnostic>),
    #[error("{0}")]
    Invalid(String),
    #[error("the judge is busy; try again shortly")]
    Busy,
    #[error("the solver is not available: {0}")]
    Unavailable(String),
}

impl From<Fault> for JudgeError {
    fn from(fault: Fault) -> Self {
        JudgeError::Invalid(format!("the program cannot be computed: {fault}"))
    }
}

impl From<SolverError> for JudgeError {
    fn from(error: SolverError) -> Self {
        match error {
            SolverError::Busy { .. } => JudgeError::Busy,
            SolverError::Unavailable(reason) | SolverError::Protocol(reason) => JudgeError::Unavailable(reason),
        }
    }
}

/// A request that has been read.
pub(super) struct Question {
    pub proof_type: ProofType,
    pub program: Program,
    pub assumptions: Vec<Condition>,
    pub goal: Vec<Condition>,
    pub rlimit: Option<u64>,
}

impl ProofRequest {
    pub fn formula(proof_type: ProofType, formula: &str) -> Self {
        let formula = Some(formula.to_owned());
        Self { proof_type, formula, source: None, assumptions: Vec::new(), goal: None, limits: None }
    }

    pub fn source(proof_type: ProofType, source: &str) -> Self {
        let source = Some(source.to_owned());
        Self { proof_type, formula: None, source, assumptions: Vec::new(), goal: None, limits: None }
    }

    fn text(&self) -> Result<&str, JudgeError> {
        match (&self.formula, &self.source) {
            (Some(text), None) | (None, Some(text)) => Ok(text),
            _ => Err(JudgeError::Invalid("give either `formula` or `source`".to_owned())),
        }
    }

    /// # Errors
    /// `Unreadable` with places in the source, `Invalid` with a sentence.
    pub(super) fn read(&self) -> Result<Question, JudgeError> {
        let program = language::parse(self.text()?).map_err(JudgeError::Unreadable)?;
        let total: usize = self.assumptions.iter().chain(&self.goal).map(String::len).sum();
        if self.assumptions.len() > ASSUMPTIONS_MAX || total > SOURCE_BYTES_MAX {
            return Err(JudgeError::Invalid(format!("give at most {ASSUMPTIONS_MAX} assumptions")));
        }
        let mut assumptions = Vec::new();
        for (index, text) in self.assumptions.iter().enumerate() {
            assumptions.extend(extra(text, &format!("assumption {}", index + 1))?);
        }
        let goal = match &self.goal {
            Some(text) => extra(text, "goal")?,
            None => Vec::new(),
        };
        let further: Vec<&Expr> = assumptions.iter().chain(&goal).map(|c| &c.expression).collect();
        if let Some(message) = language::disagreements(&program, &further).into_iter().next() {
            return Err(JudgeError::Invalid(format!("in the assumptions or the goal: {message}")));
        }
        let rlimit = self.limits.as_ref().and_then(|limits| limits.rlimit);
        if rlimit == Some(0) {
            return Err(JudgeError::Invalid("`rlimit` is at least 1".to_owned()));
        }
        Ok(Question { proof_type: self.proof_type, program, assumptions, goal, rlimit })
    }

    /// SHA-256 over the parts of the question, each preceded by its length. A question without limits of its own hashes
    /// as if there were none to give; no assumption can be read that looks like the limits' part.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let mut add = |part: &str| {
            hasher.update(part.len().to_string().as_bytes());
            hasher.update(b":");
            hasher.update(part.as_bytes());
        };
        add(match self.proof_type {
            // The two are one question.
            ProofType::Test | ProofType::Validity => "validity",
            ProofType::Conservation => "conservation",
            ProofType::Satisfiable => "satisfiable",
        });
        add(self.formula.as_deref().or(self.source.as_deref()).unwrap_or_default());
        add(self.goal.as_deref().unwrap_or_default());
        self.assumptions.iter().for_each(|text| add(text));
        if let Some(rlimit) = self.limits.as_ref().and_then(|limits| limits.rlimit) {
            add(&format!("limits: rlimit {rlimit}"));
        }
        hex::encode(hasher.finalize())
    }
}

/// A formula beside the program: its line is 0, because it is none of the source's.
fn extra(text: &str, what: &str) -> Result<Vec<Condition>, JudgeError> {
    let mut conditions = language::parse_formula(text).map_err(|mut found| {
        found.iter_mut().for_each(|diagnostic| diagnostic.message = format!("{what}: {}", diagnostic.message));
        JudgeError::Unreadable(found)
    })?;
    conditions.iter_mut().for_each(|condition| condition.line = 0);
    Ok(conditions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_tells_limits_apart_and_not_their_absence() {
        let with =
            |limits: Option<Limits>| ProofRequest { limits, ..ProofRequest::formula(ProofType::Test, "x == x") }.hash();
        assert_eq!(with(None), with(Some(Limits { rlimit: None })));
        assert_ne!(with(None), with(Some(Limits { rlimit: Some(1) })));
        assert_ne!(with(Some(Limits { rlimit: Some(1) })), with(Some(Limits { rlimit: Some(2) })));
    }
}
