//! Replays every account from its entries and names every fault.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::store::{self, Database, StoreError, Transaction};
use crate::ledger::{Account, AccountId, Charge, Fault, Law, Replay, TransactionId};

/// Entries read at a time, so that the audit of a long ledger stays small.
const PAGE: i64 = 5_000;
/// Accounts listed at a time.
const ACCOUNTS_PAGE: i64 = 500;

/// What the statements for one page cost, counted in entries: an account with few entries is work too.
const PAGE_COST: i64 = 25;

/// How hard an audit works: so many entries, then so long a rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Entries at a time.
    pub page: i64,
    /// The rest after so many.
    pub rest: Duration,
}

impl Pace {
    /// As fast as it goes: somebody waits for the answer.
    pub const AT_ONCE: Self = Self { page: PAGE, rest: Duration::ZERO };
}

/// Keeps to a pace.
struct Pacer {
    pace: Pace,
    done: i64,
}

impl Pacer {
    /// Counts a page, and rests when enough was done since the last rest.
    async fn did(&mut self, entries: usize) {
        self.done = self.done.saturating_add(PAGE_COST).saturating_add(i64::try_from(entries).unwrap_or(i64::MAX));
        if self.done >= self.pace.page && !self.pace.rest.is_zero() {
            self.done = 0;
            tokio::time::sleep(self.pace.rest).await;
        }
    }
}

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
        Self::at_pace(database, Pace::AT_ONCE).await
    }

    /// The same with rests in between.
    ///
    /// # Errors
    /// As [`AuditReport::of`].
    pub async fn at_pace(database: &Database, pace: Pace) -> Result<Self, StoreError> {
        let mut report = Self::default();
        let mut pacer = Pacer { pace, done: 0 };
        let mut last = String::new();
        loop {
            let page = store::accounts_after(database, &last, ACCOUNTS_PAGE).await?;
            let Some(end) = page.last() else { return Ok(report) };
            last = end.to_string();
            for account in page {
                let seen = report.look_at(database, account, &mut pacer).await;
                report.corrupt_is_a_fault(account, seen)?;
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
                let seen = report.look_at_within(transaction, account).await;
                report.corrupt_is_a_fault(account, seen)?;
            }
        }
    }

    /// Counts an account. A value that no longer reads is a corruption like any other.
    fn corrupt_is_a_fault(&mut self, account: AccountId, seen: Result<(), StoreError>) -> Result<(), StoreError> {
        self.accounts += 1;
        match seen {
            Err(StoreError::Corrupt(what)) => {
                self.faults.push(Fault { account: account.to_string(), seq: 0, law: Law::Chain, what });
                Ok(())
            }
            other => other,
        }
    }

    async fn look_at_within(&mut self, transaction: &mut Transaction, id: AccountId) -> Result<(), StoreError> {
        let Some(account) = store::whole_account(transaction, id).await? else { return Ok(()) };
        self.conclude(transaction, &account, Replay::new(&account), 0).await
    }

    async fn look_at(&mut self, database: &Database, id: AccountId, pacer: &mut Pacer) -> Result<(), StoreError> {
        let Some(first) = store::account(database, id).await? else { return Ok(()) };
        let mut replay = Replay::new(&first);
        let mut seq = 0;
        // Entries never change, so most of a long chain needs no snapshot, which would have to last as long as the rests.
        while seq < first.seq {
            let page = store::entries_page(database, id, seq, pacer.pace.page).await?;
            let Some(end) = page.last() else { break };
            seq = end.seq;
            page.iter().for_each(|entry| replay.step(entry));
            self.entries += u64::try_from(page.len()).unwrap_or(0);
            pacer.did(page.len()).await;
        }
        pacer.did(0).await;
        let mut snapshot = database.snapshot().await?;
        let Some(account) = store::whole_account(&mut snapshot, id).await? else { return Ok(()) };
        let replay = replay.against(&account);
        self.conclude(&mut snapshot, &account, replay, seq).await
    }

    /// Replays what is left after `seq`, and compares everything with what the account's rows say.
    async fn conclude(
        &mut self,
        snapshot: &mut Transaction,
        account: &Account,
        mut replay: Replay<'_>,
        mut seq: i64,
    ) -> Result<(), StoreError> {
        loop {
            let page = store::entries_after(snapshot, account.id, seq, PAGE).await?;
            let Some(end) = page.last() else { break };
            seq = end.seq;
            page.iter().for_each(|entry| replay.step(entry));
            self.entries += u64::try_from(page.len()).unwrap_or(0);
        }
        let refunds = replay.refunds().clone();
        self.faults.extend(replay.finish());
        self.check_refunds(snapshot, account, &refunds).await?;
        self.check_beside(snapshot, account).await
    }

    fn fault(&mut self, account: &Account, law: Law, what: String) {
        self.faults.push(Fault { account: account.id.to_string(), seq: account.seq, law, what });
    }

    /// What no single entry shows: the usage roll-ups, and requests that had two effects.
    async fn check_beside(&mut self, snapshot: &mut Transaction, account: &Account) -> Result<(), StoreError> {
        let counted = store::usage_total(snapshot, account.id).await?;
        let spent = account.balances.spent.get();
        if counted != spent {
            let what = format!("the usage roll-ups sum to {counted}, the ledger says {spent} were spent");
            self.fault(account, Law::Usage, what);
        }
        if let Some(request) = store::request_twice(snapshot, account.id).await? {
            self.fault(account, Law::Requests, format!("the request {request:?} was charged twice"));
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
            self.fault(account, Law::Refunds, what);
        }
        Ok(())
    }
}
