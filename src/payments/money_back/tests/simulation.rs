//! Refunds, failures, disputes and decisions in any order, told twice, late, out of order or not at all, while the store
//! fails at any step and two servers work the inbox, one of them replaced now and then: in the end the credits are where the money is.

use std::sync::Arc;

use serde_json::Value;

use super::{refund_event, text};
use crate::billing::store::Database;
use crate::ledger::Clock;
use crate::payments::purchase::Purchase;
use crate::payments::testing::seeds::{Playing, seeds};
use crate::payments::testing::shop::Shop;
use crate::payments::testing::weather::{Chance, Weather};

const SEEDS: u64 = 30;
const HAPPENINGS: usize = 12;
/// Proofs that are bought in between, so that some credits are owed.
const SPENT: i64 = 35;

/// One purchase at Stripe, and what was done to it.
struct Story {
    purchase: Purchase,
    refunds: Vec<String>,
    dispute: Option<String>,
}

impl Story {
    /// Lets one thing happen at Stripe, if it can.
    async fn go_on(&mut self, shop: &Shop, chance: &mut Chance) {
        let intent = self.purchase.stripe_intent.clone().expect("paid");
        match chance.below(6) {
            0..=2 => {
                let form = format!("payment_intent={intent}&amount={}", 1 + chance.below(450));
                self.refunds.extend(shop.try_to("/v1/refunds", &form).await.map(|refund| text(&refund["id"])));
            }
            3 if !self.refunds.is_empty() => {
                let refund = self.refunds.remove(chance.below(self.refunds.len()));
                shop.try_to("/_control/fail_refund", &format!("refund={refund}")).await;
            }
            4 => {
                let charge = shop.charge_of(&self.purchase).await;
                let dispute = shop.try_to("/_control/dispute", &format!("charge={charge}")).await;
                self.dispute = dispute.map(|dispute| text(&dispute["id"])).or(self.dispute.take());
            }
            _ => {
                if let Some(dispute) = self.dispute.take() {
                    let outcome = if chance.below(2) == 0 { "won" } else { "lost" };
                    shop.try_to("/_control/decide", &format!("dispute={dispute}&outcome={outcome}")).await;
                }
            }
        }
    }

    /// The money that is back, counted from the movements of Stripe's balance alone.
    async fn money_back(&self, shop: &Shop) -> i64 {
        let movements = shop.ask("/v1/balance_transactions?limit=100", None).await;
        let intent = self.purchase.stripe_intent.as_deref().expect("paid");
        let mut sources = Vec::new();
        for list in ["refunds", "disputes"] {
            let found = shop.ask(&format!("/v1/{list}?payment_intent={intent}&limit=100"), None).await;
            sources.extend(found["data"].as_array().expect("a list").iter().map(|one| one["id"].clone()));
        }
        let moved = |movement: &Value| sources.contains(&movement["source"]).then(|| movement["amount"].as_i64());
        -movements["data"].as_array().expect("a list").iter().filter_map(moved).flatten().sum::<i64>()
    }
}

async fn play(seed: u64) {
    let mut chance = Chance(seed);
    let weather = Arc::new(Weather::default());
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("money.db");
    let shop = Shop::silent(Database::rehearse_sqlite(&file, weather.clone()).await.expect("a database")).await;
    let till = &shop.till;
    let mut peer = till.restarted_at(&shop.sandbox.base_url());
    let mut stories = Vec::new();
    for number in 0..2 {
        let purchase = shop.bought(&format!("key-{number}"), "pm_card_visa").await;
        stories.push(Story { purchase, refunds: Vec::new(), dispute: None });
    }
    shop.spend(SPENT).await;
    for number in 0..HAPPENINGS {
        let which = chance.below(2);
        stories[which].go_on(&shop, &mut chance).await;
        let event = refund_event(&format!("evt_{number}"), &stories[which].purchase);
        // Told not at all, once, or twice; and perhaps only when more has happened.
        for _ in 0..chance.below(3) {
            weather.roll(&mut chance);
            while till.deliver(&event).await.is_err() {}
        }
        if chance.below(4) == 0 {
            // Another server takes the peer's place, and knows what the database knows and nothing else.
            peer = till.restarted_at(&shop.sandbox.base_url());
        }
        match chance.below(3) {
            0 => {
                weather.roll(&mut chance);
                drop(tokio::join!(till.payments.work_off(), peer.work_off()));
            }
            1 => drop(till.payments.work_off().await),
            _ => {}
        }
        weather.clear();
    }
    // The last word arrives in the end.
    for (number, story) in stories.iter().enumerate() {
        till.deliver(&refund_event(&format!("evt_last_{number}"), &story.purchase)).await.expect("taken in");
    }
    till.payments.work_off().await.expect("worked off");
    let mut reversed = 0;
    for story in &stories {
        let back = story.money_back(&shop).await;
        let (state, money, credits, ..) = shop.stands(&story.purchase).await;
        assert_eq!((money, credits), (back, back / 10), "seed {seed}: {state}");
        reversed += credits;
    }
    let summary = till.kernel.account(till.account).await.expect("a ledger").expect("an account");
    let (available, owed) = (summary.available.get(), -summary.owed.get());
    assert_eq!(available - owed, 200 - SPENT - reversed, "seed {seed} at {}", till.clock.now().millis());
    let waiting = till.payments.inner.store.waiting(&(i64::MIN, String::new()), 100).await.expect("a store");
    assert!(waiting.is_empty(), "seed {seed}: something was never worked off");
}

#[tokio::test]
async fn the_credits_are_where_the_money_is_through_whatever_fails() {
    for seed in seeds(SEEDS) {
        let _told = Playing { seed, test: "money_back::tests::simulation" };
        play(seed).await;
    }
}
