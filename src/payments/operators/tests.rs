//! Replays on both stores: whatever an event came to and however often it is replayed, credits come once.

use serde_json::json;

use super::{EventCursor, EventFilter, PurchaseFilter, Replay, StoredEvent, readable_payload};
use crate::billing::NewAccount;
use crate::billing::store::testing::databases;
use crate::billing::store::{Sql, Statement};
use crate::ledger::{Clock, IdSource, PurchaseId};
use crate::payments::testing::{Till, intent_event, session_event};
use crate::payments::{EventState, Payments, PurchaseState};

/// Stands in for the line of the audit log: a row that counts how often it was written.
fn line() -> Statement {
    Statement::new(Sql::both("insert into test_lines (asked) values ('again')"), vec![])
}

async fn open_till(database: crate::billing::store::Database) -> Till {
    let till = Till::open(database).await;
    // A till of another test may have made it on this server.
    let made = Statement::new(Sql::both("create table if not exists test_lines (asked text not null)"), vec![]);
    till.database.write(vec![made]).await.expect("a table");
    till
}

async fn lines(till: &Till) -> i64 {
    let row = till.database.fetch_one(Sql::both("select count(*) from test_lines"), vec![]).await.expect("a store");
    row.expect("a row").int(0).expect("a number")
}

async fn replay(payments: &Payments, id: &str) -> Replay {
    payments.replay(id, line()).await.expect("a store").expect("an event")
}

fn state(replay: &Replay) -> (bool, &'static str) {
    match replay {
        Replay::Again(event) => (true, event.state.name()),
        Replay::AlreadyDone(event) => (false, event.state.name()),
    }
}

#[tokio::test]
async fn a_replay_of_a_done_event_changes_nothing_and_leaves_no_line() {
    for (store, database) in databases().await {
        let till = open_till(database).await;
        let purchase = till.purchase("a").await;
        till.hear(&session_event("evt_1", "completed", &purchase, "paid")).await;
        let (before, _) = till.payments.event("evt_1").await.expect("a store").expect("kept");
        assert_eq!((before.state, before.attempts), (EventState::Done, 1), "{store}");
        let again = replay(&till.payments, "evt_1").await;
        assert_eq!(again, Replay::AlreadyDone(before), "{store}");
        assert_eq!((till.available().await, lines(&till).await), (100, 0), "{store}");
    }
}

#[tokio::test]
async fn a_failed_event_is_done_by_a_replay_once_its_cause_is_gone() {
    for (store, database) in databases().await {
        let till = open_till(database).await;
        let mut purchase = till.purchase("a").await;
        purchase.id = PurchaseId::from_ulid(till.ids.next(till.clock.now()));
        till.hear(&intent_event("evt_1", "succeeded", &purchase)).await;
        assert_eq!(till.event_state("evt_1").await.as_deref(), Some("failed"), "{store}: the purchase is not known");
        assert_eq!(state(&replay(&till.payments, "evt_1").await), (true, "failed"), "{store}: and still is not");

        purchase.request = "b".into();
        purchase.grant = crate::ledger::GrantId::from_ulid(till.ids.next(till.clock.now()));
        till.payments.inner.store.create(&purchase).await.expect("a store").expect("written");
        till.clock.advance(60);
        let Replay::Again(event) = replay(&till.payments, "evt_1").await else { panic!("{store}: it was not done") };
        assert_eq!((event.state, event.replays, event.note.as_str()), (EventState::Done, 2, ""), "{store}");
        assert_eq!(event.replayed_at, Some(till.clock.now()), "{store}");
        assert_eq!((till.available().await, till.state(&purchase).await), (100, "paid"), "{store}");
        assert_eq!(state(&replay(&till.payments, "evt_1").await), (false, "done"), "{store}");
        assert_eq!(
            (till.available().await, lines(&till).await),
            (100, 2),
            "{store}: a line for each that was worked off"
        );
    }
}

