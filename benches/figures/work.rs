//! The paid work over HTTP: verifications beside the bare solver, and batches of a thousand transactions.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::{House, solver};
use crate::load::{Ask, Load};
use crate::table::{Goal, Line, Table};
use crate::{ROUND_MILLIS, ROUNDS};

/// The guide's Python Judge alone, known.
const PYTHON_PER_SECOND: u64 = 180;
/// Requests under way: enough that no solver waits for the next.
const CONNECTIONS: usize = 16;
const TRANSACTIONS: usize = 1_000;
const BATCH_ACCOUNTS: usize = 500;

pub fn verifications(table: &mut Table, house: &House) {
    let load = Load { connections: CONNECTIONS, ..house.load() };
    let ours = || load.run(&|number| verification(house, number)).per_second();
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (pipe(), ours())).collect();
    let method = "verifications over HTTP, each a new formula, held, decided, captured and on the disk, two solvers, 16 \
                  connections; baseline one `z3 -in` asked the same formulas between push and pop";
    table.ratio(&Line { figure: "F13", method, unit: "/s", goal: Goal::AtLeast(60) }, &rounds);
    let python: Vec<_> = rounds.iter().map(|round| (PYTHON_PER_SECOND, round.1)).collect();
    let method = "the same beside the known 180/s of the guide's Python Judge alone, without a server or a ledger";
    table.ratio(&Line { figure: "F13", method, unit: "/s", goal: Goal::AtLeast(2_000) }, &python);
    let alone = Load { connections: 1, ..house.load() }.run(&|number| verification(house, number));
    table.note(format!("F13 one client: p50 {} µs, p99 {} µs", alone.percentile(50), alone.percentile(99)));
}

fn verification(house: &House, number: usize) -> Ask {
    let account = house.accounts[number % house.accounts.len()];
    let formula = format!("x + y + {number} > x + y");
    let body = json!({ "account_id": account, "proof_data": { "type": "validity", "formula": formula } });
    house.post("/api/verify", number, &body.to_string())
}

/// Formulas a second through the pipes of one bare solver.
fn pipe() -> u64 {
    let mut child = Command::new(solver())
        .arg("-in")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Z3 starts; set AETHEL_Z3");
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let (begun, time) = (Instant::now(), Duration::from_millis(ROUND_MILLIS));
    let (mut done, mut line) = (0_u64, String::new());
    while begun.elapsed() < time {
        let question = format!(
            "(push 1)\n(declare-const x Int)\n(declare-const y Int)\n\
             (assert (not (> (+ x y {done}1) (+ x y))))\n(check-sat)\n(pop 1)\n"
        );
        input.write_all(question.as_bytes()).expect("Z3 reads");
        line.clear();
        output.read_line(&mut line).expect("Z3 answers");
        assert_eq!(line.trim(), "unsat");
        done += 1;
    }
    let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    drop(input);
    let _ended = child.wait();
    done * 1_000 / elapsed
}

pub fn batches(table: &mut Table, house: &House) {
    let load = Load { connections: 1, ..house.load() };
    let run = || load.run(&|number| batch(house, number));
    let rounds: Vec<_> = (0..ROUNDS).map(|_| run()).collect();
    let millis: Vec<u64> = rounds.iter().map(|answers| answers.percentile(50).div_ceil(1_000)).collect();
    let method = "a batch of 1,000 transactions with guards among 500 accounts, over HTTP, verified, paid for and kept: \
                  the median of one client's answers; the guide's Python takes a known 235 s and then fails";
    table.value(&Line { figure: "F19", method, unit: " ms", goal: Goal::AtMost(50) }, &millis);
    let p99 = rounds.iter().map(|answers| answers.percentile(99).div_ceil(1_000)).collect();
    table.note(format!("F19 p99 of one client: {} ms", crate::table::median(p99)));
}

fn batch(house: &House, number: usize) -> Ask {
    let place = |index: usize| format!("a{}", index % BATCH_ACCOUNTS);
    let balances: Vec<_> = (0..BATCH_ACCOUNTS)
        .map(|index| json!({ "account": place(index), "asset": "EUR", "amount": 100_000 }))
        .collect();
    let transactions: Vec<_> = (0..TRANSACTIONS)
        .map(|index| {
            json!({ "id": format!("t{index}"), "from": place(index), "to": place(index * 7 + 1), "asset": "EUR",
                "amount": index % 50 + 1, "guard": "from_balance >= amount && to_balance + amount < 1000000" })
        })
        .collect();
    let account = house.accounts[number % house.accounts.len()];
    let body = json!({ "account_id": account, "balances": balances, "transactions": transactions });
    house.post("/api/batches", number, &body.to_string())
}
