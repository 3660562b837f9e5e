//! `kill -9` under load: what was acknowledged is there, what was retried is there once, and the audit finds nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::house::{House, charge, grant, open, times};

/// Kills of a test run, on each store; `make hammer` does 200.
const CYCLES: u32 = 20;
/// The server is killed in the middle of the load, once this many charges were acknowledged.
const ACKNOWLEDGED: u32 = 20;
/// Charges take milliseconds; this only ends a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(120);
const CONNECTIONS: u32 = 8;
const CREDITS: i64 = 1_000_000;
/// The entry that is forged in the end.
const FORGED: i64 = 7;

/// Charges without a pause until the server is gone. Returns every key tried, with the entry if it was acknowledged.
async fn hammer(
    address: String,
    key: String,
    account: String,
    name: String,
    count: Arc<AtomicU32>,
) -> Vec<(String, Option<Value>)> {
    let mut tried = Vec::new();
    for number in 0.. {
        let idempotency = format!("{name}-{number}");
        let answer = charge(&address, &key, &account, &idempotency, 1).await;
        let acknowledged = answer.map(|answer| {
            assert_eq!(answer.status, 200, "{answer:?}");
            count.fetch_add(1, Ordering::Relaxed);
            answer.body["transaction_id"].clone()
        });
        let gone = acknowledged.is_none();
        tried.push((idempotency, acknowledged));
        if gone {
            break;
        }
    }
    tried
}

async fn survive(house: House) {
    let key = house.operator_key();
    let mut server = house.serve();
    let account = open(&server.address, &key, "open").await;
    assert_eq!(grant(&server.address, &key, &account, "grant", CREDITS).await.status, 200);

    let mut tried = BTreeMap::new();
    let cycles = times("AETHEL_KILLS", CYCLES);
    for cycle in 0..cycles {
        let count = Arc::new(AtomicU32::new(0));
        let hammers: Vec<_> = (0..CONNECTIONS)
            .map(|index| {
                let name = format!("c{cycle}-{index}");
                let address = server.address.clone();
                tokio::spawn(hammer(address, key.clone(), account.clone(), name, Arc::clone(&count)))
            })
            .collect();
        let enough = async {
            while count.load(Ordering::Relaxed) < ACKNOWLEDGED + cycle % ACKNOWLEDGED {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, enough).await;
        assert!(in_time.is_ok(), "only {count:?} charges were acknowledged in {PATIENCE:?}");
        server.kill();
        for hammer in hammers {
            tried.extend(hammer.await.expect("no charge was refused"));
        }
        server = house.serve();
    }

    let mut lost = 0;
    for (idempotency, first) in &tried {
        let answer = charge(&server.address, &key, &account, idempotency, 1).await.expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
        match first {
            Some(first) => assert_eq!(answer.body["transaction_id"], *first, "an acknowledged charge was lost"),
            None => lost += 1,
        }
    }
    let one_more = charge(&server.address, &key, &account, "last", 1).await.expect("an answer");
    let spent = i64::try_from(tried.len()).expect("few") + 1;
    assert_eq!(one_more.body["credits_remaining"], CREDITS - spent, "each key was charged exactly once");
    server.kill();
    house.assert_audit_is_clean();
    house.forge_a_memo(&account, FORGED).await;
    let audit = house.run(&["audit"]);
    assert_eq!(audit.status.code(), Some(1), "{audit:?}");
    let said = String::from_utf8_lossy(&audit.stdout);
    assert!(said.contains(&account) && said.contains(&format!("entry {FORGED}")), "{said}");
    println!("{cycles} kills: {} charges tried, {lost} answers lost, 0 charges lost or doubled", tried.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_sqlite() {
    survive(House::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_postgresql() {
    survive(House::postgres().await).await;
}
