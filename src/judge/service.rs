//! The paid Judge: read first, then hold, then work, then settle by the verdict.

use std::sync::Arc;

use serde_json::json;

use super::store::{self, Stored};
use super::{Decision, JudgeError, Prepared, ProofRequest, Verdict, decide_prepared, prepare};
use crate::billing::store::{Database, StoreError};
use crate::billing::{Kernel, KernelError, Receipt, Work};
use crate::language::Diagnostic;
use crate::ledger::{
    AccountId, Clock, Credits, Hash, IdSource, KeyId, Operation, Promise, Timestamp, TransactionId, VerificationId,
};
use crate::solver::{Health, SolverPool};

/// Longer than any proof may take, so that a hold is never given back under working hands.
const HOLD_SECONDS: i64 = 300;
/// How long a second press waits for the first, in tenths of a second: longer than a proof may take.
const PATIENCE_TENTHS: u32 = 200;

/// The solver's work, in its own count, that one promised credit is a budget for: what people write takes a fraction of
/// it. Four credits come to what a verification without a quote may take; no quote buys more than that.
pub const SOLVER_WORK_PER_CREDIT: u64 = 5_000_000;

/// How much of the solver's work, for each of its questions, a verification under a quote may take: the same promise is
/// the same budget on every machine. The pool's own limit stays above it.
#[must_use]
pub fn solver_work(promised: Credits) -> u64 {
    u64::try_from(promised.get()).unwrap_or(0).saturating_mul(SOLVER_WORK_PER_CREDIT).max(1)
}

/// The Judge, behind the till. Cheap to clone.
#[derive(Clone)]
pub struct Judge {
    database: Database,
    kernel: Kernel,
    pool: Arc<SolverPool>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// The entry that was paid by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Names the entry.
    pub transaction: TransactionId,
    /// Its place in the account's ledger.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

/// A verdict with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Names it.
    pub id: VerificationId,
    /// Whose it is.
    pub account: AccountId,
    /// What was asked.
    pub request: ProofRequest,
    /// What was found.
    pub decision: Decision,
    /// What it cost: nothing for `unknown`.
    pub charged: Credits,
    /// What was available once it was settled.
    pub balance: Credits,
    /// The entry that charged for it; none where nothing was charged.
    pub paid: Option<Paid>,
    /// When.
    pub at: Timestamp,
    /// Whether this answers a request that was answered before.
    pub replayed: bool,
}

/// A question that was read, who asks it, and what it may cost.
struct Asked {
    account: AccountId,
    key: Option<KeyId>,
    request: ProofRequest,
    prepared: Prepared,
    at_most: Option<Promise>,
}

/// Which of an account's verifications to list; all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only older ones than this.
    pub before: Option<VerificationId>,
    /// Only those with this verdict.
    pub verdict: Option<Verdict>,
    /// Only those of this question.
    pub program_hash: Option<String>,
}

/// Why there is no verdict. Nothing was charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The program cannot be read; nothing was held either.
    #[error("the program cannot be read: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Unreadable(Vec<Diagnostic>),
    /// The request makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The till says no.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// All solvers are at work.
    #[error("the judge is busy; try again in a moment, nothing was charged")]
    Busy,
    /// The solver is out of order.
    #[error("the judge is not available at the moment; nothing was charged")]
    Unavailable,
}

impl From<JudgeError> for VerifyError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unreadable(diagnostics) => Self::Unreadable(diagnostics),
            JudgeError::Invalid(why) => Self::Invalid(why),
            JudgeError::Busy => Self::Busy,
            JudgeError::Unavailable(why) => {
                tracing::error!(%why, "the solver did not answer");
                Self::Unavailable
            }
        }
    }
}

impl From<StoreError> for VerifyError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = ?error, "the store of verifications did not answer");
        Self::Kernel(KernelError::Unavailable)
    }
}

