//! Replays every account from its entries and names every fault.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{self, Database, StoreError, Transaction};
use crate::ledger::{Account, AccountId, Charge, Fault, Replay, TransactionId};

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
                report.look_at(&mut database.snapshot().await?, account).await?;
            }
        }
    }

    /// Replays the whole ledger as a transaction sees it, what it has not committed yet included.
    ///
    /// # Errors
    /// As [`AuditReport::of`].
    pub async fn within(transaction: &mut Transaction) -> Result<Self, StoreError> {
        let mut report = Self::default();
        let mut last = String::new();
        loop {
            let page = store::accounts_within(transaction, &last, ACCOUNTS_PAGE).await?;
            let Some(end) = page.last() else { return Ok(report) };
            last = end.to_string();
            for account in page {
                report.look_at(transaction, account).await?;
            }
        }
    }

    async fn look_at(&mut self, snapshot: &mut Transaction, account: AccountId) -> Result<(), StoreError> {
        self.accounts += 1;
        match self.replay(snapshot, account).await {
            // A value that no longer reads is a corruption like any other.
            Err(StoreError::Corrupt(what)) => {
                self.faults.push(Fault { account: account.to_string(), seq: 0, what });
                Ok(())
            }
            other => other,
        }
    }

    async fn replay(&mut self, snapshot: &mut Transaction, id: AccountId) -> Result<(), StoreError> {
        let Some(account) = store::whole_account(snapshot, id).await? else { return Ok(()) };
        let mut replay = Replay::new(&account);
        let mut seq = 0;
        loop {
            let page = store::entries_after(snapshot, id, seq, PAGE).await?;
            let Some(end) = page.last() else { break };
            seq = end.seq;
            for entry in &page {
                self.entries += 1;
                replay.step(entry);
            }
        }
        let refunds = replay.refunds().clone();
        self.faults.extend(replay.finish());
        self.check_refunds(snapshot, &account, &refunds).await?;
        let counted = store::usage_total(snapshot, id).await?;
        let spent = account.balances.spent.get();
        if counted != spent {
            let what = format!("the usage roll-ups sum to {counted}, the ledger says {spent} were spent");
            self.faults.push(Fault { account: id.to_string(), seq: account.seq, what });
        }
        Ok(())
    }

    /// Compares the refunds with the charges they name: all of one charge's together give back no more than it took.
    async fn check_refunds(
        &mut self,
        snapshot: &mut Transaction,
        account: &Account,
        refunds: &BTreeMap<TransactionId, i128>,
    ) -> Result<(), StoreError> {
        let named: BTreeSet<_> = refunds.keys().map(|charge| (account.id, *charge)).collect();
        let found = if named.is_empty() { Vec::new() } else { store::charges_named(snapshot, &named).await? };
        let found: BTreeMap<TransactionId, Charge> = found.into_iter().map(|(_, charge)| (charge.id, charge)).collect();
        for (id, refunded) in refunds {
            let what = match found.get(id) {
                None => format!("a refund names {id}, which is no charge of this account"),
                Some(charge) if charge.charged() < *refunded => format!("more was refunded of {id} than it took"),
                Some(charge) if i128::from(charge.refunded.get()) != *refunded => {
                    format!("the refunds of {id} sum to {refunded}, its row says {}", charge.refunded.get())
                }
                Some(_) => continue,
            };
            self.faults.push(Fault { account: account.id.to_string(), seq: account.seq, what });
        }
        Ok(())
    }
}
