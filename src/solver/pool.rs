//! The pool: a bounded queue before a fixed number of processes, each replaced when it fails.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::process::{Broken, Process};
use super::script::{Outcome, Script};
use super::{SolverConfig, SolverError};

const TIME_LIMIT: &str = "the time limit was reached";
const SILENT: &str = "it does not answer";

/// A pool of solver processes; clones share it.
#[derive(Clone)]
pub struct SolverPool {
    shared: Arc<Shared>,
}

struct Shared {
    config: SolverConfig,
    idle: Mutex<Vec<Process>>,
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    restarts: AtomicU64,
    version: String,
}

/// How the pool is doing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// Processes that are up: idle, or at work.
    pub alive: usize,
    pub processes: usize,
    /// How often a process was replaced since the start.
    pub restarts: u64,
    /// Checks that wait for a process.
    pub waiting: usize,
    pub version: String,
    /// Operating system ids of the idle processes.
    pub idle_ids: Vec<u32>,
}

/// Counts one thing while it lasts, also when the caller goes away in the middle.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(counter: &Arc<AtomicUsize>) -> (Self, usize) {
        let before = counter.fetch_add(1, Ordering::AcqRel);
        (Self(counter.clone()), before)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A process that does not answer at its start will not answer later.
async fn started(config: &SolverConfig) -> Result<Process, SolverError> {
    match tokio::time::timeout(config.wall, Process::start(config)).await {
        Ok(started) => started,
        Err(_) => Err(SolverError::Unavailable(SILENT.to_owned())),
    }
}

impl SolverPool {
    /// Starts every process, so that a missing or broken solver is found before the first customer.
    ///
    /// # Errors
    /// `Unavailable` when the executable is missing or is no SMT solver.
    pub async fn start(config: SolverConfig) -> Result<SolverPool, SolverError> {
        let mut idle = Vec::new();
        let mut version = String::new();
        for _ in 0..config.processes.max(1) {
            let mut process = started(&config).await?;
            let told = tokio::time::timeout(config.wall, process.version()).await;
            version = match told {
                Ok(Ok(version)) => version,
                Ok(Err(Broken(reason))) => return Err(SolverError::Unavailable(reason)),
                Err(_) => return Err(SolverError::Unavailable(SILENT.to_owned())),
            };
            idle.push(process);
        }
        let permits = Arc::new(Semaphore::new(idle.len()));
        let shared = Shared {
            config,
            idle: Mutex::new(idle),
            permits,
            waiting: Arc::new(AtomicUsize::new(0)),
            running: Arc::new(AtomicUsize::new(0)),
            restarts: AtomicU64::new(0),
            version,
        };
        Ok(SolverPool { shared: Arc::new(shared) })
    }

    /// Asks one question. A limit reached, on work, clock or memory, is `Outcome::Unknown`.
    ///
    /// # Errors
    /// `Busy` when the queue is full, `Unavailable` when no process can be started.
    pub async fn check(&self, script: &Script) -> Result<Outcome, SolverError> {
        self.session().await?.check(script).await
    }

