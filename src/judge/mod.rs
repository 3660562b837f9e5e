//! The Judge's core: from a request to a verdict with evidence, for all inputs.
//!
//! A pure half turns a program into a task and a task into questions for a solver; `decide` asks them, and
//! checks every answer again by exact evaluation. `service` puts the till before it; nothing here knows HTTP.

mod decide;
mod effects;
mod evidence;
mod examine;
mod keeping;
mod linear;
mod obligation;
mod possible;
mod question;
mod request;
mod secrecy;
mod service;
mod solving;
mod store;
mod transition;
mod translate;

#[cfg(test)]
mod crosscheck;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod paying;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

pub use decide::{Prepared, decide, decide_prepared, prepare};
pub use effects::{Change, Effects, effects, free_names};
pub use evidence::{Conservation, Decision, Evidence, ExampleRow, Line, RowRole, SolverLimits, Verdict};
pub use request::{JudgeError, Limits, ProofRequest, ProofType};
pub use service::{Judge, Paid, SOLVER_WORK_PER_CREDIT, Verification, VerifyError, Wanted, solver_work};
