//! One history, lived through on SQLite and told again to PostgreSQL: the same answers, the same entries, the same
//! hashes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aethel::billing::store::Database;
use aethel::billing::{AuditReport, Kernel, prices_from};
use aethel::ledger::testing::{CountingIds, ManualClock};
use aethel::ledger::{Entry, PriceBook};

use crate::world::{Happening, World};

/// Histories of a test run, and how long each is.
const HISTORIES: u64 = 4;
const STEPS: usize = 60;
const PAGE: i64 = 500;

/// A fresh schema of the test's PostgreSQL.
#[expect(clippy::disallowed_methods, reason = "the one setting that tests take from outside")]
async fn postgres() -> Database {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("AETHEL_TEST_POSTGRES").expect("AETHEL_TEST_POSTGRES names a server: use `make test`");
    let schema = format!("history_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::PgPool::connect(&server).await.expect("the server answers");
    let create = sqlx::AssertSqlSafe(format!("drop schema if exists {schema} cascade; create schema {schema}"));
    sqlx::raw_sql(create).execute(&pool).await.expect("a fresh schema");
    pool.close().await;
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
    Database::connect_postgres(&url).await.expect("a database")
}

/// Tells a history to a kernel, job after job: on several shards, jobs sent at once have no order.
async fn tell(kernel: &Kernel, clock: &ManualClock, history: &[Happening]) {
    for happening in history {
        match happening {
            Happening::Passed(seconds) => clock.advance(*seconds),
            Happening::Settled => drop(kernel.settle_due().await.expect("the store answers")),
            Happening::Sent(jobs, answers) => {
                for (job, first) in jobs.iter().zip(answers) {
                    let again = kernel.submit_all(job.orders.clone(), job.together).await;
                    assert_eq!(again, *first, "{job:?}");
                }
            }
        }
    }
}

#[test]
fn the_same_history_gives_the_same_entries_and_hashes_on_both_stores() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut compared = 0;
    for seed in 1..=HISTORIES {
        let (history, accounts) = World::calm(seed, directory.path()).live(STEPS);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (database, clock) = (postgres().await, Arc::new(ManualClock::default()));
            let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
            let kernel = Kernel::start(database.clone(), prices, clock.clone(), Arc::new(CountingIds::default()));
            tell(&kernel, &clock, &history).await;
            for (account, entries) in &accounts {
                let again: Vec<Entry> = kernel.entries(*account, None, PAGE).await.expect("the store answers");
                assert_eq!(again, *entries, "seed {seed}");
                compared += again.len();
            }
            assert_eq!(AuditReport::of(&database).await.expect("the store answers").faults, []);
            database.close().await;
        });
    }
    println!("{HISTORIES} histories, {compared} entries, each the same on both stores");
    assert!(compared > 100, "only {compared} entries");
}
