//! The pool: a bounded queue before a fixed number of processes, each replaced when it fails. Those who wait are served
//! in turns, asker by asker.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::jail::Jail;
use super::process::{Broken, Process};
use super::script::{Outcome, Script};
use super::turns::{Asker, Turns};
use super::{SolverConfig, SolverError, Walls};

const TIME_LIMIT: &str = "the time limit was reached";
const SILENT: &str = "it does not answer";

/// A pool of solver processes; clones share it.
#[derive(Clone)]
pub struct SolverPool {
    shared: Arc<Shared>,
    /// Who asks through this handle.
    asker: Asker,
}

struct Shared {
    config: SolverConfig,
    jail: Jail,
    idle: Mutex<Vec<Process>>,
    places: Mutex<Places>,
    running: Arc<AtomicUsize>,
    restarts: AtomicU64,
    version: String,
}

/// The places at the solvers, and who waits for one. While somebody waits, none is free.
struct Places {
    free: usize,
    turns: Turns<oneshot::Sender<Place>>,
}

/// A place at a solver; dropped, it goes to whoever is next.
struct Place(Option<Arc<Shared>>);

impl Drop for Place {
    fn drop(&mut self) {
        let Some(shared) = self.0.take() else { return };
        let mut places = shared.places();
        while let Some(next) = places.turns.pop() {
            match next.send(Place(Some(Arc::clone(&shared)))) {
                Ok(()) => return,
                // It went away just now; its place is still ours, and not to be given back a second time.
                Err(mut place) => drop(place.0.take()),
            }
        }
        places.free += 1;
    }
}

/// One that waits for a place; dropped early, it leaves the line.
struct InLine<'a> {
    pool: &'a SolverPool,
    ticket: u64,
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        // What was taken out is dropped after the lock: it wakes whoever listens.
        let _gone = self.pool.shared.places().turns.remove(&self.pool.asker, self.ticket);
    }
}

impl Shared {
    /// The places. Nobody panics while holding the lock; should one, what is under it is still whole.
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the pool is doing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// Processes that are up: idle, or at work.
    pub alive: usize,
    /// Processes at work.
    pub busy: usize,
    pub processes: usize,
    /// How often a process was replaced since the start.
    pub restarts: u64,
    /// Checks that wait for a process.
    pub waiting: usize,
    pub version: String,
    /// What keeps them in.
    pub walls: Walls,
    /// Operating system ids of the idle processes.
    pub idle_ids: Vec<u32>,
}

/// Counts one thing while it lasts, also when the caller goes away in the middle.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::AcqRel);
        Self(counter.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A process that does not answer at its start will not answer later.
async fn started(config: &SolverConfig, jail: &Jail) -> Result<Process, SolverError> {
    match tokio::time::timeout(config.wall, Process::start(config, jail)).await {
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
        let jail = Jail::build(&config).await?;
        if let Some(gap) = jail.walls().gap() {
            tracing::warn!("{gap}");
        }
        let mut idle = Vec::new();
        let mut version = String::new();
        for _ in 0..config.processes.max(1) {
            let mut process = started(&config, &jail).await?;
            let told = tokio::time::timeout(config.wall, process.version()).await;
            version = match told {
                Ok(Ok(version)) => version,
                Ok(Err(Broken(reason))) => return Err(SolverError::Unavailable(reason)),
                Err(_) => return Err(SolverError::Unavailable(SILENT.to_owned())),
            };
            idle.push(process);
        }
        let places = Mutex::new(Places { free: idle.len(), turns: Turns::new(config.queue) });
        let shared = Shared {
            config,
            jail,
            idle: Mutex::new(idle),
            places,
            running: Arc::new(AtomicUsize::new(0)),
            restarts: AtomicU64::new(0),
            version,
        };
        Ok(SolverPool { shared: Arc::new(shared), asker: Asker::from("") })
    }

    /// The same pool, asked on somebody's behalf: those who wait are served in turns, one of each asker after the other.
    #[must_use]
    pub fn for_asker(&self, asker: &str) -> SolverPool {
        SolverPool { shared: Arc::clone(&self.shared), asker: Asker::from(asker) }
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
        self.session_within(self.shared.config.wall).await
    }

    /// The same, with no more time than `wall`; the pool's own limit stays.
    ///
    /// # Errors
    /// `Busy` when the queue is full.
    pub async fn session_within(&self, wall: Duration) -> Result<Session, SolverError> {
        let place = self.place().await?;
        let running = Counted::new(&self.shared.running);
        let deadline = Instant::now() + wall.min(self.shared.config.wall);
        Ok(Session { pool: self.clone(), process: None, deadline, _running: running, _place: place })
    }

    /// A place at a solver, at once or when it is this asker's turn.
    async fn place(&self) -> Result<Place, SolverError> {
        let (sender, receiver) = oneshot::channel();
        let (ticket, displaced) = {
            let mut places = self.shared.places();
            if places.free > 0 {
                places.free -= 1;
                return Ok(Place(Some(Arc::clone(&self.shared))));
            }
            let waiting = places.turns.len();
            let admitted = places.turns.push(&self.asker, sender).map_err(|_| SolverError::Busy { waiting })?;
            (admitted.ticket, admitted.displaced)
        };
        // Outside the lock: it wakes whoever listens.
        drop(displaced);
        let _in_line = InLine { pool: self, ticket };
        // Whoever had to make room for another asker is told that the pool is busy.
        receiver.await.map_err(|_| SolverError::Busy { waiting: self.waiting() })
    }

    fn waiting(&self) -> usize {
        self.shared.places().turns.len()
    }

    /// Whether one more of this asker may wait, now.
    ///
    /// # Errors
    /// `Busy` when the queue is full, and nobody has a longer line in it.
    pub fn room(&self) -> Result<(), SolverError> {
        let places = self.shared.places();
        let waiting = places.turns.len();
        let has_room = places.free > 0 || places.turns.has_room(&self.asker);
        if has_room { Ok(()) } else { Err(SolverError::Busy { waiting }) }
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
        started(&self.shared.config, &self.shared.jail).await
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

    /// The limits that every process has.
    #[must_use]
    pub fn config(&self) -> &SolverConfig {
        &self.shared.config
    }

    /// The solver's version, as it told at the start.
    pub fn version(&self) -> &str {
        &self.shared.version
    }

    pub fn health(&self) -> Health {
        let shared = &*self.shared;
        let idle = self.idle();
        let busy = shared.running.load(Ordering::Acquire);
        Health {
            alive: idle.len() + busy,
            busy,
            processes: shared.config.processes.max(1),
            restarts: shared.restarts.load(Ordering::Acquire),
            waiting: self.waiting(),
            version: shared.version.clone(),
            walls: shared.jail.walls(),
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
    _place: Place,
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
