//! Observations of a monitor: sent, read, and written as a table.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::csv::{Cell, write_line};
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::monitors::OwnMonitor;
use super::object::Object;
use super::problem::Problem;
use super::query::Parameters;
use crate::language::Decimal;
use crate::ledger::{AccountId, MonitorId};
use crate::sentinel::{NewObservation, Observation};
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;
/// Rows of one download; the rest is read by cursor.
const CSV_ROWS_MAX: i64 = 20_000;
/// Ten thousand observations with a few values each.
const OBSERVATIONS_MAX_BYTES: usize = 4 * 1024 * 1024;

/// One observation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewObservation)]
pub struct ObservationBody {
    /// When it was made; now when not given.
    at: Option<Moment>,
    /// Values by name: whole numbers, or decimals as text.
    #[schema(value_type = Object, example = json!({"reserves": "1000.5", "issued": 1000}))]
    values: BTreeMap<String, Decimal>,
}

/// Up to 10,000 observations, oldest first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewObservations)]
pub struct ObservationsBody {
    observations: Vec<Object<ObservationBody>>,
}

/// An observation with its verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Observation)]
pub struct ObservationAnswer {
    seq: i64,
    at: Moment,
    #[schema(value_type = Object)]
    values: BTreeMap<String, Decimal>,
    /// `ok`, `violation`, `anomaly` or `incomplete`.
    #[schema(example = "ok")]
    verdict: &'static str,
    /// The laws that do not hold.
    broken: Vec<String>,
    /// The metrics that are far from what is usual.
    strange: Vec<String>,
}

/// What became of the observations, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Observed)]
pub struct ObservedAnswer {
    monitor_id: String,
    /// The monitor's mode after the last of them.
    mode: &'static str,
    results: Vec<ObservationAnswer>,
    replayed: bool,
}

/// A page of observations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Observations)]
pub struct ObservationsAnswer {
    monitor_id: String,
    observations: Vec<ObservationAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<i64>,
    /// The same; its former name is `before`.
    next_before: Option<i64>,
}

/// Sends observations, each of which gets its verdict.
#[utoipa::path(post, path = "/api/monitors/{account_id}/{monitor_id}/observations", operation_id = "observe",
    tag = "sentinel", request_body = ObservationsBody,
    params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor")),
    responses((status = 200, body = ObservedAnswer, description = "A verdict for each")))]
pub async fn observe(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
    request: RequestKey,
    Json(body): Json<ObservationsBody, OBSERVATIONS_MAX_BYTES>,
) -> Result<Answer<ObservedAnswer>, Problem> {
    let new = |Object(one): Object<ObservationBody>| NewObservation { at: one.at.map(|at| at.0), values: one.values };
    let new = body.observations.into_iter().map(new).collect();
    let (observed, replayed) = app.sentinel.observe(account, id, new, &request.scoped()).await?;
    let mode = app.sentinel.monitor(account, id).await?.mode.name();
    let results = observed.into_iter().map(observation).collect();
    Ok(Answer { replayed, body: ObservedAnswer { monitor_id: id.to_string(), mode, results, replayed } })
}

/// Reads the observations, newest first.
#[utoipa::path(get, path = "/api/monitors/{account_id}/{monitor_id}/observations", operation_id = "list_observations",
    tag = "sentinel", params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor"),
        ("cursor" = Option<i64>, Query, minimum = 1, maximum = 9007199254740991i64, description = "The next_cursor of the page before"),
        ("before" = Option<i64>, Query, minimum = 1, maximum = 9007199254740991i64, description = "The same, by its former name"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = ObservationsAnswer, description = "A page of observations")))]
pub async fn observations(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
    parameters: Parameters,
) -> Result<axum::Json<ObservationsAnswer>, Problem> {
    let before = parameters.number(parameters.turned_by(), 1, 9_007_199_254_740_991)?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    let found = app.sentinel.observations(account, id, before, limit).await?;
    let next_cursor = found.last().filter(|last| last.seq > 1).map(|last| last.seq);
    let observations = found.into_iter().map(observation).collect();
    let next_before = next_cursor;
    Ok(axum::Json(ObservationsAnswer { monitor_id: id.to_string(), observations, next_cursor, next_before }))
}

/// Writes the latest observations as a table, oldest first: up to 20,000.
#[utoipa::path(get, path = "/api/monitors/{account_id}/{monitor_id}/export", operation_id = "export_observations",
    tag = "sentinel", params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor")),
    responses((status = 200, body = String, content_type = "text/csv", description = "The table")))]
pub async fn export(State(app): State<App>, OwnMonitor(account, id): OwnMonitor) -> Result<Response, Problem> {
    exported(&app, account, id).await
}

/// The latest observations of a monitor as a file.
///
/// # Errors
/// 404 when there is no such monitor.
pub async fn exported(app: &App, account: AccountId, id: MonitorId) -> Result<Response, Problem> {
    let mut found = app.sentinel.observations(account, id, None, CSV_ROWS_MAX).await?;
    found.reverse();
    let name = format!("attachment; filename=\"aethel-{id}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, table(&found)).into_response())
}

fn observation(one: Observation) -> ObservationAnswer {
    ObservationAnswer {
        seq: one.seq,
        at: Moment(one.at),
        values: one.values,
        verdict: one.judged.verdict.name(),
        broken: one.judged.broken,
        strange: one.judged.strange,
    }
}

/// One line for each observation, one column for each name that any of them has.
fn table(found: &[Observation]) -> String {
    let names: BTreeSet<&String> = found.iter().flat_map(|one| one.values.keys()).collect();
    let mut csv = String::new();
    let head = ["seq", "at", "verdict", "broken", "strange"].map(Cell::from).into_iter();
    let head: Vec<Cell> = head.chain(names.iter().map(|name| Cell::from(name.as_str()))).collect();
    write_line(&mut csv, &head);
    for one in found {
        let judged = &one.judged;
        let mut line = vec![
            Cell::from(one.seq),
            Cell::from(Moment(one.at).to_string()),
            Cell::from(judged.verdict.name()),
            Cell::from(judged.broken.join("; ")),
            Cell::from(judged.strange.join("; ")),
        ];
        line.extend(names.iter().map(|name| Cell::from(one.values.get(*name).map(ToString::to_string))));
        write_line(&mut csv, &line);
    }
    csv
}