#[tokio::test]
async fn replays_at_once_on_two_servers_and_the_worker_between_them_grant_once() {
    for (store, database) in databases().await {
        let till = open_till(database).await;
        let peer = till.peer();
        for n in 0..5 {
            let (account, id) = (till.account, format!("evt_{n}"));
            let mut purchase = till.purchase_of(account, &format!("request-{n}")).await;
            let known = purchase.id;
            purchase.id = PurchaseId::from_ulid(till.ids.next(till.clock.now()));
            till.hear(&intent_event(&id, "succeeded", &purchase)).await;
            assert_eq!(till.event_state(&id).await.as_deref(), Some("failed"), "{store}");
            let rename = Sql::both("update purchases set id = $2 where id = $1");
            let args = vec![known.to_string().into(), purchase.id.to_string().into()];
            till.database.write(vec![Statement::new(rename, args)]).await.expect("a store");
            let both =
                tokio::join!(till.payments.replay(&id, line()), peer.replay(&id, line()), till.payments.work_off());
            both.0.expect("a store").expect("an event");
            both.1.expect("a store").expect("an event");
            till.payments.work_off().await.expect("worked off");
            assert_eq!(till.event_state(&id).await.as_deref(), Some("done"), "{store}");
        }
        assert_eq!(till.available().await, 500, "{store}");
    }
}

#[tokio::test]
async fn undecodable_ignored_unknown_and_mismatched_events_are_kept_and_come_to_the_same() {
    for (store, database) in databases().await {
        let till = open_till(database).await;
        let purchase = till.purchase("a").await;
        let mut torn = session_event("evt_torn", "completed", &purchase, "paid");
        torn["data"]["object"] = json!({ "id": "cs_1" });
        let mut unknown = session_event("evt_unknown", "completed", &purchase, "paid");
        unknown["type"] = json!("radar.early_fraud_warning.created");
        let mut live = session_event("evt_live", "completed", &purchase, "paid");
        live["livemode"] = json!(true);
        let mut other = intent_event("evt_other", "succeeded", &purchase);
        other["data"]["object"]["amount_received"] = json!(999);
        for event in [torn, unknown, live, other] {
            till.hear(&event).await;
        }
        for (id, expected) in [
            ("evt_torn", "undecodable"),
            ("evt_unknown", "ignored"),
            ("evt_live", "ignored"),
            ("evt_other", "mismatch"),
        ] {
            assert_eq!(till.event_state(id).await.as_deref(), Some(expected), "{store} {id}");
            assert_eq!(state(&replay(&till.payments, id).await), (true, expected), "{store} {id}");
        }
        assert_eq!(till.payments.replay("evt_nowhere", line()).await, Ok(None), "{store}");
        assert_eq!((till.available().await, till.state(&purchase).await), (0, "created"), "{store}");
        // What could not be read is read after an update: here its payload has become readable.
        let whole = session_event("evt_torn", "completed", &purchase, "paid").to_string();
        let mend = Sql::both("update stripe_events set payload = $1 where id = 'evt_torn'");
        till.database.write(vec![Statement::new(mend, vec![whole.into()])]).await.expect("a store");
        assert_eq!(state(&replay(&till.payments, "evt_torn").await), (true, "done"), "{store}");
        assert_eq!(till.available().await, 100, "{store}");
    }
}

