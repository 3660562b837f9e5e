//! Reconciliation: Stripe's books of the last thirty days against our purchases and the ledger's grants.
//!
//! Stripe's lists are read first and our rows afterwards, no transaction held open meanwhile; [`compare`] decides, and
//! the result is written in one commit. A run is nightly, by whichever server comes first, or an operator's. Deliberately
//! absent: any change of a purchase or of credits. A repair has Stripe's present word heard again by the inbox's own road.

mod books;
mod compare;
mod difference;
mod repair;
mod run;
mod store;
mod subscriptions;
mod totals;

#[cfg(test)]
mod tests;

pub use difference::{Difference, Finding};
pub use repair::{RepairRefused, Repaired};
pub use totals::Totals;

pub(super) use books::{Charge, Dispute, Invoice, Movement, Payment, Progress, Refund, Session, StripeBooks};

use super::inbox::EventState;
use super::{PaymentError, Payments};
use crate::ledger::{ReconciliationId, Timestamp};

/// What of Stripe's is looked at: for so long it can still tell its events, and so long back a difference can be mended.
pub const WINDOW_DAYS: i64 = 30;
/// Differences that are kept of one run, the gravest first; beyond so many, counting them is enough.
pub const FINDINGS_KEPT_MAX: usize = 1_000;
/// Rows read at once, however many are asked for.
const PAGE_MAX: i64 = 1_001;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It reads and compares.
    Running,
    /// Its result is there.
    Done,
    /// It came to nothing; why, it says.
    Failed,
}

impl RunState {
    /// Every state.
    pub const ALL: [RunState; 3] = [RunState::Running, RunState::Done, RunState::Failed];

    /// The name that is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Done => "done",
            RunState::Failed => "failed",
        }
    }
}

impl std::str::FromStr for RunState {
    type Err = super::purchase::UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = RunState::ALL.into_iter().find(|state| state.name() == text);
        known.ok_or_else(|| super::purchase::UnknownName(text.to_owned()))
    }
}

/// One comparison of Stripe's books with ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Names it.
    pub id: ReconciliationId,
    /// Whether the clock began it; else an operator did.
    pub nightly: bool,
    /// Where it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<String>,
    /// What Stripe made from then on was looked at,
    pub from: Timestamp,
    /// until then.
    pub until: Timestamp,
    /// The sums; none until it is done.
    pub totals: Option<Totals>,
    /// How many differences were found; at most [`FINDINGS_KEPT_MAX`] are kept.
    pub found: i64,
}

/// A difference as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFinding {
    /// Its place in its run, from 1.
    pub number: i64,
    /// What it is.
    pub finding: Finding,
    /// What became of the last repair; none when there was none.
    pub repair: Option<RepairTry>,
}

impl KeptFinding {
    /// Whether a repair has mended it.
    #[must_use]
    pub fn is_mended(&self) -> bool {
        self.repair.as_ref().is_some_and(|repair| repair.state == EventState::Done)
    }

    /// Whether hearing Stripe's present word again can mend it.
    #[must_use]
    pub fn can_be_repaired(&self) -> bool {
        !self.is_mended() && self.finding.mended_by().is_some_and(super::inbox::is_known)
    }
}

/// A repair that was tried: the event by which Stripe's word was heard again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairTry {
    /// The event, among Stripe's.
    pub event: String,
    /// Where it stands.
    pub state: EventState,
    /// What came of it, where there is something to say.
    pub note: String,
    /// When it was tried.
    pub at: Timestamp,
}

impl Payments {
    /// Runs, the newest first: `limit` of them, all older than `before` where that is given.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn reconciliations(
        &self,
        before: Option<ReconciliationId>,
        limit: i64,
    ) -> Result<Vec<Reconciliation>, PaymentError> {
        Ok(store::runs(&self.inner.store.database, before, limit.clamp(1, PAGE_MAX)).await?)
    }

    /// One run.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn reconciliation(&self, id: ReconciliationId) -> Result<Option<Reconciliation>, PaymentError> {
        Ok(store::run(&self.inner.store.database, id).await?)
    }

    /// The differences of a run behind a place in it, the gravest first: `limit` of them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn differences(
        &self,
        run: ReconciliationId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<KeptFinding>, PaymentError> {
        Ok(store::findings(&self.inner.store.database, run, after, limit.clamp(1, PAGE_MAX)).await?)
    }
}
