//! How a SQLite file is opened: one connection that writes, some that read, and none that is stuck.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::StoreError;
use super::database::WAIT_SECONDS;

/// Opens the file, made when missing, brings its schema up to date, and returns the writer and the readers.
pub(super) async fn open_sqlite(
    path: &std::path::Path,
    synchronous: SqliteSynchronous,
    readers: u32,
) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(WAIT_SECONDS))
        .pragma("cache_size", "-65536");
    let wait = Duration::from_secs(WAIT_SECONDS);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(wait)
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(|connection, _| Box::pin(is_between_transactions(connection)))
        .connect_with(options.clone())
        .await?;
    super::migrate::sqlite().run(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(readers)
        .acquire_timeout(wait)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_between_transactions(connection)))
        .connect_with(options.pragma("query_only", "on"))
        .await?;
    Ok((writer, readers))
}

/// Whether a connection is fit for another transaction.
///
/// A full disk or a failed sync makes SQLite roll back by itself; the driver's own rollback then fails, and the
/// connection would count as inside a transaction for ever, refusing every later one. Such a connection is replaced.
async fn is_between_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback of a transaction that was dropped may still be under way; the answer comes after it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}
