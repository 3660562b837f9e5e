//! The inbox while the store fails at any step: events come twice, late and in any order, as Stripe sends them until
//! they are taken in, servers are replaced in between, and each payment brings its credits once.

use std::sync::Arc;

use serde_json::Value;

use crate::billing::store::Database;
use crate::payments::purchase::Purchase;
use crate::payments::testing::seeds::{Playing, seeds};
use crate::payments::testing::weather::{Chance, Weather};
use crate::payments::testing::{Till, intent_event, session_event};

const SEEDS: u64 = 60;
const PURCHASES: usize = 4;

/// What Stripe tells of one purchase, and whether it was paid.
fn story(number: usize, purchase: &Purchase, chance: &mut Chance) -> (Vec<Value>, bool) {
    let id = |what: &str| format!("evt_{what}{number}");
    let session = |name: &str, what: &str, status: &str| session_event(&id(name), what, purchase, status);
    match chance.below(4) {
        0 => (vec![session("s", "completed", "paid"), intent_event(&id("i"), "succeeded", purchase)], true),
        1 => {
            let later = session("l", "async_payment_succeeded", "paid");
            (vec![session("s", "completed", "unpaid"), later, intent_event(&id("i"), "succeeded", purchase)], true)
        }
        2 => (vec![intent_event(&id("f"), "payment_failed", purchase), session("e", "expired", "unpaid")], false),
        _ => {
            let failed = intent_event(&id("f"), "payment_failed", purchase);
            (vec![failed, intent_event(&id("i"), "succeeded", purchase)], true)
        }
    }
}

async fn play(seed: u64) {
    let mut chance = Chance(seed);
    let weather = Arc::new(Weather::default());
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("inbox.db");
    let mut till = Till::open(Database::rehearse_sqlite(&file, weather.clone()).await.expect("a database")).await;
    let (mut events, mut paid) = (Vec::new(), Vec::new());
    for number in 0..PURCHASES {
        let purchase = till.purchase(&format!("request-{number}")).await;
        let (told, was_paid) = story(number, &purchase, &mut chance);
        events.extend(told.clone());
        // Stripe may tell anything twice.
        events.extend(told.into_iter().filter(|_| chance.below(3) == 0));
        paid.extend(was_paid.then_some(purchase));
    }
    while !events.is_empty() {
        let event = events.remove(chance.below(events.len()));
        if chance.below(4) == 0 {
            // Another server, which knows what the database knows and nothing else.
            till.payments = till.peer();
        }
        weather.roll(&mut chance);
        // Without an answer of 200 Stripe sends it again.
        while till.deliver(&event).await.is_err() {}
        if chance.below(2) == 0 {
            weather.roll(&mut chance);
            let _interrupted = till.payments.work_off().await;
        }
    }
    weather.clear();
    till.payments.work_off().await.expect("worked off");
    let expected = 100 * i64::try_from(paid.len()).expect("few");
    assert_eq!(till.available().await, expected, "seed {seed}");
    for purchase in &paid {
        assert_eq!(till.state(purchase).await, "paid", "seed {seed}");
    }
    let receipts = till.mail.recent(100).await.expect("a store");
    assert_eq!(receipts.len(), paid.len(), "seed {seed}: one receipt for each payment");
    let waiting = till.payments.inner.store.waiting(&(i64::MIN, String::new()), 100).await.expect("a store");
    assert!(waiting.is_empty(), "seed {seed}: something was never worked off");
}

#[tokio::test]
async fn a_payment_brings_its_credits_once_through_whatever_fails() {
    for seed in seeds(SEEDS) {
        let _told = Playing { seed, test: "inbox::simulation" };
        play(seed).await;
    }
}
