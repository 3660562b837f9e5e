//! Automatic purchases over REST: set, carried out once, stopped with a reason, resumed by another card.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres};

fn path(customer: &Customer) -> String {
    format!("/api/billing/auto-topup/{}", customer.account)
}

async fn save(client: &Client, customer: &Customer, card: &str) {
    let body = json!({"account_id": customer.account, "payment_method": card});
    let saved = client.post(&customer.key, "/api/billing/payment-methods", body).await;
    assert_eq!(saved.status, 200, "{saved:?}");
}

async fn set(client: &Client, customer: &Customer, threshold: i64, cap: i64) -> Answer {
    let body = json!({"threshold": threshold, "package_name": "starter", "monthly_cap": cap});
    client.put(&customer.key, &path(customer), body).await
}

/// Waits until the rule says so.
async fn until(client: &Client, customer: &Customer, field: &str, value: Value) -> Value {
    for _ in 0..200 {
        let rule = client.get(&customer.key, &path(customer)).await.body;
        if rule[field] == value {
            return rule;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{field} never was {value}: {:?}", client.get(&customer.key, &path(customer)).await);
}

#[tokio::test]
async fn a_balance_below_the_threshold_is_topped_up_once_and_within_the_months_limit() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 60).await;
        let none = client.get(&customer.key, &path(&customer)).await.body;
        assert_eq!((&none["enabled"], &none["threshold"]), (&json!(false), &Value::Null));
        save(&client, &customer, "pm_card_visa").await;
        let rule = set(&client, &customer, 50, 1_500).await;
        assert_eq!(rule.status, 200, "{rule:?}");
        let shown = ["enabled", "threshold", "package_name", "monthly_cap"].map(|name| rule.body[name].clone());
        assert_eq!(shown, [json!(true), json!(50), json!("Starter"), json!(1_500)]);

        client.charge(&customer, "proof_verification", 11).await;
        client.until_balance(&customer.account, 149).await;
        client.charge(&customer, "proof_verification", 109).await;
        let capped = until(&client, &customer, "spent_this_month", json!(1_000)).await;
        assert_eq!(capped["stopped"], Value::Null);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(client.balance(&customer.account).await, 40, "another package would pass the month's limit");
        let capped = client.get(&customer.key, &path(&customer)).await.body;
        assert!(capped["not_before"].as_str().is_some_and(|at| at.contains("-01T00:00:00Z")), "{capped}");
    }
}

#[tokio::test]
async fn a_decline_that_may_pass_is_not_tried_again_at_once_but_another_card_is() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    save(&client, &customer, "pm_card_chargeCustomerFail").await;
    set(&client, &customer, 50, 10_000).await;
    let list = format!("/api/billing/purchases/{}", customer.account);
    for _ in 0..200 {
        if client.get(&customer.key, &path(&customer)).await.body["not_before"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let waits = client.get(&customer.key, &path(&customer)).await.body;
    assert_eq!((&waits["stopped"], waits["not_before"].is_string()), (&Value::Null, true), "{waits}");
    let tried = client.get(&customer.key, &list).await.body["purchases"].as_array().map(Vec::len);
    assert_eq!((tried, client.balance(&customer.account).await), (Some(1), 10));
    save(&client, &customer, "pm_card_visa").await;
    client.until_balance(&customer.account, 110).await;
}

#[tokio::test]
async fn a_payment_to_be_confirmed_waits_for_its_customer_and_is_the_only_one() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    save(&client, &customer, "pm_card_authenticationRequired").await;
    set(&client, &customer, 50, 10_000).await;
    let stopped = until(&client, &customer, "stopped", json!("confirmation_required")).await;
    let body = json!({"account_id": customer.account, "purchase_id": stopped["purchase_id"]});
    let page = client.post(&customer.key, "/api/billing/purchase/confirm", body.clone()).await;
    client.confirm_at_bank(page.body["confirm_url"].as_str().expect("the bank's page")).await;
    client.until_balance(&customer.account, 110).await;
    until(&client, &customer, "stopped", Value::Null).await;
    let list = client.get(&customer.key, &format!("/api/billing/purchases/{}", customer.account)).await;
    assert_eq!(list.body["purchases"].as_array().map(Vec::len), Some(1), "{list:?}");
}

#[tokio::test]
async fn another_card_takes_the_place_of_a_payment_that_was_not_confirmed() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    save(&client, &customer, "pm_card_authenticationRequired").await;
    set(&client, &customer, 50, 10_000).await;
    let stopped = until(&client, &customer, "stopped", json!("confirmation_required")).await;
    save(&client, &customer, "pm_card_visa").await;
    client.until_balance(&customer.account, 110).await;
    let body = json!({"account_id": customer.account, "purchase_id": stopped["purchase_id"]});
    let late = client.post(&customer.key, "/api/billing/purchase/confirm", body).await;
    assert_eq!(late.problem(), (409, "purchase_over"));
    assert_eq!(client.balance(&customer.account).await, 110);
}

#[tokio::test]
async fn without_a_card_it_says_so_and_begins_once_there_is_one() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    set(&client, &customer, 50, 10_000).await;
    until(&client, &customer, "stopped", json!("no_card")).await;
    save(&client, &customer, "pm_card_visa").await;
    client.until_balance(&customer.account, 110).await;
}

#[tokio::test]
async fn a_rule_that_could_never_work_is_refused_and_foreign_accounts_look_like_none() {
    let client = client();
    let (ada, eve) = (client.open("developer").await, client.open("developer").await);
    let put = async |body: Value| client.put(&ada.key, &path(&ada), body).await;
    let wish = |threshold: i64, package: &str, cap: i64| json!({"threshold": threshold, "package_name": package, "monthly_cap": cap});
    assert_eq!(put(wish(50, "gold", 5_000)).await.problem(), (400, "package_not_found"));
    assert_eq!(put(wish(101, "starter", 5_000)).await.problem(), (422, "package_too_small"));
    assert_eq!(put(wish(50, "starter", 999)).await.problem(), (422, "cap_too_small"));
    assert_eq!(put(wish(0, "starter", 5_000)).await.problem().0, 422);
    assert_eq!(put(json!({"threshold": 50, "package_name": "starter", "monthly_cap": 10.5})).await.problem().0, 422);
    assert_eq!(client.get(&ada.key, &path(&ada)).await.body["enabled"], false);
    assert_eq!(client.get(&eve.key, &path(&ada)).await.problem(), (404, "account_not_found"));
    let foreign = client.put(&eve.key, &path(&ada), wish(50, "starter", 5_000)).await;
    assert_eq!(foreign.problem(), (404, "account_not_found"));
}
