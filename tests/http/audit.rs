//! The audit log: what is set by a key or on a page has its line, once, in the act's own commit.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, client, client_on_postgres, unique};

/// How often each act stands in the account's log, by action and kind of actor.
async fn log(client: &Client, account: &str) -> BTreeMap<(String, String), usize> {
    let page = client.get(client.operator(), &format!("/api/audit-log/{account}?limit=200")).await;
    let mut counts = BTreeMap::new();
    for event in page.body["events"].as_array().unwrap_or_else(|| panic!("{page:?}")) {
        let text = |name: &str| event[name].as_str().expect("text").to_owned();
        *counts.entry((text("action"), text("actor_kind"))).or_default() += 1;
    }
    counts
}

/// Sends a write twice under one key.
async fn twice(client: &Client, key: &str, method: Method, path: &str, body: Value) -> Answer {
    let once = unique("audited");
    let send = async || {
        let request = client.request(method.clone(), path).bearer_auth(key).header("Idempotency-Key", &once);
        client.send(if body.is_null() { request } else { request.json(&body) }).await
    };
    let first = send().await;
    assert!((200..300).contains(&first.status), "{path}: {first:?}");
    assert_eq!(send().await.status, first.status, "{path}");
    first
}

#[tokio::test]
async fn what_a_key_sets_has_its_line_once() {
    for client in [client(), client_on_postgres()] {
        let (account, owner) = client.person();
        let (key, operator) = (client.key_by(&owner), client.operator().to_owned());
        let (put, post, delete) = (Method::PUT, Method::POST, Method::DELETE);
        let billing = |what: &str| format!("/api/billing/{what}/{account}");
        twice(&client, &key, put.clone(), &billing("budgets"), json!({"day": 100})).await;
        twice(&client, &key, put.clone(), &billing("alerts"), json!({"low_balance": 5})).await;
        let rule = json!({"threshold": 10, "package_name": "Starter", "monthly_cap": 5_000, "enabled": false});
        twice(&client, &key, put.clone(), &billing("auto-topup"), rule).await;
        let card = json!({"account_id": account, "payment_method": "pm_card_visa"});
        let saved = twice(&client, &key, post.clone(), "/api/billing/payment-methods", card).await;
        let card = saved.body["payment_method"].as_str().expect("a card").to_owned();
        twice(&client, &key, delete.clone(), &format!("{}/{card}", billing("payment-methods")), Value::Null).await;
        let order = json!({"account_id": account});
        twice(&client, &key, post.clone(), "/api/billing/subscriptions", order).await;
        let hook = json!({"account_id": account, "url": "http://127.0.0.1:9/hook"});
        let made = twice(&client, &key, post.clone(), "/api/webhooks", hook).await;
        let hook = format!("/api/webhooks/{account}/{}", made.body["webhook"]["webhook_id"].as_str().expect("an id"));
        twice(&client, &key, put, &hook, json!({"url": "http://127.0.0.1:9/other"})).await;
        twice(&client, &key, post.clone(), &format!("{hook}/rotate"), json!({})).await;
        twice(&client, &key, delete.clone(), &hook, Value::Null).await;
        let grant = json!({"account_id": account, "credits": 5, "every": "month", "reason": "Allowance"});
        let made = twice(&client, &operator, post, "/api/billing/recurring-grants", grant).await;
        let id = made.body["recurring_grant_id"].as_str().expect("an id");
        twice(&client, &operator, delete, &format!("{}/{id}", billing("recurring-grants")), Value::Null).await;

        let counts = log(&client, &account).await;
        for action in [
            "budgets_set",
            "alerts_set",
            "top_up_set",
            "card_saved",
            "card_removed",
            "subscription_begun",
            "webhook_created",
            "webhook_set",
            "webhook_rotated",
            "webhook_removed",
            "recurring_grant_added",
            "recurring_grant_ended",
        ] {
            let count = counts.get(&(action.to_owned(), "key".to_owned()));
            assert_eq!(count, Some(&1), "{action}: {counts:?}");
        }
        let opened = client.open("developer").await;
        let counts = log(&client, &opened.account).await;
        assert_eq!(counts.get(&("account_opened".to_owned(), "key".to_owned())), Some(&1), "{counts:?}");
    }
}

#[tokio::test]
async fn what_is_set_on_a_page_has_its_line_with_the_persons_name() {
    for client in [client(), client_on_postgres()] {
        let (account, owner) = client.person();
        let key = client.key_by(&owner);
        let request = ("request", "01J9ZQ3V5R8N2M4K6T7W8X9YAB");
        let send = async |endpoint: &str, fields: &[(&str, &str)]| {
            let answer = client.form(&owner, endpoint, fields).await;
            assert!(answer.status < 400, "{endpoint}: {answer:?}");
        };
        send("set_budgets", &[("day", "100"), ("month", ""), request]).await;
        send("set_alerts", &[("low", "5"), ("budgets", "yes"), ("expiring", "no")]).await;
        let rule = [("enabled", "off"), ("threshold", "10"), ("package", "Starter"), ("cap", "50")];
        send("set_top_up", &rule).await;
        send("create_webhook", &[("url", "http://127.0.0.1:9/hook"), ("description", ""), request]).await;
        let listed = client.get(&key, &format!("/api/webhooks/{account}")).await;
        let id = listed.body["webhooks"][0]["webhook_id"].as_str().unwrap_or_else(|| panic!("{listed:?}")).to_owned();
        send("rotate_webhook", &[("id", &id), ("hours", "1"), request]).await;
        let change = [("id", id.as_str()), ("url", "http://127.0.0.1:9/x"), ("description", ""), ("enabled", "off")];
        send("set_webhook", &change).await;
        send("remove_webhook", &[("id", &id)]).await;
        let counts = log(&client, &account).await;
        let actions = ["budgets_set", "alerts_set", "top_up_set", "webhook_created", "webhook_rotated", "webhook_set"];
        for action in actions.into_iter().chain(["webhook_removed"]) {
            let count = counts.get(&(action.to_owned(), "person".to_owned()));
            assert_eq!(count, Some(&1), "{action}: {counts:?}");
        }
    }
}
