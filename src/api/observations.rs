//! Observations of a monitor: sent, read, and written as a table.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
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
use crate::sentinel::{NewObservation, Observation, ObservationPages, SentinelError};
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;
/// Columns for values in a table. Observations may have any names; what goes beyond stands in a column `other`, as JSON.
const COLUMNS_MAX: usize = 200;
/// So many pages are looked through for names before the first line is sent: 200,000 observations, about a second.
const NAME_PAGES_MAX: u32 = 20;
/// Ten thousand observations of twenty metrics, with room for names.
const OBSERVATIONS_MAX_BYTES: usize = 8 * 1024 * 1024;

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

/// Writes all observations as a table, oldest first.
#[utoipa::path(get, path = "/api/monitors/{account_id}/{monitor_id}/export", operation_id = "export_observations",
    tag = "sentinel", params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor")),
    responses((status = 200, body = String, content_type = "text/csv", description = "The table")))]
pub async fn export(State(app): State<App>, OwnMonitor(account, id): OwnMonitor) -> Result<Response, Problem> {
    exported(&app, account, id).await
}

/// All observations of a monitor as a file, written while they are read. One that cannot be finished is cut off in the
/// middle of the transfer, so that no reader takes a part for the whole.
///
/// # Errors
/// 404 when there is no such monitor.
pub async fn exported(app: &App, account: AccountId, id: MonitorId) -> Result<Response, Problem> {
    let mut pages = app.sentinel.observation_pages(account, id).await?;
    let (mut names, mut looked_at) = (Names::default(), 0);
    while let Some(page) = pages.next().await? {
        if looked_at == NAME_PAGES_MAX {
            names.more = true;
            break;
        }
        names.add(&page);
        looked_at += 1;
    }
    let head = names.head();
    let next = async |(mut pages, names): (ObservationPages, Names)| {
        Ok::<_, SentinelError>(pages.next().await?.map(|page| (names.lines(&page), (pages, names))))
    };
    let lines = stream::try_unfold((pages.again(), names), next);
    let name = format!("attachment; filename=\"aethel-{id}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream::iter([Ok(head)]).chain(lines))).into_response())
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

/// The names of the values that have a column of their own, and whether there are more.
#[derive(Default)]
struct Names {
    own: BTreeSet<String>,
    more: bool,
}

impl Names {
    fn add(&mut self, page: &[Observation]) {
        for name in page.iter().flat_map(|one| one.values.keys()) {
            if self.own.contains(name) {
                continue;
            }
            if self.own.len() < COLUMNS_MAX {
                self.own.insert(name.clone());
            } else {
                self.more = true;
            }
        }
    }

    fn head(&self) -> String {
        let mut cells = ["seq", "at", "verdict", "broken", "strange"].map(Cell::from).to_vec();
        cells.extend(self.own.iter().map(|name| Cell::from(name.as_str())));
        cells.extend(self.more.then(|| Cell::from("other")));
        let mut csv = String::new();
        write_line(&mut csv, &cells);
        csv
    }

    /// One line for each observation.
    fn lines(&self, page: &[Observation]) -> String {
        let mut csv = String::new();
        for one in page {
            let judged = &one.judged;
            let mut line = vec![
                Cell::from(one.seq),
                Cell::from(Moment(one.at).to_string()),
                Cell::from(judged.verdict.name()),
                Cell::from(judged.broken.join("; ")),
                Cell::from(judged.strange.join("; ")),
            ];
            line.extend(self.own.iter().map(|name| Cell::from(one.values.get(name).map(ToString::to_string))));
            if self.more {
                let other: BTreeMap<_, _> = one.values.iter().filter(|(name, _)| !self.own.contains(*name)).collect();
                line.push(if other.is_empty() { Cell::Empty } else { Cell::from(json!(other).to_string()) });
            }
            write_line(&mut csv, &line);
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Timestamp;
    use crate::sentinel::{Judged, ObservationVerdict};

    fn observation(seq: i64, names: impl Iterator<Item = usize>) -> Observation {
        let values = names.map(|number| (format!("v{number:03}"), "1.5".parse().expect("a number"))).collect();
        let judged = Judged { verdict: ObservationVerdict::Ok, broken: Vec::new(), strange: Vec::new() };
        Observation { seq, at: Timestamp::from_millis(0), values, judged }
    }

    #[test]
    fn every_value_is_in_the_table_also_those_that_have_no_column() {
        let pages = [vec![observation(1, 0..150)], vec![observation(2, 140..201)]];
        let mut names = Names::default();
        pages.iter().for_each(|page| names.add(page));
        assert!(names.head().ends_with(",v198,v199,other\r\n"), "{}", names.head());
        assert_eq!(names.lines(&pages[0]).split(',').count(), 206, "{}", names.lines(&pages[0]));
        assert!(
            names.lines(&pages[1]).ends_with(",1.5,\"{\"\"v200\"\":\"\"1.5\"\"}\"\r\n"),
            "{}",
            names.lines(&pages[1])
        );
    }
}
