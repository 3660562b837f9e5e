//! Recurring grants: what was arranged, and how far each has come.

use super::{Database, Row, Sql, Statement, StoreError, Value};
use crate::billing::RecurringGrant;
use crate::ledger::{AccountId, KeyId, RecurringGrantId, Timestamp};

/// The first of a request stays.
const ADD: Sql = Sql::both(
    "insert into recurring_grants (id, account_id, request, credits, every, starts_at, ends_at, expires_after_days,
       reason, key_id, created_at, posted, next_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $6) on conflict (account_id, request) do nothing",
);

const BY_REQUEST: Sql = Sql::both(
    "select id, account_id, credits, every, starts_at, ends_at, expires_after_days, reason, ended_at, posted, next_at
     from recurring_grants where account_id = $1 and request = $2",
);

const OF_ACCOUNT: Sql = Sql::both(
    "select id, account_id, credits, every, starts_at, ends_at, expires_after_days, reason, ended_at, posted, next_at
     from recurring_grants where account_id = $1 and ($3 = '' or id < $3) order by id desc limit $2",
);

const ONE: Sql = Sql::both(
    "select id, account_id, credits, every, starts_at, ends_at, expires_after_days, reason, ended_at, posted, next_at
     from recurring_grants where account_id = $1 and id = $2",
);

const DUE: Sql = Sql::both(
    "select id, account_id, credits, every, starts_at, ends_at, expires_after_days, reason, ended_at, posted, next_at
     from recurring_grants where next_at is not null and next_at <= $1 order by next_at, id limit $2",
);

/// Only from where it is: a server that is behind changes nothing.
const ADVANCE: Sql = Sql::both("update recurring_grants set posted = $1, next_at = $2 where id = $3 and posted = $4");

const END: Sql = Sql::both(
    "update recurring_grants set ended_at = $1, next_at = case when next_at < $1 then next_at else null end
     where id = $2 and account_id = $3 and ended_at is null",
);

/// Keeps a recurring grant, unless its request has one already.
pub fn write_recurring(grant: &RecurringGrant, request: &str, key: Option<KeyId>, now: Timestamp) -> Statement {
    let args = vec![
        grant.id.to_string().into(),
        grant.account.to_string().into(),
        request.into(),
        grant.credits.get().into(),
        grant.every.name().into(),
        grant.starts_at.millis().into(),
        grant.ends_at.map(Timestamp::millis).into(),
        grant.expires_after_days.into(),
        grant.reason.as_str().into(),
        key.map(|key| key.to_string()).into(),
        now.millis().into(),
    ];
    Statement::new(ADD, args)
}

/// Moves on from one occurrence to the next, which is due at the given moment if there is one.
pub fn advance_recurring(id: RecurringGrantId, from: i64, to: i64, next_at: Option<Timestamp>) -> Statement {
    let args: Vec<Value> = vec![to.into(), next_at.map(Timestamp::millis).into(), id.to_string().into(), from.into()];
    Statement::new(ADVANCE, args)
}

/// Lets no occurrence come from now on.
pub fn end_recurring(account: AccountId, id: RecurringGrantId, now: Timestamp) -> Statement {
    Statement::new(END, vec![now.millis().into(), id.to_string().into(), account.to_string().into()])
}

/// The recurring grant that a request made.
pub async fn recurring_by_request(
    database: &Database,
    account: AccountId,
    request: &str,
) -> Result<Option<RecurringGrant>, StoreError> {
    let args = vec![account.to_string().into(), request.into()];
    database.fetch_one(BY_REQUEST, args).await?.as_ref().map(read).transpose()
}

/// An account's, newest first; those older than `before` where that is given.
pub async fn recurring(
    database: &Database,
    account: AccountId,
    before: Option<RecurringGrantId>,
    limit: i64,
) -> Result<Vec<RecurringGrant>, StoreError> {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let args = vec![account.to_string().into(), limit.into(), before.into()];
    database.fetch(OF_ACCOUNT, args).await?.iter().map(read).collect()
}

/// One of an account's.
pub async fn recurring_by_id(
    database: &Database,
    account: AccountId,
    id: RecurringGrantId,
) -> Result<Option<RecurringGrant>, StoreError> {
    let args = vec![account.to_string().into(), id.to_string().into()];
    database.fetch_one(ONE, args).await?.as_ref().map(read).transpose()
}

/// Those whose next occurrence is due, the longest overdue first.
pub async fn recurring_due(database: &Database, now: Timestamp, limit: i64) -> Result<Vec<RecurringGrant>, StoreError> {
    database.fetch(DUE, vec![now.millis().into(), limit.into()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<RecurringGrant, StoreError> {
    let moment = |index| row.maybe_int(index).map(|millis| millis.map(Timestamp::from_millis));
    Ok(RecurringGrant {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        credits: row.amount(2)?,
        every: row.parsed(3)?,
        starts_at: Timestamp::from_millis(row.int(4)?),
        ends_at: moment(5)?,
        expires_after_days: row.maybe_int(6)?,
        reason: row.text(7)?,
        ended_at: moment(8)?,
        posted: row.int(9)?,
        next_at: moment(10)?,
    })
}
