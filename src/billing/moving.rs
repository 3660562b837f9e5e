//! Moving house: the whole ledger out as lines of JSON, and in again with its ids, chains and receipts.
//!
//! The format is written down in docs/moving.md. Knows no command line, and no table by name but the entries' chain.

use crate::ledger::Fault;

use super::order::KernelError;
use super::store::StoreError;

mod export;
mod foreign;
mod import;
#[cfg(test)]
mod tests;

pub use export::export;
pub use foreign::{Moved, import_foreign};
pub use import::import;

/// The version of the format, in the first line of a dump.
const VERSION: u64 = 1;
/// The name of the first line, by which a dump of ours is known from another's.
const HEADER: &str = "aethel_export";
/// The name of the last line, which says that the dump is whole.
const TRAILER: &str = "end";

/// Whether a dump that begins so is one of ours.
#[must_use]
pub fn is_export(beginning: &[u8]) -> bool {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<serde_json::Value>(line).is_ok_and(|line| line.get(HEADER).is_some())
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many accounts.
    pub accounts: u64,
    /// How many entries.
    pub entries: u64,
    /// How many rows of all tables.
    pub rows: u64,
}

/// Why a ledger did not move. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The dump could not be read or written.
    #[error("the dump could not be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not what it should be.
    #[error("line {number}: {why}; nothing was imported")]
    Line {
        /// Which line, from 1.
        number: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The database refused some of a run of lines, such as a row that comes twice.
    #[error("lines {first} to {last}: {why}; nothing was imported")]
    Lines {
        /// The first line of the run, from 1.
        first: u64,
        /// The last.
        last: u64,
        /// What the database said.
        why: String,
    },
    /// There is a ledger already.
    #[error("the database has {accounts} accounts already; import into an empty one")]
    NotEmpty {
        /// How many accounts it has.
        accounts: i64,
    },
    /// The lines are well-formed, but what they say breaks the ledger's laws.
    #[error("the dump breaks the laws of the ledger: {}; nothing was imported", told(.0))]
    Unlawful(Vec<Fault>),
    /// A dump of another kernel is not what it should be.
    #[error("{0}; nothing was imported")]
    Foreign(String),
    /// An account of another kernel could not be opened or credited. Those before it were.
    #[error("account {id:?}: {error}; those before it are imported, and the same import goes on where this one ended")]
    Account {
        /// Its id in the other kernel.
        id: String,
        /// What the kernel said.
        error: KernelError,
    },
}

/// Faults that a sentence names before it only counts them.
const FAULTS_TOLD: usize = 3;

fn told(faults: &[Fault]) -> String {
    let mut text = faults.iter().take(FAULTS_TOLD).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if let Some(more) = faults.len().checked_sub(FAULTS_TOLD).filter(|more| *more > 0) {
        text.push_str(&format!("; and {more} more"));
    }
    text
}
