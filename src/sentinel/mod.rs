//! The Sentinel: monitors that hold observations against laws and against what is usual, paid for by the hour that has
//! really passed.
//!
//! `observe` is pure: rules, memory and an observation in, a verdict and alarms out, in exact arithmetic. `service` keeps
//! monitors and takes observations, `clockwork` settles their hours. Knows no HTTP and no floating point.

mod baseline;
mod clockwork;
mod mode;
mod observe;
mod observing;
mod reading;
mod report;
mod rows;
mod rules;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use mode::Mode;
pub use observe::{Judged, ObservationVerdict};
pub use report::{MetricReport, Window, WindowReport};
pub use rules::{Metric, NewObservation, OBSERVATIONS_MAX, Rules, RulesError};
pub use service::{HOURS_MAX, Monitor, MonitorAlert, MonitorState, NewMonitor, Sentinel, SentinelError};
pub use store::Observation;
