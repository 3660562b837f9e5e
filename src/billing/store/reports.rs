//! What reports read: usage by day from the roll-ups, the balance at a moment, grants by cursor. None of it locks.

use serde_json::json;

use super::halving::halving;
use super::rows::{entry_of, grant_of};
use super::tables::{ENTRIES_UP_TO, GRANTS_BEFORE, OPEN_GRANTS};
use super::{Database, Row, Sql, StoreError, Transaction, Value};
use crate::billing::zone::LocalDay;
use crate::ledger::{AccountId, Credits, Entry, Grant, GrantId, Hash, Operation, Timestamp};

/// `$1` is a list of days, each [place, from, to]; `$3` and `$4` are null where everything is asked for.
/// Each day is one range of the primary key, so the cost is that of the slots in it, however many entries made them;
/// `cross join` and `lateral` are there to have it read that way round.
const USAGE_ON: Sql = Sql::each(
    "select d.value ->> 0, u.operation, u.key_id, cast(sum(u.charges) as bigint), cast(sum(u.quantity) as bigint),
       cast(sum(u.credits) as bigint)
     from json_each($1) d cross join usage_slots u
     where u.account_id = $2 and u.slot >= d.value ->> 1 and u.slot < d.value ->> 2
       and ($3 is null or u.operation = $3) and ($4 is null or u.key_id = $4)
     group by 1, 2, 3 order by 1, 2, 3",
    "select (d ->> 0)::bigint, u.operation, u.key_id, u.charges, u.quantity, u.credits
     from jsonb_array_elements($1::jsonb) d cross join lateral
       (select operation, key_id, cast(sum(charges) as bigint) as charges, cast(sum(quantity) as bigint) as quantity,
          cast(sum(credits) as bigint) as credits
        from usage_slots
        where account_id = $2 and slot >= (d ->> 1)::bigint and slot < (d ->> 2)::bigint
          and ($3::text is null or operation = $3) and ($4::text is null or key_id = $4)
        group by operation, key_id) u
     order by 1, u.operation collate \"C\", u.key_id collate \"C\"",
);

const BALANCE_AT: Sql = Sql::both(concat!(
    halving!("<="),
    "select balance, seq, hash from entries
     where account_id = $1 and seq = (select low from halving where low = high)",
));

const GRANT_TIME: Sql = Sql::both("select granted_at from grants where id = $1 and account_id = $2");

/// Usage by day, operation and key: (place of the day in `days`, operation, key or empty, charges, quantity, credits).
pub async fn usage_on(
    database: &Database,
    id: AccountId,
    days: &[LocalDay],
    operation: Option<Operation>,
    key: Option<String>,
) -> Result<Vec<Row>, StoreError> {
    let places = days.iter().enumerate();
    let list: Vec<_> = places.map(|(place, day)| json!([place, day.from, day.to])).collect();
    let operation = operation.map(|operation| operation.name().to_owned());
    let args = vec![json!(list).to_string().into(), id.to_string().into(), operation.into(), key.into()];
    database.fetch(USAGE_ON, args).await
}

/// The last entry at or before a moment: what was available after it, its seq and its hash.
pub async fn balance_at(
    database: &Database,
    id: AccountId,
    at: Timestamp,
) -> Result<Option<(Credits, i64, Hash)>, StoreError> {
    let row = database.fetch_one(BALANCE_AT, vec![id.to_string().into(), at.millis().into()]).await?;
    row.map(|row| Ok((row.amount(0)?, row.int(1)?, row.parsed(2)?))).transpose()
}

/// Entries after one seq and up to another, oldest first.
pub async fn entries_up_to(
    database: &Database,
    id: AccountId,
    (after, last): (i64, i64),
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let args = vec![id.to_string().into(), after.into(), last.into(), limit.into()];
    database.scan(ENTRIES_UP_TO.get(), args).await?.iter().map(entry_of).collect()
}

/// When a grant of this account came in.
pub async fn grant_time(
    snapshot: &mut Transaction,
    id: AccountId,
    grant: GrantId,
) -> Result<Option<Timestamp>, StoreError> {
    let rows = snapshot.fetch(GRANT_TIME, vec![grant.to_string().into(), id.to_string().into()]).await?;
    rows.first().map(|row| row.int(0).map(Timestamp::from_millis)).transpose()
}

/// Grants that came in before a place in the order of (moment, id), newest first; from the newest without one.
pub async fn grants_before(
    snapshot: &mut Transaction,
    id: AccountId,
    before: Option<(Timestamp, GrantId)>,
    limit: i64,
) -> Result<Vec<Grant>, StoreError> {
    let (at, grant) = before.map_or((i64::MAX, String::new()), |(at, grant)| (at.millis(), grant.to_string()));
    let args: Vec<Value> = vec![id.to_string().into(), at.into(), grant.into(), limit.into()];
    snapshot.fetch(GRANTS_BEFORE.get(), args).await?.iter().map(grant_of).collect()
}

/// The grants that have something left now or are owed something, in no order.
pub async fn open_grants_now(database: &Database, id: AccountId) -> Result<Vec<Grant>, StoreError> {
    database.fetch(OPEN_GRANTS.get(), vec![json!([id]).to_string().into()]).await?.iter().map(grant_of).collect()
}

/// The grants that still have something or are owed something at a snapshot's moment, in no order.
pub async fn open_grants(snapshot: &mut Transaction, id: AccountId) -> Result<Vec<Grant>, StoreError> {
    snapshot.fetch(OPEN_GRANTS.get(), vec![json!([id]).to_string().into()]).await?.iter().map(grant_of).collect()
}
