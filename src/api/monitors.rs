//! Monitors: started for hours that are held at once and paid for as they pass, fed with observations, read and stopped.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::document::ProblemBody;
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::object::Object;
use super::problem::Problem;
use super::query::Parameters;
use crate::ledger::{AccountId, EventId, MonitorId, Timestamp};
use crate::sentinel::{Metric, MetricReport, Monitor, NewMonitor, Rules, SentinelError, Window};
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;
const DAY_SECONDS: i64 = 86_400;

/// What to watch, and who pays for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMonitor)]
pub struct MonitorBody {
    account_id: String,
    #[schema(example = "Reserves")]
    name: String,
    /// Formulas that must hold for every observation.
    #[serde(default)]
    laws: Vec<String>,
    /// `{name, low?, high?, window?, sensitivity?}`: values that have a usual range.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    metrics: Vec<Object<Metric>>,
    /// Hours that are held at once: 1 to 744.
    #[schema(minimum = 1, maximum = 744)]
    hours: i64,
    /// Whether each hour that passes is followed by another as long as the credits last.
    #[serde(default)]
    keep_going: bool,
}

/// A monitor as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Monitor)]
pub struct MonitorAnswer {
    monitor_id: String,
    account_id: String,
    name: String,
    laws: Vec<String>,
    #[schema(value_type = Vec<Object>)]
    metrics: Vec<Metric>,
    /// `running`, `paused`, `ended` or `stopped`.
    #[schema(example = "running")]
    state: &'static str,
    /// `normal`, `crisis` or `recovery`.
    #[schema(example = "normal")]
    mode: &'static str,
    observations: i64,
    keep_going: bool,
    /// Hours that have passed and were paid for.
    hours_captured: i64,
    /// Hours whose credits are held.
    hours_held: i64,
    started_at: Moment,
    ended_at: Option<Moment>,
    replayed: bool,
}

/// A page of monitors.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Monitors)]
pub struct MonitorsAnswer {
    account_id: String,
    monitors: Vec<MonitorAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Hours to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoreHours)]
pub struct HoursBody {
    #[schema(minimum = 1, maximum = 744)]
    hours: i64,
}

/// Something a monitor told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitorAlert)]
pub struct AlertAnswer {
    alert_id: String,
    /// `violation`, `anomaly`, `crisis`, `recovery`, `normal`, `credits_low` or `paused`.
    #[schema(example = "violation")]
    kind: String,
    detail: String,
    at: Moment,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitorAlerts)]
pub struct AlertsAnswer {
    monitor_id: String,
    alerts: Vec<AlertAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// One window of a report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitorWindow)]
pub struct WindowAnswer {
    from: Moment,
    observations: usize,
    violations: usize,
    anomalies: usize,
    /// `{name, least, median, most}` of each metric.
    #[schema(value_type = Vec<Object>)]
    metrics: Vec<MetricReport>,
}

/// A monitor's report, oldest window first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitorReport)]
pub struct ReportAnswer {
    monitor_id: String,
    windows: Vec<WindowAnswer>,
    /// Whether these are all observations of the span, and not the newest 50,000 alone.
    complete: bool,
}

/// The account and the monitor in the path.
pub struct OwnMonitor(pub AccountId, pub MonitorId);

impl FromRequestParts<App> for OwnMonitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let key = Key::from_request_parts(parts, app).await?;
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((account, id)) = path.map_err(|_| Problem::account_not_found())?;
        let account = key.account(&account)?;
        Ok(Self(account, id.parse().map_err(|_| Problem::from(SentinelError::NotFound))?))
    }
}

/// Starts a monitor and holds the price of its hours.
#[utoipa::path(post, path = "/api/monitors", operation_id = "start_monitor", tag = "sentinel", request_body = MonitorBody,
    responses((status = 200, body = MonitorAnswer, description = "The monitor"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json", description = "Too few credits")))]
pub async fn start(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<MonitorBody>,
) -> Result<Answer<MonitorAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let metrics = body.metrics.into_iter().map(|Object(metric)| metric).collect();
    let rules = Rules { laws: body.laws, metrics };
    let new = NewMonitor { name: body.name, rules, hours: body.hours, keep_going: body.keep_going };
    let (monitor, replayed) = app.sentinel.start(account, Some(key.id()), new, &request.scoped()).await?;
    Ok(Answer { replayed, body: told(monitor, replayed) })
}

/// Lists the account's monitors, newest first.
#[utoipa::path(get, path = "/api/monitors/{account_id}", operation_id = "list_monitors", tag = "sentinel",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = MonitorsAnswer, description = "A page of monitors")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<axum::Json<MonitorsAnswer>, Problem> {
    let before = parameters.read("cursor", "cursor must be the next_cursor of an earlier page of this list")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    let monitors = app.sentinel.list(account, before, limit).await?;
    let full = i64::try_from(monitors.len()).is_ok_and(|length| length == limit);
    let next_cursor = monitors.last().filter(|_| full).map(|last| last.id.to_string());
    let monitors = monitors.into_iter().map(|monitor| told(monitor, false)).collect();
    Ok(axum::Json(MonitorsAnswer { account_id: account.to_string(), monitors, next_cursor }))
}

/// Reads a monitor.
#[utoipa::path(get, path = "/api/monitors/{account_id}/{monitor_id}", operation_id = "read_monitor", tag = "sentinel",
    params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor")),
    responses((status = 200, body = MonitorAnswer, description = "The monitor")))]
