//! The operators' side of payments over REST and on the pages: events, replays and every purchase.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres, client_to_spoil};

/// A purchase that is paid on Stripe's page and whose credits have come.
async fn bought(client: &Client) -> (Customer, String) {
    let customer = client.open("developer").await;
    let order = json!({"account_id": customer.account, "package_name": "Starter"});
    let checkout = client.post(&customer.key, "/api/billing/checkout", order).await;
    client.pay(checkout.body["checkout_url"].as_str().expect("where to pay"), "4242424242424242").await;
    client.until_balance(&customer.account, 100).await;
    let purchase = checkout.body["purchase_id"].as_str().expect("an id").to_owned();
    (customer, purchase)
}

#[tokio::test]
async fn operators_list_read_and_replay_events_and_nothing_is_granted_twice() {
    for client in [client(), client_on_postgres()] {
        let (customer, purchase) = bought(&client).await;
        let path = format!("/api/office/purchases/{purchase}");
        let detail = client.get(client.operator(), &path).await;
        assert_eq!(detail.status, 200, "{detail:?}");
        assert_eq!(detail.body["purchase"]["state"], "paid");
        assert_eq!(detail.body["paid"]["total"], 1_000);
        assert!(detail.body["paid"]["transaction_id"].as_str().is_some_and(|id| id.starts_with("TXN_")));
        let events = detail.body["events"].as_array().expect("events").clone();
        assert!(!events.is_empty(), "{detail:?}");

        let id = events[0]["stripe_event_id"].as_str().expect("an id");
        let event = client.get(client.operator(), &format!("/api/office/events/{id}")).await;
        assert_eq!((event.status, &event.body["payload"]["id"]), (200, &json!(id)), "{event:?}");
        assert!(!event.body.to_string().contains("_secret_"), "{event:?}");
        let before = client.ledger(&customer.account).await;
        for event in &events {
            let id = event["stripe_event_id"].as_str().expect("an id");
            let again = client.post(client.operator(), &format!("/api/office/events/{id}/replay"), json!({})).await;
            assert_eq!(again.status, 200, "{again:?}");
        }
        assert_eq!(client.ledger(&customer.account).await, before);

        let listed = client.get(client.operator(), "/api/office/events?state=done&limit=1").await;
        assert_eq!(listed.body["events"].as_array().map(Vec::len), Some(1), "{listed:?}");
        let own = format!("/api/office/purchases?state=paid&account_id={}", customer.account);
        let listed = client.get(client.operator(), &own).await;
        assert_eq!(listed.body["purchases"][0]["purchase_id"], json!(purchase), "{listed:?}");
        assert_eq!(listed.body["next_cursor"], Value::Null);
        let customers = client.get(&customer.key, &path).await;
        assert_eq!(customers.problem(), (404, "not_found"));
    }
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_told_so() {
    let client = client();
    for (path, status, code) in [
        ("/api/office/events?state=lost", 422, "invalid_field"),
        ("/api/office/events?type=", 422, "invalid_field"),
        ("/api/office/events?cursor=x", 422, "invalid_field"),
        ("/api/office/events?limit=0", 422, "invalid_field"),
        ("/api/office/events/evt_nowhere", 404, "stripe_event_not_found"),
        ("/api/office/purchases?state=done", 422, "invalid_field"),
        ("/api/office/purchases?account_id=x", 422, "invalid_field"),
        ("/api/office/purchases/PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB", 404, "purchase_not_found"),
        ("/api/office/purchases/x", 404, "purchase_not_found"),
    ] {
        assert_eq!(client.get(client.operator(), path).await.problem(), (status, code), "{path}");
    }
    let replay = client.post(client.operator(), "/api/office/events/evt_nowhere/replay", json!({})).await;
    assert_eq!(replay.problem(), (404, "stripe_event_not_found"));
}

#[tokio::test]
async fn the_pages_show_a_purchase_with_its_events_and_replay_one_by_a_plain_form() {
    for client in [client(), client_on_postgres()] {
        let (customer, purchase) = bought(&client).await;
        let operator = client.operator_person();
        let page = |path: String| {
            let (client, operator) = (&client, &operator);
            async move {
                let answer = client.page(operator, &path).await;
                assert_eq!(answer.status, 200, "{path}: {answer:?}");
                answer.body.as_str().expect("a page").to_owned()
            }
        };
        let list = page(format!("/office/purchases?state=paid&account={}", customer.account)).await;
        assert!(list.contains(&format!("/office/purchases/{purchase}")), "{list}");
        let one = page(format!("/office/purchases/{purchase}")).await;
        for text in ["data-state=\"paid\"", "cs_", "pi_", "GRT_", "TXN_", "/office/events/evt_"] {
            assert!(one.contains(text), "{text}: {one}");
        }
        let known = client.get(client.operator(), &format!("/api/office/purchases/{purchase}")).await.body;
        let of_state = |state: &str| {
            let events = known["events"].as_array().expect("events").iter();
            let id = events.filter(|event| event["state"] == state).find_map(|event| event["stripe_event_id"].as_str());
            id.unwrap_or_else(|| panic!("one is {state}: {known}")).to_owned()
        };
        let before = client.ledger(&customer.account).await;
        // The charge's own event says nothing that the purchase needs, and a replay of it neither.
        for (state, done, sentence) in
            [("done", "already", "Nothing was changed."), ("ignored", "replayed", "Replayed, and it came to the same.")]
        {
            let id = of_state(state);
            let event = page(format!("/office/events/{id}")).await;
            for text in ["Replay", "Payload", id.as_str(), "livemode", &format!("data-state=\"{state}\"")] {
                assert!(event.contains(text), "{text}: {event}");
            }
            let back = client.plain_form(&operator, "office_replay", &[("id", &id)]).await;
            assert_eq!(back, format!("/office/events/{id}?done={done}"));
            assert!(page(back).await.contains(sentence), "{state}");
        }
        assert_eq!(client.ledger(&customer.account).await, before);
        assert!(
            page("/office/events?state=mismatch&type=charge.dispute.created".into()).await.contains("No event fits.")
        );
        assert!(page("/office/events?state=done".into()).await.contains("office-events"));
        assert_eq!(client.page(&operator, "/office/purchases/nonsense").await.status, 404);
        let (_, stranger) = client.person();
        assert_eq!(client.page(&stranger, "/office/events").await.status, 404);
    }
}

const RUNS: &str = "/api/office/reconciliations";

/// A purchase that is paid on Stripe's page while every webhook is lost.
async fn paid_unheard(client: &Client) -> (Customer, String) {
    let customer = client.open("developer").await;
    let order = json!({"account_id": customer.account, "package_name": "Starter"});
    let checkout = client.post(&customer.key, "/api/billing/checkout", order).await;
    client.control("chaos", "loss=true").await;
    client.pay(checkout.body["checkout_url"].as_str().expect("where to pay"), "4242424242424242").await;
    client.control("chaos", "calm=true").await;
    (customer, checkout.body["purchase_id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn a_lost_webhook_is_found_over_rest_repaired_by_one_request_and_told_as_a_table() {
    let client = client_to_spoil();
    let (customer, purchase) = paid_unheard(&client).await;
    let run = client.post_once(client.operator(), "night-watch", RUNS, json!({})).await;
    assert_eq!((run.status, &run.body["state"], &run.body["differences"]), (200, &json!("done"), &json!(1)), "{run:?}");
    assert_eq!((&run.body["totals"]["gross"], &run.body["totals"]["booked"]), (&json!(1_000), &json!(0)));
    let again = client.post_once(client.operator(), "night-watch", RUNS, json!({})).await;
    assert_eq!(again.body["reconciliation_id"], run.body["reconciliation_id"]);

    let path = format!("{RUNS}/{}", run.body["reconciliation_id"].as_str().expect("an id"));
    let found = client.get(client.operator(), &format!("{path}/differences")).await.body;
    let difference = &found["differences"][0];
    assert_eq!((&difference["difference"], &difference["repairable"]), (&json!("paid_not_granted"), &json!(true)));
    assert_eq!((&difference["purchase_id"], &difference["at_stripe"]), (&json!(purchase), &json!(1_000)));
    assert_eq!(client.balance(&customer.account).await, 0);
    for _ in 0..2 {
        let repaired = client.post(client.operator(), &format!("{path}/differences/1/repair"), json!({})).await;
        assert_eq!((repaired.status, &repaired.body["mended"]), (200, &json!(true)), "{repaired:?}");
        assert_eq!(client.balance(&customer.account).await, 100);
    }
    // The lost events come after all, and bring nothing more.
    client.control("deliver", "").await;
    let csv = client.get(client.operator(), &format!("{path}/export")).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let table = csv.body.as_str().expect("a table");
    assert!(table.starts_with("number,difference,purchase") && table.contains(&format!("paid_not_granted,{purchase}")));
    let clean = client.post(client.operator(), RUNS, json!({})).await;
    assert_eq!((&clean.body["differences"], &clean.body["totals"]["booked"]), (&json!(0), &json!(1_000)), "{clean:?}");
    assert_eq!(client.balance(&customer.account).await, 100);
    let audit = client.get(client.operator(), &format!("/api/audit-log/{}", customer.account)).await.body.to_string();
    assert!(audit.contains("difference_repaired"), "{audit}");

    for (answer, expected) in [
        (client.get(&customer.key, &path).await, (404, "not_found")),
        (client.post(&customer.key, RUNS, json!({})).await, (404, "not_found")),
        (client.get(client.operator(), &format!("{RUNS}/RCN_1")).await, (404, "reconciliation_not_found")),
        (client.get(client.operator(), &format!("{RUNS}?cursor=x")).await, (422, "invalid_field")),
        (client.get(client.operator(), &format!("{path}/differences?cursor=-1")).await, (422, "invalid_field")),
        (
            client.post(client.operator(), &format!("{path}/differences/2/repair"), json!({})).await,
            (404, "difference_not_found"),
        ),
    ] {
        assert_eq!(answer.problem(), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn the_pages_compare_the_books_and_repair_a_difference_by_plain_forms() {
    let client = client_to_spoil();
    let operator = client.operator_person();
    let page = async |path: &str| {
        let answer = client.page(&operator, path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body.as_str().expect("a page").to_owned()
    };
    assert!(page("/office/reconciliation").await.contains("The books were not compared yet."));
    let clean = client.plain_form(&operator, "office_reconcile", &[("request", "01J9ZQ3V5R8N2M4K6T7W8X9YAA")]).await;
    let told = page(&clean).await;
    assert!(told.contains("nothing differs") && told.contains("Nothing was sold in these thirty days"), "{told}");

    let (customer, purchase) = paid_unheard(&client).await;
    let run = client.plain_form(&operator, "office_reconcile", &[("request", "01J9ZQ3V5R8N2M4K6T7W8X9YAB")]).await;
    assert_ne!(run, clean);
    let told = page(&run).await;
    for text in ["Paid at Stripe, not granted", "$10.00", "Repair", &purchase, "pi_", "$9.41"] {
        assert!(told.contains(text), "{text}: {told}");
    }
    let id = run.rsplit('/').next().expect("an id");
    let back = client.plain_form(&operator, "office_repair", &[("run", id), ("number", "1")]).await;
    assert_eq!((back.as_str(), client.balance(&customer.account).await), (format!("{run}?done=mended").as_str(), 100));
    let told = page(&back).await;
    assert!(told.contains("Repaired: Stripe") && told.contains("/office/events/aethel_"), "{told}");
    let again = client.plain_form(&operator, "office_repair", &[("run", id), ("number", "1")]).await;
    assert_eq!((again, client.balance(&customer.account).await), (format!("{run}?done=already"), 100));

    let csv = client.page(&operator, &format!("{run}/differences.csv")).await;
    assert!(csv.body.as_str().is_some_and(|table| table.contains("paid_not_granted")), "{csv:?}");
    let (_, stranger) = client.person();
    for path in [run.clone(), format!("{run}/differences.csv"), "/office/reconciliation".into()] {
        assert_eq!(client.page(&stranger, &path).await.status, 404, "{path}");
        assert_ne!(client.page("", &path).await.status, 200, "{path}");
    }
    assert_eq!(client.page(&operator, "/office/reconciliation/nonsense").await.status, 404);
}
