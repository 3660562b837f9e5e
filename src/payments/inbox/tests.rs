//! The inbox on both stores: whatever arrives, in whatever order, the ledger is right afterwards.

use std::time::Duration;

use serde_json::json;

use super::Lane;
use crate::billing::store::testing::{databases, sqlite};
use crate::billing::store::{Sql, Statement};
use crate::ledger::{AccountId, Clock, IdSource, Tier};
use crate::payments::WebhookError;
use crate::payments::testing::{SECRET, Till, intent_event, session_event};
use crate::payments::webhook::sign;

#[test]
fn rounds_that_fail_come_ever_later_and_money_that_goes_back_is_never_in_a_hurry() {
    let seconds = |lane: Lane| [0, 1, 2, 3, 4, 5, 40, u32::MAX].map(|failed| lane.pause(failed).as_secs());
    assert_eq!(seconds(Lane::Payments), [10, 1, 2, 4, 8, 10, 10, 10]);
    assert_eq!(seconds(Lane::MoneyBack), [10; 8]);
}

#[tokio::test]
async fn both_announcements_of_one_payment_grant_once_in_either_order() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let (first, second) = (till.purchase("a").await, till.purchase("b").await);
        till.hear(&session_event("evt_1", "completed", &first, "paid")).await;
        till.hear(&intent_event("evt_2", "succeeded", &first)).await;
        assert_eq!(till.available().await, 100, "{store}");
        till.hear(&intent_event("evt_3", "succeeded", &second)).await;
        till.hear(&session_event("evt_4", "completed", &second, "paid")).await;
        assert_eq!(till.available().await, 200, "{store}");
        for id in ["evt_1", "evt_2", "evt_3", "evt_4"] {
            assert_eq!(till.event_state(id).await.as_deref(), Some("done"), "{store} {id}");
        }
        assert_eq!((till.state(&first).await, till.state(&second).await), ("paid", "paid"), "{store}");
    }
}

#[tokio::test]
async fn three_servers_working_one_inbox_at_once_grant_once() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let mut purchases = Vec::new();
        for n in 0..5 {
            let purchase = till.purchase(&format!("request-{n}")).await;
            till.deliver(&session_event(&format!("evt_s{n}"), "completed", &purchase, "paid")).await.expect("taken in");
            till.deliver(&intent_event(&format!("evt_i{n}"), "succeeded", &purchase)).await.expect("taken in");
            purchases.push(purchase);
        }
        let (peer, third) = (till.peer(), till.peer());
        let rounds = tokio::join!(till.payments.work_off(), peer.work_off(), third.work_off());
        // A round that lost too many races says so and leaves its event for the next one.
        drop(rounds);
        till.payments.work_off().await.expect("worked off");
        assert_eq!(till.available().await, 500, "{store}");
        for (n, purchase) in purchases.iter().enumerate() {
            assert_eq!(till.state(purchase).await, "paid", "{store}");
            assert_eq!(till.event_state(&format!("evt_s{n}")).await.as_deref(), Some("done"), "{store}");
            assert_eq!(till.event_state(&format!("evt_i{n}")).await.as_deref(), Some("done"), "{store}");
        }
    }
}

#[tokio::test]
async fn a_repeated_delivery_is_acknowledged_and_changes_nothing() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        let event = session_event("evt_1", "completed", &purchase, "paid");
        for _ in 0..3 {
            till.hear(&event).await;
        }
        assert_eq!(till.available().await, 100, "{store}");
    }
}

#[tokio::test]
async fn events_that_arrive_together_are_stored_each_once() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let events: Vec<_> = (0..40)
            .map(|n| json!({ "id": format!("evt_{}", n % 20), "type": "charge.updated", "created": 1, "livemode": false }))
            .collect();
        let answers = futures::future::join_all(events.iter().map(|event| till.deliver(event))).await;
        assert!(answers.iter().all(Result::is_ok), "{store}: {answers:?}");
        let count = Sql::both("select cast(count(*) as bigint) from stripe_events");
        let row = till.database.fetch_one(count, Vec::new()).await.expect("a store").expect("a count");
        assert_eq!(row.int(0).expect("a count"), 20, "{store}");
    }
}

