//! Opening accounts and reading them, in the guide's shapes.

use serde_json::json;

use crate::support::{client, unique};

#[tokio::test]
async fn an_operator_opens_an_account() {
    let client = client();
    let body = json!({"customer_name": "Acme Finance", "tier": "fintech"});
    let answer = client.post(client.operator(), "/api/billing/account", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let account = answer.body["account_id"].as_str().expect("an id");
    assert!(account.starts_with("ACC_"));
    let expected =
        json!({"account_id": account, "customer_name": "Acme Finance", "tier": "fintech", "credit_balance": 0});
    assert_eq!(answer.body, expected);
    assert!(!answer.header("idempotency-key").is_empty());
}

#[tokio::test]
async fn a_free_account_starts_with_ten_credits_and_one_without_a_tier_is_a_developers() {
    let client = client();
    for (body, tier, credits) in
        [(json!({"customer_name": "A", "tier": "free"}), "free", 10), (json!({"customer_name": "B"}), "developer", 0)]
    {
        let answer = client.post(client.operator(), "/api/billing/account", body).await;
        assert_eq!((&answer.body["tier"], &answer.body["credit_balance"]), (&json!(tier), &json!(credits)));
        let account = answer.body["account_id"].as_str().expect("an id");
        assert_eq!(client.balance(account).await, credits);
    }
}

#[tokio::test]
async fn opening_twice_with_one_key_opens_one_account() {
    let client = client();
    let (once, body) = (unique("open"), json!({"customer_name": "Twice", "tier": "developer"}));
    let first = client.post_once(client.operator(), &once, "/api/billing/account", body.clone()).await;
    let second = client.post_once(client.operator(), &once, "/api/billing/account", body).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.body, second.body);
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
    assert_eq!(second.header("idempotency-key"), once);

    let other = json!({"customer_name": "Thrice", "tier": "developer"});
    let third = client.post_once(client.operator(), &once, "/api/billing/account", other).await;
    assert_eq!(third.problem(), (409, "idempotency_conflict"));
}

#[tokio::test]
async fn a_customer_cannot_open_accounts_and_is_not_told_that_operators_can() {
    let client = client();
    let customer = client.open("developer").await;
    let refused = client.post(&customer.key, "/api/billing/account", json!({"customer_name": "Mine"})).await;
    let nowhere = client.post(&customer.key, "/api/billing/nowhere", json!({})).await;
    assert_eq!(refused.problem(), (404, "not_found"));
    assert_eq!(refused.problem(), nowhere.problem());
    assert_eq!(refused.detail(), nowhere.detail());
}

#[tokio::test]
async fn a_balance_has_the_guides_shape() {
    let client = client();
    let customer = client.open_with("developer", 40).await;
    let answer = client.get(&customer.key, &format!("/api/billing/balance/{}", customer.account)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({"account_id": customer.account, "balance": 40}));
}

#[tokio::test]
async fn anyone_may_read_the_prices() {
    let client = client();
    let answer = client.send(client.request(axum::http::Method::GET, "/api/billing/prices")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let names: Vec<_> = answer.body["packages"].as_array().expect("packages").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Starter", "Professional", "Business", "Enterprise"]);
    assert_eq!(answer.body["operations"].as_array().map(Vec::len), Some(8));
}

#[tokio::test]
async fn a_price_book_is_read_by_its_version_too() {
    let client = client();
    let read = async |query: &str| {
        client.send(client.request(axum::http::Method::GET, &format!("/api/billing/prices{query}"))).await
    };
    let in_force = read("").await;
    let version = in_force.body["version"].as_i64().expect("a version");
    assert_eq!(read(&format!("?version={version}")).await.body, in_force.body);
    assert_eq!(read(&format!("?version={}", version + 1)).await.problem(), (404, "price_book_not_found"));
    assert_eq!(read("?version=0").await.problem(), (422, "invalid_field"));
}

#[tokio::test]
async fn an_account_tells_its_seven_buckets_and_they_sum_to_zero() {
    let client = client();
    let customer = client.open_with("developer", 40).await;
    let charge = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": 3});
    assert_eq!(client.post(&customer.key, "/api/billing/charges", charge).await.status, 200);
    let hold = json!({"account_id": customer.account, "operation": "conservation_oracle", "quantity": 2});
    assert_eq!(client.post(&customer.key, "/api/billing/holds", hold).await.status, 200);
    let answer = client.get(&customer.key, &format!("/api/billing/account/{}", customer.account)).await;
    let bucket = |name: &str| answer.body[name].as_i64().unwrap_or_else(|| panic!("{name}: {answer:?}"));
    let buckets = ["issued", "credit_balance", "held", "spent", "expired", "reversed", "owed"].map(bucket);
    assert_eq!(buckets, [-40, 27, 10, 3, 0, 0, 0]);
    assert_eq!(answer.body["suspended"], json!(false));
}
