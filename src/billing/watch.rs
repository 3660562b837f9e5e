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
    /// So many faults were found.
    Broken(u64),
}

/// What the watch knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchReport {
    /// The last round that ended.
    pub round: Option<Round>,
    faults: BTreeMap<Law, u64>,
}

impl WatchReport {
    /// How a law stands.
    #[must_use]
    pub fn state(&self, law: Law) -> LawState {
        match (self.round, self.faults.get(&law)) {
            (None, _) => LawState::NotChecked,
            (Some(_), None) => LawState::Holds,
            (Some(_), Some(faults)) => LawState::Broken(*faults),
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
        self.report.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replays the whole ledger once and remembers what it found.
    ///
    /// # Errors
    /// When the store is out of reach; what was known before stays.
    pub async fn round(&self, pace: Pace) -> Result<(), StoreError> {
        let started_at = self.clock.now();
        let found = AuditReport::at_pace(&self.database, pace).await?;
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
        *self.report.write().unwrap_or_else(PoisonError::into_inner) = WatchReport { round: Some(round), faults };
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
mod tests {
    use super::*;
    use crate::billing::tests::{charge, tills};
    use crate::billing::{Order, store::Sql, store::Statement};

    async fn state_after(till: &crate::billing::tests::Till, watch: &Watch, damage: &'static str) -> WatchReport {
        let damage = Statement::new(Sql::both(damage), vec![till.account.to_string().into()]);
        till.database.write(vec![damage]).await.unwrap();
        watch.round(Pace { page: 1, rest: Duration::from_millis(1) }).await.unwrap();
        watch.report()
    }

    #[tokio::test]
    async fn a_planted_corruption_breaks_its_law_and_its_repair_mends_it() {
        for till in tills().await {
            for index in 0..5 {
                till.kernel.submit(Order::new(till.account, format!("k{index}"), charge(1))).await.unwrap();
            }
            let watch = Watch::new(till.database.clone(), till.clock.clone());
            assert_eq!(watch.report().state(Law::Chain), LawState::NotChecked);
            let report = state_after(&till, &watch, "update accounts set name = 'Acme' where id = $1").await;
            assert!(Law::ALL.iter().all(|law| report.state(*law) == LawState::Holds), "{}: {report:?}", till.name);
            let round = report.round.unwrap();
            assert_eq!((round.accounts, round.entries, report.faults()), (1, 6, 0));
            let cases = [
                (
                    "update entries set memo = 'x' where account_id = $1 and seq = 3",
                    "update entries set memo = '{}' where account_id = $1 and seq = 3",
                    Law::Chain,
                ),
                (
                    "update accounts set available = available - 1, spent = spent + 1 where id = $1",
                    "update accounts set available = available + 1, spent = spent - 1 where id = $1",
                    Law::Balances,
                ),
                (
                    "update grants set remaining = remaining - 1 where account_id = $1",
                    "update grants set remaining = remaining + 1 where account_id = $1",
                    Law::Grants,
                ),
                (
                    "update usage_slots set credits = credits + 1 where account_id = $1",
                    "update usage_slots set credits = credits - 1 where account_id = $1",
                    Law::Usage,
                ),
                (
                    "update entries set request = 'k1' where account_id = $1 and seq = 3 or account_id = $1 and seq = 2",
                    "update entries set request = case seq when 2 then 'k0' else 'k1' end
                       where account_id = $1 and seq in (2, 3)",
                    Law::Requests,
                ),
            ];
            for (damage, repair, law) in cases {
                let report = state_after(&till, &watch, damage).await;
                assert!(matches!(report.state(law), LawState::Broken(_)), "{}: {law:?} {report:?}", till.name);
                let report = state_after(&till, &watch, repair).await;
                assert_eq!(report.faults(), 0, "{}: {law:?} {report:?}", till.name);
            }
        }
    }
}
