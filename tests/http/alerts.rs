//! What an account is told: read, set, and refused when it makes no sense or is another's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Customer, client, client_on_postgres};

fn path(customer: &Customer) -> String {
    format!("/api/billing/alerts/{}", customer.account)
}

#[tokio::test]
async fn alerts_are_on_by_themselves_and_are_set_as_a_whole() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let read = client.get(&customer.key, &path(&customer)).await;
        assert_eq!(read.status, 200, "{read:?}");
        let expected = json!({"account_id": customer.account, "low_balance": 10, "low_balance_rule": "fixed",
            "budgets": true, "expiring": true, "lasting": []});
        assert_eq!(read.body, expected);
        let set = json!({"low_balance": 250, "budgets": false});
        let answer = client.put(&customer.key, &path(&customer), set).await;
        assert_eq!((&answer.body["low_balance"], &answer.body["low_balance_rule"]), (&json!(250), &json!("chosen")));
        assert_eq!((&answer.body["budgets"], &answer.body["expiring"]), (&json!(false), &json!(true)));
        assert_eq!(client.get(&customer.key, &path(&customer)).await.body, answer.body);
        let answer = client.put(client.operator(), &path(&customer), json!({"low_balance": null})).await;
        assert_eq!(answer.body, expected);
    }
}

#[tokio::test]
async fn an_alert_that_lasts_is_named() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        client.put(&customer.key, &format!("/api/billing/budgets/{}", customer.account), json!({"day": 100})).await;
        client.charge(&customer, "proof_verification", 95).await;
        let mut lasting = Vec::new();
        for _ in 0..200 {
            let read = client.get(&customer.key, &path(&customer)).await.body;
            lasting = read["lasting"].as_array().cloned().unwrap_or_default();
            if lasting.len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        lasting.sort_by_key(ToString::to_string);
        assert_eq!(lasting, [json!("budget_day_80"), json!("low_balance")]);
    }
}

#[tokio::test]
async fn alerts_that_make_no_sense_or_are_anothers_are_refused() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 10).await, client.open("developer").await);
    let before = client.get(&customer.key, &path(&customer)).await.body;
    let bad: Vec<(&str, Value)> = vec![
        ("low_balance", json!(-1)),
        ("low_balance", json!(1.5)),
        ("low_balance", json!("10")),
        ("low_balance", json!(u64::MAX)),
        ("budgets", json!("yes")),
        ("budgets", json!(1)),
        ("expiring", Value::Null),
        ("low_balanse", json!(5)),
    ];
    for (field, value) in bad {
        let answer = client.put(&customer.key, &path(&customer), json!({field: value})).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!(field)), "{value}");
    }
    for account in [other.account.as_str(), "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "ACC_1"] {
        let path = format!("/api/billing/alerts/{account}");
        assert_eq!(client.get(&customer.key, &path).await.problem(), (404, "account_not_found"));
        assert_eq!(client.put(&customer.key, &path, json!({})).await.problem(), (404, "account_not_found"));
    }
    let unknown = "/api/billing/alerts/ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB";
    assert_eq!(client.put(client.operator(), unknown, json!({})).await.problem(), (404, "account_not_found"));
    assert_eq!(client.get(&customer.key, &path(&customer)).await.body, before);
}
