//! What is handed to the kernel, and what comes back.

use serde::{Deserialize, Serialize};

use super::store::Statement;
use crate::ledger::{AccountId, Command, Credits, GrantId, Hash, HoldId, KeyId, Refusal, Timestamp, TransactionId};

/// One command for one account under one idempotency key.
#[derive(Clone, Debug)]
pub struct Order {
    /// For whom.
    pub account: AccountId,
    /// The idempotency key: sent again with the same command, it gets the first answer again.
    pub request: String,
    /// The API key that asked, if one did.
    pub key: Option<KeyId>,
    /// What to do.
    pub command: Command,
    /// What was asked for beyond the command, such as how long a hold may last: the same idempotency key with other
    /// terms is another request.
    pub terms: Option<String>,
    /// Rows of other rooms that are written in the same commit, once, with the first effect.
    pub along: Vec<Statement>,
}

impl Order {
    /// An order asked for by no API key and with nothing written along.
    #[must_use]
    pub fn new(account: AccountId, request: impl Into<String>, command: Command) -> Self {
        Self { account, request: request.into(), key: None, command, terms: None, along: Vec::new() }
    }

    /// The same, asked for by an API key.
    #[must_use]
    pub const fn with_key(mut self, key: Option<KeyId>) -> Self {
        self.key = key;
        self
    }

    /// The same, with terms that make it another request than the command alone.
    #[must_use]
    pub fn with_terms(mut self, terms: impl Into<String>) -> Self {
        self.terms = Some(terms.into());
        self
    }

    /// What a retry has in common with the first attempt: the command's fingerprint and the terms.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        let command = self.command.fingerprint();
        match &self.terms {
            None => command,
            Some(terms) => Hash::of(format!("{command} {terms}").as_bytes()),
        }
    }

    /// The same, with rows of another room in the same commit.
    #[must_use]
    pub fn along(mut self, statements: Vec<Statement>) -> Self {
        self.along = statements;
        self
    }

    /// Whose idempotency keys these are: an account's own, or those of account opening.
    #[must_use]
    pub fn scope(&self) -> String {
        match self.command {
            Command::Open { .. } => "accounts".into(),
            _ => self.account.to_string(),
        }
    }

    /// Whether the outcome is kept under its idempotency key. What time alone does needs no key.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        !matches!(self.command, Command::Settle)
    }
}

/// What one refusal means for the other orders of the same job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Nothing: each stands or falls by itself.
    EachForItself,
    /// All of them happen, or none.
    AllOrNone,
}

/// What was done, durably.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// For whom.
    pub account: AccountId,
    /// The entry that records it; none when nothing moved.
    pub transaction: Option<TransactionId>,
    /// The seq of the account's last entry at the time.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// How many credits it moved.
    pub amount: Credits,
    /// What was available afterwards.
    pub available: Credits,
    /// What was held afterwards.
    pub held: Credits,
    /// The head of the account's chain afterwards.
    pub hash: Hash,
    /// The hold it made or settled.
    pub hold: Option<HoldId>,
    /// The grant it brought in.
    pub grant: Option<GrantId>,
    /// Whether this is the answer to an earlier request with the same key.
    #[serde(skip)]
    pub replayed: bool,
}

/// Why the kernel did not carry an order out. Nothing has happened, unless it is [`KernelError::Unavailable`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// The ledger's laws or prices say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The idempotency key was used for something else.
    #[error("this idempotency key was used for another request; use a new one")]
    IdempotencyConflict,
    /// Another order of an all-or-none job was refused.
    #[error("another item of this atomic batch was refused, so nothing of it happened")]
    Undone,
    /// The first request with this key is still being worked on.
    #[error("a request with this idempotency key is still being worked on; try again in a moment")]
    InProgress,
    /// Too many orders are waiting.
    #[error("too many requests are waiting; try again in a moment")]
    Busy,
    /// A row that it needs cannot be read: no matter of waiting, and written to the log.
    #[error("the ledger holds a row that cannot be read; this is in our log and trying again does not help")]
    Corrupt,
    /// The store did not take it, or it did and its answer was lost. The same request again settles it, once.
    #[error("the ledger is not reachable at the moment; try again, the same request is never charged twice")]
    Unavailable,
}
