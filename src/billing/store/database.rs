//! One database, SQLite or PostgreSQL, behind the few verbs that our stores need.
//!
//! Every column is TEXT or BIGINT, so a row is a list of [`Value`]s on both. This is the only place that names sqlx.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow, SqliteSynchronous};
use sqlx::{Column, Executor, PgPool, Postgres, Row as _, Sqlite, SqlitePool, TypeInfo, ValueRef};

use super::faults::{FaultPlan, Faults, Step, take};
use super::sqlite::open_sqlite;
use super::together::Together;
use super::{Row, Sql, Statement, StoreError, Value, migrate};

/// How long a statement waits for a connection, or for another process's write, before it gives up.
pub(super) const WAIT_SECONDS: u64 = 10;
/// How long one statement on PostgreSQL may take, and how long a transaction may stand still.
const STATEMENT_SECONDS: u64 = 60;
/// Connections that read SQLite side by side.
const READERS: u32 = 4;
/// Connections to PostgreSQL from one server.
const POSTGRES_CONNECTIONS: u32 = 16;

#[derive(Debug)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

/// A database with an up-to-date schema.
#[derive(Clone, Debug)]
pub struct Database {
    pools: Arc<Pools>,
    faults: Faults,
}

impl Database {
    /// Opens a SQLite file, made when missing: write-ahead log, each commit on the disk before it is acknowledged.
    ///
    /// # Errors
    /// When the file cannot be opened or its schema not be brought up to date.
    pub async fn open_sqlite(path: &std::path::Path) -> Result<Self, StoreError> {
        let (writer, readers) = open_sqlite(path, SqliteSynchronous::Full, READERS).await?;
        Ok(Self { pools: Arc::new(Pools::Sqlite { writer, readers }), faults: None })
    }

    /// Opens a SQLite file for a simulation: it fails where the plan says so, and the disk is not waited for.
    ///
    /// # Errors
    /// As [`Database::open_sqlite`].
    pub async fn rehearse_sqlite(path: &std::path::Path, plan: Arc<dyn FaultPlan>) -> Result<Self, StoreError> {
        let (writer, readers) = open_sqlite(path, SqliteSynchronous::Off, 1).await?;
        Ok(Self { pools: Arc::new(Pools::Sqlite { writer, readers }), faults: Some(plan) })
    }

    /// Connects to PostgreSQL.
    ///
    /// # Errors
    /// When it cannot be reached or its schema not be brought up to date.
    pub async fn connect_postgres(url: &str) -> Result<Self, StoreError> {
        let wait = format!("{WAIT_SECONDS}s");
        let long = format!("{STATEMENT_SECONDS}s");
        // A server that hangs with rows locked must not take the others with it.
        let options = PgConnectOptions::from_str(url)?.options([
            ("lock_timeout", wait.as_str()),
            ("statement_timeout", long.as_str()),
            ("idle_in_transaction_session_timeout", long.as_str()),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(Duration::from_secs(WAIT_SECONDS))
            .connect_with(options)
            .await?;
        migrate::postgres().run(&pool).await?;
        Ok(Self { pools: Arc::new(Pools::Postgres(pool)), faults: None })
    }

    /// How many writers may work side by side: one on SQLite, one per shard on PostgreSQL.
    #[must_use]
    pub fn writers(&self) -> usize {
        match &*self.pools {
            Pools::Sqlite { .. } => 1,
            Pools::Postgres(_) => 4,
        }
    }

    /// Reads rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        take(&self.faults, Step::Read, async {
            match &*self.pools {
                Pools::Sqlite { readers, .. } => fetch_sqlite(readers, sql, args).await,
                Pools::Postgres(pool) => fetch_postgres(pool, sql, args).await,
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
            Ok(match &*self.pools {
                // Taking the write lock at once: a read that later writes could otherwise be refused half-way.
                Pools::Sqlite { writer, .. } => Begun::Sqlite(writer.begin_with("begin immediate").await?),
                Pools::Postgres(pool) => Begun::Postgres(pool.begin().await?),
            })
        });
        Ok(Transaction { begun: begun.await?, faults: self.faults.clone() })
    }

    /// Begins a transaction that only reads, and sees one moment however long it takes. It holds up no writer.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn snapshot(&self) -> Result<Transaction, StoreError> {
        let begun = match &*self.pools {
            // In write-ahead mode a reader keeps seeing the moment of its first read.
            Pools::Sqlite { readers, .. } => Begun::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                Begun::Postgres(pool.begin_with("begin transaction isolation level repeatable read, read only").await?)
            }
        };
        Ok(Transaction { begun, faults: self.faults.clone() })
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match &*self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction under way.
#[derive(Debug)]
pub struct Transaction {
    begun: Begun,
    faults: Faults,
}

