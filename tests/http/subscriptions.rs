//! The fintech subscription over REST: begun on the page, priced at once, ended with its period, resumed.

use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{Client, Customer, client, client_on_postgres};

const SUBSCRIPTIONS: &str = "/api/billing/subscriptions";

fn path(customer: &Customer) -> String {
    format!("{SUBSCRIPTIONS}/{}", customer.account)
}

async fn until_state(client: &Client, customer: &Customer, state: &str) -> Value {
    for _ in 0..200 {
        let read = client.get(&customer.key, &path(customer)).await.body["subscription"].clone();
        if read["state"] == state {
            return read;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never {state}: {:?}", client.get(&customer.key, &path(customer)).await);
}

/// What a hundred oracle questions would cost now.
async fn price(client: &Client, customer: &Customer) -> i64 {
    let body = json!({"account_id": customer.account, "operation": "conservation_oracle", "quantity": 100});
    let quote = client.post(&customer.key, "/api/billing/quotes", body).await;
    quote.body["credits"].as_i64().unwrap_or_else(|| panic!("{quote:?}"))
}

#[tokio::test]
async fn a_paid_subscription_changes_the_prices_at_once_and_can_be_ended_and_resumed() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        assert_eq!(client.get(&customer.key, &path(&customer)).await.body["subscription"], Value::Null);
        assert_eq!(price(&client, &customer).await, 500);
        let order = json!({"account_id": customer.account});
        let started = client.post(&customer.key, SUBSCRIPTIONS, order.clone()).await;
        assert_eq!((started.status, &started.body["amount"]), (200, &json!(500_000)), "{started:?}");
        let again = client.post(&customer.key, SUBSCRIPTIONS, order.clone()).await;
        assert_eq!(again.body["checkout_url"], started.body["checkout_url"], "one page, however often it is asked for");
        until_state(&client, &customer, "awaiting_payment").await;
        assert_eq!(price(&client, &customer).await, 500, "an open page entitles to nothing");

        client.pay(started.body["checkout_url"].as_str().expect("a page"), "4242424242424242").await;
        let active = until_state(&client, &customer, "active").await;
        assert!(active["paid_until"].is_string() && active["tier"] == "fintech", "{active}");
        assert_eq!(price(&client, &customer).await, 400);
        let second = client.post(&customer.key, SUBSCRIPTIONS, order).await;
        assert_eq!(second.problem(), (409, "already_subscribed"));

        for (word, state) in [("cancel", "canceling"), ("cancel", "canceling"), ("resume", "active")] {
            let answer = client.post(&customer.key, &format!("{}/{word}", path(&customer)), json!({})).await;
            assert_eq!((answer.status, &answer.body["subscription"]["state"]), (200, &json!(state)), "{answer:?}");
        }
        assert_eq!(price(&client, &customer).await, 400);
    }
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_or_ended_says_so_and_foreign_accounts_look_like_none() {
    let client = client();
    let (ada, eve) = (client.open("enterprise").await, client.open("developer").await);
    let order = json!({"account_id": ada.account});
    let arranged = client.post(&ada.key, SUBSCRIPTIONS, order.clone()).await;
    assert_eq!(arranged.problem(), (409, "tier_by_arrangement"));
    assert_eq!(client.post(&eve.key, SUBSCRIPTIONS, order).await.problem(), (404, "account_not_found"));
    assert_eq!(client.get(&eve.key, &path(&ada)).await.problem(), (404, "account_not_found"));
    for word in ["cancel", "resume"] {
        let own = client.post(&eve.key, &format!("{}/{word}", path(&eve)), json!({})).await;
        assert_eq!(own.problem(), (409, "no_subscription"), "{word}");
        let foreign = client.post(&eve.key, &format!("{}/{word}", path(&ada)), json!({})).await;
        assert_eq!(foreign.problem(), (404, "account_not_found"), "{word}");
    }
}

#[tokio::test]
async fn a_promotion_code_makes_a_purchase_cheaper_and_brings_the_packages_credits() {
    let client = client();
    let customer = client.open("developer").await;
    let order = json!({"account_id": customer.account, "package_name": "Starter"});
    let checkout = client.post(&customer.key, "/api/billing/checkout", order.clone()).await;
    let url = checkout.body["checkout_url"].as_str().expect("a page").to_owned();
    client.promote(&url, "TEST20").await;
    client.pay(&url, "4242424242424242").await;
    client.until_balance(&customer.account, 100).await;
    let grants = client.get(&customer.key, &format!("/api/billing/grants/{}", customer.account)).await;
    assert_eq!(grants.body["grants"][0]["paid"], 800, "{grants:?}");

    let free = client.post(&customer.key, "/api/billing/checkout", order).await;
    let url = free.body["checkout_url"].as_str().expect("a page").to_owned();
    client.promote(&url, "TEST100").await;
    client.pay(&url, "4242424242424242").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(client.balance(&customer.account).await, 100, "without money there are no credits");
}
