//! The paid batch: read first, then hold, then run, then settle.

use std::sync::Arc;

use super::read::{BatchProblem, BatchRequest, NewBatch};
use super::report::{BatchReport, Mismatch, verify};
use crate::billing::store::Database;
use crate::billing::{Answered, Desk, DeskError, Kernel, KernelError, Question};
use crate::ledger::{AccountId, BatchId, Clock, IdSource, KeyId, Operation, Promise};

/// A batch with its report and what belongs to it.
pub type VerifiedBatch = Answered<BatchRequest, BatchReport>;

/// Batches, behind the till. Cheap to clone.
#[derive(Clone)]
pub struct Batches {
    desk: Desk,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// Why there is no report. Nothing was charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The batch cannot be read; nothing was held either.
    #[error("the batch cannot be read: {}", .0.first().map(|first| format!("{}: {}", first.place, first.message)).unwrap_or_default())]
    Unreadable(Vec<BatchProblem>),
    /// The till says no.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// Our own check failed.
    #[error("the batch could not be verified; nothing was charged")]
    Unavailable,
}

impl From<DeskError<BatchError>> for BatchError {
    fn from(error: DeskError<BatchError>) -> Self {
        match error {
            DeskError::Kernel(error) => Self::Kernel(error),
            DeskError::Work(error) => error,
        }
    }
}

impl Batches {
    /// Batches before the till.
    #[must_use]
    pub fn new(database: Database, kernel: Kernel, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { desk: Desk::new(database, kernel, Arc::clone(&clock)), clock, ids }
    }

    /// Verifies a batch and charges for the report. Sent again under the same idempotency key, it gets the first
    /// report again.
    ///
    /// # Errors
    /// When the batch cannot be read or the till refuses. Nothing was charged.
    pub async fn verify(
        &self,
        account: AccountId,
        key: Option<KeyId>,
        new: NewBatch,
        request: &str,
        at_most: Option<Promise>,
    ) -> Result<VerifiedBatch, BatchError> {
        let batch = new.read().map_err(BatchError::Unreadable)?;
        let id = BatchId::from_ulid(self.ids.next(self.clock.now())).to_string();
        let operation = Operation::BatchVerification;
        let asked = Question { id: &id, account, key, request, operation, question: &batch, at_most };
        Ok(self.desk.answer_patiently(asked, || run(batch.clone())).await?)
    }

    /// One of the account's batches; another account's looks like none.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn batch(&self, account: AccountId, id: BatchId) -> Result<Option<VerifiedBatch>, BatchError> {
        Ok(self.desk.kept::<_, _, BatchError>(account, &id.to_string()).await?)
    }

    /// The account's batches, newest first; those before an id.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn list(
        &self,
        account: AccountId,
        before: Option<BatchId>,
        limit: i64,
    ) -> Result<Vec<VerifiedBatch>, BatchError> {
        let before = before.map(|id| id.to_string());
        let operation = Operation::BatchVerification;
        Ok(self.desk.list::<_, _, BatchError>(account, operation, before.as_deref(), limit).await?)
    }
}

/// Beside the requests: a thousand guards take a while.
async fn run(batch: BatchRequest) -> Result<BatchReport, BatchError> {
    match tokio::task::spawn_blocking(move || verify(&batch)).await {
        Ok(Ok(report)) => Ok(report),
        Ok(Err(error @ Mismatch)) => {
            tracing::error!(%error, "a batch was not verified");
            Err(BatchError::Unavailable)
        }
        Err(error) => {
            tracing::error!(%error, "a batch was not verified");
            Err(BatchError::Unavailable)
        }
    }
}
