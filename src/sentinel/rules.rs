//! What a monitor watches: laws that must hold, and metrics that have a usual range.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::language::{Condition, Decimal, parse_law};
use crate::ledger::Timestamp;

/// Laws of one monitor.
const LAWS_MAX: usize = 50;
/// Metrics of one monitor.
const METRICS_MAX: usize = 20;
/// Observations in one request.
pub const OBSERVATIONS_MAX: usize = 10_000;
/// Values of one observation.
const VALUES_MAX: usize = 50;
/// Longer than any name the language reads.
const NAME_BYTES_MAX: usize = 200;
/// How many of the last values say what is usual, unless the metric says otherwise.
pub(super) const WINDOW_DEFAULT: usize = 60;
const WINDOW_MAX: usize = 500;
/// How many times the usual spread a value may lie away, unless the metric says otherwise.
pub(super) const SENSITIVITY_DEFAULT: u32 = 6;
const SENSITIVITY_MAX: u32 = 1_000;

/// A value that is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The name of the value in each observation.
    pub name: String,
    /// Below this it is an anomaly, whatever is usual.
    #[serde(default)]
    pub low: Option<Decimal>,
    /// Above this it is an anomaly.
    #[serde(default)]
    pub high: Option<Decimal>,
    /// How many of the last values say what is usual.
    #[serde(default = "window_default")]
    pub window: usize,
    /// How many times the usual spread a value may lie away.
    #[serde(default = "sensitivity_default")]
    pub sensitivity: u32,
}

fn window_default() -> usize {
    WINDOW_DEFAULT
}

fn sensitivity_default() -> u32 {
    SENSITIVITY_DEFAULT
}

/// What a monitor watches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub laws: Vec<String>,
    pub metrics: Vec<Metric>,
}

/// Why rules or observations cannot be taken: the place, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RulesError {
    /// `laws[2]`, `metrics[0].window`, `observations[17].values`
    pub place: String,
    pub message: String,
}

impl RulesError {
    pub(super) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

/// A law that was read.
pub(super) struct Law {
    pub text: String,
    pub conditions: Vec<Condition>,
}

impl Rules {
    /// Reads the laws and checks the metrics.
    ///
    /// # Errors
    /// Names the first that cannot be taken.
    pub(super) fn read(&self) -> Result<Vec<Law>, RulesError> {
        if self.laws.is_empty() && self.metrics.is_empty() {
            return Err(RulesError::new("laws", "a monitor watches at least one law or one metric"));
        }
        if self.laws.len() > LAWS_MAX || self.metrics.len() > METRICS_MAX {
            return Err(RulesError::new("laws", "a monitor watches at most 50 laws and 20 metrics"));
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            metric.check(&format!("metrics[{index}]"))?;
            if self.metrics.iter().take(index).any(|other| other.name == metric.name) {
                return Err(RulesError::new(format!("metrics[{index}].name"), format!("{} stands twice", metric.name)));
            }
        }
        let read = |(index, text): (usize, &String)| match parse_law(text) {
            Ok(conditions) => Ok(Law { text: text.clone(), conditions }),
            Err(found) => {
                let message = found.first().map(ToString::to_string).unwrap_or_default();
                Err(RulesError::new(format!("laws[{index}]"), message))
            }
        };
        self.laws.iter().enumerate().map(read).collect()
    }
}

impl Metric {
    /// A metric with the usual window and sensitivity.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), low: None, high: None, window: WINDOW_DEFAULT, sensitivity: SENSITIVITY_DEFAULT }
    }

    fn check(&self, place: &str) -> Result<(), RulesError> {
        let wrong = |field: &str, message: &str| Err(RulesError::new(format!("{place}.{field}"), message));
        if self.name.is_empty() || self.name.len() > NAME_BYTES_MAX {
            return wrong("name", "a metric has a name of at most 200 letters");
        }
        if !(10..=WINDOW_MAX).contains(&self.window) {
            return wrong("window", "a window is a whole number from 10 to 500");
        }
        if !(1..=SENSITIVITY_MAX).contains(&self.sensitivity) {
            return wrong("sensitivity", "a sensitivity is a whole number from 1 to 1,000");
        }
        match (&self.low, &self.high) {
            (Some(low), Some(high)) if low > high => wrong("low", "low is not above high"),
            _ => Ok(()),
        }
    }
}

/// An observation as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewObservation {
    /// When it was made; now, when not given.
    pub at: Option<Timestamp>,
    pub values: BTreeMap<String, Decimal>,
}

impl NewObservation {
    /// # Errors
    /// Names what cannot be taken.
    pub(super) fn check(&self, place: &str) -> Result<(), RulesError> {
        if self.values.is_empty() || self.values.len() > VALUES_MAX {
            return Err(RulesError::new(format!("{place}.values"), "an observation has 1 to 50 values"));
        }
        if self.values.keys().any(|name| name.is_empty() || name.len() > NAME_BYTES_MAX) {
            return Err(RulesError::new(format!("{place}.values"), "a name has 1 to 200 letters"));
        }
        Ok(())
    }
}
