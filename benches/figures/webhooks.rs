//! Stripe's webhooks: how fast they are taken in, and that no payment is credited twice however often it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aethel::billing::AuditReport;
use aethel::ledger::{Clock, GrantId, IdSource, PurchaseId};
use aethel::server::{SystemClock, SystemIds};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::chance::Chance;
use crate::house::{House, ask};
use crate::load::Ask;
use crate::table::{Goal, Line, Table};
use crate::{ROUNDS, store};

const SECRET: &str = "whsec_bench";
/// Nobody listens there: what is measured never has to ask Stripe.
const NOWHERE: &str = "http://127.0.0.1:9";
const PURCHASES: usize = 500;
const CREDITS: i64 = 100;
/// So long may the inbox take to be worked off.
const PATIENCE_TENTHS: usize = 1_200;

pub fn measure(table: &mut Table) {
    let house = House::with(
        &[("STRIPE_SECRET_KEY", "sk_test_bench"), ("STRIPE_WEBHOOK_SECRET", SECRET), ("STRIPE_API_BASE", NOWHERE)],
        1,
    );
    let quiet = |number: usize| signed(&event(&format!("evt_quiet_{number}"), "charge.updated", &json!({})));
    let hello = |_: usize| house.hello();
    let rounds: Vec<_> =
        (0..ROUNDS).map(|_| (house.load().run(&hello).per_second(), house.load().run(&quiet).per_second())).collect();
    let method = "webhooks of a type that is only kept, each new: signature checked, deduplicated, on the disk when \
                  answered; 64 connections";
    let taken: Vec<u64> = rounds.iter().map(|round| round.1).collect();
    table.value(&Line { figure: "F8", method, unit: "/s", goal: Goal::AtLeast(10_000) }, &taken);
    let ratio = rounds.iter().map(|(hello, ours)| ours * 100 / hello.max(&1)).collect();
    table.note(format!("F8 taken in, over hello: {} hundredths", crate::table::median(ratio)));
    let wrong: Vec<u64> = (0..ROUNDS).map(|round| credited_wrongly(&house, round)).collect();
    let method = "500 payments, each told by two kinds of event, half of these sent again, all shuffled, 64 \
                  connections: credits too many or too few once the inbox is empty, and faults of an audit";
    table.value(&Line { figure: "F8", method, unit: "", goal: Goal::AtMost(0) }, &wrong);
    house.close();
}

/// Sends what Stripe would about some payments, waits until all is worked off, and counts what is wrong.
fn credited_wrongly(house: &House, round: usize) -> u64 {
    let app = &house.running.app;
    let account = house.accounts[0];
    let available = || {
        let found = house.runtime.block_on(app.kernel.account(account));
        found.expect("the store answers").expect("an account").available.get()
    };
    let before = available();
    let now = SystemClock.now();
    let rows: Vec<_> = (0..PURCHASES)
        .map(|_| (PurchaseId::from_ulid(SystemIds.next(now)), GrantId::from_ulid(SystemIds.next(now)).to_string()))
        .collect();
    house.runtime.block_on(store::purchases(&app.database, account, &rows, now.millis()));
    let deliveries = deliveries(&rows, round);
    let next = AtomicUsize::new(0);
    let make = |_| signed(&deliveries[next.fetch_add(1, Ordering::Relaxed) % deliveries.len()]);
    house.load().run_while(&|| next.load(Ordering::Relaxed) < deliveries.len(), &make);
    let waiting = || house.runtime.block_on(store::events_waiting(&app.database));
    for _ in 0..PATIENCE_TENTHS {
        if waiting() == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let owed = i64::try_from(PURCHASES).expect("few") * CREDITS;
    let audit = house.runtime.block_on(AuditReport::of(&app.database)).expect("the store answers");
    let faults = u64::try_from(audit.faults.len()).unwrap_or(u64::MAX);
    (available() - before).abs_diff(owed) + waiting().unsigned_abs() + faults
}

/// Both kinds of event for every payment, half of them twice, in an order of chance.
fn deliveries(rows: &[(PurchaseId, String)], round: usize) -> Vec<Value> {
    let mut chance = Chance::new(round as u64);
    let mut all = Vec::with_capacity(rows.len() * 3);
    for (index, (purchase, _)) in rows.iter().enumerate() {
        let intent = format!("pi_{round}_{index}");
        let session = json!({ "id": format!("cs_{round}_{index}"), "object": "checkout.session", "mode": "payment",
            "payment_status": "paid", "amount_total": 1_000, "currency": "usd", "client_reference_id": purchase,
            "metadata": { "purchase": purchase }, "payment_intent": intent });
        let paid = json!({ "id": intent, "object": "payment_intent", "amount": 1_000, "amount_received": 1_000,
            "currency": "usd", "metadata": { "purchase": purchase } });
        let both = [("checkout.session.completed", session), ("payment_intent.succeeded", paid)];
        for (kind, object) in both {
            let event = event(&format!("evt_{round}_{index}_{}", kind.len()), kind, &object);
            if chance.percent(50) {
                all.push(event.clone());
            }
            all.push(event);
        }
    }
    for index in (1..all.len()).rev() {
        all.swap(index, chance.below(index + 1));
    }
    all
}

fn event(id: &str, kind: &str, object: &Value) -> Value {
    json!({ "id": id, "object": "event", "type": kind, "api_version": "2026-09-30.endive",
        "created": SystemClock.now().millis() / 1_000, "livemode": false, "pending_webhooks": 1,
        "data": { "object": object } })
}

/// A delivery as Stripe makes it.
fn signed(event: &Value) -> Ask {
    let body = event.to_string();
    let at = SystemClock.now().millis() / 1_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length is a key");
    mac.update(format!("{at}.{body}").as_bytes());
    let head = format!("stripe-signature: t={at},v1={}\r\n", hex::encode(mac.finalize().into_bytes()));
    ask("POST", "/api/stripe/webhook", &head, &body, "200")
}
