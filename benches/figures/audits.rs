//! The audit of a real ledger: entries replayed in a second, in memory and from the store.

use std::sync::Arc;
use std::time::Instant;

use aethel::billing::store::Database;
use aethel::billing::{AuditReport, Kernel, NewAccount, Order, Together, prices_from};
use aethel::ledger::testing::{CountingIds, ManualClock};
use aethel::ledger::{
    Account, AccountId, Clock, Command, Credits, Entry, IdSource, Operation, PriceBook, Request, Tier, apply, audit,
};
use aethel::server::{SystemClock, SystemIds};

use crate::table::{Goal, Line, Table};
use crate::{ROUNDS, house};

const ACCOUNTS: usize = 20;
const CHARGES_EACH: usize = 10_000;
/// Orders given to the kernel at a time.
const LIST: usize = 1_000;
const ENOUGH: i64 = 1_000_000_000;

pub fn measure(table: &mut Table) {
    let (account, entries) = in_memory();
    let replays: Vec<u64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            assert!(audit(&account, &entries).is_empty(), "a ledger that was only applied is whole");
            per_second(entries.len(), begun)
        })
        .collect();
    let method = "replay in memory on one thread: chain, ids, sums and grants of 200,000 charges on one account";
    table.value(&Line { figure: "F20", method, unit: "/s", goal: Goal::AtLeast(1_000_000) }, &replays);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let directory = house::directory();
    let audits: Vec<u64> = runtime.block_on(async {
        let database = Database::open_sqlite(&directory.path().join("audit.db")).await.expect("a database");
        fill(&database).await;
        let mut audits = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let report = AuditReport::of(&database).await.expect("the store answers");
            assert_eq!(report.faults, [], "nothing was touched");
            audits.push(per_second(usize::try_from(report.entries).unwrap_or(0), begun));
        }
        database.close().await;
        audits
    });
    let method = "`aethel audit`: the same from the SQLite file, 20 accounts, with roll-ups, refunds and request keys";
    table.value(&Line { figure: "F20", method, unit: "/s", goal: Goal::AtLeast(1_000_000) }, &audits);
}

fn per_second(entries: usize, begun: Instant) -> u64 {
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
    entries as u64 * 1_000_000 / micros
}

fn charge() -> Command {
    Command::Charge { operation: Operation::ProofVerification, quantity: 1, at_most: None, metadata: "{}".into() }
}

/// One account and its entries, by the pure ledger alone.
fn in_memory() -> (Account, Vec<Entry>) {
    let (clock, ids) = (ManualClock::default(), CountingIds::default());
    let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
    let id = AccountId::from_ulid(ids.next(clock.now()));
    let free = Credits::new(ENOUGH).map(|credits| (aethel::ledger::GrantId::from_ulid(ids.next(clock.now())), credits));
    let mut slot = None;
    let mut entries = Vec::with_capacity(ACCOUNTS * CHARGES_EACH + 1);
    let mut post = |command: &Command, number: usize| {
        let request = Request { id: format!("request-{number}"), key: None };
        let posted = apply(&mut slot, id, command, &request, &prices, clock.now()).expect("there are credits");
        entries.extend(posted);
    };
    post(&Command::Open { name: "Audit".into(), tier: Tier::Developer, free }, 0);
    (1..=ACCOUNTS * CHARGES_EACH).for_each(|number| post(&charge(), number));
    (slot.expect("an account"), entries)
}

/// A ledger made by the kernel.
async fn fill(database: &Database) {
    let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
    let kernel = Kernel::start(database.clone(), prices, Arc::new(SystemClock), Arc::new(SystemIds));
    for number in 0..ACCOUNTS {
        let free = Credits::new(ENOUGH).expect("in range");
        let new = NewAccount { name: format!("Audit {number}"), tier: Tier::Developer, free };
        let account = kernel.open(new, &format!("open {number}"), None).await.expect("an account opens").account;
        for list in 0..CHARGES_EACH / LIST {
            let orders = (0..LIST).map(|index| Order::new(account, format!("charge {list} {index}"), charge()));
            let answers = kernel.submit_all(orders.collect(), Together::EachForItself).await;
            assert!(answers.iter().all(Result::is_ok), "every charge is made");
        }
    }
}
