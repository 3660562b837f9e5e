//! Where observations are kept: one row for each request that brought some.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::super::observe::Judged;
use super::super::rows::{json, written};
use super::super::rules::OBSERVATIONS_MAX;
use crate::billing::store::{Database, Sql, Statement, StoreError};
use crate::language::Decimal;
use crate::ledger::{MonitorId, Timestamp};

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

const ADD_OBSERVED: Sql = Sql::both(
    "insert into observations (monitor_id, first_seq, last_seq, request_key, request_hash, at, observed)
     values ($1, $2, $3, $4, $5, $6, $7)",
);
const OBSERVED_BY_REQUEST: Sql =
    Sql::both("select request_hash, observed from observations where monitor_id = $1 and request_key = $2");
const OBSERVED_BETWEEN: Sql = Sql::both(
    "select observed from observations where monitor_id = $1 and first_seq > $2 and first_seq < $3 and at >= $4
     order by first_seq",
);
/// Whole rows that end within a span: places have no gaps and a row has at most [`OBSERVATIONS_MAX`], so that a span of as
/// many has at least the next one.
const OBSERVED_AFTER: Sql = Sql::both(
    "select observed from observations where monitor_id = $1 and first_seq > $2 and last_seq <= $3 order by first_seq",
);

pub(in crate::sentinel) fn add_observed(
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

pub(in crate::sentinel) async fn observed_by_request(
    database: &Database,
    id: MonitorId,
    request_key: &str,
) -> Result<Option<(String, Vec<Observation>)>, StoreError> {
    let row = database.fetch_one(OBSERVED_BY_REQUEST, vec![id.to_string().into(), request_key.into()]).await?;
    row.map(|row| Ok((row.text(0)?, json(&row, 1)?))).transpose()
}

/// The observations from one place up to before another, of requests since a moment; oldest first.
pub(in crate::sentinel) async fn observed_between(
    database: &Database,
    id: MonitorId,
    places: Range<i64>,
    since: Timestamp,
) -> Result<Vec<Observation>, StoreError> {
    // A request has so many observations at most: only rows that begin after this can reach into the range.
    let begins_after = places.start - OBSERVATIONS_MAX as i64;
    let args = vec![id.to_string().into(), begins_after.into(), places.end.into(), since.millis().into()];
    let mut observed = Vec::new();
    for row in database.fetch(OBSERVED_BETWEEN, args).await? {
        observed.extend(json::<Vec<Observation>>(&row, 0)?.into_iter().filter(|one| places.contains(&one.seq)));
    }
    Ok(observed)
}

/// The next observations after a place, oldest first, up to the place that is the last: some ten thousand at most, and
/// none when there are no more.
pub(in crate::sentinel) async fn observed_after(
    database: &Database,
    id: MonitorId,
    after: i64,
    last: i64,
) -> Result<Vec<Observation>, StoreError> {
    let until = last.min(after.saturating_add(OBSERVATIONS_MAX as i64));
    let rows = database.fetch(OBSERVED_AFTER, vec![id.to_string().into(), after.into(), until.into()]).await?;
    let mut observed = Vec::new();
    for row in rows {
        observed.extend(json::<Vec<Observation>>(&row, 0)?);
    }
    Ok(observed)
}
