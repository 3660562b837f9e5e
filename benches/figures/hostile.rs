//! Formulas that are meant to stop the server, while others charge.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ROUNDS;
use crate::house::House;
use crate::load::{Ask, Load};
use crate::table::{Goal, Line, Table};

/// Formulas of each round; ten kinds, each four times.
const FORMULAS: usize = 40;
const KINDS: usize = 10;
/// As many at a time as there are solvers, so that the time of each is its own.
const HOSTILE_CONNECTIONS: usize = 2;
/// The clock's limit for one formula, and what may come on top.
const LIMIT_MILLIS: u64 = 5_000;
const GRACE_MILLIS: u64 = 100;
/// Charges come from 16 clients, each with a pause after an answer: a load that leaves the machine some air.
const CHARGING: usize = 16;
const PAUSE: Duration = Duration::from_millis(10);
const DEPTH: usize = 100_000;

/// What became of the formulas of a round.
#[derive(Default)]
struct Fate {
    slowest_millis: u64,
    late: u64,
    failed: Vec<String>,
}

pub fn measure(table: &mut Table, house: &House) {
    let charges = Load { connections: CHARGING, pause: PAUSE, ..house.load() };
    let charge = |number: usize| house.charge(number, number);
    let (mut p99, mut slowest, mut wrong, mut told) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let quiet = charges.run(&charge).percentile(99);
        let ended = AtomicBool::new(false);
        let (loaded, fate) = std::thread::scope(|scope| {
            let load = scope.spawn(|| charges.run_while(&|| !ended.load(Ordering::Relaxed), &charge).percentile(99));
            let fate = attack(house, round);
            ended.store(true, Ordering::Relaxed);
            (load.join().expect("every charge was answered"), fate)
        });
        p99.push((quiet, loaded));
        slowest.push(fate.slowest_millis);
        wrong.push(fate.late + u64::try_from(fate.failed.len()).unwrap_or(u64::MAX));
        told.extend(fate.failed);
    }
    let sum = [wrong.iter().sum()];
    let method = "200 hostile formulas (products of unknowns, huge numbers, depth 100,000, 10 MB, NUL, towers of powers) \
                  during a load of charges: not answered, answered by 5xx, or later than their 5 s and 100 ms";
    table.value(&Line { figure: "F14", method, unit: "", goal: Goal::AtMost(0) }, &sum);
    let method = "the slowest answer to any of them";
    let worst = [slowest.into_iter().max().unwrap_or(0)];
    let goal = Goal::AtMost(LIMIT_MILLIS + GRACE_MILLIS);
    table.value(&Line { figure: "F14", method, unit: " ms", goal }, &worst);
    let method = "p99 of charges from 16 clients that pause 10 ms, during the formulas; baseline the same without them";
    table.ratio(&Line { figure: "F14", method, unit: " µs", goal: Goal::AtMost(200) }, &p99);
    told.into_iter().take(10).for_each(|failure| table.note(format!("F14: {failure}")));
}

/// Sends the formulas of a round, two at a time, each on a connection of its own.
fn attack(house: &House, round: usize) -> Fate {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let next = AtomicUsize::new(0);
    let lane = async || {
        let mut fate = Fate::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= FORMULAS {
                return fate;
            }
            let number = round * FORMULAS + index;
            let ask = hostile(house, number);
            let begun = Instant::now();
            let status = send(house, &ask).await;
            let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            fate.slowest_millis = fate.slowest_millis.max(millis);
            fate.late += u64::from(millis > LIMIT_MILLIS + GRACE_MILLIS);
            match status {
                Some(status) if status < 500 => {}
                Some(status) => fate.failed.push(format!("kind {} was answered by {status}", number % KINDS)),
                None => fate.failed.push(format!("kind {} was not answered", number % KINDS)),
            }
        }
    };
    let fates = runtime.block_on(futures::future::join_all((0..HOSTILE_CONNECTIONS).map(|_| lane())));
    fates.into_iter().fold(Fate::default(), |mut sum, fate| {
        sum.slowest_millis = sum.slowest_millis.max(fate.slowest_millis);
        sum.late += fate.late;
        sum.failed.extend(fate.failed);
        sum
    })
}

/// The status of the answer; the server may answer, and close, before it has read all.
async fn send(house: &House, ask: &Ask) -> Option<u16> {
    let stream = TcpStream::connect(house.address).await.ok()?;
    let (mut read, mut write) = stream.into_split();
    let writing = async {
        // What is no longer wanted cannot be written.
        let _refused = write.write_all(&ask.bytes).await;
        std::future::pending::<()>().await;
    };
    let reading = async {
        let mut head = Vec::new();
        while head.len() < 16 {
            if read.read_buf(&mut head).await.unwrap_or(0) == 0 {
                break;
            }
        }
        String::from_utf8_lossy(&head).split(' ').nth(1).and_then(|status| status.parse().ok())
    };
    tokio::select! {
        status = reading => status,
        () = writing => None,
    }
}

fn hostile(house: &House, number: usize) -> Ask {
    let (kind, variant) = (number % KINDS, number / KINDS + 3);
    let formula = match kind {
        0 => format!("x > 2 && y > 2 && z > 2 => x ** {variant} + y ** {variant} != z ** {variant}"),
        1 => format!("a * b * c * d * e != {}", "9".repeat(40 + variant)),
        2 => format!("x * {} == y * {} => x == y", "7".repeat(399), "3".repeat(390)),
        3 => format!("x == {}", "1".repeat(100_000)),
        4 => format!("{}x{} == x", "(".repeat(DEPTH), ")".repeat(DEPTH)),
        5 => format!("{}true", "!".repeat(DEPTH)),
        6 => "x + ".repeat(10 * 1024 * 1024 / 4) + "x == 0",
        7 => format!("x\u{0} == {variant}"),
        8 => format!("x == {variant}**9**9**9**9**9"),
        _ => format!("x % y == {variant} && y % z == x && x * y * z % w == w - 1 => w ** 7 != x ** 5 * y ** 3"),
    };
    let account = house.accounts[number % house.accounts.len()];
    let body = json!({ "account_id": account, "proof_data": { "type": "validity", "formula": formula } });
    house.post("/api/verify", 1_000_000_000 + number, &body.to_string())
}
