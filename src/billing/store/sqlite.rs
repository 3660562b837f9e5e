//! SQLite: one connection that writes, some that read, and none that is stuck.
//!
//! A statement is carried out where it is asked for: on a warm page cache that takes less time than handing it to another
//! thread. Only what waits for the disk, or reads at length, goes to a thread for waiting.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::database::WAIT_SECONDS;
use super::sqlite_statement::{fetch, fetch_at_once};
use super::{Row, StoreError, Value, migrate};

/// Transactions that read one moment side by side: exports, audits, statements.
const SNAPSHOTS: usize = 4;
/// Reads at length that run side by side; more wait.
const SCANS: usize = 2;
/// Statements that a connection keeps prepared: more than there are on any path that is often taken.
const PREPARED: usize = 256;
/// Memory for pages of the connection that writes, and of one that reads, in KiB. More are in the system's own cache.
const WRITER_CACHE_KIB: u32 = 65_536;
const READER_CACHE_KIB: u32 = 8_192;

/// Whether commits wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Each is on the disk before it is acknowledged.
    Full,
    /// None waits: for simulations, which lose no power.
    Rehearsed,
}

/// How connections are opened.
#[derive(Clone, Debug)]
struct Opening {
    file: PathBuf,
    durability: Durability,
    writes: bool,
}

impl Opening {
    fn open(&self) -> Result<Connection, StoreError> {
        let connection = Connection::open(&self.file)?;
        connection.busy_timeout(Duration::from_secs(WAIT_SECONDS))?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        let synchronous = if self.durability == Durability::Full { "full" } else { "off" };
        let (cache, query_only) = if self.writes { (WRITER_CACHE_KIB, "off") } else { (READER_CACHE_KIB, "on") };
        connection.execute_batch(&format!(
            "pragma journal_mode = wal; pragma synchronous = {synchronous}; pragma foreign_keys = on;
             pragma cache_size = -{cache}; pragma query_only = {query_only}"
        ))?;
        Ok(connection)
    }
}

/// Connections of one kind, of which so many are in use at most.
#[derive(Debug)]
struct Lane {
    opening: Opening,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Lane {
    fn new(opening: Opening, most: usize) -> Arc<Self> {
        Arc::new(Self { opening, idle: Mutex::default(), turns: Arc::new(Semaphore::new(most)) })
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.opening.open(), Ok)
    }

    /// Keeps the connection for the next one, unless it is stuck: a full disk or a failed sync can leave a transaction
    /// that cannot even be undone, and such a connection is closed.
    fn give_back(&self, connection: Connection) {
        if connection.is_autocommit() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }

    fn close_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A connection, when it is this one's turn.
    async fn take(self: &Arc<Self>) -> Result<Held, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(Duration::from_secs(WAIT_SECONDS), turn).await;
        let turn = turn.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(Held { connection: Some(self.connection()?), lane: Arc::clone(self), _turn: turn })
    }
}

/// A connection in use, and the turn it was taken in. Dropping it undoes what was not committed.
#[derive(Debug)]
pub(super) struct Held {
    connection: Option<Connection>,
    lane: Arc<Lane>,
    _turn: OwnedSemaphorePermit,
}

impl Held {
    /// The connection, which is there until the drop.
    pub fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Database(sqlx::Error::PoolClosed))
    }

    /// Carries out something that takes no arguments and answers nothing.
    pub fn run(&self, text: &'static str) -> Result<(), StoreError> {
        let mut statement = self.connection()?.prepare_cached(text)?;
        while statement.raw_query().next()?.is_some() {}
        Ok(())
    }

    /// Makes everything durable; after a failure the connection is nobody's any more.
    pub fn commit(mut self) -> Result<(), StoreError> {
        let committed = self.run("commit");
        if committed.is_err() {
            self.undo();
            self.connection = None;
        }
        committed
    }

    fn undo(&self) {
        if let Some(connection) = self.connection.as_ref().filter(|connection| !connection.is_autocommit()) {
            // Where it fails the connection is closed, which undoes all the same.
            let _undone = connection.execute_batch("rollback");
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.undo();
        if let Some(connection) = self.connection.take() {
            self.lane.give_back(connection);
        }
    }
}

/// One file.
#[derive(Debug)]
pub(super) struct Sqlite {
    writer: Arc<Lane>,
    readers: Arc<Lane>,
    snapshots: Arc<Lane>,
    scans: Arc<Semaphore>,
    is_closed: AtomicBool,
}

impl Sqlite {
    /// Opens the file, made when missing, and brings its schema up to date.
    pub async fn open(file: &Path, durability: Durability) -> Result<Self, StoreError> {
        bring_up_to_date(file).await?;
        let opening = |writes| Opening { file: file.to_owned(), durability, writes };
        let writer = Lane::new(opening(true), 1);
        // Opened now rather than at the first order: what is wrong with the file is said at the start.
        drop(writer.take().await?);
        Ok(Self {
            writer,
            readers: Lane::new(opening(false), Semaphore::MAX_PERMITS),
            snapshots: Lane::new(opening(false), SNAPSHOTS),
            scans: Arc::new(Semaphore::new(SCANS)),
            is_closed: AtomicBool::new(false),
        })
    }

    /// Reads rows, here and now.
    pub fn fetch(&self, text: &'static str, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(sqlx::Error::PoolClosed.into());
        }
        let connection = self.readers.connection()?;
        let found = fetch(&connection, text, args);
        self.readers.give_back(connection);
        found
    }

    /// Reads rows at length, on a thread for waiting.
    pub async fn scan(self: &Arc<Self>, text: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let turn = Arc::clone(&self.scans).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let this = Arc::clone(self);
        aside(move || {
            let found = this.fetch(text, &args);
            drop(turn);
            found
        })
        .await?
    }

    /// Begins to write. Taking the write lock at once: a read that later writes could otherwise be refused half-way.
    pub async fn begin(&self) -> Result<Held, StoreError> {
        let held = self.writer.take().await?;
        let at_once = fetch_at_once(held.connection()?, "begin immediate");
        match at_once {
            Ok(()) => Ok(held),
            // Another process is writing to the file.
            Err(error) if error.is_busy() => {
                aside(move || {
                    held.run("begin immediate")?;
                    Ok(held)
                })
                .await?
            }
            Err(error) => Err(error),
        }
    }

    /// Begins to read one moment: in write-ahead mode a reader keeps seeing the moment of its first read.
    pub async fn snapshot(&self) -> Result<Held, StoreError> {
        let held = self.snapshots.take().await?;
        held.run("begin")?;
        Ok(held)
    }

    /// Waits for the transaction that writes, and closes every connection as it is given back.
    pub async fn close(&self) {
        // Whether it came or not: nothing begins from here on.
        let _last = self.writer.take().await;
        self.is_closed.store(true, Ordering::Release);
        for lane in [&self.readers, &self.snapshots, &self.writer] {
            lane.turns.close();
            lane.close_idle();
        }
        self.scans.close();
    }
}

/// Carries out something that may take its time on a thread for waiting. It goes on when its caller no longer does.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))
}

async fn bring_up_to_date(file: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(WAIT_SECONDS));
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let migrated = migrate::sqlite().run(&pool).await;
    pool.close().await;
    Ok(migrated?)
}
