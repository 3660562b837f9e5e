//! The usage report of an account with few entries and of one with very many.

use std::sync::Arc;
use std::time::Instant;

use aethel::billing::store::Database;
use aethel::billing::{Kernel, NewAccount, UsageQuery, prices_from};
use aethel::ledger::{AccountId, Clock, PriceBook, Tier};
use aethel::server::{SystemClock, SystemIds};

use crate::table::{Goal, Line, Table, grouped, median};
use crate::{ROUNDS, house, store};

const FEW: i64 = 10_000;
const MANY: i64 = 1_000_000;
/// What the figure's goal speaks of; some 6 GB on the disk.
const FULL: i64 = 10_000_000;
const REPORTS: usize = 50;
const DAYS: i64 = 30;
/// The Python kernel's report at a million transactions, in microseconds.
const PYTHON_MICROS: u64 = 435_000;

pub fn measure(table: &mut Table, full: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let directory = house::directory();
    let many = if full { FULL } else { MANY };
    let rounds: Vec<(u64, u64)> = runtime.block_on(async {
        let database = Database::open_sqlite(&directory.path().join("reports.db")).await.expect("a database");
        let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
        let kernel = Kernel::start(database.clone(), prices, Arc::new(SystemClock), Arc::new(SystemIds));
        let (small, large) = (account(&kernel, &database, FEW).await, account(&kernel, &database, many).await);
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push((report(&kernel, small).await, report(&kernel, large).await));
        }
        database.close().await;
        rounds
    });
    let method = format!(
        "usage report of 30 days of an account with {} entries; baseline the same days and operations with {} entries",
        grouped(many.unsigned_abs()),
        grouped(FEW.unsigned_abs())
    );
    table.ratio(&Line { figure: "F6", method: &method, unit: " µs", goal: Goal::AtMost(150) }, &rounds);
    let python: Vec<_> = rounds.iter().map(|(_, ours)| (PYTHON_MICROS, *ours)).collect();
    let method = "the same beside the known 435 ms of the guide's Python kernel at 1,000,000 transactions";
    table.ratio(&Line { figure: "F6", method, unit: " µs", goal: Goal::Faster(100_000) }, &python);
    if !full {
        table.note("F6 was measured at 1,000,000 entries; `-- F6 --full` makes up 10,000,000, about 6 GB".into());
    }
}

async fn account(kernel: &Kernel, database: &Database, entries: i64) -> AccountId {
    let new = NewAccount { name: format!("{entries}"), tier: Tier::Developer, free: Kernel::free_credits() };
    let account = kernel.open(new, &format!("open {entries}"), None).await.expect("an account opens").account;
    store::made_up(database, account, entries, SystemClock.now().millis()).await;
    account
}

/// The median of some reports, in microseconds.
async fn report(kernel: &Kernel, account: AccountId) -> u64 {
    let mut micros = Vec::with_capacity(REPORTS);
    for _ in 0..REPORTS {
        let begun = Instant::now();
        let report = kernel.usage_report(account, &UsageQuery::last(DAYS)).await.expect("the store answers");
        micros.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        assert!(report.expect("an account").transaction_count > 0, "nothing was reported");
    }
    median(micros)
}
