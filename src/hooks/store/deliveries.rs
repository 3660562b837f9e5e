//! Events and their way to the endpoints.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::hooks::delivery::{Attempt, Delivery, Due, Event};
use crate::hooks::event::EventKind;
use crate::ledger::{AccountId, EndpointId, EventId, Timestamp};

const ADD_EVENT: Sql =
    Sql::both("INSERT INTO webhook_events (id, account_id, kind, payload, created_at) VALUES ($1, $2, $3, $4, $5)");
const ADD_DELIVERIES: Sql = Sql::both(
    "INSERT INTO webhook_deliveries (event_id, endpoint_id, state, attempts, tried, since, next_at)
     SELECT $1, id, 'waiting', 0, 0, cast($2 AS bigint), cast($2 AS bigint) FROM webhook_endpoints
     WHERE account_id = $3 AND state = 'on' AND (kinds = ' * ' OR kinds LIKE $4)",
);
const ADD_DELIVERY: Sql = Sql::both(
    "INSERT INTO webhook_deliveries (event_id, endpoint_id, state, attempts, tried, since, next_at, replay)
     VALUES ($1, $2, 'waiting', 0, 0, $3, $3, $4)
     ON CONFLICT (event_id, endpoint_id) DO UPDATE
       SET state = 'waiting', tried = 0, since = $3, next_at = $3, replay = $4 WHERE webhook_deliveries.replay <> $4",
);
/// A few for each endpoint, so that one that is slow holds nobody else up.
const DUE: Sql = Sql::both(
    "SELECT event_id, endpoint_id, attempts, since, next_at, payload, url, secret, former_secret, former_until, tried FROM (
       SELECT d.event_id, d.endpoint_id, d.attempts, d.tried, d.since, d.next_at, v.payload, e.url, e.secret, e.former_secret,
         e.former_until, row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.next_at, d.event_id) AS place
       FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id JOIN webhook_events v ON v.id = d.event_id
       WHERE d.state = 'waiting' AND d.next_at <= $1 AND e.state = 'on') AS waiting
     WHERE place <= $2 ORDER BY next_at, event_id LIMIT $3",
);
/// Only one worker finds the row as it was read.
const CLAIM: Sql = Sql::both(
    "UPDATE webhook_deliveries SET next_at = $1, attempts = attempts + 1, tried = tried + 1
     WHERE event_id = $2 AND endpoint_id = $3 AND state = 'waiting' AND next_at = $4 AND attempts = $5",
);
const ADD_ATTEMPT: Sql = Sql::both(
    "INSERT INTO webhook_attempts (event_id, endpoint_id, number, at, took_ms, status, answer, failure)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (event_id, endpoint_id, number) DO NOTHING",
);
/// A replay that was asked for meanwhile is not lost: it has another `since`.
const SETTLE: Sql = Sql::both(
    "UPDATE webhook_deliveries SET state = $1, next_at = $2 WHERE event_id = $3 AND endpoint_id = $4 AND since = $5",
);
const LIST: Sql = Sql::both(
    "SELECT d.event_id, d.endpoint_id, v.kind, v.created_at, d.state, d.attempts, d.next_at
     FROM webhook_deliveries d JOIN webhook_events v ON v.id = d.event_id
     WHERE d.endpoint_id = $1 AND d.event_id < $2 ORDER BY d.event_id DESC LIMIT $3",
);
const ONE: Sql = Sql::both(
    "SELECT d.event_id, d.endpoint_id, v.kind, v.created_at, d.state, d.attempts, d.next_at
     FROM webhook_deliveries d JOIN webhook_events v ON v.id = d.event_id
     WHERE d.endpoint_id = $1 AND d.event_id = $2",
);
const DELIVERED_FOR: Sql =
    Sql::both("SELECT event_id FROM webhook_deliveries WHERE endpoint_id = $1 AND replay = $2 LIMIT 1");
