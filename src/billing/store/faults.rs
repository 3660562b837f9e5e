//! Where a database fails on purpose: what a simulation injects, and what production never does.
//!
//! Knows no chance and no clock: which step fails, and how, is the plan's to say.

use std::fmt::Debug;
use std::sync::Arc;

use super::StoreError;

/// A step of the database that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A transaction begins.
    Begin,
    /// Rows are read.
    Read,
    /// A statement writes.
    Write,
    /// A transaction becomes durable.
    Commit,
}

/// On which side of the step the fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The step does not happen.
    Before,
    /// The step has happened, and its answer is lost.
    After,
}

/// What the caller sees of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The database is away.
    Outage,
    /// The statement itself is refused.
    Statement,
    /// No answer ever comes: what a crash of the process looks like from inside.
    Silence,
}

/// Decides what fails. Asked once before each step.
pub trait FaultPlan: Debug + Send + Sync {
    /// What befalls the step that is about to be taken; nothing, when it goes well.
    fn strike(&self, step: Step) -> Option<(When, Failure)>;
}

/// A plan, where there is one.
pub(super) type Faults = Option<Arc<dyn FaultPlan>>;

/// Takes a step as the plan will have it.
pub(super) async fn take<T>(
    faults: &Faults,
    step: Step,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let Some((when, failure)) = faults.as_ref().and_then(|plan| plan.strike(step)) else { return work.await };
    if when == When::After {
        work.await?;
    }
    match failure {
        Failure::Outage => Err(StoreError::Database(sqlx::Error::PoolTimedOut)),
        Failure::Statement => Err(StoreError::Corrupt("a statement was made to fail".into())),
        Failure::Silence => std::future::pending().await,
    }
}
