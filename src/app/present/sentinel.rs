//! Monitors, in words and points.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::dates::moment;
use super::refusals::refused;
use super::request::fresh_request;
use super::visitor::Visitor;
use super::work::{price, typed_before};
use crate::app::error::AppError;
use crate::app::format::{credits, grouped};
use crate::app::views::*;
use crate::language::Decimal;
use crate::ledger::{MonitorId, Operation};
use crate::sentinel::{
    Metric, Monitor, NewMonitor, NewObservation, Observation, ObservationVerdict, Rules, SentinelError, Window,
};
use crate::server::context::app;

/// Observations of a monitor's chart and table.
const OBSERVED_SHOWN: i64 = 60;
const ALERTS_SHOWN: i64 = 20;
const DAY_SECONDS: i64 = 86_400;

/// The form that starts a monitor, as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MonitorForm {
    pub name: String,
    pub laws: String,
    pub metrics: String,
    pub hours: String,
    pub keep_going: String,
}

/// The form of one observation, as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ObservationForm {
    pub observation: String,
}

impl From<SentinelError> for AppError {
    fn from(error: SentinelError) -> Self {
        match error {
            SentinelError::Invalid(_) => refused("unreadable"),
            SentinelError::NotFound => Self::NotFound,
            SentinelError::NotRunning(_) => refused("monitor_not_running"),
            SentinelError::Kernel(error) => error.into(),
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A whole number as people type it, with or without commas.
pub fn hours_of(text: &str) -> Result<i64, AppError> {
    text.trim().replace(',', "").parse().map_err(|_| refused("quantity_invalid"))
}

impl MonitorForm {
    /// Its metrics, or what is wrong with them.
    fn metrics(&self) -> Result<Vec<Metric>, String> {
        lines(&self.metrics).iter().map(|line| Metric::typed(line).map_err(|why| format!("{line}: {why}"))).collect()
    }

    /// The monitor it asks for. Whether its laws can be read is for the Sentinel to say.
    pub fn monitor(self) -> Result<NewMonitor, AppError> {
        let metrics = self.metrics().map_err(|_| refused("unreadable"))?;
        Ok(NewMonitor {
            name: self.name,
            rules: Rules { laws: lines(&self.laws), metrics },
            hours: hours_of(&self.hours)?,
            keep_going: self.keep_going == "yes",
        })
    }
}

impl ObservationForm {
    /// `name = value`, one a line.
    pub fn observation(&self) -> Result<NewObservation, String> {
        let mut values = BTreeMap::new();
        for line in lines(&self.observation) {
            let (name, value) = line.split_once('=').ok_or_else(|| format!("{line}: write name = value"))?;
            let value: Decimal = value.trim().parse().map_err(|error| format!("{}: {error}", name.trim()))?;
            values.insert(name.trim().to_owned(), value);
        }
        if values.is_empty() {
            Err("Write at least one name = value.".to_owned())
        } else {
            Ok(NewObservation { at: None, values })
        }
    }
}

/// The page of monitors.
pub fn sentinel(visitor: &Visitor, draft: &str, monitors: Vec<Monitor>) -> SentinelView {
    let typed = typed_before::<MonitorForm>(visitor.account(), "/sentinel", draft);
    let unread = typed.as_ref().and_then(|form| form.metrics().err());
    let problems = match typed.clone().map(MonitorForm::monitor) {
        Some(Ok(new)) => new.problem().into_iter().collect(),
        _ => unread.into_iter().collect(),
    };
    let form = typed.unwrap_or_else(|| MonitorForm {
        name: "Reserves".into(),
        laws: "reserves >= issued".into(),
        metrics: "reserves".into(),
        hours: "24".into(),
        keep_going: "no".into(),
    });
    let frame = visitor.frame();
    SentinelView {
        form: StartMonitorView {
            may_spend: frame.may.spend,
            price: price(visitor, Operation::SentinelMonitoring),
            name: form.name,
            laws: form.laws,
            metrics: form.metrics,
            hours: form.hours,
            keep_going: form.keep_going == "yes",
            request: fresh_request(),
        },
        frame,
        problems,
        monitors: monitors.iter().map(row).collect(),
    }
}

fn row(monitor: &Monitor) -> MonitorRowView {
    MonitorRowView {
        id: monitor.id.to_string(),
        name: monitor.name.clone(),
        state: monitor.state.name().to_owned(),
        mode: monitor.mode.name().to_owned(),
        hours_held: monitor.hours_held,
        observations: monitor.observations,
    }
}

/// One monitor's page.
pub async fn monitor(visitor: &Visitor, id: MonitorId, draft: &str) -> Result<MonitorView, AppError> {
    let (app, account) = (app(), visitor.account());
    let monitor = app.sentinel.monitor(account, id).await?;
    let now = app.clock.now();
    let (windows, complete) = app.sentinel.report(account, id, now.plus_seconds(-DAY_SECONDS), Window::Hour).await?;
    let typed = typed_before::<ObservationForm>(account, &format!("/sentinel/{id}"), draft);
    let problems = typed.as_ref().and_then(|form| form.observation().err()).into_iter().collect();
    let number = |count: usize| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let example =
        monitor.rules.metrics.iter().map(|metric| format!("{} = ", metric.name)).collect::<Vec<_>>().join("\n");
    Ok(MonitorView {
        frame: visitor.frame(),
        price: price(visitor, Operation::SentinelMonitoring),
        laws: monitor.rules.laws.clone(),
        metrics: monitor.rules.metrics.iter().map(ToString::to_string).collect(),
        problems,
        observation: typed.map_or(example, |form| form.observation),
        request: fresh_request(),
        live: live(visitor, &monitor).await?,
        complete,
        report: windows
            .iter()
            .rev()
            .map(|one| [moment(one.from, now), number(one.observations), number(one.violations), number(one.anomalies)])
            .collect(),
    })
}

/// What has changed on it by now.
pub async fn monitor_live(visitor: &Visitor, id: MonitorId) -> Result<MonitorLiveView, AppError> {
    live(visitor, &app().sentinel.monitor(visitor.account(), id).await?).await
}

async fn live(visitor: &Visitor, monitor: &Monitor) -> Result<MonitorLiveView, AppError> {
    let (app, account) = (app(), visitor.account());
    let observed = app.sentinel.observations(account, monitor.id, None, OBSERVED_SHOWN).await?;
    let alerts = app.sentinel.alerts(account, monitor.id, None, ALERTS_SHOWN).await?;
    let now = app.clock.now();
    Ok(MonitorLiveView {
        sentence: sentence(monitor, price(visitor, Operation::SentinelMonitoring)),
        row: row(monitor),
        charts: monitor.rules.metrics.iter().filter_map(|metric| chart(&metric.name, &observed)).collect(),
        observed: observed
            .iter()
            .map(|one| {
                let values = one.values.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>();
                let why = one.judged.broken.iter().chain(&one.judged.strange).cloned().collect::<Vec<_>>();
                let verdict = one.judged.verdict.name().to_owned();
                [grouped(one.seq), moment(one.at, now), values.join(", "), verdict, why.join("; ")]
            })
            .collect(),
        alerts: alerts.into_iter().map(|alert| [moment(alert.at, now), alert.kind, alert.detail]).collect(),
    })
}

fn sentence(monitor: &Monitor, price: i64) -> String {
    let hours = |count: i64| if count == 1 { "1 hour".to_owned() } else { format!("{} hours", grouped(count)) };
    let going =
        if monitor.keep_going { " Each hour that passes is followed by another while the credits last." } else { "" };
    format!(
        "{} paid, {} held ahead at {} an hour.{going}",
        hours(monitor.hours_captured),
        hours(monitor.hours_held),
        credits(price)
    )
}

/// Heights in whole percents: a chart is looked at, not computed with.
fn chart(name: &str, observed: &[Observation]) -> Option<MetricChartView> {
    let of = |one: &Observation| one.values.get(name).cloned();
    let values: Vec<(Decimal, bool)> = observed
        .iter()
        .rev()
        .filter_map(|one| {
            let bad = matches!(one.judged.verdict, ObservationVerdict::Violation | ObservationVerdict::Anomaly);
            of(one).map(|value| (value, bad))
        })
        .collect();
    let (low, high) = (values.iter().map(|(value, _)| value).min()?, values.iter().map(|(value, _)| value).max()?);
    let span = high.value() - low.value();
    let hundred = BigRational::from_integer(100.into());
    let height = |value: &Decimal| match span.numer().to_i64() {
        Some(0) => 50,
        _ => ((value.value() - low.value()) * &hundred / &span).to_integer().to_i64().unwrap_or(50),
    };
    let bad = values.iter().filter(|(_, bad)| *bad).count();
    Some(MetricChartView {
        name: name.to_owned(),
        label: format!("The last {} values of {name}: from {low} to {high}, {bad} of them anomalous", values.len()),
        low: low.to_string(),
        high: high.to_string(),
        points: values.iter().map(|(value, bad)| (height(value), *bad)).collect(),
    })
}

/// Starts what a form asks for.
pub async fn start_monitor(
    who: &crate::identity::SignedIn,
    form: &MonitorForm,
    key: &str,
) -> Result<MonitorId, AppError> {
    let new = form.clone().monitor()?;
    Ok(app().sentinel.start(who.account, None, new, key).await?.0.id)
}

/// Takes what a form says was observed.
pub async fn observe(
    who: &crate::identity::SignedIn,
    id: MonitorId,
    form: &ObservationForm,
    key: &str,
) -> Result<(), AppError> {
    let one = form.observation().map_err(|_| refused("unreadable"))?;
    app().sentinel.observe(who.account, id, vec![one], key).await?;
    Ok(())
}