#[derive(Debug)]
enum Begun {
    /// On SQLite's one writing connection, or on one that reads.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On a connection to PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    /// Reads rows inside the transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fetch(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let begun = &mut self.begun;
        take(&self.faults, Step::Read, async {
            match begun {
                Begun::Sqlite(transaction) => fetch_sqlite(&mut **transaction, sql, args).await,
                Begun::Postgres(transaction) => fetch_postgres(&mut **transaction, sql, args).await,
            }
        })
        .await
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
        let begun = &mut self.begun;
        take(&self.faults, Step::Read, async {
            match begun {
                Begun::Sqlite(transaction) => {
                    let rows = (&mut **transaction).fetch_all(sqlite_query(&together.sqlite, args)).await?;
                    rows.iter().map(read_sqlite).collect()
                }
                Begun::Postgres(transaction) => {
                    let mut rows = Vec::new();
                    for (statement, args) in postgres_steps(together, &args) {
                        let found = (&mut **transaction).fetch_all(postgres_query(statement, args)).await?;
                        for row in &found {
                            rows.push(read_postgres(row)?);
                        }
                    }
                    Ok(rows)
                }
            }
        })
        .await
    }

    /// Carries out several statements, in their order.
    ///
    /// # Errors
    /// When the database refuses one.
    pub async fn execute_together(&mut self, together: &'static Together, args: Vec<Value>) -> Result<(), StoreError> {
        let begun = &mut self.begun;
        take(&self.faults, Step::Write, async {
            match begun {
                Begun::Sqlite(transaction) => {
                    (&mut **transaction).execute(sqlite_query(&together.sqlite, args)).await?;
                }
                Begun::Postgres(transaction) => {
                    for (statement, args) in postgres_steps(together, &args) {
                        (&mut **transaction).execute(postgres_query(statement, args)).await?;
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
            Ok(match begun {
                Begun::Sqlite(transaction) => {
                    (&mut **transaction).execute(sqlite_query(sql.sqlite, args)).await?.rows_affected()
                }
                Begun::Postgres(transaction) => {
                    (&mut **transaction).execute(postgres_query(sql.postgres, args)).await?.rows_affected()
                }
            })
        })
        .await
    }

    /// Makes everything durable. Only afterwards has it happened.
    ///
    /// # Errors
    /// When the database could not; then nothing has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        let begun = self.begun;
        take(&self.faults, Step::Commit, async {
            match begun {
                Begun::Sqlite(transaction) => transaction.commit().await?,
                Begun::Postgres(transaction) => transaction.commit().await?,
            }
            Ok(())
        })
        .await
    }
}

/// The statements with their own arguments, but those whose list is empty: each is a round trip.
fn postgres_steps<'a>(
    together: &'static Together,
    args: &'a [Value],
) -> impl Iterator<Item = (&'static str, Vec<Value>)> + 'a {
    let own = |places: &[usize]| places.iter().filter_map(|place| args.get(*place).cloned()).collect::<Vec<_>>();
    let steps = together.postgres.iter().map(move |(statement, places)| (statement.as_str(), own(places)));
    steps.filter(|(_, args)| !matches!(args.first(), Some(Value::Text(list)) if list == "[]"))
}

fn sqlite_query(text: &'static str, args: Vec<Value>) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
    args.into_iter().fold(sqlx::query(text), |query, arg| match arg {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Null => query.bind(None::<String>),
        Value::NullInt => query.bind(None::<i64>),
    })
}

fn postgres_query(text: &'static str, args: Vec<Value>) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    args.into_iter().fold(sqlx::query(text), |query, arg| match arg {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Null => query.bind(None::<String>),
        Value::NullInt => query.bind(None::<i64>),
    })
}

async fn fetch_sqlite<'e>(
    executor: impl Executor<'e, Database = Sqlite>,
    sql: Sql,
    args: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let rows = executor.fetch_all(sqlite_query(sql.sqlite, args)).await?;
    rows.iter().map(read_sqlite).collect()
}

async fn fetch_postgres<'e>(
    executor: impl Executor<'e, Database = Postgres>,
    sql: Sql,
    args: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let rows = executor.fetch_all(postgres_query(sql.postgres, args)).await?;
    rows.iter().map(read_postgres).collect()
}

fn read_sqlite(row: &SqliteRow) -> Result<Row, StoreError> {
    let values = (0..row.columns().len()).map(|index| {
        let raw = row.try_get_raw(index)?;
        Ok(match raw.type_info().name() {
            _ if raw.is_null() => Value::Null,
            "INTEGER" => Value::Int(row.try_get(index)?),
            "TEXT" => Value::Text(row.try_get(index)?),
            other => return Err(StoreError::Corrupt(format!("column {index} is {other}"))),
        })
    });
    values.collect::<Result<_, _>>().map(Row::new)
}

fn read_postgres(row: &PgRow) -> Result<Row, StoreError> {
    let values = row.columns().iter().enumerate().map(|(index, column)| {
        Ok(match column.type_info().name() {
            "INT8" => row.try_get::<Option<i64>, _>(index)?.map_or(Value::NullInt, Value::Int),
            "INT4" => row.try_get::<Option<i32>, _>(index)?.map_or(Value::NullInt, |value| Value::Int(value.into())),
            "TEXT" => row.try_get::<Option<String>, _>(index)?.map_or(Value::Null, Value::Text),
            other => return Err(StoreError::Corrupt(format!("column {index} is {other}"))),
        })
    });
    values.collect::<Result<_, _>>().map(Row::new)
}