#[tokio::test]
async fn an_event_that_the_store_refuses_does_not_take_the_others_with_it() {
    let till = Till::open(sqlite().await).await;
    // A statement that stumbles, as one may over a value that nobody thought of.
    let rule = Sql::both(
        "create trigger one_is_refused before insert on stripe_events when new.id = 'evt_13'
         begin insert into stripe_events (id, type, payload, received_at, state) values ('x', null, '', 0, 'done'); end",
    );
    till.database.write(vec![Statement::new(rule, Vec::new())]).await.expect("a rule");
    let event =
        |n: usize| json!({ "id": format!("evt_{n}"), "type": "charge.updated", "created": 1, "livemode": false });
    let events: Vec<_> = (0..20).map(event).collect();
    let answers = futures::future::join_all(events.iter().map(|event| till.deliver(event))).await;
    for (n, answer) in answers.iter().enumerate() {
        let expected = if n == 13 { Err(WebhookError::Unavailable) } else { Ok(()) };
        assert_eq!(*answer, expected, "evt_{n}");
        assert_eq!(till.event_state(&format!("evt_{n}")).await.is_some(), n != 13, "evt_{n}");
    }
}

#[tokio::test]
async fn the_first_purchase_makes_a_developer_and_sends_one_receipt() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&session_event("evt_1", "completed", &purchase, "paid")).await;
        till.hear(&intent_event("evt_2", "succeeded", &purchase)).await;
        let account = till.kernel.account(till.account).await.expect("a ledger").expect("an account");
        assert_eq!(account.tier, Tier::Developer, "{store}");
        let mails = till.mail.recent(10).await.expect("a store");
        assert_eq!(mails.len(), 1, "{store}");
        assert!(mails[0].text.contains(&purchase.id.to_string()) && mails[0].text.contains("$10.00"), "{store}");
    }
}

#[tokio::test]
async fn another_amount_or_currency_is_kept_as_a_mismatch_and_grants_nothing() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        let mut less = session_event("evt_less", "completed", &purchase, "paid");
        less["data"]["object"]["amount_total"] = json!(999);
        let mut free = session_event("evt_free", "completed", &purchase, "no_payment_required");
        free["data"]["object"]["amount_total"] = json!(0);
        let mut euro = intent_event("evt_euro", "succeeded", &purchase);
        euro["data"]["object"]["currency"] = json!("eur");
        for event in [less, free, euro] {
            till.hear(&event).await;
        }
        for id in ["evt_less", "evt_free", "evt_euro"] {
            assert_eq!(till.event_state(id).await.as_deref(), Some("mismatch"), "{store} {id}");
        }
        assert_eq!((till.available().await, till.state(&purchase).await), (0, "created"), "{store}");
        till.hear(&intent_event("evt_right", "succeeded", &purchase)).await;
        assert_eq!(till.available().await, 100, "{store}: the right money still counts");
    }
}

#[tokio::test]
async fn money_that_comes_twice_is_kept_as_a_mismatch_and_grants_once() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&intent_event("evt_1", "succeeded", &purchase)).await;
        let mut again = intent_event("evt_2", "succeeded", &purchase);
        again["data"]["object"]["id"] = json!("pi_second");
        till.hear(&again).await;
        assert_eq!(till.event_state("evt_2").await.as_deref(), Some("mismatch"), "{store}");
        assert_eq!(till.available().await, 100, "{store}");
    }
}