impl Judge {
    /// The Judge over a running solver pool.
    #[must_use]
    pub fn new(
        database: Database,
        kernel: Kernel,
        pool: Arc<SolverPool>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { database, kernel, pool, clock, ids }
    }

    /// How the solvers are doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pool.health()
    }

    /// Decides a request and charges for the verdict. Sent again under the same idempotency key, it gets the first
    /// verdict again.
    ///
    /// # Errors
    /// When the program cannot be read, the till refuses, or there is no solver. Nothing was charged.
    pub async fn verify(
        &self,
        account: AccountId,
        key: Option<KeyId>,
        request: ProofRequest,
        idempotency: &str,
    ) -> Result<Verification, VerifyError> {
        self.verify_at_most(account, key, request, idempotency, None).await
    }

    /// The same, charging no more than a quote has promised, and working no longer than [`solver_work`] of it.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub async fn verify_at_most(
        &self,
        account: AccountId,
        key: Option<KeyId>,
        request: ProofRequest,
        idempotency: &str,
        at_most: Option<Promise>,
    ) -> Result<Verification, VerifyError> {
        let prepared = match at_most {
            Some(promised) => prepare(&request).await?.within(solver_work(promised.credits)),
            None => prepare(&request).await?,
        };
        self.settle(Asked { account, key, request, prepared, at_most }, idempotency).await
    }

    /// Decides the question of an earlier verification again, under the limits that it had: a smaller budget then is a
    /// smaller budget now, so that the same question is asked and not an easier one.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub async fn verify_again(
        &self,
        first: &Verification,
        key: Option<KeyId>,
        idempotency: &str,
    ) -> Result<Verification, VerifyError> {
        let (account, request) = (first.account, first.request.clone());
        let prepared = prepare(&request).await?;
        let prepared = match &first.decision.limits {
            Some(limits) => prepared.under(limits),
            None => prepared,
        };
        self.settle(Asked { account, key, request, prepared, at_most: None }, idempotency).await
    }

    async fn settle(&self, asked: Asked, idempotency: &str) -> Result<Verification, VerifyError> {
        let Asked { account, key, request, prepared, at_most } = asked;
        let program_hash = request.hash();
        if let Some(known) = store::by_request(&self.database, account, idempotency).await? {
            if known.program_hash != program_hash {
                return Err(KernelError::IdempotencyConflict.into());
            }
            return Ok(Verification { replayed: true, ..self.complete(known).await? });
        }
        let work = Work {
            account,
            operation: Operation::ProofVerification,
            quantity: 1,
            request: idempotency.to_owned(),
            key,
            metadata: json!({ "proof_type": request.proof_type, "program": program_hash }).to_string(),
            ttl_seconds: HOLD_SECONDS,
        };
        // Asking again and again while all are at work leaves no trace in the ledger.
        let pool = self.pool.for_asker(&account.to_string());
        pool.room().map_err(JudgeError::from)?;
        // From here on, leaving early gives the hold back.
        let metered = self.kernel.meter_at_most(work, at_most).await?;
        let decision = decide_prepared(&pool, prepared).await?;
        let paid = decision.verdict.is_paid();
        let now = self.clock.now();
        let stored = Stored {
            id: VerificationId::from_ulid(self.ids.next(now)),
            account,
            program_hash,
            request,
            charged: if paid { metered.cost() } else { Credits::ZERO },
            settlement: if paid { metered.capture_request() } else { metered.release_request() },
            decision,
            at: now,
        };
        let row = store::insert(&stored, idempotency, key).map_err(|error| {
            tracing::error!(%error, "a verification cannot be written down");
            VerifyError::Unavailable
        })?;
        let verdict = json!({ "verification": stored.id, "verdict": stored.decision.verdict }).to_string();
        let receipt = match paid {
            true => metered.capture(verdict, vec![row]).await?,
            false => metered.release(&verdict, vec![row]).await?,
        };
        Ok(with_receipt(stored, Some(&receipt)))
    }

    /// As [`Judge::verify`], for a button that may be pressed twice: the second press waits for the first one's verdict.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub async fn verify_patiently(
        &self,
        account: AccountId,
        request: ProofRequest,
        idempotency: &str,
    ) -> Result<Verification, VerifyError> {
        patiently(|| self.verify(account, None, request.clone(), idempotency)).await
    }

    /// As [`Judge::verify_again`], for a button that may be pressed twice.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub async fn verify_again_patiently(
        &self,
        first: &Verification,
        idempotency: &str,
    ) -> Result<Verification, VerifyError> {
        patiently(|| self.verify_again(first, None, idempotency)).await
    }

    /// What this account was told before of the same question, without asking it: none, too, for what cannot be read.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn known(&self, account: AccountId, request: &ProofRequest) -> Result<Option<Verification>, VerifyError> {
        let stored = store::decided(&self.database, account, &request.hash()).await?;
        Ok(stored.map(|stored| with_receipt(stored, None)))
    }

    /// One of the account's verifications; another account's looks like none.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn verification(
        &self,
        account: AccountId,
        id: VerificationId,
    ) -> Result<Option<Verification>, VerifyError> {
        match store::by_id(&self.database, account, id).await? {
            Some(stored) => self.complete(stored).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whose verification it is.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn owner(&self, id: VerificationId) -> Result<Option<AccountId>, VerifyError> {
        Ok(store::owner(&self.database, id).await?)
    }

    /// What this account was told before of the same question: the latest verdict, for nothing. None where there is none
    /// yet, or where the idempotency key has an answer of its own already.
    ///
    /// # Errors
    /// When the program cannot be read or the store is out of reach.
    pub async fn decided(
        &self,
        account: AccountId,
        request: &ProofRequest,
        idempotency: &str,
    ) -> Result<Option<Verification>, VerifyError> {
        prepare(request).await?;
        if store::by_request(&self.database, account, idempotency).await?.is_some() {
            return Ok(None);
        }
        match store::decided(&self.database, account, &request.hash()).await? {
            Some(stored) => self.complete(stored).await.map(Some),
            None => Ok(None),
        }
    }

    /// The account's verifications, newest first, at most 200, without their receipts.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn list(
        &self,
        account: AccountId,
        wanted: &Wanted,
        limit: i64,
    ) -> Result<Vec<Verification>, VerifyError> {
        let stored = store::list(&self.database, account, wanted, limit.clamp(1, 201)).await?;
        Ok(stored.into_iter().map(|stored| with_receipt(stored, None)).collect())
    }

    async fn complete(&self, stored: Stored) -> Result<Verification, VerifyError> {
        let receipt = self.kernel.receipt(stored.account, &stored.settlement).await?;
        Ok(with_receipt(stored, receipt.as_ref()))
    }
}

/// Asks until an earlier press of the same button has its answer.
async fn patiently<F>(ask: impl Fn() -> F) -> Result<Verification, VerifyError>
where
    F: Future<Output = Result<Verification, VerifyError>>,
{
    for _ in 0..PATIENCE_TENTHS {
        match ask().await {
            Err(VerifyError::Kernel(KernelError::InProgress)) => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            answer => return answer,
        }
    }
    Err(KernelError::InProgress.into())
}

fn with_receipt(stored: Stored, receipt: Option<&Receipt>) -> Verification {
    let is_paid = stored.decision.verdict.is_paid();
    Verification {
        id: stored.id,
        account: stored.account,
        request: stored.request,
        decision: stored.decision,
        charged: stored.charged,
        balance: receipt.map_or(Credits::ZERO, |receipt| receipt.available),
        // What gave the credits back is an entry too, and no receipt.
        paid: receipt.filter(|_| is_paid).and_then(|receipt| {
            receipt.transaction.map(|transaction| Paid { transaction, seq: receipt.seq, hash: receipt.hash })
        }),
        at: stored.at,
        replayed: false,
    }
}
