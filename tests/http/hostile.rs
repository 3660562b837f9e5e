//! Formulas that are meant to stop the server, over plain sockets, while others charge.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Client, Customer, client, unique};

/// Ten kinds, each twice.
const FORMULAS: usize = 20;
const KINDS: usize = 10;
/// As many at a time as there are solvers.
const LANES: usize = 2;
/// The clock's limit for one formula is five seconds; the rest is for reading it on a slow machine that does other
/// things too.
const ANSWER_MAX: Duration = Duration::from_secs(20);
const DEPTH: usize = 100_000;
const CREDITS: i64 = 10_000;

fn formula(number: usize) -> String {
    let (kind, variant) = (number % KINDS, number / KINDS + 3);
    match kind {
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
    }
}

/// The status of the answer; the server may answer, and close, before it has read all.
async fn send(client: &Client, customer: &Customer, formula: &str) -> Option<u16> {
    let body = json!({"account_id": customer.account, "proof_data": {"type": "validity", "formula": formula}});
    let body = body.to_string();
    let head = format!(
        "POST /api/verify HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         idempotency-key: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        client.authority(),
        customer.key,
        unique("hostile"),
        body.len(),
    );
    let stream = TcpStream::connect(client.authority()).await.ok()?;
    let (mut read, mut write) = stream.into_split();
    let writing = async {
        // What is no longer wanted cannot be written.
        let _refused = write.write_all(format!("{head}{body}").as_bytes()).await;
        std::future::pending::<()>().await;
    };
    let reading = async {
        let mut head = Vec::new();
        while head.len() < 16 && read.read_buf(&mut head).await.unwrap_or(0) > 0 {}
        String::from_utf8_lossy(&head).split(' ').nth(1).and_then(|status| status.parse().ok())
    };
    tokio::select! {
        status = reading => status,
        () = writing => None,
    }
}

/// One after the other until all are sent: what became of each.
async fn lane(client: &Client, customer: &Customer, next: &AtomicUsize) -> Vec<(usize, Option<u16>, Duration)> {
    let mut fates = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= FORMULAS {
            return fates;
        }
        let formula = formula(number);
        let begun = Instant::now();
        let status = send(client, customer, &formula).await;
        fates.push((number % KINDS, status, begun.elapsed()));
    }
}

/// Charges until the formulas are through: how many were taken.
async fn charge_on(client: &Client, customer: &Customer, ended: &AtomicBool) -> i64 {
    let mut charges = 0;
    while !ended.load(Ordering::Relaxed) && charges < CREDITS {
        let answer = client.charge(customer, "proof_verification", 1).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        charges += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    charges
}

/// The status after a round of the watch that has seen so many entries.
async fn laws_after(client: &Client, entries: i64) -> Value {
    for _ in 0..600 {
        let status = client.send(client.request(Method::GET, "/api/status")).await.body;
        if status["last_round"]["entries"].as_i64().is_some_and(|seen| seen >= entries) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the watch never came round");
}

#[tokio::test]
async fn hostile_formulas_are_all_answered_while_every_charge_goes_through() {
    let client = client();
    let (attacker, payer) =
        (client.open_with("developer", CREDITS).await, client.open_with("developer", CREDITS).await);
    let (next, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let attack = async {
        let lanes = (0..LANES).map(|_| lane(&client, &attacker, &next));
        let fates = futures::future::join_all(lanes).await.concat();
        ended.store(true, Ordering::Relaxed);
        fates
    };
    let (fates, charges) = tokio::join!(attack, charge_on(&client, &payer, &ended));
    assert_eq!(fates.len(), FORMULAS);
    for (kind, status, took) in fates {
        assert!(status.is_some_and(|status| status < 500), "kind {kind} was answered by {status:?}");
        assert!(took < ANSWER_MAX, "kind {kind} took {took:?}");
    }
    assert!(charges > 0);
    assert_eq!(client.balance(&payer.account).await, CREDITS - charges);
    assert!(client.balance(&attacker.account).await >= CREDITS - i64::try_from(FORMULAS).expect("small"));
    let status = laws_after(&client, charges).await;
    assert_eq!(status["status"], "ok", "{status}");
}
