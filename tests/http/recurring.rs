//! Recurring grants over REST: arranged, listed, ended; and what is no recurring grant.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Customer, client, client_on_postgres, unique};

const RECURRING: &str = "/api/billing/recurring-grants";

fn monthly(customer: &Customer) -> Value {
    json!({"account_id": customer.account, "credits": 50, "every": "month", "reason": "allowance"})
}

#[tokio::test]
async fn the_first_occurrence_comes_by_itself_and_the_next_in_a_month() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let once = unique("recurring");
        let first = client.post_once(client.operator(), &once, RECURRING, monthly(&customer)).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!((&first.body["credits"], &first.body["every"]), (&json!(50), &json!("month")));
        let again = client.post_once(client.operator(), &once, RECURRING, monthly(&customer)).await;
        assert_eq!(again.body["recurring_grant_id"], first.body["recurring_grant_id"]);
        assert_eq!(again.header("idempotent-replayed"), "true");
        let mut other = monthly(&customer);
        other["credits"] = json!(51);
        let conflict = client.post_once(client.operator(), &once, RECURRING, other).await;
        assert_eq!(conflict.problem(), (409, "idempotency_conflict"));

        client.until_balance(&customer.account, 50).await;
        let path = format!("{RECURRING}/{}", customer.account);
        let listed = client.get(&customer.key, &path).await.body["recurring_grants"].clone();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
        assert_eq!((&listed[0]["occurrences"], &listed[0]["ended_at"]), (&json!(1), &Value::Null));
        assert!(listed[0]["next_at"].is_string(), "{listed}");

        let one = format!("{path}/{}", first.body["recurring_grant_id"].as_str().expect("an id"));
        assert_eq!(client.delete(&customer.key, &one).await.problem(), (404, "not_found"));
        let ended = client.delete(client.operator(), &one).await;
        assert_eq!((ended.status, &ended.body["next_at"]), (200, &Value::Null), "{ended:?}");
        let twice = client.delete(client.operator(), &one).await;
        assert_eq!((twice.status, &twice.body["ended_at"]), (200, &ended.body["ended_at"]));
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(client.balance(&customer.account).await, 50);
    }
}

#[tokio::test]
async fn what_is_no_recurring_grant_is_refused() {
    let client = client();
    let (customer, other) = (client.open("developer").await, client.open("developer").await);
    let bad: Vec<(&str, Value)> = vec![
        ("credits", json!(0)),
        ("credits", json!(-5)),
        ("credits", json!(1.5)),
        ("credits", json!(u64::MAX)),
        ("every", json!("year")),
        ("every", Value::Null),
        ("starts_at", json!("2020-01-01T00:00:00Z")),
        ("starts_at", json!("tomorrow")),
        ("ends_at", json!("2020-01-01T00:00:00Z")),
        ("expires_after_days", json!(0)),
        ("expires_after_days", json!(3_651)),
        ("reason", json!("")),
        ("until", json!("2030-01-01T00:00:00Z")),
    ];
    for (field, value) in bad {
        let mut body = monthly(&customer);
        body[field] = value;
        let answer = client.refused(client.operator(), &customer.account, RECURRING, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!(field)), "{answer:?}");
    }
    let answer = client.refused(&customer.key, &customer.account, RECURRING, monthly(&customer)).await;
    assert_eq!(answer.problem(), (404, "not_found"));
    for account in ["ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "ACC_1"] {
        let mut body = monthly(&customer);
        body["account_id"] = json!(account);
        let answer = client.refused(client.operator(), &customer.account, RECURRING, body).await;
        assert_eq!(answer.problem(), (404, "account_not_found"));
        let path = format!("{RECURRING}/{account}");
        assert_eq!(client.get(client.operator(), &path).await.problem(), (404, "account_not_found"));
    }
    let path = format!("{RECURRING}/{}", other.account);
    assert_eq!(client.get(&customer.key, &path).await.problem(), (404, "account_not_found"));
    let mine = client.post(client.operator(), RECURRING, monthly(&customer)).await.body["recurring_grant_id"].clone();
    for id in [mine.as_str().expect("an id"), "REC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "REC_1"] {
        let answer = client.delete(client.operator(), &format!("{path}/{id}")).await;
        assert_eq!(answer.problem(), (404, "recurring_grant_not_found"), "{id}");
    }
    let listed = client.get(client.operator(), &format!("{RECURRING}/{}", customer.account)).await.body;
    assert_eq!(listed["recurring_grants"][0]["ended_at"], Value::Null);
}
