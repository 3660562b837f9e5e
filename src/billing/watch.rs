//! The watch: replays the whole ledger again and again beside the work, and remembers which laws hold.
//!
//! Each server keeps its own; what it keeps names no customer.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::audit::{AuditReport, Pace};
use super::store::{Database, StoreError};
use crate::ledger::{Clock, Law, Timestamp};

/// Entries at a time, and a rest after them: a few hundredths of one processor.
const PACE: Pace = Pace { page: 500, rest: Duration::from_millis(50) };
/// The rest between two rounds: an empty ledger is not read without pause.
const ROUND_REST: Duration = Duration::from_secs(10);
/// A round is overdue after twice the time that the last one took and this.
const OVERDUE: Duration = Duration::from_mins(10);
/// Faults written to the log in one round; a broken disk must not fill it.
const FAULTS_LOGGED: usize = 100;

/// One replay of the whole ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// When it ended.
    pub ended_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_millis: i64,
    /// How many accounts it replayed.
    pub accounts: u64,
    /// How many entries they have.
    pub entries: u64,
}

/// How a law stands after the last round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LawState {
    /// No round has ended yet.
    NotChecked,
    /// No fault was found.
    Holds,
    /// No fault was found, but that was long ago: the ledger could not be replayed since.
    Stale,
    /// So many faults were found.
    Broken(u64),
}

/// What the watch knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchReport {
    /// The last round that ended.
    pub round: Option<Round>,
    faults: BTreeMap<Law, u64>,
    /// Whether the round after it failed.
    has_failed: bool,
    /// Whether the round after it failed or is overdue, as of when the report was asked for.
    is_stale: bool,
}

/// How the whole stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// No round has ended yet.
    NotChecked,
    /// Every law held at the last round, and that is as it should be.
    Holds,
    /// Every law held at the last round, and the next one failed or is overdue.
    Stale,
    /// The last round found faults.
    Broken,
}

impl WatchReport {
    /// How a law stands.
    #[must_use]
    pub fn state(&self, law: Law) -> LawState {
        match (self.round, self.faults.get(&law)) {
            (None, _) => LawState::NotChecked,
            (Some(_), None) if self.is_stale => LawState::Stale,
            (Some(_), None) => LawState::Holds,
            (Some(_), Some(faults)) => LawState::Broken(*faults),
        }
    }

    /// How all of them stand together.
    #[must_use]
    pub fn overall(&self) -> Overall {
        match (self.round, self.faults()) {
            (None, _) => Overall::NotChecked,
            (Some(_), 0) if self.is_stale => Overall::Stale,
            (Some(_), 0) => Overall::Holds,
            (Some(_), _) => Overall::Broken,
        }
    }

    /// How many faults the last round found.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faults.values().sum()
    }
}

/// Watches one database. Cheap to clone; all clones know the same.
#[derive(Clone)]
pub struct Watch {
    database: Database,
    clock: Arc<dyn Clock>,
    report: Arc<RwLock<WatchReport>>,
}

impl Watch {
    /// A watch that has seen nothing yet.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock, report: Arc::default() }
    }

    /// What it knows by now.
    #[must_use]
    pub fn report(&self) -> WatchReport {
        let mut report = self.report.read().unwrap_or_else(PoisonError::into_inner).clone();
        let overdue = i64::try_from(OVERDUE.as_millis()).unwrap_or(i64::MAX);
        report.is_stale = report.has_failed
            || report.round.is_some_and(|round| {
                let patience = round.took_millis.saturating_mul(2).saturating_add(overdue);
                self.clock.now().millis().saturating_sub(round.ended_at.millis()) > patience
            });
        report
    }

    /// Replays the whole ledger once and remembers what it found.
    ///
    /// # Errors
    /// When the store is out of reach; what was known before stays, and is said to be stale.
    pub async fn round(&self, pace: Pace) -> Result<(), StoreError> {
        let started_at = self.clock.now();
        let found = match AuditReport::at_pace(&self.database, pace).await {
            Ok(found) => found,
            Err(error) => {
                self.report.write().unwrap_or_else(PoisonError::into_inner).has_failed = true;
                return Err(error);
            }
        };
        for fault in found.faults.iter().take(FAULTS_LOGGED) {
            tracing::error!(law = fault.law.name(), account = fault.account, seq = fault.seq, "{}", fault.what);
        }
        let mut faults = BTreeMap::new();
        for fault in &found.faults {
            *faults.entry(fault.law).or_insert(0) += 1;
        }
        let ended_at = self.clock.now();
        let took_millis = ended_at.millis().saturating_sub(started_at.millis()).max(0);
        let round = Round { ended_at, took_millis, accounts: found.accounts, entries: found.entries };
        *self.report.write().unwrap_or_else(PoisonError::into_inner) =
            WatchReport { round: Some(round), faults, ..WatchReport::default() };
        Ok(())
    }

    /// Goes round after round until `until` is over.
    pub async fn work(&self, until: impl Future<Output = ()>) {
        let mut until = std::pin::pin!(until);
        loop {
            let round = async {
                if let Err(error) = self.round(PACE).await {
                    tracing::warn!(error = ?error, "the ledger could not be replayed; trying again");
                }
                tokio::time::sleep(ROUND_REST).await;
            };
            tokio::select! {
                () = &mut until => return,
                () = round => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