#[tokio::test]
async fn two_payments_of_one_purchase_at_once_on_two_servers_are_one_grant_and_one_mismatch() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let peer = till.peer();
        for n in 0..5 {
            let purchase = till.purchase(&format!("request-{n}")).await;
            let (first, second) = (format!("evt_a{n}"), format!("evt_b{n}"));
            let mut other = intent_event(&second, "succeeded", &purchase);
            other["data"]["object"]["id"] = json!("pi_second");
            till.deliver(&intent_event(&first, "succeeded", &purchase)).await.expect("taken in");
            till.deliver(&other).await.expect("taken in");
            let events = till.payments.inner.store.waiting(&(i64::MIN, String::new()), 10).await.expect("a store");
            let [(_, one), (_, two)] = &events[..] else { panic!("{store}: both wait") };
            // One that lost too many races says so and leaves its event for the next round.
            drop(tokio::join!(till.payments.work_one(one), peer.work_one(two)));
            till.payments.work_off().await.expect("worked off");
            let mut states = [till.event_state(&first).await, till.event_state(&second).await];
            states.sort();
            assert_eq!(states, [Some("done".into()), Some("mismatch".into())], "{store}");
        }
        assert_eq!(till.available().await, 500, "{store}");
    }
}

#[tokio::test]
async fn money_for_a_purchase_that_we_do_not_know_is_kept_for_an_operator() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let mut lost = till.purchase("a").await;
        lost.id = crate::ledger::PurchaseId::from_ulid(till.ids.next(till.clock.now()));
        till.hear(&intent_event("evt_paid", "succeeded", &lost)).await;
        till.hear(&intent_event("evt_failed", "payment_failed", &lost)).await;
        let (state, note) = till.event("evt_paid").await.expect("kept");
        assert_eq!(state, "failed", "{store}");
        assert!(note.contains(&lost.id.to_string()), "{store}: {note}");
        assert_eq!(till.event_state("evt_failed").await.as_deref(), Some("ignored"), "{store}");
        assert_eq!(till.available().await, 0, "{store}");
    }
}

#[tokio::test]
async fn an_unpaid_completion_grants_nothing_until_the_money_arrives() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&session_event("evt_1", "completed", &purchase, "unpaid")).await;
        assert_eq!((till.available().await, till.state(&purchase).await), (0, "processing"), "{store}");
        till.hear(&session_event("evt_2", "async_payment_succeeded", &purchase, "paid")).await;
        assert_eq!((till.available().await, till.state(&purchase).await), (100, "paid"), "{store}");
    }
}

#[tokio::test]
async fn a_failure_and_an_expiry_are_shown_and_grant_nothing() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let (failed, expired) = (till.purchase("a").await, till.purchase("b").await);
        till.hear(&intent_event("evt_1", "payment_failed", &failed)).await;
        till.hear(&session_event("evt_2", "expired", &expired, "unpaid")).await;
        assert_eq!((till.state(&failed).await, till.state(&expired).await), ("failed", "expired"), "{store}");
        assert_eq!(till.available().await, 0, "{store}");
    }
}

#[tokio::test]
async fn a_wrong_or_old_signature_stores_nothing() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        let body = session_event("evt_1", "completed", &purchase, "paid").to_string();
        let now = till.clock.now().millis() / 1_000;
        let header = sign(body.as_bytes(), SECRET, now);
        for bad in [None, Some("t=1,v1=00".to_owned()), Some(sign(body.as_bytes(), "whsec_other", now))] {
            let answer = till.payments.receive_webhook(body.as_bytes(), bad.as_deref()).await;
            assert_eq!(answer, Err(WebhookError::InvalidSignature), "{store}");
        }
        till.clock.advance(301);
        let replayed = till.payments.receive_webhook(body.as_bytes(), Some(&header)).await;
        assert_eq!(replayed, Err(WebhookError::InvalidSignature), "{store}: replayed too late");
        let nonsense = sign(b"not json", SECRET, now + 301);
        let answer = till.payments.receive_webhook(b"not json", Some(&nonsense)).await;
        assert_eq!(answer, Err(WebhookError::InvalidPayload), "{store}");
        till.payments.work_off().await.expect("worked off");
        assert_eq!((till.event_state("evt_1").await, till.available().await), (None, 0), "{store}");
    }
}

