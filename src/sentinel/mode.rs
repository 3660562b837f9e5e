//! How a monitor is doing: normal, in a crisis, or recovering from one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What share of observations decides over so many seconds.
const WINDOW_SECONDS: i64 = 60;
/// More than one in ten is a crisis.
const ONE_IN: u64 = 10;
/// Fewer observations than this decide nothing.
const OBSERVATIONS_LEAST: u64 = 10;

/// How a monitor is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Normal,
    /// Over 10 % of the last 60 seconds' observations were anomalous.
    Crisis,
    /// It is over for less than 60 seconds.
    Recovery,
}

impl Mode {
    /// As the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Crisis => "crisis",
            Self::Recovery => "recovery",
        }
    }
}

/// What is remembered of the last seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pulse {
    pub mode: Mode,
    /// Observations and anomalous ones of each second.
    seconds: BTreeMap<i64, (u64, u64)>,
    calm_since: i64,
    latest: i64,
}

impl Pulse {
    /// Counts an observation; the mode it leads to, if that is another.
    pub fn count(&mut self, second: i64, anomalous: bool) -> Option<Mode> {
        // What comes late counts for the present: time does not run backwards here.
        self.latest = self.latest.max(second);
        let counts = self.seconds.entry(self.latest).or_default();
        counts.0 += 1;
        counts.1 += u64::from(anomalous);
        self.decide()
    }

    /// Lets time pass without an observation; the mode it leads to, if that is another.
    pub fn pass(&mut self, second: i64) -> Option<Mode> {
        self.latest = self.latest.max(second);
        self.decide()
    }

    fn decide(&mut self) -> Option<Mode> {
        let first = self.latest - WINDOW_SECONDS + 1;
        self.seconds.retain(|second, _| *second >= first);
        let (all, bad) = self.seconds.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        let crisis = all >= OBSERVATIONS_LEAST && bad * ONE_IN > all;
        let next = match (self.mode, crisis) {
            (_, true) => Mode::Crisis,
            (Mode::Crisis, false) => {
                self.calm_since = self.latest;
                Mode::Recovery
            }
            (Mode::Recovery, false) if self.latest - self.calm_since >= WINDOW_SECONDS => Mode::Normal,
            (mode, false) => mode,
        };
        let changed = next != self.mode;
        self.mode = next;
        changed.then_some(next)
    }
}
