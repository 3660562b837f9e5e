//! What a monitor has seen, window by window.

use std::collections::BTreeMap;

use num_rational::BigRational;
use serde::Serialize;

use super::baseline::median;
use super::observe::ObservationVerdict;
use super::store::Observation;
use crate::language::Value;
use crate::ledger::Timestamp;

const HOUR_MILLIS: i64 = 3_600_000;

/// How long a window of a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Hour,
    /// Of UTC.
    Day,
}

impl std::str::FromStr for Window {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            _ => Err(()),
        }
    }
}

/// One window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowReport {
    pub from: Timestamp,
    pub observations: usize,
    pub violations: usize,
    pub anomalies: usize,
    pub metrics: Vec<MetricReport>,
}

/// A metric in a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetricReport {
    pub name: String,
    pub least: String,
    pub median: String,
    pub most: String,
}

/// Puts observations into windows, oldest first.
pub(super) fn report(observations: &[Observation], metrics: &[String], window: Window) -> Vec<WindowReport> {
    let length = if window == Window::Hour { HOUR_MILLIS } else { 24 * HOUR_MILLIS };
    let mut windows: BTreeMap<i64, Vec<&Observation>> = BTreeMap::new();
    for observation in observations {
        let from = observation.at.millis().div_euclid(length) * length;
        windows.entry(from).or_default().push(observation);
    }
    windows
        .into_iter()
        .map(|(from, inside)| {
            let count = |wanted| inside.iter().filter(|one| one.judged.verdict == wanted).count();
            WindowReport {
                from: Timestamp::from_millis(from),
                observations: inside.len(),
                violations: count(ObservationVerdict::Violation),
                anomalies: count(ObservationVerdict::Anomaly),
                metrics: metrics.iter().filter_map(|name| metric(name, &inside)).collect(),
            }
        })
        .collect()
}

fn metric(name: &str, inside: &[&Observation]) -> Option<MetricReport> {
    let values: Vec<BigRational> =
        inside.iter().filter_map(|one| one.values.get(name)).map(|value| value.value().clone()).collect();
    let text = |value: BigRational| Value::Number(value).to_string();
    Some(MetricReport {
        name: name.to_owned(),
        least: text(values.iter().min()?.clone()),
        most: text(values.iter().max()?.clone()),
        median: text(median(values)),
    })
}
