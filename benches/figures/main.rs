//! The figures that the product is measured by, each beside its baseline in the same run.
//!
//! Method: one process serves (all cores, SQLite with `synchronous=FULL` on the disk of the temporary directory) and a
//! thread of the same process asks over real TCP, HTTP/1.1 with keep-alive. Baseline and subject alternate, round by
//! round; what is printed is the median of the rounds and their ratio. `hello` is `/health/live`, a bare JSON route.
//!
//! `cargo bench --features ssr` runs all; `cargo bench --features ssr -- F1 F7` runs some.

mod disk;
mod house;
mod load;
mod table;

use house::House;
use load::{Ask, Load};
use table::Table;

/// Rounds of each pair.
const ROUNDS: usize = 5;
/// How long each side of a round runs.
const ROUND_MILLIS: u64 = 2_000;
const CONNECTIONS: usize = 64;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument.starts_with('F')).collect();
    let runs = |figure: &str| wanted.is_empty() || wanted.iter().any(|one| one == figure);
    let house = House::open();
    let mut table = Table::new();
    let spread = |number: usize| house.charge(number % house.accounts.len(), number);
    if runs("F1") {
        table.rate("F1", "durable charges, 10,000 accounts, 64 connections", "≥ 0.30", pair(&house, &spread));
    }
    if runs("F2") {
        let hot = |number: usize| house.charge(0, number);
        table.rate("F2", "durable charges, one account, 64 connections", "≥ 0.9 × F1", pair(&house, &hot));
        // Side by side, because the goal is a ratio to F1 and the row's own is one to hello.
        table.compare("F2 / F1, alternating in one run", "≥ 0.9", &rounds(&house, &spread, &hot));
    }
    if runs("F3") {
        table.latency("F3", "one durable charge, one client", "≤ 1.5", disk::compare(&house, ROUNDS));
    }
    if runs("F7") {
        let balance = |number: usize| house.balance(number % house.accounts.len());
        table.rate("F7", "key check and balance, 64 connections", "≥ 0.7", pair(&house, &balance));
        let alone = Load { address: house.address, connections: 1, millis: ROUND_MILLIS }.run(&balance);
        table.note(&format!(
            "F7 alone on one connection: p50 {} µs, p99 {} µs",
            alone.percentile(50),
            alone.percentile(99)
        ));
    }
    if runs("F9") {
        let page = |_| house.dashboard();
        table.rate("F9", "signed-in dashboard, rendered whole", "≥ 0.25", pair(&house, &page));
    }
    table.print();
    house.close();
}

/// Requests per second of `hello` and of the subject, alternating.
fn pair(house: &House, subject: &(dyn Fn(usize) -> Ask + Sync)) -> Vec<(u64, u64)> {
    rounds(house, &|_| house.hello(), subject)
}

/// Requests per second of a baseline and of a subject, alternating.
fn rounds(
    house: &House,
    baseline: &(dyn Fn(usize) -> Ask + Sync),
    subject: &(dyn Fn(usize) -> Ask + Sync),
) -> Vec<(u64, u64)> {
    let load = Load { address: house.address, connections: CONNECTIONS, millis: ROUND_MILLIS };
    (0..ROUNDS).map(|_| (load.run(baseline).per_second(), load.run(subject).per_second())).collect()
}
