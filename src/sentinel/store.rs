//! Where monitors are kept.

mod observed;

use super::observe::Memory;
use super::rows::{read, read_hour, written};
use super::service::{Monitor, MonitorAlert, MonitorState};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Transaction};
use crate::ledger::{AccountId, EventId, HoldId, KeyId, MonitorId, Timestamp};

pub use observed::Observation;
pub(super) use observed::{add_observed, observed_after, observed_between, observed_by_request};

/// A monitor with what only this room knows of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub monitor: Monitor,
    pub memory: Memory,
    pub request_hash: String,
    pub version: i64,
    pub key: Option<KeyId>,
    /// The number of its last hour; -1 before the first.
    pub last_hour: i64,
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
             version, key_id, started_at, ended_at,
             (select cast(coalesce(max(hour), -1) as bigint) from monitor_hours h where h.monitor_id = m.id),
             (select count(*) from monitor_hours h where h.monitor_id = m.id and h.state = 'captured'),
             (select count(*) from monitor_hours h where h.monitor_id = m.id and h.state = 'held')
             from monitors m where ",
            $rest
        ))
    };
}

const BY_ID: Sql = monitor_where!("account_id = $1 and id = $2");
const BY_REQUEST: Sql = monitor_where!("account_id = $1 and request_key = $2");
const LIST: Sql = monitor_where!("account_id = $1 and id < $2 order by id desc limit $3");
const RUNNING_OUT: Sql = monitor_where!(
    "state = 'running' and id > $1
     and (select count(*) from monitor_hours h where h.monitor_id = m.id and h.state = 'held')
       < case when keep_going = 1 then lead_hours else 1 end
     order by id limit $2"
);
const UNWELL: Sql = monitor_where!("mode <> 'normal' and id > $1 order by id limit $2");
const INSERT: Sql = Sql::both(
    "insert into monitors (id, account_id, request_key, request_hash, name, rules, state, memory, seq, lead_hours,
       keep_going, short, version, key_id, started_at)
     values ($1, $2, $3, $4, $5, $6, 'running', $7, 0, $8, $9, 0, 0, $10, $11)",
);
const REMEMBER: Sql = Sql::both(
    "update monitors set memory = $1, seq = $2, mode = $5, version = version + 1 where id = $3 and version = $4",
);
const SET_STATE: Sql = Sql::both(
    "update monitors set state = $1, ended_at = $2, short = 0, version = version + 1 where id = $3 and state = $4",
);
const STOP: Sql = Sql::both(
    "update monitors set state = 'stopped', ended_at = $1, short = 0, stopping = 1, version = version + 1
     where id = $2 and state in ('running', 'paused')",
);
const STOP_FINISHED: Sql = Sql::both("update monitors set stopping = 0 where id = $1 and stopping = 1");
const KEEP_STOPPING: Sql =
    Sql::both("update monitors set stopping = case when state = 'stopped' then 1 else 0 end where id = $1");
const STOPPING: Sql =
    Sql::both("select id, ended_at from monitors where stopping = 1 and id > $1 order by id limit $2");
const ADD_EXTENSION: Sql =
    Sql::both("insert into monitor_extensions (account_id, request_key, monitor_id, hours) values ($1, $2, $3, $4)");
const EXTENSION: Sql =
    Sql::both("select monitor_id, hours from monitor_extensions where account_id = $1 and request_key = $2");
const RUN_OUT: Sql = Sql::both(
    "update monitors set state = $1, ended_at = $2, short = 0, version = version + 1 where id = $3 and state = 'running'
     and not exists (select 1 from monitor_hours h where h.monitor_id = monitors.id and h.state = 'held')",
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

/// Running monitors with fewer hours held than they should have.
pub(super) async fn running_out(
    database: &Database,
    after: Option<MonitorId>,
    limit: i64,
) -> Result<Vec<Kept>, StoreError> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    database.fetch(RUNNING_OUT, vec![after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Monitors in a crisis or recovering from one.
pub(super) async fn unwell(database: &Database, after: Option<MonitorId>, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    database.fetch(UNWELL, vec![after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Whether the memory was still the one that was read.
pub(super) async fn remember(
    transaction: &mut Transaction,
    kept: &Kept,
    memory: &Memory,
    seq: i64,
) -> Result<bool, StoreError> {
    let args = vec![
        written(memory)?.into(),
        seq.into(),
        kept.monitor.id.to_string().into(),
        kept.version.into(),
        memory.pulse.mode.name().into(),
    ];
    Ok(transaction.execute(Statement::new(REMEMBER, args)).await? == 1)
}

pub(super) fn set_state(id: MonitorId, from: MonitorState, to: MonitorState, at: Option<Timestamp>) -> Statement {
    let args = vec![to.name().into(), at.map(Timestamp::millis).into(), id.to_string().into(), from.name().into()];
    Statement::new(SET_STATE, args)
}

/// Stops a monitor that runs or is paused; its hours have yet to be settled.
pub(super) fn stop(id: MonitorId, at: Timestamp) -> Statement {
    Statement::new(STOP, vec![at.millis().into(), id.to_string().into()])
}

/// Notes that the hours of a stopped monitor are settled.
pub(super) fn stop_finished(id: MonitorId) -> Statement {
    Statement::new(STOP_FINISHED, vec![id.to_string().into()])
}

/// Beside hours that are added: should the monitor be stopped meanwhile, they are settled too. It holds the row, so that
/// a stop at the same time comes before or after and never in between.
pub(super) fn keep_stopping(id: MonitorId) -> Statement {
    Statement::new(KEEP_STOPPING, vec![id.to_string().into()])
}

/// Stopped monitors whose hours have yet to be settled, and when they were stopped.
pub(super) async fn stopping(
    database: &Database,
    after: Option<MonitorId>,
    limit: i64,
) -> Result<Vec<(MonitorId, Timestamp)>, StoreError> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    let rows = database.fetch(STOPPING, vec![after.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok((row.parsed(0)?, Timestamp::from_millis(row.int(1)?)))).collect()
}

pub(super) fn add_extension(account: AccountId, request_key: &str, id: MonitorId, hours: i64) -> Statement {
    let args = vec![account.to_string().into(), request_key.into(), id.to_string().into(), hours.into()];
    Statement::new(ADD_EXTENSION, args)
}

/// Which monitor was extended under a key, and by how many hours.
pub(super) async fn extension(
    database: &Database,
    account: AccountId,
    request_key: &str,
) -> Result<Option<(MonitorId, i64)>, StoreError> {
    let row = database.fetch_one(EXTENSION, vec![account.to_string().into(), request_key.into()]).await?;
    row.map(|row| Ok((row.parsed(0)?, row.int(1)?))).transpose()
}

/// Ends or pauses a running monitor, unless an hour is held for it after all.
pub(super) fn run_out(id: MonitorId, to: MonitorState, ended_at: Option<Timestamp>) -> Statement {
    let args = vec![to.name().into(), ended_at.map(Timestamp::millis).into(), id.to_string().into()];
    Statement::new(RUN_OUT, args)
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
