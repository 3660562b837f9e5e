//! Replays every account from its entries and names every fault.

use super::store::{self, Database, StoreError};
use crate::ledger::{AccountId, Fault, Replay};

/// Entries read at a time, so that the audit of a long ledger stays small.
const PAGE: i64 = 5_000;
/// Accounts listed at a time.
const ACCOUNTS_PAGE: i64 = 500;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// How many accounts were replayed.
    pub accounts: u64,
    /// How many entries they have.
    pub entries: u64,
    /// Everything that is wrong. Nothing, when all is well.
    pub faults: Vec<Fault>,
}

impl AuditReport {
    /// Replays the whole ledger, each account as one moment saw it: running servers neither harm nor wait.
    ///
    /// # Errors
    /// When the store is out of reach. What it holds wrongly is a fault, not an error.
    pub async fn of(database: &Database) -> Result<Self, StoreError> {
        let mut report = Self::default();
        let mut last = String::new();
        loop {
            let page = store::accounts_after(database, &last, ACCOUNTS_PAGE).await?;
            let Some(end) = page.last() else { return Ok(report) };
            last = end.to_string();
            for account in page {
                report.accounts += 1;
                match report.replay(database, account).await {
                    // A value that no longer reads is a corruption like any other.
                    Err(StoreError::Corrupt(what)) => {
                        report.faults.push(Fault { account: account.to_string(), seq: 0, what });
                    }
                    other => other?,
                }
            }
        }
    }

    async fn replay(&mut self, database: &Database, id: AccountId) -> Result<(), StoreError> {
        let mut snapshot = database.snapshot().await?;
        let Some(account) = store::account_with_grants(&mut snapshot, id).await? else { return Ok(()) };
        let mut replay = Replay::new(&account);
        let mut seq = 0;
        loop {
            let page = store::entries_after(&mut snapshot, id, seq, PAGE).await?;
            let Some(end) = page.last() else { break };
            seq = end.seq;
            for entry in &page {
                self.entries += 1;
                replay.step(entry);
            }
        }
        self.faults.extend(replay.finish());
        let counted = store::usage_total(&mut snapshot, id).await?;
        let spent = account.balances.spent.get();
        if counted != spent {
            let what = format!("the usage roll-ups sum to {counted}, the ledger says {spent} were spent");
            self.faults.push(Fault { account: id.to_string(), seq: account.seq, what });
        }
        Ok(())
    }
}
