//! What lets others check the till: single entries, whole chains, and the months of an account.

use serde_json::Value;
use tokio::sync::Semaphore;

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::signing::{Document, Signer};
use super::store::{self, StoreError, Transaction};
use crate::ledger::{
    Account, AccountId, Balances, Entry, Grant, Hash, Month, Refusal, Rewind, Standing, Statement, StatementParts,
    Timestamp, TransactionId,
};

/// Entries read at a time.
const PAGE: i64 = 5_000;
/// A statement is one document in memory, signed as a whole; this many entries make about 50 MB of JSON.
pub const STATEMENT_ENTRIES_MAX: usize = 50_000;
/// Letters of metadata that such a document may carry: each entry may have 16 KiB of it.
const STATEMENT_MEMO_MAX_BYTES: usize = 32 * 1024 * 1024;
/// Statements in the making at a time: each is a document in memory, and holds a connection while it is read.
const STATEMENTS_AT_ONCE: usize = 2;
/// Entries that a browser is sent at a time: some hundred kilobytes.
const BROWSER_PAGE_MAX: i64 = 500;

/// Why there is no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// There is no such account, or it has no such month yet.
    #[error("Statement not found; the list of statements names the months there are")]
    NotFound,
    /// The month has more entries than one document holds.
    #[error(
        "This month has more than {STATEMENT_ENTRIES_MAX} entries, or more metadata than one document holds; page \
         through them under /api/billing/entries"
    )]
    TooLong,
    /// The store did not answer, or what it holds does not add up.
    #[error(transparent)]
    Kernel(#[from] KernelError),
}

impl Kernel {
    /// One entry by its id, of the given account or of any.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn entry(&self, account: Option<AccountId>, id: TransactionId) -> Result<Option<Entry>, KernelError> {
        store::entry_named(self.database(), account, id).await.map_err(unavailable)
    }

    /// An account with its open grants and holds, all as one moment saw them.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn whole_account(&self, id: AccountId) -> Result<Option<Account>, KernelError> {
        let mut snapshot = self.database().snapshot().await.map_err(unavailable)?;
        store::whole_account(&mut snapshot, id).await.map_err(unavailable)
    }

    /// Up to 500 entries with a seq above the given one, oldest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn entries_after(&self, id: AccountId, after: i64) -> Result<Vec<Entry>, KernelError> {
        store::entries_page(self.database(), id, after, BROWSER_PAGE_MAX).await.map_err(unavailable)
    }

    /// The months that an account has statements for, newest first: from its first entry to the present month.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn statement_months(&self, id: AccountId) -> Result<Vec<Month>, KernelError> {
        let first = store::first_entry_at(self.database(), id).await.map_err(unavailable)?;
        let Some(first) = first.map(Month::of) else { return Ok(Vec::new()) };
        let last = Month::of(self.now());
        let mut months: Vec<Month> =
            std::iter::successors(Some(first), |month| Some(month.next())).take_while(|month| *month <= last).collect();
        months.reverse();
        Ok(months)
    }

    /// The statement of a month, as one moment sees it.
    ///
    /// # Errors
    /// When there is no such month, it is too long, or the store is out of reach.
    pub async fn statement(&self, id: AccountId, month: Month) -> Result<Statement, StatementError> {
        let first = store::first_entry_at(self.database(), id).await.map_err(unavailable)?;
        let now = self.now();
        if first.is_none_or(|first| month < Month::of(first)) || month > Month::of(now) {
            return Err(StatementError::NotFound);
        }
        let parts = self.parts(id, month, now).await?.ok_or(StatementError::NotFound)?;
        Ok(Statement::of(parts).map_err(inconsistent)?)
    }

    /// The statement of a month as a signed document: the file that an auditor gets.
    ///
    /// # Errors
    /// As [`Kernel::statement`], and when there is no key to sign with.
    pub async fn signed_statement(
        &self,
        signer: &Signer,
        id: AccountId,
        month: Month,
    ) -> Result<Value, StatementError> {
        let statement = self.statement(id, month).await?;
        let body = serde_json::to_value(&statement).map_err(|_| KernelError::Unavailable)?;
        Ok(signer.sign(Document::Statement, body).await?)
    }

    async fn parts(
        &self,
        id: AccountId,
        month: Month,
        now: Timestamp,
    ) -> Result<Option<StatementParts>, StatementError> {
        static IN_THE_MAKING: Semaphore = Semaphore::const_new(STATEMENTS_AT_ONCE);
        let _place = IN_THE_MAKING.acquire().await.map_err(|_| KernelError::Busy)?;
        let mut snapshot = self.database().snapshot().await.map_err(unavailable)?;
        let Some(account) = store::whole_account(&mut snapshot, id).await.map_err(unavailable)? else {
            return Ok(None);
        };
        let grants = store::every_grant(&mut snapshot, id).await.map_err(unavailable)?;
        let before = store::last_entry_before(&mut snapshot, id, month.start()).await.map_err(unavailable)?;
        let last = before.map_or_else(beginning, |(seq, head, at)| Standing { seq, head, at, ..beginning() });
        let mut rewind = Rewind::new(account.balances);
        let entries = month_of_entries(&mut snapshot, &account, (last.seq, month.end()), &mut rewind).await?;
        let (opening, grants): (Standing, Vec<(Grant, _)>) = rewind.opening(last, grants).map_err(inconsistent)?;
        let complete = month.end() <= now;
        Ok(Some(StatementParts { account: id, name: account.name, month, complete, opening, grants, entries }))
    }
}

/// Reads everything after a month's beginning, undoes it, and keeps what lies within the month.
async fn month_of_entries(
    snapshot: &mut Transaction,
    account: &Account,
    (mut after, end): (i64, Timestamp),
    rewind: &mut Rewind,
) -> Result<Vec<Entry>, StatementError> {
    let (mut kept, mut memos) = (Vec::new(), 0_usize);
    loop {
        let page = store::entries_after(snapshot, account.id, after, PAGE).await.map_err(unavailable)?;
        let Some(newest) = page.last() else { return Ok(kept) };
        after = newest.seq;
        for entry in page {
            rewind.undo(&entry).map_err(inconsistent)?;
            if entry.at < end {
                memos = memos.saturating_add(entry.memo.len());
                kept.push(entry);
            }
        }
        if kept.len() > STATEMENT_ENTRIES_MAX || memos > STATEMENT_MEMO_MAX_BYTES {
            return Err(StatementError::TooLong);
        }
    }
}

/// Where a chain stands before its first entry.
fn beginning() -> Standing {
    Standing { seq: 0, head: Hash::ZERO, at: Timestamp::default(), balances: Balances::default() }
}

/// A ledger that does not add up has no statement; the audit names what is wrong with it.
fn inconsistent(refusal: Refusal) -> KernelError {
    unavailable(StoreError::Corrupt(format!("entries and rows do not belong together ({refusal}); run `aethel audit`")))
}
