//! Where monitors are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::observe::{Judged, Memory};
use super::rows::{json, read, read_hour, written};
use super::service::{Monitor, MonitorAlert, MonitorState};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Transaction};
use crate::language::Decimal;
use crate::ledger::{AccountId, EventId, HoldId, KeyId, MonitorId, Timestamp};

/// An observation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Its place among the monitor's observations, from one.
    pub seq: i64,
    pub at: Timestamp,
    pub values: BTreeMap<String, Decimal>,
    #[serde(flatten)]
    pub judged: Judged,
}

/// A monitor with what only this room knows of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub monitor: Monitor,
    pub memory: Memory,
    pub request_hash: String,
    pub version: i64,
    pub key: Option<KeyId>,
    /// Whether its owner was told that credits run out.
    pub short: bool,
}

/// An hour that is paid for.
#[derive(Clone, Debug)]
pub(super) struct Hour {
    pub monitor: MonitorId,
    pub account: AccountId,
    pub hour: i64,
    pub starts_at: Timestamp,
    pub hold: HoldId,
}

macro_rules! monitor_where {
    ($rest:literal) => {
        Sql::both(concat!(
            "select id, account_id, request_hash, name, rules, state, memory, seq, lead_hours, keep_going, short,
             version, key_id, started_at, ended_at from monitors where ",
            $rest
        ))
    };
}

const BY_ID: Sql = monitor_where!("account_id = $1 and id = $2");
const BY_REQUEST: Sql = monitor_where!("account_id = $1 and request_key = $2");
const LIST: Sql = monitor_where!("account_id = $1 and id < $2 order by id desc limit $3");
const RUNNING: Sql = monitor_where!("state = 'running' and id > $1 order by id limit $2");
const INSERT: Sql = Sql::both(
    "insert into monitors (id, account_id, request_key, request_hash, name, rules, state, memory, seq, lead_hours,
       keep_going, short, version, key_id, started_at)
     values ($1, $2, $3, $4, $5, $6, 'running', $7, 0, $8, $9, 0, 0, $10, $11)",
);
const REMEMBER: Sql = Sql::both(
    "update monitors set memory = $1, seq = $2, version = version + 1 where id = $3 and version = $4 and state = 'running'",
);
const SET_STATE: Sql = Sql::both(
    "update monitors set state = $1, ended_at = $2, short = 0, version = version + 1 where id = $3 and state = $4",
);
const SET_SHORT: Sql = Sql::both("update monitors set short = $1 where id = $2 and short <> $1");
const ADD_HOUR: Sql = Sql::both(
    "insert into monitor_hours (monitor_id, hour, starts_at, hold_id, state) values ($1, $2, $3, $4, 'held')",
);
const SETTLE_HOUR: Sql =
    Sql::both("update monitor_hours set state = $1 where monitor_id = $2 and hour = $3 and state = 'held'");
const DUE_HOURS: Sql = Sql::both(
    "select h.monitor_id, m.account_id, h.hour, h.starts_at, h.hold_id from monitor_hours h
     join monitors m on m.id = h.monitor_id where h.state = 'held' and h.starts_at <= $1
     order by h.starts_at, h.monitor_id limit $2",
);
const HELD_HOURS: Sql = Sql::both(
    "select h.monitor_id, m.account_id, h.hour, h.starts_at, h.hold_id from monitor_hours h
     join monitors m on m.id = h.monitor_id where h.monitor_id = $1 and h.state = 'held' order by h.hour",
);
const COUNTS: Sql = Sql::both(
    "select cast(coalesce(max(hour), -1) as bigint),
       cast(coalesce(sum(case when state = 'captured' then 1 else 0 end), 0) as bigint),
       cast(coalesce(sum(case when state = 'held' then 1 else 0 end), 0) as bigint)
     from monitor_hours where monitor_id = $1",
);
const ADD_OBSERVED: Sql = Sql::both(
    "insert into observations (monitor_id, first_seq, last_seq, request_key, request_hash, at, observed)
     values ($1, $2, $3, $4, $5, $6, $7)",
);
const OBSERVED_BY_REQUEST: Sql =
    Sql::both("select request_hash, observed from observations where monitor_id = $1 and request_key = $2");
const OBSERVED_BEFORE: Sql = Sql::both(
    "select observed from observations where monitor_id = $1 and first_seq < $2 order by first_seq desc limit $3",
);
const OBSERVED_SINCE: Sql =
    Sql::both("select observed from observations where monitor_id = $1 and at >= $2 order by first_seq desc limit $3");
const ADD_ALERT: Sql =
    Sql::both("insert into monitor_alerts (id, monitor_id, kind, detail, at) values ($1, $2, $3, $4, $5)");