    /// Waits for a process once, for several questions; the clock's limit is for all of them together.
    ///
    /// # Errors
    /// `Busy` when the queue is full.
    pub async fn session(&self) -> Result<Session, SolverError> {
        let shared = &*self.shared;
        let permit = match shared.permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let (_counted, before) = Counted::new(&shared.waiting);
                if before >= shared.config.queue {
                    return Err(SolverError::Busy { waiting: before });
                }
                let closed = |_| SolverError::Unavailable("the pool is closed".to_owned());
                shared.permits.clone().acquire_owned().await.map_err(closed)?
            }
        };
        let (running, _) = Counted::new(&shared.running);
        let deadline = Instant::now() + shared.config.wall;
        Ok(Session { pool: self.clone(), process: None, deadline, _running: running, _permit: permit })
    }

    /// Whether one more may wait, now.
    ///
    /// # Errors
    /// `Busy` when the queue is full.
    pub fn room(&self) -> Result<(), SolverError> {
        let waiting = self.shared.waiting.load(Ordering::Acquire);
        let full = self.shared.permits.available_permits() == 0 && waiting >= self.shared.config.queue;
        if full { Err(SolverError::Busy { waiting }) } else { Ok(()) }
    }

    /// An idle process that still lives, or a new one.
    async fn take(&self) -> Result<Process, SolverError> {
        while let Some(mut process) = self.idle().pop() {
            if process.is_alive() {
                return Ok(process);
            }
        }
        self.start_another().await
    }

    /// The idle processes. Nobody panics while holding the lock; should one, the list is still whole.
    fn idle(&self) -> MutexGuard<'_, Vec<Process>> {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn start_another(&self) -> Result<Process, SolverError> {
        self.shared.restarts.fetch_add(1, Ordering::AcqRel);
        started(&self.shared.config).await
    }

    fn give_back(&self, process: Process) {
        let mut idle = self.idle();
        // A replacement may have come first; one too many is dropped, which ends it.
        if idle.len() < self.shared.config.processes.max(1) {
            idle.push(process);
        }
    }

    /// Keeps the pool warm. Should it fail, the next check tries again and reports why.
    async fn replace(&self) {
        if let Ok(process) = self.start_another().await {
            self.give_back(process);
        }
    }

    /// The solver's version, as it told at the start.
    pub fn version(&self) -> &str {
        &self.shared.version
    }

    pub fn health(&self) -> Health {
        let shared = &*self.shared;
        let idle = self.idle();
        Health {
            alive: idle.len() + shared.running.load(Ordering::Acquire),
            processes: shared.config.processes.max(1),
            restarts: shared.restarts.load(Ordering::Acquire),
            waiting: shared.waiting.load(Ordering::Acquire),
            version: shared.version.clone(),
            idle_ids: idle.iter().filter_map(Process::id).collect(),
        }
    }
}

/// One process for a while: for the questions of one decision.
pub struct Session {
    pool: SolverPool,
    /// Taken out while it works, so that a caller who goes away in the middle leaves it to be killed.
    process: Option<Process>,
    deadline: Instant,
    _running: Counted,
    _permit: OwnedSemaphorePermit,
}

impl Session {
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// What any question would be answered now that the time is over; `None` while it is not.
    pub fn overtime(&self) -> Option<Outcome> {
        self.left().is_zero().then(|| Outcome::Unknown(TIME_LIMIT.to_owned()))
    }

    /// Asks one question. A limit reached, on work, clock or memory, is `Outcome::Unknown`.
    ///
    /// # Errors
    /// `Unavailable` when no process can be started.
    pub async fn check(&mut self, script: &Script) -> Result<Outcome, SolverError> {
        if let Some(over) = self.overtime() {
            return Ok(over);
        }
        let config = &self.pool.shared.config;
        let mut process = match self.process.take() {
            Some(process) => process,
            None => match tokio::time::timeout(self.left(), self.pool.take()).await {
                Ok(taken) => taken?,
                Err(_) => return Err(SolverError::Unavailable(SILENT.to_owned())),
            },
        };
        let left = self.left();
        let rlimit = script.rlimit.unwrap_or(config.rlimit).min(config.rlimit);
        // A process that oversteps is dropped here, which kills it, and another takes its place.
        let reason = match tokio::time::timeout(left, process.check(script, rlimit)).await {
            Ok(Ok(outcome)) => {
                self.process = Some(process);
                return Ok(outcome);
            }
            Ok(Err(broken)) => process.explain(broken).await,
            Err(_) => TIME_LIMIT.to_owned(),
        };
        drop(process);
        let pool = self.pool.clone();
        tokio::spawn(async move { pool.replace().await });
        Ok(Outcome::Unknown(reason))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            self.pool.give_back(process);
        }
    }
}
