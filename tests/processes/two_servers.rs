//! Two server processes on one PostgreSQL, and clients that send everything to both at once.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::house::{House, charge, grant, open};

/// Clients that work side by side, each with its own keys.
const CLIENTS: u32 = 6;
/// Keys a client sends, each to both servers at the same moment.
const KEYS: u32 = 25;
/// Fewer than the clients ask for, so that they also race for the last credit.
const CREDITS: u32 = CLIENTS * KEYS - 20;
/// The statuses of a charge that was made and of one that was not: too few credits.
const DONE: u16 = 200;
const TOO_FEW: u16 = 402;
const CONFLICT: u16 = 409;

/// Sends each key to both servers at once, and returns the entry that each key was charged by.
async fn hammer(servers: [String; 2], key: String, account: String, name: u32) -> BTreeMap<String, Option<Value>> {
    let mut made = BTreeMap::new();
    for number in 0..KEYS {
        let idempotency = format!("both-{name}-{number}");
        let send = |server: usize| charge(&servers[server], &key, &account, &idempotency, 1);
        let (left, right) = tokio::join!(send(0), send(1));
        let answers = [left.expect("an answer"), right.expect("an answer")];
        let mut entries = answers.iter().filter(|answer| answer.status == DONE).map(|one| &one.body["transaction_id"]);
        let first = entries.next();
        assert!(entries.all(|entry| Some(entry) == first), "one key was charged twice: {answers:?}");
        let refused = answers.iter().filter(|answer| answer.status != DONE);
        refused.for_each(|answer| assert_eq!(answer.status, TOO_FEW, "{answer:?}"));
        made.insert(idempotency, first.cloned());
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_to_both_happens_once() {
    let house = House::postgres().await;
    let key = house.operator_key();
    let (mut one, two) = (house.serve(), house.serve());
    let servers = [one.address.clone(), two.address.clone()];

    let (account, same) = tokio::join!(open(&servers[0], &key, "open"), open(&servers[1], &key, "open"));
    assert_eq!(account, same, "one key opened two accounts");
    let credits = i64::from(CREDITS);
    let (left, right) = tokio::join!(
        grant(&servers[0], &key, &account, "grant", credits),
        grant(&servers[1], &key, &account, "grant", credits)
    );
    assert_eq!((left.status, right.status), (DONE, DONE));
    assert_eq!((&left.body["new_balance"], &right.body["new_balance"]), (&credits.into(), &credits.into()));

    let hammers: Vec<_> =
        (0..CLIENTS).map(|name| tokio::spawn(hammer(servers.clone(), key.clone(), account.clone(), name))).collect();
    let mut made = BTreeMap::new();
    for hammer in hammers {
        made.extend(hammer.await.expect("every answer was a lawful one"));
    }
    let charged = made.values().flatten().count();
    assert_eq!(u32::try_from(charged), Ok(CREDITS), "every credit was spent, and none twice");

    // One server dies; what either of them acknowledged, the other still knows.
    one.kill();
    for (idempotency, entry) in &made {
        let answer = charge(&servers[1], &key, &account, idempotency, 1).await.expect("an answer");
        match entry {
            Some(entry) => assert_eq!((answer.status, &answer.body["transaction_id"]), (DONE, entry)),
            None => assert_eq!(answer.status, TOO_FEW),
        }
    }
    house.assert_audit_is_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_wishes_under_one_key_are_one_charge_and_one_conflict() {
    let house = House::postgres().await;
    let key = house.operator_key();
    let (one, two) = (house.serve(), house.serve());
    let account = open(&one.address, &key, "open").await;
    assert_eq!(grant(&two.address, &key, &account, "grant", 1_000).await.status, DONE);
    let mut spent = 0;
    for number in 0..KEYS {
        let idempotency = format!("torn-{number}");
        let (left, right) = tokio::join!(
            charge(&one.address, &key, &account, &idempotency, 1),
            charge(&two.address, &key, &account, &idempotency, 2)
        );
        let statuses = [left.expect("an answer").status, right.expect("an answer").status];
        match statuses {
            [DONE, CONFLICT] => spent += 1,
            [CONFLICT, DONE] => spent += 2,
            other => panic!("{other:?}"),
        }
    }
    let last = charge(&two.address, &key, &account, "last", 1).await.expect("an answer");
    assert_eq!(last.body["credits_remaining"], 1_000 - spent - 1);
    house.assert_audit_is_clean();
}