const ALERTS: Sql = Sql::both(
    "select id, kind, detail, at from monitor_alerts where monitor_id = $1 and id < $2 order by id desc limit $3",
);
const SEEN: Sql = Sql::both("select seen_at from monitor_clock where one = 1");
const SEE_FIRST: Sql =
    Sql::both("insert into monitor_clock (one, seen_at) values (1, $1) on conflict (one) do nothing");
const SEE: Sql = Sql::both("update monitor_clock set seen_at = $1 where one = 1 and seen_at = $2");
const ADD_OUTAGE: Sql =
    Sql::both("insert into monitor_outages (from_at, to_at) values ($1, $2) on conflict (from_at) do nothing");
const OUTAGES: Sql = Sql::both("select from_at, to_at from monitor_outages where to_at > $1 and from_at < $2");
/// Sorts after every id.
const AFTER_ALL: &str = "~";

pub(super) fn insert(kept: &Kept, request_key: &str) -> Result<Statement, StoreError> {
    let monitor = &kept.monitor;
    let args = vec![
        monitor.id.to_string().into(),
        monitor.account.to_string().into(),
        request_key.into(),
        kept.request_hash.as_str().into(),
        monitor.name.as_str().into(),
        written(&monitor.rules)?.into(),
        written(&kept.memory)?.into(),
        monitor.lead_hours.into(),
        i64::from(monitor.keep_going).into(),
        kept.key.map(|key| key.to_string()).into(),
        monitor.started_at.millis().into(),
    ];
    Ok(Statement::new(INSERT, args))
}

pub(super) async fn by_id(database: &Database, account: AccountId, id: MonitorId) -> Result<Option<Kept>, StoreError> {
    let args = vec![account.to_string().into(), id.to_string().into()];
    database.fetch_one(BY_ID, args).await?.as_ref().map(read).transpose()
}

pub(super) async fn by_request(
    database: &Database,
    account: AccountId,
    request_key: &str,
) -> Result<Option<Kept>, StoreError> {
    let args = vec![account.to_string().into(), request_key.into()];
    database.fetch_one(BY_REQUEST, args).await?.as_ref().map(read).transpose()
}

pub(super) async fn list(
    database: &Database,
    account: AccountId,
    before: Option<MonitorId>,
    limit: i64,
) -> Result<Vec<Kept>, StoreError> {
    let before = before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string());
    let args = vec![account.to_string().into(), before.into(), limit.into()];
    database.fetch(LIST, args).await?.iter().map(read).collect()
}

