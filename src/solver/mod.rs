//! The pool of isolated SMT solver processes: Z3, spoken to in SMT-LIB 2 over pipes.
//!
//! Each process has limits of its own, and is killed and replaced when it oversteps them, so that no formula
//! can slow or stop the server. Each is confined: it has no network and no files but its own program. Knows nothing of the language, of credits or of HTTP, and never trusts
//! the solver's output as text: every answer is parsed, and a caller checks every model again.

#[cfg(target_os = "linux")]
mod jail;
#[cfg(not(target_os = "linux"))]
#[path = "jail_elsewhere.rs"]
mod jail;
mod locate;
mod pool;
mod process;
mod script;
mod sexpr;
mod turns;

#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

pub use locate::locate;
pub use pool::{Health, Session, SolverPool};
pub use script::{Model, ModelValue, Outcome, Script, Sort};

/// What Z3 draws its chances from: fixed, so that the same question takes the same course each time.
pub const SEED: u32 = 0;

/// How the pool runs its processes.
#[derive(Debug, Clone)]
pub struct SolverConfig {
    pub executable: PathBuf,
    /// What it may read and run besides itself and the system's libraries; a script needs its shell.
    pub reads: Vec<PathBuf>,
    /// How many checks run at once.
    pub processes: usize,
    /// Z3's own count of work for one check: the limit that gives the same answer every time.
    pub rlimit: u64,
    /// The backstop on the clock, for one check, or for all the questions of one session.
    pub wall: Duration,
    /// The backstop on memory, for one process.
    pub memory_mb: u64,
    /// How many checks may wait; one more is told that the pool is busy, or makes the last of the longest line be told.
    pub queue: usize,
}

impl SolverConfig {
    /// Limits that decide what people write in milliseconds and give up on the rest in seconds.
    pub fn new(executable: PathBuf) -> Self {
        Self {
            executable: locate::absolute(executable),
            reads: Vec::new(),
            processes: 2,
            rlimit: 20_000_000,
            wall: Duration::from_secs(5),
            memory_mb: 512,
            queue: 256,
        }
    }
}

/// What keeps the processes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Walls {
    /// The kernel's Landlock: no file can be read but the program and its libraries, and none written.
    pub files: bool,
    /// Its seccomp: no socket, no other process, no signal.
    pub network: bool,
}

impl Walls {
    /// What is missing, as a sentence for the log and the back office.
    #[must_use]
    pub const fn gap(self) -> Option<&'static str> {
        match (self.files, self.network) {
            (true, true) => None,
            (false, true) => Some("this kernel has no Landlock: solver processes can read files of this user"),
            (true, false) => Some("this kernel has no seccomp: solver processes can open sockets"),
            (false, false) => {
                Some("this kernel has neither Landlock nor seccomp: solver processes can read files and open sockets")
            }
        }
    }
}

/// Why a check was not even tried, or gave no answer that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SolverError {
    #[error("all solver processes are busy and {waiting} checks wait already; try again shortly")]
    Busy { waiting: usize },
    #[error("the solver could not be started: {0}")]
    Unavailable(String),
    #[error("the solver's answer could not be read: {0}")]
    Protocol(String),
}
