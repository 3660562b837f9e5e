//! Replays every account from its entries and names every fault.

use std::time::Duration;

use super::store::{self, Database, Reader, StoreError, Transaction};
use crate::ledger::{Account, AccountId, Fault, Law, Tier, Timestamp};

mod answers;
mod slots;
mod trail;

use answers::{OPENINGS, check_page};
use trail::Trail;

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
            let Some(end) = page.last() else { break };
            last = end.to_string();
            for account in page {
                let seen = report.look_at(database, account, &mut pacer).await;
                report.corrupt_is_a_fault(account, seen)?;
            }
        }
        report.check_openings(&mut Reader::Beside(database), &mut pacer).await?;
        Ok(report)
    }

    /// Replays the whole ledger as a transaction sees it, what it has not committed yet included.
    ///
    /// # Errors
    /// As [`AuditReport::of`].
    pub async fn within(transaction: &mut Transaction) -> Result<Self, StoreError> {
        let mut report = Self::default();
        let mut pacer = Pacer { pace: Pace::AT_ONCE, done: 0 };
        let mut last = String::new();
        loop {
            let page = store::accounts_within(transaction, &last, ACCOUNTS_PAGE).await?;
            let Some(end) = page.last() else { break };
            last = end.to_string();
            for account in page {
                let seen = report.look_at_within(transaction, account, &mut pacer).await;
                report.corrupt_is_a_fault(account, seen)?;
            }
        }
        report.check_openings(&mut Reader::Within(transaction), &mut pacer).await?;
        Ok(report)
    }

    /// Counts an account. What no longer reads is a corruption like any other.
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

    async fn look_at_within(
        &mut self,
        transaction: &mut Transaction,
        id: AccountId,
        pacer: &mut Pacer,
    ) -> Result<(), StoreError> {
        let nobody = nobody(id);
        let mut trail = Trail::of(&nobody);
        let mut reader = Reader::Within(transaction);
        check_answers(&mut trail, &mut reader, id, pacer).await?;
        self.conclude(trail, &mut reader).await
    }

    async fn look_at(&mut self, database: &Database, id: AccountId, pacer: &mut Pacer) -> Result<(), StoreError> {
        let known = match store::account(database, id).await {
            Ok(Some(account)) => account.seq,
            Ok(None) => return Ok(()),
            // The trail names it, from a snapshot.
            Err(StoreError::Corrupt(_)) => 0,
            Err(error) => return Err(error),
        };
        let nobody = nobody(id);
        let mut trail = Trail::of(&nobody);
        // Entries and answers never change, so most of a long chain needs no snapshot, which would have to last as long
        // as the rests.
        while trail.seq < known {
            let read = trail.page(&mut Reader::Beside(database), pacer.pace.page).await?;
            if read == 0 {
                break;
            }
            pacer.did(read).await;
        }
        check_answers(&mut trail, &mut Reader::Beside(database), id, pacer).await?;
        pacer.did(0).await;
        let mut snapshot = database.snapshot().await?;
        self.conclude(trail, &mut Reader::Within(&mut snapshot)).await
    }

    /// Replays what is left, and compares everything with what the account's rows say.
    async fn conclude(&mut self, mut trail: Trail<'_>, reader: &mut Reader<'_>) -> Result<(), StoreError> {
        while trail.page(reader, PAGE).await? > 0 {}
        self.entries = self.entries.saturating_add(trail.entries);
        self.faults.extend(trail.finish(reader).await?);
        Ok(())
    }

    /// Compares the answers to those who opened accounts with the accounts.
    async fn check_openings(&mut self, reader: &mut Reader<'_>, pacer: &mut Pacer) -> Result<(), StoreError> {
        let mut last = String::new();
        let mut found = |account: AccountId, seq, what| {
            self.faults.push(Fault { account: account.to_string(), seq, law: Law::Requests, what });
        };
        while let Some((end, read)) = check_page(reader, OPENINGS, &last, &mut found, None).await? {
            last = end;
            pacer.did(read).await;
        }
        Ok(())
    }
}

/// An account of which nothing is known yet.
fn nobody(id: AccountId) -> Account {
    Account::open(id, String::new(), Tier::Free, Timestamp::default())
}

/// Compares every answer that the account was given with its entries.
async fn check_answers(
    trail: &mut Trail<'_>,
    reader: &mut Reader<'_>,
    id: AccountId,
    pacer: &mut Pacer,
) -> Result<(), StoreError> {
    let (scope, mut last) = (id.to_string(), String::new());
    let mut found = |_, seq, what| trail.faults.add(seq, Law::Requests, what);
    while let Some((end, read)) = check_page(reader, &scope, &last, &mut found, Some(id)).await? {
        last = end;
        pacer.did(read).await;
    }
    Ok(())
}
