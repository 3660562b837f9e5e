//! The Oracle: what is true of a law, for which values, what its transitions keep, and how far observations drift.
//!
//! Questions about formulas are the Judge's to decide; what is found there has been checked by exact evaluation. The
//! rest is exact arithmetic. `service` puts the till before it. Knows no clock, no files and no floating point.

mod answer;
mod bounds;
mod conserved;
mod course;
mod drift;
mod examples;
mod query;
mod ranges;
mod service;

#[cfg(test)]
mod tests;

pub use answer::{Bound, OracleAnswer, OracleVerdict, Range};
pub use bounds::Bounds;
pub use conserved::{Combination, Kept, TransitionEffect, kept_by};
pub use course::{Course, POINTS_MAX, Point, course};
pub use drift::{Break, Drift};
pub use examples::{OracleExample, oracle_examples};
pub use query::{NewQuery, OBSERVATIONS_MAX, OracleQuery, Row};
pub use service::{Answer, Oracle, OracleError, consult};