pub async fn show(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
) -> Result<axum::Json<MonitorAnswer>, Problem> {
    Ok(axum::Json(told(app.sentinel.monitor(account, id).await?, false)))
}

/// Adds hours; a monitor that was paused or has ended runs again.
#[utoipa::path(post, path = "/api/monitors/{account_id}/{monitor_id}/extend", operation_id = "extend_monitor",
    tag = "sentinel", request_body = HoursBody,
    params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor")),
    responses((status = 200, body = MonitorAnswer, description = "The monitor"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json", description = "Too few credits")))]
pub async fn extend(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
    request: RequestKey,
    Json(body): Json<HoursBody>,
) -> Result<Answer<MonitorAnswer>, Problem> {
    let (monitor, replayed) = app.sentinel.extend(account, id, body.hours, &request.scoped()).await?;
    Ok(Answer { replayed, body: told(monitor, replayed) })
}

/// Stops a monitor: the hour that has begun is paid, the rest is released.
#[utoipa::path(post, path = "/api/monitors/{account_id}/{monitor_id}/stop", operation_id = "stop_monitor",
    tag = "sentinel", params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor")),
    responses((status = 200, body = MonitorAnswer, description = "The monitor")))]
pub async fn stop(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
    _request: RequestKey,
) -> Result<axum::Json<MonitorAnswer>, Problem> {
    Ok(axum::Json(told(app.sentinel.stop(account, id).await?, false)))
}

/// Reads what a monitor told, newest first.
#[utoipa::path(get, path = "/api/monitors/{account_id}/{monitor_id}/alerts", operation_id = "list_monitor_alerts",
    tag = "sentinel", params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = AlertsAnswer, description = "A page of alerts")))]
pub async fn alerts(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
    parameters: Parameters,
) -> Result<axum::Json<AlertsAnswer>, Problem> {
    let before: Option<EventId> =
        parameters.read("cursor", "cursor must be the next_cursor of an earlier page of this list")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    let alerts = app.sentinel.alerts(account, id, before, limit).await?;
    let full = i64::try_from(alerts.len()).is_ok_and(|length| length == limit);
    let next_cursor = alerts.last().filter(|_| full).map(|last| last.id.to_string());
    let alerts = alerts.into_iter().map(|alert| AlertAnswer {
        alert_id: alert.id.to_string(),
        kind: alert.kind,
        detail: alert.detail,
        at: Moment(alert.at),
    });
    Ok(axum::Json(AlertsAnswer { monitor_id: id.to_string(), alerts: alerts.collect(), next_cursor }))
}

/// Reports what a monitor has seen, by hour or by UTC day: the newest 50,000 observations of the span.
#[utoipa::path(get, path = "/api/monitors/{account_id}/{monitor_id}/report", operation_id = "read_monitor_report",
    tag = "sentinel", params(("account_id" = String, Path, description = "The account"),
        ("monitor_id" = String, Path, description = "The monitor"),
        ("window" = Option<String>, Query, description = "`hour` or `day`; `hour` when not given"),
        ("days" = Option<i64>, Query, minimum = 1, maximum = 31, description = "How many days back; 1 when not given")),
    responses((status = 200, body = ReportAnswer, description = "The report")))]
pub async fn report(
    State(app): State<App>,
    OwnMonitor(account, id): OwnMonitor,
    parameters: Parameters,
) -> Result<axum::Json<ReportAnswer>, Problem> {
    let window = parameters.read::<Window>("window", "window must be hour or day")?.unwrap_or(Window::Hour);
    let days = parameters.number("days", 1, 31)?.unwrap_or(1);
    let since: Timestamp = app.clock.now().plus_seconds(-days * DAY_SECONDS);
    let (windows, complete) = app.sentinel.report(account, id, since, window).await?;
    let windows = windows.into_iter().map(|one| WindowAnswer {
        from: Moment(one.from),
        observations: one.observations,
        violations: one.violations,
        anomalies: one.anomalies,
        metrics: one.metrics,
    });
    Ok(axum::Json(ReportAnswer { monitor_id: id.to_string(), windows: windows.collect(), complete }))
}

fn told(monitor: Monitor, replayed: bool) -> MonitorAnswer {
    MonitorAnswer {
        monitor_id: monitor.id.to_string(),
        account_id: monitor.account.to_string(),
        name: monitor.name,
        laws: monitor.rules.laws,
        metrics: monitor.rules.metrics,
        state: monitor.state.name(),
        mode: monitor.mode.name(),
        observations: monitor.observations,
        keep_going: monitor.keep_going,
        hours_captured: monitor.hours_captured,
        hours_held: monitor.hours_held,
        started_at: Moment(monitor.started_at),
        ended_at: monitor.ended_at.map(Moment),
        replayed,
    }
}

impl From<SentinelError> for Problem {
    fn from(error: SentinelError) -> Self {
        let sentence = error.to_string();
        match error {
            SentinelError::Invalid(error) => Self::field(&error.place, error.message),
            SentinelError::NotFound => Self::new(StatusCode::NOT_FOUND, "monitor_not_found", "Monitor not found"),
            SentinelError::NotRunning(_) => Self::new(StatusCode::CONFLICT, "monitor_not_running", sentence),
            SentinelError::Kernel(error) => error.into(),
        }
    }
}
