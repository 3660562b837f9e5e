//! Batches of transactions: executed exactly, one verdict each, with the schedule by which they can run side by side.
//!
//! The pure half reads a batch, runs it one after the other, lays it out in layers, runs the layers and compares.
//! `service` puts the till before it. Knows no solver, no clock, no files and no floating point.

mod examples;
mod read;
mod report;
mod run;
mod schedule;
mod service;
mod typed;

#[cfg(test)]
mod tests;

pub use examples::{BatchExample, batch_examples};
pub use read::{
    BatchProblem, BatchRequest, NewBatch, NewOpening, NewTransaction, OPENINGS_MAX, Opening, TRANSACTIONS_MAX,
    Transaction,
};
pub use report::{
    AccountBalance, AssetTotal, BatchReport, BatchVerdict, Mismatch, Reason, Schedule, TransactionReport,
    TransactionVerdict, verify,
};
pub use service::{BatchError, Batches, VerifiedBatch};
