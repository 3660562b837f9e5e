//! The Sentinel: monitors that hold observations against laws and against what is usual, paid for by the hour that has
//! really passed.
//!
//! `observe` is pure: rules, memory and an observation in, a verdict and alarms out, in exact arithmetic. `service` keeps
//! monitors, `observing` takes observations, `hours` holds and settles what is paid for, `clockwork` does so as time
//! passes. Knows no HTTP and no floating point.

mod baseline;
mod clockwork;
mod hours;
mod mode;
mod observe;
mod observing;
mod reading;
mod report;
mod rows;
mod rules;
mod service;
mod store;
mod typed;

#[cfg(test)]
mod tests;

pub use mode::Mode;
pub use observe::{Judged, ObservationVerdict};
pub use reading::ObservationPages;
pub use report::{MetricReport, Window, WindowReport};
pub use rules::{Metric, NewObservation, OBSERVATIONS_MAX, Rules, RulesError};
pub use service::{HOURS_MAX, Monitor, MonitorAlert, MonitorState, NewMonitor, Sentinel, SentinelError};
pub use store::Observation;
