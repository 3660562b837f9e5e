//! Keys: without a good one nothing opens, and a customer's opens its own account only.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, client};

/// Every guarded operation, for one account.
fn operations(account: &str) -> Vec<(Method, String, Value)> {
    let read = |path: &str| (Method::GET, format!("/api/billing/{path}/{account}"), Value::Null);
    let package = json!({"account_id": account, "package_name": "Starter"});
    let write = |path: &str, body: Value| (Method::POST, path.to_owned(), body);
    let mut all = charging(account);
    all.extend([
        read("balance"),
        read("usage"),
        read("entries"),
        read("purchases"),
        write("/api/billing/account", json!({"customer_name": "Acme"})),
        write("/api/billing/charges", json!({"account_id": account, "operation": "proof_verification"})),
        write("/api/billing/grants", json!({"account_id": account, "credits": 5, "reason": "x"})),
        write("/api/billing/purchase", package.clone()),
        write("/api/billing/checkout", package.clone()),
        write("/api/billing/payment-intents", package),
        write("/api/billing/payment-methods", json!({"account_id": account, "payment_method": "pm_card_visa"})),
        write("/api/verify", json!({"account_id": account, "proof_data": {"type": "test", "formula": "x == x"}})),
    ]);
    all
}

/// Those around a charge: batches, holds, quotes, budgets, alerts, and what operators put right.
fn charging(account: &str) -> Vec<(Method, String, Value)> {
    let write = |path: &str, body: Value| (Method::POST, format!("/api/billing/{path}"), body);
    let set = |path: &str| (Method::PUT, format!("/api/billing/{path}"), json!({}));
    let read = |path: &str| (Method::GET, format!("/api/billing/{path}/{account}"), Value::Null);
    let item = json!({"account_id": account, "operation": "ghost_identity", "idempotency_key": "once"});
    let work = json!({"account_id": account, "operation": "ghost_identity"});
    let key = "KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB";
    let (charge, recurring) = ("TXN_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "REC_01J9ZQ3V5R8N2M4K6T7W8X9YAB");
    vec![
        write("charges/batch", json!({"mode": "atomic", "charges": [item]})),
        write("holds", work.clone()),
        write("quotes", work),
        write("refunds", json!({"account_id": account, "transaction_id": charge, "reason": "x"})),
        write("adjustments", json!({"account_id": account, "credits": 5, "reason": "x"})),
        write("suspensions", json!({"account_id": account, "suspended": true, "reason": "x"})),
        write("recurring-grants", json!({"account_id": account, "credits": 5, "every": "day", "reason": "x"})),
        read("suspensions"),
        read("recurring-grants"),
        read("budgets"),
        read("alerts"),
        set(&format!("budgets/{account}")),
        set(&format!("budgets/{account}/keys/{key}")),
        set(&format!("alerts/{account}")),
        (Method::DELETE, format!("/api/billing/recurring-grants/{account}/{recurring}"), Value::Null),
    ]
}

async fn send(client: &Client, authorization: Option<&str>, (method, path, body): (Method, String, Value)) -> Answer {
    let mut request = client.request(method, &path);
    if !body.is_null() {
        request = request.json(&body);
    }
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    client.send(request).await
}

#[tokio::test]
async fn a_missing_malformed_or_unknown_key_gets_one_and_the_same_answer() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let before = client.ledger(&customer.account).await;
    let unknown = format!("Bearer {}", customer.key.chars().rev().collect::<String>());
    let shortened = format!("Bearer {}", &customer.key[..customer.key.len() - 1]);
    let basic = format!("Basic {}", customer.key);
    let authorizations =
        [None, Some(""), Some("Bearer"), Some("Bearer x"), Some(&unknown), Some(&shortened), Some(&basic)];
    for authorization in authorizations {
        for operation in operations(&customer.account) {
            let path = operation.1.clone();
            let answer = send(&client, authorization, operation).await;
            assert_eq!(answer.problem(), (401, "unauthorized"), "{path} {authorization:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert_eq!(answer.detail(), "Send a valid API key as Authorization: Bearer");
        }
    }
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_revoked_key_is_as_good_as_none() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    assert_eq!(client.charge(&customer, "proof_verification", 1).await.status, 200);
    client.revoke_keys(&customer.account);
    let before = client.ledger(&customer.account).await;
    let answer = client.charge(&customer, "proof_verification", 1).await;
    assert_eq!(answer.problem(), (401, "unauthorized"));
    assert_eq!(answer.detail(), "Send a valid API key as Authorization: Bearer");
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_foreign_account_looks_exactly_like_an_unknown_one() {
    let client = client();
    let (mine, theirs) = (client.open_with("developer", 10).await, client.open_with("developer", 10).await);
    let before = client.ledger(&theirs.account).await;
    let authorization = format!("Bearer {}", mine.key);
    let foreign = operations(&theirs.account);
    let unknown = operations("ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB");
    for (foreign, unknown) in foreign.into_iter().zip(unknown) {
        let path = foreign.1.clone();
        let foreign = send(&client, Some(&authorization), foreign).await;
        let unknown = send(&client, Some(&authorization), unknown).await;
        assert_eq!(foreign.problem().0, 404, "{path}");
        let without_id = |answer: &Answer| {
            let mut body = answer.body.clone();
            body["request_id"] = Value::Null;
            body
        };
        assert_eq!(without_id(&foreign), without_id(&unknown), "{path}");
    }
    assert_eq!(client.ledger(&theirs.account).await, before);
}

#[tokio::test]
async fn a_customer_may_do_with_its_own_account_what_an_operator_may() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    for path in ["balance", "usage", "entries", "purchases", "suspensions", "recurring-grants", "budgets", "alerts"] {
        for key in [client.operator(), &customer.key] {
            let answer = client.get(key, &format!("/api/billing/{path}/{}", customer.account)).await;
            assert_eq!(answer.status, 200, "{path}");
        }
    }
    let charge = json!({"account_id": customer.account, "operation": "proof_verification"});
    assert_eq!(client.post(client.operator(), "/api/billing/charges", charge).await.body["credits_remaining"], 9);
}
