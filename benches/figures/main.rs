//! The figures that the product is measured by, each beside its baseline in the same run.
//!
//! Method: one process serves (all cores, SQLite with `synchronous=FULL` on the disk of the build directory) and a
//! thread of the same process asks over real TCP, HTTP/1.1 with keep-alive. Baseline and subject alternate, round by
//! round; what is printed is the median of the rounds and their ratio. `hello` is `/health/live`, a bare JSON route.
//!
//! `cargo bench --features ssr` runs all; `cargo bench --features ssr -- F1 F7` runs some; `--full` takes the largest
//! sizes. docs/figures.md says what was seen, and where the figures are that no bench can show.

mod audits;
mod bulk;
mod disk;
mod hostile;
mod house;
mod load;
mod postgres;
mod reports;
mod simulated;
mod start;
mod store;
mod table;
mod webhooks;
mod work;

#[path = "../../tests/simulation/chance.rs"]
mod chance;
#[path = "../../tests/simulation/faults.rs"]
mod faults;
#[path = "../../tests/simulation/model.rs"]
mod model;
#[path = "../../tests/simulation/reckoning.rs"]
mod reckoning;
#[path = "../../tests/simulation/script.rs"]
mod script;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/simulation/world.rs"]
mod world;

use std::cell::OnceCell;

use house::House;
use load::{Ask, Load};
use table::{Goal, Line, Table};

/// Rounds of each pair.
const ROUNDS: usize = 5;
/// How long each side of a round runs.
const ROUND_MILLIS: u64 = 2_000;
const CONNECTIONS: usize = 64;
/// The guide's server in Python, which keeps its charges in memory alone; known.
const PYTHON_CHARGES_PER_SECOND: u64 = 1_900;

/// What the figures share: one house, opened when the first of them asks for it.
#[derive(Default)]
struct Bench {
    house: OnceCell<House>,
    full: bool,
}

impl Bench {
    fn house(&self) -> &House {
        self.house.get_or_init(House::open)
    }
}

type Figure = fn(&Bench, &mut Table);

const FIGURES: &[(&str, Figure)] = &[
    ("F1", charges),
    ("F2", hot_account),
    ("F3", latency),
    ("F4", bulk_charges),
    ("F5", |_, table| postgres::measure(table)),
    ("F6", |bench, table| reports::measure(table, bench.full)),
    ("F7", balance),
    ("F8", |_, table| webhooks::measure(table)),
    ("F9", dashboard),
    ("F12", |_, table| start::measure(table)),
    ("F13", |bench, table| work::verifications(table, bench.house())),
    ("F14", |bench, table| hostile::measure(table, bench.house())),
    ("F16", |_, table| simulated::measure(table)),
    ("F19", |bench, table| work::batches(table, bench.house())),
    ("F20", |_, table| audits::measure(table)),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = arguments.iter().filter(|argument| argument.starts_with('F')).collect();
    let names: Vec<&str> = FIGURES.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|one| !names.contains(&one.as_str())) {
        eprintln!("{unknown} is not measured here; these are: {}", names.join(" "));
        std::process::exit(2);
    }
    let bench = Bench { full: arguments.iter().any(|argument| argument == "--full"), ..Bench::default() };
    let mut table = Table::default();
    for (name, figure) in FIGURES {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            figure(&bench, &mut table);
        }
    }
    table.print();
    if let Some(house) = bench.house.into_inner() {
        house.close();
    }
}

fn charges(bench: &Bench, table: &mut Table) {
    let house = bench.house();
    let spread = |number: usize| house.charge(number, number);
    let rounds = rounds(house, &|_| house.hello(), &spread);
    let method = "durable charges on 10,000 accounts, 64 connections; baseline hello";
    table.ratio(&Line { figure: "F1", method, unit: "/s", goal: Goal::AtLeast(30) }, &rounds);
    let python: Vec<_> = rounds.iter().map(|round| (PYTHON_CHARGES_PER_SECOND, round.1)).collect();
    let method = "the same beside the known 1,900/s of the guide's Python server, in memory and without durability";
    table.ratio(&Line { figure: "F1", method, unit: "/s", goal: Goal::AtLeast(1_000) }, &python);
}

fn hot_account(bench: &Bench, table: &mut Table) {
    let house = bench.house();
    let spread = |number: usize| house.charge(number, number);
    let rounds = rounds(house, &spread, &|number| house.charge(0, number));
    let method = "the same on one account; baseline F1, alternating (beside row locks: F5)";
    table.ratio(&Line { figure: "F2", method, unit: "/s", goal: Goal::AtLeast(90) }, &rounds);
}

fn latency(bench: &Bench, table: &mut Table) {
    let method = "p50 of one durable charge, one client; baseline a raw 4 KiB append and `fdatasync` on the same disk";
    let rounds = disk::compare(bench.house());
    table.ratio(&Line { figure: "F3", method, unit: " µs", goal: Goal::AtMost(150) }, &rounds);
}

fn bulk_charges(bench: &Bench, table: &mut Table) {
    let rounds = bulk::compare(bench.house());
    let ours: Vec<u64> = rounds.iter().map(|round| round.1).collect();
    let method = "charges on 10,000 accounts, 1,000 in a request, an idempotency key each, 4 connections";
    table.value(&Line { figure: "F4", method, unit: "/s", goal: Goal::AtLeast(100_000) }, &ours);
    let single = table::median(rounds.iter().map(|round| round.0).collect());
    table.note(format!("F4: single charges in the same run {}/s", table::grouped(single)));
}

fn balance(bench: &Bench, table: &mut Table) {
    let house = bench.house();
    let ask = |number: usize| house.balance(number % house.accounts.len());
    let method = "key check and balance, 64 connections; baseline hello";
    let rounds = rounds(house, &|_| house.hello(), &ask);
    table.ratio(&Line { figure: "F7", method, unit: "/s", goal: Goal::AtLeast(70) }, &rounds);
    let alone = Load { connections: 1, ..house.load() };
    let p99: Vec<_> = (0..ROUNDS).map(|_| alone.run(&ask).percentile(99)).collect();
    let method = "p99 of the same for one client, the way over TCP included";
    table.value(&Line { figure: "F7", method, unit: " µs", goal: Goal::AtMost(200) }, &p99);
}

fn dashboard(bench: &Bench, table: &mut Table) {
    let house = bench.house();
    let method = "signed-in dashboard rendered whole, 64 connections; baseline hello";
    let rounds = rounds(house, &|_| house.hello(), &|_| house.dashboard());
    table.ratio(&Line { figure: "F9", method, unit: "/s", goal: Goal::AtLeast(25) }, &rounds);
}

/// Requests per second of a baseline and of a subject, alternating.
fn rounds(
    house: &House,
    baseline: &(dyn Fn(usize) -> Ask + Sync),
    subject: &(dyn Fn(usize) -> Ask + Sync),
) -> Vec<(u64, u64)> {
    let load = house.load();
    (0..ROUNDS).map(|_| (load.run(baseline).per_second(), load.run(subject).per_second())).collect()
}
