//! Which answers may have a public link, how they are found by their id, and what is signed about them.

use serde_json::{Value, json};

use super::state::App;
use crate::batch::{BatchError, VerifiedBatch};
use crate::billing::{KernelError, Outcome};
use crate::judge::{Verification, VerifyError};
use crate::ledger::{AccountId, BatchId, Hash, QueryId, VerificationId};
use crate::oracle::{Answer, OracleError};

/// The id of an answer that may have a public link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerId {
    /// Of the Judge.
    Verification(VerificationId),
    /// Of the Oracle.
    Query(QueryId),
    /// A batch's report.
    Batch(BatchId),
}

impl AnswerId {
    /// Reads an id; none for any other text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let verification = text.parse().map(Self::Verification);
        verification.or_else(|_| text.parse().map(Self::Query)).or_else(|_| text.parse().map(Self::Batch)).ok()
    }

    /// The page where its account reads it.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Verification(id) => format!("/judge/{id}"),
            Self::Query(id) => format!("/oracle/{id}"),
            Self::Batch(id) => format!("/batch/{id}"),
        }
    }
}

/// An answer that is kept.
#[derive(Clone, Debug)]
pub enum KeptAnswer {
    /// A verdict.
    Verdict(Box<Verification>),
    /// What is true of a law.
    Law(Box<Answer>),
    /// A batch's report.
    Report(Box<VerifiedBatch>),
}

/// One of the account's answers; another account's looks like none.
///
/// # Errors
/// When the store is out of reach.
pub async fn kept_answer(app: &App, account: AccountId, id: AnswerId) -> Result<Option<KeptAnswer>, KernelError> {
    match id {
        AnswerId::Verification(id) => match app.judge.verification(account, id).await {
            Ok(found) => Ok(found.map(|one| KeptAnswer::Verdict(Box::new(one)))),
            Err(VerifyError::Kernel(error)) => Err(error),
            Err(_) => Err(KernelError::Unavailable),
        },
        AnswerId::Query(id) => match app.oracle.answer(account, id).await {
            Ok(found) => Ok(found.map(|one| KeptAnswer::Law(Box::new(one)))),
            Err(OracleError::Kernel(error)) => Err(error),
            Err(_) => Err(KernelError::Unavailable),
        },
        AnswerId::Batch(id) => match app.batches.batch(account, id).await {
            Ok(found) => Ok(found.map(|one| KeptAnswer::Report(Box::new(one)))),
            Err(BatchError::Kernel(error)) => Err(error),
            Err(_) => Err(KernelError::Unavailable),
        },
    }
}

impl KeptAnswer {
    /// What is signed about an answer that strangers read: nothing that names the account, what it has left, or what its
    /// requests are called. The entry's hash leads the account itself, and nobody else, to what it paid.
    #[must_use]
    pub fn attested(&self) -> Value {
        let (verdict, charged, at, entry): (_, _, _, Option<Hash>) = match self {
            Self::Verdict(one) => {
                (one.decision.verdict.as_str(), one.charged, one.at, one.paid.as_ref().map(|paid| paid.hash))
            }
            Self::Law(one) => (one.answer.verdict(), one.charged, one.at, one.paid.map(|paid| paid.hash)),
            Self::Report(one) => (one.answer.verdict(), one.charged, one.at, one.paid.map(|paid| paid.hash)),
        };
        json!({
            "verdict": verdict,
            "question": self.question_hash(),
            "solver": self.solver(),
            "charged": charged,
            "at": at,
            "entry": entry,
        })
    }

    /// SHA-256 of what was asked: for the Judge its `program_hash`, else of the question's JSON.
    fn question_hash(&self) -> String {
        match self {
            Self::Verdict(one) => one.decision.program_hash.clone(),
            Self::Law(one) => crate::billing::question_hash(&one.question).unwrap_or_default(),
            Self::Report(one) => crate::billing::question_hash(&one.question).unwrap_or_default(),
        }
    }

    /// What found the answer; none where nothing but exact arithmetic did.
    #[must_use]
    pub fn solver(&self) -> Option<&str> {
        match self {
            Self::Verdict(one) => Some(&one.decision.solver),
            Self::Law(one) => Some(&one.answer.solver),
            Self::Report(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ids_of_answers_are_read() {
        let id = "01J9ZQ3V5R8N2M4K6T7W8X9YAB";
        for (text, path) in [
            (format!("VER_{id}"), format!("/judge/VER_{id}")),
            (format!("ORA_{id}"), format!("/oracle/ORA_{id}")),
            (format!("BAT_{id}"), format!("/batch/BAT_{id}")),
        ] {
            assert_eq!(AnswerId::read(&text).map(|id| id.path()), Some(path));
        }
        for text in ["", "VER_1", &format!("MON_{id}"), &format!("ver_{id}"), &format!("VER_{id}/..")] {
            assert_eq!(AnswerId::read(text), None, "{text}");
        }
    }
}