#[tokio::test]
async fn events_come_in_pages_by_state_and_type_and_by_their_purchase() {
    for (store, database) in databases().await {
        let till = open_till(database).await;
        let purchase = till.purchase("a").await;
        for n in 0..3 {
            till.deliver(&intent_event(&format!("evt_f{n}"), "payment_failed", &purchase)).await.expect("taken in");
            till.clock.advance(1);
        }
        till.hear(&session_event("evt_paid", "completed", &purchase, "paid")).await;
        let mut charged = intent_event("evt_charge", "succeeded", &purchase);
        charged["type"] = json!("charge.updated");
        charged["data"]["object"] = json!({ "object": "charge", "payment_intent": format!("pi_{}", purchase.id) });
        till.clock.advance(1);
        till.hear(&charged).await;

        let names = |events: &[StoredEvent]| events.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
        let all = till.payments.events(&EventFilter::default(), None, 10).await.expect("a store");
        assert_eq!(names(&all), ["evt_charge", "evt_paid", "evt_f2", "evt_f1", "evt_f0"], "{store}");
        let place: EventCursor = all[1].cursor().to_string().parse().expect("a place");
        let rest = till.payments.events(&EventFilter::default(), Some(&place), 2).await.expect("a store");
        assert_eq!(names(&rest), ["evt_f2", "evt_f1"], "{store}");
        let only = |state, kind: Option<&str>| EventFilter { state, kind: kind.map(str::to_owned) };
        for (filter, expected) in [
            (only(Some(EventState::Ignored), None), &["evt_charge"][..]),
            (only(None, Some("checkout.session.completed")), &["evt_paid"]),
            (only(Some(EventState::Done), Some("payment_intent.payment_failed")), &["evt_f2", "evt_f1", "evt_f0"]),
            (only(Some(EventState::Failed), Some("charge.updated")), &[]),
        ] {
            let found = till.payments.events(&filter, None, 10).await.expect("a store");
            assert_eq!(names(&found), expected, "{store} {filter:?}");
        }
        let purchase = till.payments.any_purchase(purchase.id).await.expect("a store").expect("a purchase");
        let about = till.payments.events_about(&purchase).await.expect("a store");
        assert_eq!(names(&about), names(&all), "{store}: a charge is found by its payment");
        for nonsense in ["", "1", "x-evt_1", "1-", "1-a b"] {
            assert!(nonsense.parse::<EventCursor>().is_err(), "{nonsense:?}");
        }
    }
}

#[tokio::test]
async fn purchases_of_everybody_are_listed_by_state_and_account() {
    for (store, database) in databases().await {
        let till = open_till(database).await;
        let other = NewAccount::by_sign_up("Bob".into());
        let other = till.kernel.open(other, "open-bob", None).await.expect("an account").account;
        let (first, second) = (till.purchase("a").await, till.purchase_of(other, "b").await);
        till.hear(&session_event("evt_1", "completed", &first, "paid")).await;
        let list = async |state, account| {
            let filter = PurchaseFilter { state, account };
            let found = till.payments.all_purchases(filter, None, 10).await.expect("a store");
            found.into_iter().map(|purchase| purchase.id).collect::<Vec<_>>()
        };
        assert_eq!(list(None, None).await, [second.id, first.id], "{store}");
        assert_eq!(list(Some(PurchaseState::Paid), None).await, [first.id], "{store}");
        assert_eq!(list(None, Some(other)).await, [second.id], "{store}");
        assert_eq!(list(Some(PurchaseState::Paid), Some(other)).await, [], "{store}");
        let older = till.payments.all_purchases(PurchaseFilter::default(), Some(second.id), 10).await.expect("a store");
        assert_eq!(older.len(), 1, "{store}");
        let paid = till.payments.money_of(&older[0]).await.expect("a store").expect("paid");
        assert_eq!(paid.total(older[0].amount), older[0].amount, "{store}");
        assert_eq!(paid.receipt.expect("a receipt").amount, first.credits, "{store}");
        assert_eq!(till.payments.money_of(&second).await, Ok(None), "{store}");
    }
}

#[test]
fn what_would_let_its_reader_pay_is_not_shown() {
    let payload =
        json!({ "data": { "object": { "client_secret": "pi_1_secret_2", "list": [{ "client_secret": null }] } } });
    let shown = readable_payload(&payload.to_string());
    assert_eq!(shown["data"]["object"]["client_secret"], "(not shown)");
    assert_eq!(shown["data"]["object"]["list"][0]["client_secret"], json!(null));
    assert_eq!(readable_payload("no json"), json!("no json"));
}