pub(super) async fn running(
    database: &Database,
    after: Option<MonitorId>,
    limit: i64,
) -> Result<Vec<Kept>, StoreError> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    database.fetch(RUNNING, vec![after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Whether the memory was still the one that was read.
pub(super) async fn remember(
    transaction: &mut Transaction,
    kept: &Kept,
    memory: &Memory,
    seq: i64,
) -> Result<bool, StoreError> {
    let args = vec![written(memory)?.into(), seq.into(), kept.monitor.id.to_string().into(), kept.version.into()];
    Ok(transaction.execute(Statement::new(REMEMBER, args)).await? == 1)
}

pub(super) fn set_state(id: MonitorId, from: MonitorState, to: MonitorState, at: Option<Timestamp>) -> Statement {
    let args = vec![to.name().into(), at.map(Timestamp::millis).into(), id.to_string().into(), from.name().into()];
    Statement::new(SET_STATE, args)
}

pub(super) fn set_short(id: MonitorId, short: bool) -> Statement {
    Statement::new(SET_SHORT, vec![i64::from(short).into(), id.to_string().into()])
}

pub(super) fn add_hour(id: MonitorId, hour: i64, starts_at: Timestamp, hold: HoldId) -> Statement {
    let args = vec![id.to_string().into(), hour.into(), starts_at.millis().into(), hold.to_string().into()];
    Statement::new(ADD_HOUR, args)
}

pub(super) fn settle_hour(hour: &Hour, state: &'static str) -> Statement {
    Statement::new(SETTLE_HOUR, vec![state.into(), hour.monitor.to_string().into(), hour.hour.into()])
}

/// Hours that are over: they began at or before this moment and are still held.
pub(super) async fn due_hours(database: &Database, begun_by: Timestamp, limit: i64) -> Result<Vec<Hour>, StoreError> {
    database.fetch(DUE_HOURS, vec![begun_by.millis().into(), limit.into()]).await?.iter().map(read_hour).collect()
}

pub(super) async fn held_hours(database: &Database, id: MonitorId) -> Result<Vec<Hour>, StoreError> {
    database.fetch(HELD_HOURS, vec![id.to_string().into()]).await?.iter().map(read_hour).collect()
}

/// The last hour's number (-1 before the first), how many are captured, how many held.
pub(super) async fn counts(database: &Database, id: MonitorId) -> Result<(i64, i64, i64), StoreError> {
    let row = database.fetch_one(COUNTS, vec![id.to_string().into()]).await?;
    let row = row.ok_or_else(|| StoreError::Corrupt("a count without a row".into()))?;
    Ok((row.int(0)?, row.int(1)?, row.int(2)?))
}

pub(super) fn add_observed(
    id: MonitorId,
    request_key: &str,
    request_hash: &str,
    at: Timestamp,
    observed: &[Observation],
) -> Result<Statement, StoreError> {
    let (first, last) = (observed.first().map_or(0, |one| one.seq), observed.last().map_or(0, |one| one.seq));
    let args = vec![
        id.to_string().into(),
        first.into(),
        last.into(),
        request_key.into(),
        request_hash.into(),
        at.millis().into(),
        written(&observed)?.into(),
    ];
    Ok(Statement::new(ADD_OBSERVED, args))
}

pub(super) async fn observed_by_request(
    database: &Database,
    id: MonitorId,
    request_key: &str,
) -> Result<Option<(String, Vec<Observation>)>, StoreError> {
    let row = database.fetch_one(OBSERVED_BY_REQUEST, vec![id.to_string().into(), request_key.into()]).await?;
    row.map(|row| Ok((row.text(0)?, json(&row, 1)?))).transpose()
}

/// Up to `limit` observations before a place, newest first.
pub(super) async fn observed_before(
    database: &Database,
    id: MonitorId,
    before: i64,
    limit: usize,
) -> Result<Vec<Observation>, StoreError> {
    let (mut found, mut before_row) = (Vec::new(), before);
    while found.len() < limit {
        let row =
            database.fetch_one(OBSERVED_BEFORE, vec![id.to_string().into(), before_row.into(), 1_i64.into()]).await?;
        let Some(row) = row else { break };
        let mut observed: Vec<Observation> = json(&row, 0)?;
        before_row = observed.first().map_or(0, |one| one.seq);
        observed.retain(|one| one.seq < before);
        found.extend(observed.into_iter().rev());
    }
    found.truncate(limit);
    Ok(found)
}

/// The observations of the last requests since a moment, newest request first; at most `requests` of them.
pub(super) async fn observed_since(
    database: &Database,
    id: MonitorId,
    since: Timestamp,
    requests: i64,
) -> Result<Vec<Observation>, StoreError> {
    let args = vec![id.to_string().into(), since.millis().into(), requests.into()];
    let rows = database.fetch(OBSERVED_SINCE, args).await?;
    let lists: Vec<Vec<Observation>> = rows.iter().map(|row| json(row, 0)).collect::<Result<_, _>>()?;
    Ok(lists.into_iter().flatten().collect())
}

pub(super) fn add_alert(monitor: MonitorId, alert: &MonitorAlert) -> Statement {
    let args = vec![
        alert.id.to_string().into(),
        monitor.to_string().into(),
        alert.kind.as_str().into(),
        alert.detail.as_str().into(),
        alert.at.millis().into(),
    ];
    Statement::new(ADD_ALERT, args)
}

pub(super) async fn alerts(
    database: &Database,
    id: MonitorId,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<MonitorAlert>, StoreError> {
    let before = before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string());
    let rows = database.fetch(ALERTS, vec![id.to_string().into(), before.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(MonitorAlert {
                id: row.parsed(0)?,
                kind: row.text(1)?,
                detail: row.text(2)?,
                at: Timestamp::from_millis(row.int(3)?),
            })
        })
        .collect()
}

/// When some server last ran the clock.
pub(super) async fn last_seen(database: &Database) -> Result<Option<Timestamp>, StoreError> {
    let row = database.fetch_one(SEEN, Vec::new()).await?;
    row.map(|row| Ok(Timestamp::from_millis(row.int(0)?))).transpose()
}

/// Notes that the clock runs, and since when it had not, if for too long it had not. Only one of several servers does.
pub(super) async fn see(
    database: &Database,
    last: Option<Timestamp>,
    now: Timestamp,
    was_out: bool,
) -> Result<(), StoreError> {
    let Some(last) = last else {
        return database.write(vec![Statement::new(SEE_FIRST, vec![now.millis().into()])]).await.map(drop);
    };
    let mut transaction = database.begin().await?;
    if transaction.execute(Statement::new(SEE, vec![now.millis().into(), last.millis().into()])).await? == 1 && was_out
    {
        transaction.execute(Statement::new(ADD_OUTAGE, vec![last.millis().into(), now.millis().into()])).await?;
    }
    transaction.commit().await
}

/// The outages that reach into a span of time.
pub(super) async fn outages(
    database: &Database,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
    let rows = database.fetch(OUTAGES, vec![from.millis().into(), to.millis().into()]).await?;
    let moment = |row: &Row, index| Ok::<_, StoreError>(Timestamp::from_millis(row.int(index)?));
    rows.iter().map(|row| Ok((moment(row, 0)?, moment(row, 1)?))).collect()
}
