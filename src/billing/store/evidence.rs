//! What statements, receipts and the watch read beside the reports. None of it locks, none of it writes.

use super::halving::halving;
use super::rows::{entry_of, grant_of};
use super::tables::{ENTRIES_AFTER, ENTRY_NAMED, GRANTS_OF};
use super::{Database, Sql, StoreError, Transaction};
use crate::ledger::{AccountId, Entry, Grant, Hash, Timestamp, TransactionId};

/// Whose entry it is: each account is asked through its own index, since an id alone has none.
const OWNER: Sql = Sql::both(
    "select a.id from accounts a where exists
       (select 1 from entries e where e.account_id = a.id and e.seq = $1 and e.id = $2) limit 1",
);

const FIRST_AT: Sql = Sql::both("select at from entries where account_id = $1 order by seq limit 1");

const LAST_BEFORE: Sql = Sql::both(concat!(
    halving!("<"),
    "select seq, hash, at from entries where account_id = $1 and seq = (select low from halving where low = high)",
));

/// The entry of an id, of one account or of any.
pub async fn entry_named(
    database: &Database,
    account: Option<AccountId>,
    id: TransactionId,
) -> Result<Option<Entry>, StoreError> {
    let owner = match account {
        Some(account) => Some(account.to_string()),
        None => {
            let rows = database.fetch_one(OWNER, vec![id.seq().into(), id.to_string().into()]).await?;
            rows.map(|row| row.text(0)).transpose()?
        }
    };
    let Some(owner) = owner else { return Ok(None) };
    let args = vec![owner.into(), id.seq().into(), id.to_string().into()];
    database.fetch_one(ENTRY_NAMED.get(), args).await?.as_ref().map(entry_of).transpose()
}

/// Entries with a seq above the given one, oldest first.
pub async fn entries_page(
    database: &Database,
    id: AccountId,
    after: i64,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let args = vec![id.to_string().into(), after.into(), limit.into()];
    database.scan(ENTRIES_AFTER.get(), args).await?.iter().map(entry_of).collect()
}

/// When an account's first entry was posted.
pub async fn first_entry_at(database: &Database, id: AccountId) -> Result<Option<Timestamp>, StoreError> {
    let row = database.fetch_one(FIRST_AT, vec![id.to_string().into()]).await?;
    row.map(|row| row.int(0).map(Timestamp::from_millis)).transpose()
}

/// Seq, hash and moment of the last entry before a moment.
pub async fn last_entry_before(
    snapshot: &mut Transaction,
    id: AccountId,
    moment: Timestamp,
) -> Result<Option<(i64, Hash, Timestamp)>, StoreError> {
    let rows = snapshot.fetch(LAST_BEFORE, vec![id.to_string().into(), moment.millis().into()]).await?;
    let read = |row: &super::Row| Ok((row.int(0)?, row.parsed(1)?, Timestamp::from_millis(row.int(2)?)));
    rows.first().map(read).transpose()
}

/// Every grant that an account ever had.
pub async fn every_grant(snapshot: &mut Transaction, id: AccountId) -> Result<Vec<Grant>, StoreError> {
    let list = serde_json::json!([id]).to_string();
    snapshot.fetch(GRANTS_OF.get(), vec![list.into()]).await?.iter().map(grant_of).collect()
}