#[tokio::test]
async fn what_is_not_ours_is_kept_and_left_alone() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        let mut unknown = session_event("evt_unknown", "completed", &purchase, "paid");
        unknown["type"] = json!("radar.early_fraud_warning.created");
        let mut live = session_event("evt_live", "completed", &purchase, "paid");
        live["livemode"] = json!(true);
        let mut foreign = intent_event("evt_foreign", "succeeded", &purchase);
        foreign["data"]["object"]["metadata"] = json!({});
        for event in [unknown, live, foreign] {
            till.hear(&event).await;
        }
        for id in ["evt_unknown", "evt_live", "evt_foreign"] {
            assert_eq!(till.event_state(id).await.as_deref(), Some("ignored"), "{store} {id}");
        }
        let mut torn = session_event("evt_torn", "completed", &purchase, "paid");
        torn["data"]["object"] = json!({ "id": "cs_1" });
        till.hear(&torn).await;
        let (state, note) = till.event("evt_torn").await.expect("kept");
        assert_eq!(state, "undecodable", "{store}");
        assert!(note.contains("payment_status"), "{store}: {note}");
        assert_eq!((till.available().await, till.state(&purchase).await), (0, "created"), "{store}");
    }
}

#[tokio::test]
async fn an_intent_without_our_id_is_found_by_the_session_that_named_it() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&session_event("evt_1", "completed", &purchase, "unpaid")).await;
        let mut event = intent_event("evt_2", "succeeded", &purchase);
        event["data"]["object"]["metadata"] = json!({});
        till.hear(&event).await;
        assert_eq!((till.available().await, till.state(&purchase).await), (100, "paid"), "{store}");
    }
}

#[tokio::test]
async fn credits_that_the_ledger_refuses_are_kept_for_an_operator_and_stop_nobody_else() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let nobody = AccountId::from_ulid(till.ids.next(till.clock.now()));
        let (lost, good) = (till.purchase_of(nobody, "a").await, till.purchase("b").await);
        till.deliver(&intent_event("evt_1", "succeeded", &lost)).await.expect("taken in");
        till.deliver(&intent_event("evt_2", "succeeded", &good)).await.expect("taken in");
        till.payments.work_off().await.expect("worked off");
        let (state, note) = till.event("evt_1").await.expect("kept");
        assert_eq!((state.as_str(), note.as_str()), ("failed", "account_not_found"), "{store}");
        assert_eq!(
            (till.event_state("evt_2").await.as_deref(), till.available().await),
            (Some("done"), 100),
            "{store}"
        );
    }
}

#[tokio::test]
async fn a_round_that_failed_is_tried_again_within_seconds() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let purchase = till.purchase("a").await;
        let alter = async |sql: Sql| till.database.write(vec![Statement::new(sql, vec![])]).await.expect("a store");
        alter(Sql::both("alter table purchases rename to purchases_away")).await;
        till.deliver(&session_event("evt_1", "completed", &purchase, "paid")).await.expect("taken in");
        assert!(till.payments.work_off().await.is_err(), "{store}: the table is away");
        let payments = till.payments.clone();
        let worker = tokio::spawn(async move { payments.work_inbox(std::future::pending()).await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        alter(Sql::both("alter table purchases_away rename to purchases")).await;
        let granted = async {
            while till.available().await == 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(6), granted).await;
        worker.abort();
        assert!(in_time.is_ok(), "{store}: nobody waits ten seconds for a table that was away for one");
    }
}

#[tokio::test]
async fn a_failure_that_comes_late_is_told_once_in_whatever_order_it_is_heard_of() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for (n, order) in orders.into_iter().enumerate() {
            let purchase = till.purchase(&format!("request-{n}")).await;
            let events = [
                session_event(&format!("evt_c{n}"), "completed", &purchase, "unpaid"),
                intent_event(&format!("evt_i{n}"), "payment_failed", &purchase),
                session_event(&format!("evt_a{n}"), "async_payment_failed", &purchase, "unpaid"),
            ];
            for which in order {
                till.hear(&events[which]).await;
            }
            let letters = till.mail.member_letters(100).await.expect("a store").len();
            assert_eq!((letters, till.state(&purchase).await), (n + 1, "failed"), "{store} {order:?}");
        }
        let declined = till.purchase("at the page").await;
        till.hear(&intent_event("evt_d", "payment_failed", &declined)).await;
        assert_eq!(
            till.mail.member_letters(100).await.expect("a store").len(),
            orders.len(),
            "{store}: it was seen at once"
        );
    }
}
