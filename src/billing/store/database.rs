//! One database, SQLite or PostgreSQL, behind the few verbs that our stores need.
//!
//! Every column is TEXT or BIGINT, so a row is a list of [`Value`]s on both.

use std::sync::Arc;

use sqlx::{PgPool, Postgres};

use super::faults::{FaultPlan, Faults, Step, take};
use super::sqlite::{Durability, Held, Sqlite, aside};
use super::sqlite_statement::{execute, fetch, insert};
use super::tables::Table;
use super::together::Together;
use super::{Row, Sql, Statement, StoreError, Value, postgres};

/// How long a statement waits for a connection, or for another process's write, before it gives up.
pub(super) const WAIT_SECONDS: u64 = 10;

#[derive(Debug)]
enum Kind {
    Sqlite(Arc<Sqlite>),
    Postgres(PgPool),
}

/// Where a transaction waits for the disk, or reads at length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    /// Where it is: on a thread that has nothing else to do.
    Here,
    /// On a thread for waiting, so that others go on.
    Aside,
}

/// A database with an up-to-date schema.
#[derive(Clone, Debug)]
pub struct Database {
    kind: Arc<Kind>,
    faults: Faults,
    waits: Waits,
}

impl Database {
    fn new(kind: Kind, faults: Faults) -> Self {
        Self { kind: Arc::new(kind), faults, waits: Waits::Aside }
    }

    /// Opens a SQLite file, made when missing: write-ahead log, each commit on the disk before it is acknowledged.
    ///
    /// # Errors
    /// When the file cannot be opened or its schema not be brought up to date.
    pub async fn open_sqlite(path: &std::path::Path) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Sqlite(Arc::new(Sqlite::open(path, Durability::Full).await?)), None))
    }

    /// Opens a SQLite file for a simulation: it fails where the plan says so, and the disk is not waited for.
    ///
    /// # Errors
    /// As [`Database::open_sqlite`].
    pub async fn rehearse_sqlite(path: &std::path::Path, plan: Arc<dyn FaultPlan>) -> Result<Self, StoreError> {
        let rehearsed = Self::new(Kind::Sqlite(Arc::new(Sqlite::open(path, Durability::Rehearsed).await?)), Some(plan));
        // Another thread would answer now sooner, now later, and the same seed would tell another story.
        Ok(Self { waits: Waits::Here, ..rehearsed })
    }

    /// Connects to PostgreSQL.
    ///
    /// # Errors
    /// When it cannot be reached or its schema not be brought up to date.
    pub async fn connect_postgres(url: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Postgres(postgres::connect(url).await?), None))
    }

    /// How many writers may work side by side: one on SQLite, one per shard on PostgreSQL.
    #[must_use]
    pub fn writers(&self) -> usize {
        match &*self.kind {
            Kind::Sqlite(_) => 1,
            Kind::Postgres(_) => 4,
        }
    }

    /// Whether a short read is answered at once, so that nothing is won by gathering several.
    #[must_use]
    pub fn answers_at_once(&self) -> bool {
        matches!(&*self.kind, Kind::Sqlite(_))
    }

    /// Starts a writer that works until its future ends: on SQLite on a thread of its own, where a commit waits for the
    /// disk without anybody being woken.
    pub fn start_writer<F>(&self, writer: impl FnOnce(Self) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // A simulation ends its writers in the middle of their work, which a thread would not take.
        let is_own = matches!(&*self.kind, Kind::Sqlite(_)) && self.faults.is_none();
        if !is_own {
            tokio::spawn(writer(self.clone()));
            return;
        }
        let work = writer(Self { waits: Waits::Here, ..self.clone() });
        let runtime = tokio::runtime::Handle::current();
        let started = std::thread::Builder::new().name("writer".into()).spawn(move || runtime.block_on(work));
        if let Err(error) = started {
            tracing::error!(%error, "the system gives no thread to the writer; nothing will be written");
        }
    }

    /// Reads rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        take(&self.faults, Step::Read, async {
            match &*self.kind {
                Kind::Sqlite(sqlite) => sqlite.fetch(sql.sqlite, &args),
                Kind::Postgres(pool) => postgres::fetch(pool, sql.postgres, args).await,
            }
        })
        .await
    }

    /// Reads at length: many rows, or by a statement that looks at many more than it gives.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn scan(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        take(&self.faults, Step::Read, async {
            match &*self.kind {
                Kind::Sqlite(sqlite) if self.waits == Waits::Here => sqlite.fetch(sql.sqlite, &args),
                Kind::Sqlite(sqlite) => sqlite.scan(sql.sqlite, args).await,
                Kind::Postgres(pool) => postgres::fetch(pool, sql.postgres, args).await,
            }
        })
        .await
    }

    /// Reads the first row.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_one(&self, sql: Sql, args: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(sql, args).await?.into_iter().next())
    }

    /// Carries out the statements in one transaction and says how many rows each touched.
    ///
    /// # Errors
    /// When one fails; then none has happened.
    pub async fn write(&self, statements: Vec<Statement>) -> Result<Vec<u64>, StoreError> {
        let mut transaction = self.begin().await?;
        let mut touched = Vec::with_capacity(statements.len());
        for statement in statements {
            touched.push(transaction.execute(statement).await?);
        }
        transaction.commit().await?;
        Ok(touched)
    }

    /// Carries out the first statement and, where that touched a row, the others, in one transaction; whether it did.
    ///
    /// # Errors
    /// When one fails; then none has happened.
    pub async fn write_if(&self, first: Statement, others: Vec<Statement>) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        if transaction.execute(first).await? == 0 {
            return Ok(false);
        }
        for statement in others {
            transaction.execute(statement).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Begins a transaction that may write. Dropping it undoes it.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let begun = take(&self.faults, Step::Begin, async {
            Ok(match &*self.kind {
                Kind::Sqlite(sqlite) => Begun::Sqlite(Some(sqlite.begin().await?)),
                Kind::Postgres(pool) => Begun::Postgres(pool.begin().await?),
            })
        });
        Ok(Transaction { begun: begun.await?, faults: self.faults.clone(), reads: Waits::Here, commits: self.waits })
    }

    /// Begins a transaction that only reads, and sees one moment however long it takes. It holds up no writer.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn snapshot(&self) -> Result<Transaction, StoreError> {
        let begun = match &*self.kind {
            Kind::Sqlite(sqlite) => Begun::Sqlite(Some(sqlite.snapshot().await?)),
            Kind::Postgres(pool) => {
                Begun::Postgres(pool.begin_with("begin transaction isolation level repeatable read, read only").await?)
            }
        };
        // Whoever wants one moment usually wants much of it.
        Ok(Transaction { begun, faults: self.faults.clone(), reads: self.waits, commits: self.waits })
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match &*self.kind {
            Kind::Sqlite(sqlite) => sqlite.close().await,
            Kind::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction under way.
#[derive(Debug)]
pub struct Transaction {
    begun: Begun,
    faults: Faults,
    reads: Waits,
    commits: Waits,
}

#[derive(Debug)]
enum Begun {
    /// On SQLite's one writing connection, or on one that reads; none when a read was given up half-way.
    Sqlite(Option<Held>),
    /// On a connection to PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Begun {
    async fn fetch(&mut self, waits: Waits, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(held) if waits == Waits::Here => fetch(here(held)?.connection()?, sql.sqlite, &args),
            Self::Sqlite(held) => {
                // The connection goes along, so that whoever gives up waiting leaves it to be given back.
                let own = held.take().ok_or(StoreError::Database(sqlx::Error::WorkerCrashed))?;
                let work = move || (own.connection().and_then(|connection| fetch(connection, sql.sqlite, &args)), own);
                let (found, own) = aside(work).await?;
                *held = Some(own);
                found
            }
            Self::Postgres(transaction) => postgres::fetch(&mut **transaction, sql.postgres, args).await,
        }
    }
}

