//! The operators' side of payments over REST and on the pages: events, replays and every purchase.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres};

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
        let (_, rest) = one.split_once("/office/events/").expect("a link");
        let id: String = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
        let event = page(format!("/office/events/{id}")).await;
        assert!(
            event.contains("Replay") && event.contains("&quot;object&quot;: &quot;event&quot;")
                || event.contains("\"object\": \"event\""),
            "{event}"
        );
        let before = client.ledger(&customer.account).await;
        let form = client.request(Method::POST, "/fn/office_replay").header("sec-fetch-site", "same-origin");
        let form = form.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
        let answer = client.send(form.header("cookie", &operator).body(format!("id={id}").into_bytes())).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, format!("/office/events/{id}?done=already").as_str())
        );
        assert!(page(format!("/office/events/{id}?done=already")).await.contains("Nothing was changed."));
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