const ATTEMPTS: Sql = Sql::both(
    "SELECT number, at, took_ms, status, answer, failure FROM webhook_attempts
     WHERE event_id = $1 AND endpoint_id = $2 ORDER BY number DESC LIMIT $3",
);
const EVENT: Sql =
    Sql::both("SELECT id, kind, payload, created_at FROM webhook_events WHERE account_id = $1 AND id = $2");
const EVENTS_AFTER: Sql = Sql::both(
    "SELECT id, kind, payload, created_at FROM webhook_events WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);
const SWEEP: [Sql; 3] = [
    Sql::both("DELETE FROM webhook_attempts WHERE event_id IN (SELECT id FROM webhook_events WHERE created_at < $1)"),
    Sql::both("DELETE FROM webhook_deliveries WHERE event_id IN (SELECT id FROM webhook_events WHERE created_at < $1)"),
    Sql::both("DELETE FROM webhook_events WHERE created_at < $1"),
];

pub fn add_event(id: EventId, account: AccountId, kind: EventKind, payload: &str, at: Timestamp) -> Statement {
    let args =
        vec![id.to_string().into(), account.to_string().into(), kind.name().into(), payload.into(), at.millis().into()];
    Statement::new(ADD_EVENT, args)
}

/// One row for each endpoint of the account that is on and wants this kind.
pub fn add_deliveries(id: EventId, account: AccountId, kind: EventKind, at: Timestamp) -> Statement {
    // A name's underscore matches any letter; no two names differ only there.
    let pattern = format!("% {} %", kind.name());
    let args = vec![id.to_string().into(), at.millis().into(), account.to_string().into(), pattern.into()];
    Statement::new(ADD_DELIVERIES, args)
}

/// Sends an event to one endpoint, for the first time or once more; for one request, once.
pub fn add_delivery(id: EventId, endpoint: EndpointId, request: &str, now: Timestamp) -> Statement {
    let args = vec![id.to_string().into(), endpoint.to_string().into(), now.millis().into(), request.into()];
    Statement::new(ADD_DELIVERY, args)
}

pub async fn due(database: &Database, now: Timestamp, each: i64, limit: i64) -> Result<Vec<Due>, StoreError> {
    let rows = database.fetch(DUE, vec![now.millis().into(), each.into(), limit.into()]).await?;
    rows.iter().map(|row| read_due(row, now)).collect()
}

fn read_due(row: &Row, now: Timestamp) -> Result<Due, StoreError> {
    let mut sealed = vec![row.text(7)?];
    if let (Some(former), Some(until)) = (row.maybe_text(8)?, row.maybe_int(9)?)
        && now.millis() < until
    {
        sealed.push(former);
    }
    Ok(Due {
        event: row.parsed(0)?,
        endpoint: row.parsed(1)?,
        attempts: row.int(2)?,
        tried: row.int(10)?,
        since: Timestamp::from_millis(row.int(3)?),
        next_at: Timestamp::from_millis(row.int(4)?),
        payload: row.text(5)?,
        url: row.text(6)?,
        sealed,
    })
}

/// Takes deliveries until the given moment, and says which were still to be had.
pub async fn claim(database: &Database, due: &[Due], until: Timestamp) -> Result<Vec<bool>, StoreError> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let claim = |due: &Due| {
        let args = vec![
            until.millis().into(),
            due.event.to_string().into(),
            due.endpoint.to_string().into(),
            due.next_at.millis().into(),
            due.attempts.into(),
        ];
        Statement::new(CLAIM, args)
    };
    let touched = database.write(due.iter().map(claim).collect()).await?;
    Ok(touched.into_iter().map(|rows| rows == 1).collect())
}

