//! Writes that are no orders of the ledger, done once for each idempotency key: the key is claimed before the work, the
//! first answer is kept after it, and whoever sends the same again is shown that.
//!
//! A refused write lets its key go, as a refusal holds only as long as its reason. What was cut off between claim and
//! answer may be done again once it cannot be under way any more: these writes can be repeated without harm.
//! Knows no HTTP: an answer is a number and a text.

use std::fmt;

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use crate::ledger::{AccountId, KeyId, Timestamp};

/// First answers are shown for so long; a retry comes within minutes.
const KEPT_DAYS: i64 = 30;
/// Longer than any answer may take.
const UNDER_WAY_SECONDS: i64 = 90;

/// Whose idempotency keys these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A customer's: all keys of an account together.
    Account(AccountId),
    /// An operator's: of this API key.
    Operator(KeyId),
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Operator(key) => key.fmt(f),
        }
    }
}

/// A write as it comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Whose key it is.
    pub whose: Whose,
    /// The idempotency key.
    pub request: String,
    /// Of what is asked for.
    pub fingerprint: String,
}

/// What became of a write when it came first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstAnswer {
    /// Its status.
    pub status: u16,
    /// Its text; empty for an answer without one.
    pub body: String,
}

/// A key that is claimed for a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The write.
    pub incoming: Incoming,
    /// Since when.
    pub at: Timestamp,
}

/// Whether a write is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is, by whoever holds this.
    First(Claimed),
    /// It was done.
    Answered(FirstAnswer),
    /// It is being done.
    InProgress,
    /// The key did something else.
    Conflict,
}

impl Kernel {
    /// Claims the idempotency key of a write.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn claim_write(&self, incoming: &Incoming) -> Result<Claim, KernelError> {
        let now = self.now();
        let limits = (now.plus_seconds(-UNDER_WAY_SECONDS), now.plus_days(-KEPT_DAYS));
        store::claim_write(self.database(), incoming, now, limits).await.map_err(unavailable)
    }

    /// Keeps the first answer to a write.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn keep_first_answer(&self, claimed: &Claimed, answer: &FirstAnswer) -> Result<(), KernelError> {
        let row = store::keep_first_answer(claimed, answer);
        self.database().write(vec![row]).await.map(drop).map_err(unavailable)
    }

    /// Lets the key of a refused write go.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn release_write(&self, claimed: &Claimed) -> Result<(), KernelError> {
        store::release_write(self.database(), claimed).await.map_err(unavailable)
    }
}
