//! One observation against the rules and what is remembered of those before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::mode::{Mode, Pulse};
use super::rules::{Law, Metric};
use crate::language::{Budget, Decimal, Fault, Name, Value, evaluate_within};
use crate::ledger::Timestamp;

/// What became of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservationVerdict {
    Ok,
    /// A law does not hold.
    Violation,
    /// Every law holds, and a metric is far from what is usual.
    Anomaly,
    /// A law speaks of a value that it does not have.
    Incomplete,
}

impl ObservationVerdict {
    /// As the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Violation => "violation",
            Self::Anomaly => "anomaly",
            Self::Incomplete => "incomplete",
        }
    }
}

/// An observation's verdict and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub verdict: ObservationVerdict,
    /// The laws that do not hold.
    pub broken: Vec<String>,
    /// The metrics that are far from what is usual.
    pub strange: Vec<String>,
}

/// What a monitor remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memory {
    breaking: BTreeSet<String>,
    strange: BTreeSet<String>,
    baselines: BTreeMap<String, Baseline>,
    pub pulse: Pulse,
}

/// Something that begins, told once until it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    Broken { law: String },
    Strange { metric: String, value: String },
    Mode(Mode),
}

/// Judges an observation and remembers it.
///
/// # Errors
/// [`Fault::TooMuchWork`] when the budget is spent, which all observations of a request share.
pub(super) fn observe(
    laws: &[Law],
    metrics: &[Metric],
    memory: &mut Memory,
    at: Timestamp,
    values: &BTreeMap<String, Decimal>,
    budget: &Budget,
) -> Result<(Judged, Vec<Alarm>), Fault> {
    let mut alarms = Vec::new();
    let (mut broken, mut missing) = (Vec::new(), false);
    for law in laws {
        match holds(law, values, budget) {
            Ok(true) => {
                memory.breaking.remove(&law.text);
            }
            Err(Fault::NoValue(_)) => missing = true,
            Err(Fault::TooMuchWork) => return Err(Fault::TooMuchWork),
            // What has no value does not hold either.
            Ok(false) | Err(_) => {
                broken.push(law.text.clone());
                if memory.breaking.insert(law.text.clone()) {
                    alarms.push(Alarm::Broken { law: law.text.clone() });
                }
            }
        }
    }
    let mut strange = Vec::new();
    for metric in metrics {
        let Some(value) = values.get(&metric.name) else { continue };
        let before = memory.baselines.entry(metric.name.clone()).or_default();
        budget.spend(before.cost())?;
        let is_strange = before.is_strange(metric, value);
        before.remember(metric, value.clone());
        if !is_strange {
            memory.strange.remove(&metric.name);
            continue;
        }
        strange.push(metric.name.clone());
        if memory.strange.insert(metric.name.clone()) {
            alarms.push(Alarm::Strange { metric: metric.name.clone(), value: value.to_string() });
        }
    }
    let verdict = match (broken.is_empty(), missing, strange.is_empty()) {
        (false, ..) => ObservationVerdict::Violation,
        (true, true, _) => ObservationVerdict::Incomplete,
        (true, false, false) => ObservationVerdict::Anomaly,
        (true, false, true) => ObservationVerdict::Ok,
    };
    let anomalous = matches!(verdict, ObservationVerdict::Violation | ObservationVerdict::Anomaly);
    alarms.extend(memory.pulse.count(at.millis().div_euclid(1_000), anomalous).map(Alarm::Mode));
    Ok((Judged { verdict, broken, strange }, alarms))
}

fn holds(law: &Law, values: &BTreeMap<String, Decimal>, budget: &Budget) -> Result<bool, Fault> {
    let value_of = |name: &Name| values.get(&name.to_string()).map(|value| Value::Number(value.value().clone()));
    for condition in &law.conditions {
        if evaluate_within(budget, &condition.expression, &value_of)? != Value::Boolean(true) {
            return Ok(false);
        }
    }
    Ok(true)
}