pub fn add_attempt(due: &Due, attempt: &Attempt) -> Statement {
    let args = vec![
        due.event.to_string().into(),
        due.endpoint.to_string().into(),
        attempt.number.into(),
        attempt.at.millis().into(),
        attempt.took_millis.into(),
        attempt.status.map(i64::from).into(),
        attempt.answer.as_str().into(),
        attempt.failure.as_str().into(),
    ];
    Statement::new(ADD_ATTEMPT, args)
}

/// What has become of a delivery: its state, and when it is tried again if it waits.
pub fn settle(due: &Due, state: &str, next_at: Timestamp) -> Statement {
    let args = vec![
        state.into(),
        next_at.millis().into(),
        due.event.to_string().into(),
        due.endpoint.to_string().into(),
        due.since.millis().into(),
    ];
    Statement::new(SETTLE, args)
}

/// The deliveries to an endpoint, newest first, all older than `before` where that is given.
pub async fn deliveries(
    database: &Database,
    endpoint: EndpointId,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    // Behind every id that can be written.
    let before = before.map_or_else(|| "F".to_owned(), |id| id.to_string());
    let args = vec![endpoint.to_string().into(), before.into(), limit.into()];
    database.fetch(LIST, args).await?.iter().map(read_delivery).collect()
}

/// The event that a request sent to an endpoint.
pub async fn delivered_for(
    database: &Database,
    endpoint: EndpointId,
    request: &str,
) -> Result<Option<EventId>, StoreError> {
    let row = database.fetch_one(DELIVERED_FOR, vec![endpoint.to_string().into(), request.into()]).await?;
    row.map(|row| row.parsed(0)).transpose()
}

pub async fn delivery(
    database: &Database,
    endpoint: EndpointId,
    event: EventId,
) -> Result<Option<Delivery>, StoreError> {
    let args = vec![endpoint.to_string().into(), event.to_string().into()];
    database.fetch_one(ONE, args).await?.as_ref().map(read_delivery).transpose()
}

fn read_delivery(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        event: row.parsed(0)?,
        endpoint: row.parsed(1)?,
        kind: row.parsed(2)?,
        at: Timestamp::from_millis(row.int(3)?),
        state: row.text(4)?,
        attempts: row.int(5)?,
        next_at: Timestamp::from_millis(row.int(6)?),
    })
}

/// The attempts of a delivery, the latest first.
pub async fn attempts(
    database: &Database,
    endpoint: EndpointId,
    event: EventId,
    limit: i64,
) -> Result<Vec<Attempt>, StoreError> {
    let args = vec![event.to_string().into(), endpoint.to_string().into(), limit.into()];
    let rows = database.fetch(ATTEMPTS, args).await?;
    let read = |row: &Row| {
        let status = row.maybe_int(3)?.and_then(|status| u16::try_from(status).ok());
        Ok(Attempt {
            number: row.int(0)?,
            at: Timestamp::from_millis(row.int(1)?),
            took_millis: row.int(2)?,
            status,
            answer: row.text(4)?,
            failure: row.text(5)?,
        })
    };
    rows.iter().map(read).collect()
}

pub async fn event(database: &Database, account: AccountId, id: EventId) -> Result<Option<Event>, StoreError> {
    let args = vec![account.to_string().into(), id.to_string().into()];
    database.fetch_one(EVENT, args).await?.as_ref().map(read_event).transpose()
}

/// The account's events behind the given one, oldest first.
pub async fn events_after(
    database: &Database,
    account: AccountId,
    last: EventId,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let args = vec![account.to_string().into(), last.to_string().into(), limit.into()];
    database.fetch(EVENTS_AFTER, args).await?.iter().map(read_event).collect()
}

fn read_event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.parsed(0)?,
        kind: row.parsed(1)?,
        payload: row.text(2)?,
        at: Timestamp::from_millis(row.int(3)?),
    })
}

/// Forgets events that are older than the given moment, with all that was done for them.
pub fn sweep(before: Timestamp) -> Vec<Statement> {
    SWEEP.into_iter().map(|sql| Statement::new(sql, vec![before.millis().into()])).collect()
}
