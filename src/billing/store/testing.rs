//! Fresh databases of both kinds for the tests of every room.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Database;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A migrated, empty SQLite and a migrated, empty PostgreSQL, each with its name.
///
/// # Panics
/// When `AETHEL_TEST_POSTGRES` does not name a server to make schemas on.
pub async fn databases() -> Vec<(&'static str, Database)> {
    vec![("sqlite", sqlite().await), ("postgres", postgres().await)]
}

/// A migrated, empty SQLite file that lives as long as the test's process.
pub async fn sqlite() -> Database {
    let directory = tempfile::tempdir().expect("a temporary directory").keep();
    Database::open_sqlite(&directory.join("test.db")).await.expect("a fresh SQLite")
}

/// A migrated, empty schema of its own on the test server.
pub async fn postgres() -> Database {
    let server = option_env_at_run("AETHEL_TEST_POSTGRES");
    let schema = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    let admin = sqlx::PgPool::connect(&server).await.expect("the PostgreSQL of AETHEL_TEST_POSTGRES answers");
    let create = sqlx::AssertSqlSafe(format!("drop schema if exists {schema} cascade; create schema {schema}"));
    sqlx::raw_sql(create).execute(&admin).await.expect("a fresh schema");
    admin.close().await;
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
    Database::connect_postgres(&url).await.expect("a fresh PostgreSQL schema")
}

#[expect(clippy::disallowed_methods, reason = "the one setting that tests take from outside")]
fn option_env_at_run(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; run the tests with `make test`, which starts one"))
}
