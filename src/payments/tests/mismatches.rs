//! Payments that bring no credits, and events that Stripe refuses to speak about.

use serde_json::{Value, json};

use crate::billing::store::testing::databases;
use crate::billing::store::{Sql, Statement};
use crate::payments::testing::shop::Shop;
use crate::payments::testing::{Till, intent_event, session_event};
use crate::payments::{Mismatch, PaymentError, Purchase};

async fn stands(till: &Till, purchase: &Purchase) -> (&'static str, Option<Mismatch>) {
    let now = till.payments.any_purchase(purchase.id).await.expect("a store").expect("a purchase");
    (now.state.name(), now.mismatch)
}

/// The subjects of what the members were told, the oldest first.
async fn letters(till: &Till) -> Vec<String> {
    let letters = till.mail.member_letters(10).await.expect("a store");
    letters.iter().map(|letter| letter.to("Ada", "ada@example.test").subject).collect()
}

fn of_amount(mut event: Value, amount: i64) -> Value {
    let object = &mut event["data"]["object"];
    for field in ["amount_total", "amount_received"] {
        if object[field].is_i64() {
            object[field] = amount.into();
        }
    }
    event
}

#[tokio::test]
async fn a_payment_of_another_amount_is_noted_with_the_purchase_and_told_once() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&of_amount(session_event("evt_1", "completed", &purchase, "paid"), 900)).await;
        till.hear(&of_amount(intent_event("evt_2", "succeeded", &purchase), 900)).await;
        assert_eq!(stands(&till, &purchase).await, ("created", Some(Mismatch::OtherAmount)), "{store}");
        assert_eq!(till.event_state("evt_2").await.as_deref(), Some("mismatch"), "{store}");
        assert_eq!(letters(&till).await, ["About your payment for the Starter package"], "{store}: once");
        let others = till.payments.other_payments(&purchase).await.expect("a store");
        assert_eq!(others, [format!("pi_{}", purchase.id)], "{store}");
        // The right money still counts, and what was wrong stays to be seen.
        let mut right = intent_event("evt_3", "succeeded", &purchase);
        right["data"]["object"]["id"] = "pi_right".into();
        till.hear(&right).await;
        assert_eq!(stands(&till, &purchase).await, ("paid", Some(Mismatch::OtherAmount)), "{store}");
        assert_eq!(till.available().await, 100, "{store}");
    }
}

#[tokio::test]
async fn a_second_payment_is_told_beside_the_receipt() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&intent_event("evt_1", "succeeded", &purchase)).await;
        assert_eq!(stands(&till, &purchase).await, ("paid", None), "{store}");
        let mut second = intent_event("evt_2", "succeeded", &purchase);
        second["data"]["object"]["id"] = "pi_second".into();
        till.hear(&second).await;
        assert_eq!(stands(&till, &purchase).await, ("paid", Some(Mismatch::PaidTwice)), "{store}");
        assert_eq!((till.available().await, letters(&till).await.len()), (100, 1), "{store}");
    }
}

#[tokio::test]
async fn a_code_that_takes_everything_off_ends_the_waiting_with_a_reason() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let till = &shop.till;
        let checkout = till.payments.checkout(till.account, None, till.starter(), "free").await.expect("a page");
        shop.promote(&checkout.url, "TEST100").await;
        let (status, page) = shop.pay(&checkout.url, "4242 4242 4242 4242").await;
        assert_eq!(status, 303, "{store}: {page}");
        crate::payments::testing::shop::eventually("noted", async || {
            shop.purchase(checkout.purchase).await.mismatch == Some(Mismatch::NothingPaid)
        })
        .await;
        assert_eq!(till.available().await, 0, "{store}: without money there are no credits");
        let purchase = shop.purchase(checkout.purchase).await;
        assert_eq!(till.payments.other_payments(&purchase).await, Ok(vec![]), "{store}: nothing to give back");
    }
}

#[tokio::test]
async fn who_bought_without_an_address_gets_the_receipt_through_the_account() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        shop.bought("key-1", "pm_card_visa").await;
        assert_eq!(letters(&shop.till).await, ["Your receipt: 100 credits for $10.00"], "{store}");
        assert_eq!(shop.till.mail.recent(10).await.expect("a store").len(), 0, "{store}");
    }
}

#[tokio::test]
async fn what_stripe_refuses_for_good_closes_its_event_and_what_it_does_not_answer_is_noted_and_waits() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        shop.save("pm_card_visa").await;
        let known = till.payments.inner.store.customer(till.account).await.expect("a store").unwrap_or_default();
        let saved = |id: &str, setup: Value| {
            json!({ "id": id, "object": "event", "type": "checkout.session.completed", "created": 1, "livemode": false,
                "data": { "object": { "id": "cs_1", "object": "checkout.session", "mode": "setup",
                    "customer": known.customer, "setup_intent": setup, "payment_status": "no_payment_required" } } })
        };
        till.deliver(&saved("evt_away", "seti_gone".into())).await.expect("taken in");
        assert_eq!(till.peer().work_off().await, Err(PaymentError::Unreachable), "{store}");
        let (event, _) = till.payments.event("evt_away").await.expect("a store").expect("an event");
        assert_eq!((event.state.name(), event.attempts), ("stored", 1), "{store}");
        assert!(event.note.contains("does not answer"), "{store}: {event:?}");
        till.payments.work_off().await.expect("worked off");
        let (state, note) = till.event("evt_away").await.expect("an event");
        assert!(state == "failed" && note.contains("seti_gone"), "{store}: {state} {note}");

        till.hear(&saved("evt_shape", 7.into())).await;
        assert_eq!(till.event_state("evt_shape").await.as_deref(), Some("undecodable"), "{store}");

        // A payment that is not the price asks for its checkout, which Stripe does not know any more.
        let purchase = till.purchase("a").await;
        let gone = Sql::both("update purchases set stripe_session = 'cs_gone' where id = $1");
        till.database.write(vec![Statement::new(gone, vec![purchase.id.to_string().into()])]).await.expect("a store");
        till.hear(&of_amount(intent_event("evt_terms", "succeeded", &purchase), 900)).await;
        assert_eq!(till.event_state("evt_terms").await.as_deref(), Some("failed"), "{store}");
    }
}
