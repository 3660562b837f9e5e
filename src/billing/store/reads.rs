//! What pages, reports and audits read. None of it locks, none of it writes.

use super::rows::list;
use super::rows::{account_of, entry_of, parsed_json};
use super::tables::{ENTRIES_AFTER, ENTRIES_BEFORE, READ_ACCOUNT, READ_ACCOUNTS};
use super::{Database, Sql, StoreError, Transaction};
use crate::billing::Receipt;
use crate::ledger::{Account, AccountId, Entry, HoldId, HoldState, Timestamp};

const ACCOUNTS_AFTER: Sql = Sql::both("select id from accounts where id > $1 order by id limit $2");

const DUE_ACCOUNTS: Sql = Sql::both(
    "select account_id from
       (select account_id, expires_at from holds where state = 'open' and expires_at <= $1
        union all
        select account_id, expires_at from grants where remaining > 0 and remaining > held and expires_at <= $1) due
     group by account_id order by min(expires_at), account_id limit $2",
);

const HOLD_STATE: Sql = Sql::both("select state from holds where id = $1 and account_id = $2");

const RECEIPT: Sql = Sql::both("select outcome from requests where scope = $1 and request = $2");

const PING: Sql = Sql::both("select cast(1 as bigint)");

/// The receipt kept under an idempotency key. A key that was claimed for something that is no order has none.
pub async fn receipt(database: &Database, account: AccountId, request: &str) -> Result<Option<Receipt>, StoreError> {
    let row = database.fetch_one(RECEIPT, vec![account.to_string().into(), request.into()]).await?;
    Ok(row.map(|row| parsed_json::<Option<Receipt>>(&row, 0)).transpose()?.flatten())
}

/// Asks for nothing, to see whether the database answers.
pub async fn ping(database: &Database) -> Result<(), StoreError> {
    database.fetch_one(PING, Vec::new()).await.map(drop)
}

/// The accounts of these ids that exist, without their grants and holds.
pub async fn accounts(database: &Database, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
    let rows = match ids {
        [one] => database.fetch(READ_ACCOUNT.get(), vec![one.to_string().into()]).await?,
        several => database.fetch(READ_ACCOUNTS.get(), vec![list(several)]).await?,
    };
    rows.iter().map(account_of).collect()
}

/// One account without its grants and holds.
pub async fn account(database: &Database, id: AccountId) -> Result<Option<Account>, StoreError> {
    Ok(accounts(database, &[id]).await?.into_iter().next())
}

/// The ids of the accounts after the given one, in order.
pub async fn accounts_after(database: &Database, last: &str, limit: i64) -> Result<Vec<AccountId>, StoreError> {
    let rows = database.fetch(ACCOUNTS_AFTER, vec![last.into(), limit.into()]).await?;
    rows.iter().map(|row| row.parsed(0)).collect()
}

/// The same as a transaction sees them.
pub async fn accounts_within(
    transaction: &mut Transaction,
    last: &str,
    limit: i64,
) -> Result<Vec<AccountId>, StoreError> {
    let rows = transaction.fetch(ACCOUNTS_AFTER, vec![last.into(), limit.into()]).await?;
    rows.iter().map(|row| row.parsed(0)).collect()
}

/// Entries with a seq below the given one, newest first.
pub async fn entries_before(
    database: &Database,
    id: AccountId,
    before: i64,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let args = vec![id.to_string().into(), before.into(), limit.into()];
    database.fetch(ENTRIES_BEFORE.get(), args).await?.iter().map(entry_of).collect()
}

/// Entries with a seq above the given one, oldest first, as a transaction sees them.
pub async fn entries_after(
    transaction: &mut Transaction,
    id: AccountId,
    after: i64,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let args = vec![id.to_string().into(), after.into(), limit.into()];
    transaction.fetch(ENTRIES_AFTER.get(), args).await?.iter().map(entry_of).collect()
}

/// Accounts with holds or grants whose time is over.
pub async fn due_accounts(database: &Database, now: Timestamp, limit: i64) -> Result<Vec<AccountId>, StoreError> {
    let rows = database.fetch(DUE_ACCOUNTS, vec![now.millis().into(), limit.into()]).await?;
    rows.iter().map(|row| row.parsed(0)).collect()
}

/// How far a hold has come.
pub async fn hold_state(
    database: &Database,
    account: AccountId,
    hold: HoldId,
) -> Result<Option<HoldState>, StoreError> {
    let row = database.fetch_one(HOLD_STATE, vec![hold.to_string().into(), account.to_string().into()]).await?;
    row.map(|row| row.parsed(0)).transpose()
}