fn here(held: &Option<Held>) -> Result<&Held, StoreError> {
    held.as_ref().ok_or(StoreError::Database(sqlx::Error::WorkerCrashed))
}

impl Transaction {
    /// Reads rows inside the transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let (begun, reads) = (&mut self.begun, self.reads);
        take(&self.faults, Step::Read, begun.fetch(reads, sql, args)).await
    }

    /// Reads the rows of several statements, in their order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch_together(
        &mut self,
        together: &'static Together,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let (begun, reads) = (&mut self.begun, self.reads);
        take(&self.faults, Step::Read, async {
            let mut rows = Vec::new();
            for (sql, own) in together.steps(&args) {
                rows.extend(begun.fetch(reads, sql, own).await?);
            }
            Ok(rows)
        })
        .await
    }

    /// Inserts or updates the rows of several tables, each a JSON array of arrays, in their order.
    ///
    /// # Errors
    /// When the database refuses one.
    pub(super) async fn insert(&mut self, written: Vec<(&'static Table, String)>) -> Result<(), StoreError> {
        let begun = &mut self.begun;
        take(&self.faults, Step::Write, async {
            for (table, rows) in written.into_iter().filter(|(_, rows)| rows != "[]") {
                match begun {
                    Begun::Sqlite(held) => insert(here(held)?.connection()?, table, &rows)?,
                    Begun::Postgres(transaction) => {
                        postgres::execute(&mut **transaction, table.insert_many(), vec![rows.into()]).await?;
                    }
                }
            }
            Ok(())
        })
        .await
    }

    /// Writes, and says how many rows were touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let Statement { sql, args } = statement;
        let begun = &mut self.begun;
        take(&self.faults, Step::Write, async {
            match begun {
                Begun::Sqlite(held) => execute(here(held)?.connection()?, sql.sqlite, &args),
                Begun::Postgres(transaction) => postgres::execute(&mut **transaction, sql.postgres, args).await,
            }
        })
        .await
    }

    /// Makes everything durable. Only afterwards has it happened.
    ///
    /// # Errors
    /// When the database could not; then nothing has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self { begun, faults, commits, .. } = self;
        take(&faults, Step::Commit, async {
            match begun {
                Begun::Sqlite(held) => {
                    let held = held.ok_or(StoreError::Database(sqlx::Error::WorkerCrashed))?;
                    match commits {
                        Waits::Here => held.commit(),
                        Waits::Aside => aside(move || held.commit()).await?,
                    }
                }
                Begun::Postgres(transaction) => Ok(transaction.commit().await?),
            }
        })
        .await
    }
}
