//! Keys: without a good one nothing opens, and a customer's opens its own account only.

use aethel::identity::Role;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres};

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

/// A key of the account by another key, with what is asked for.
async fn make(client: &Client, key: &str, account: &str, wish: Value) -> Answer {
    let mut body = json!({"account_id": account, "name": "made by a key"});
    body.as_object_mut().expect("an object").extend(wish.as_object().expect("an object").clone());
    client.post(key, "/api/keys", body).await
}

fn made(answer: &Answer) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
    (text(&answer.body["key"]["key_id"]), text(&answer.body["secret"]))
}

#[tokio::test]
async fn a_key_that_ends_makes_and_rotates_none_that_ends_later() {
    for client in [client(), client_on_postgres()] {
        let Customer { account, key } = client.open("developer").await;
        let (forever, _) = made(&make(&client, &key, &account, json!({})).await);
        let (own, ends) = made(&make(&client, &key, &account, json!({"expires_at": "2099-01-01T00:00:00Z"})).await);
        let later = make(&client, &ends, &account, json!({"expires_at": "2099-01-01T00:00:01Z"})).await;
        assert_eq!(later.problem(), (403, "key_ends_sooner"));
        let sooner = make(&client, &ends, &account, json!({"expires_at": "2098-12-31T00:00:00Z"})).await;
        let (sooner, _) = made(&sooner);
        let unsaid = make(&client, &ends, &account, json!({})).await;
        assert_eq!(unsaid.body["key"]["expires_at"], "2099-01-01T00:00:00Z", "as the calling key: {unsaid:?}");
        let rotate = async |id: &str| client.post(&ends, &format!("/api/keys/{account}/{id}/rotate"), json!({})).await;
        assert_eq!(rotate(&forever).await.problem(), (403, "key_ends_sooner"));
        assert_eq!(rotate(&sooner).await.status, 200);
        let itself = rotate(&own).await;
        assert_eq!(itself.body["key"]["expires_at"], "2099-01-01T00:00:00Z", "{itself:?}");
    }
}

#[tokio::test]
async fn a_key_with_a_budget_makes_no_key_and_rotates_none_but_itself() {
    for client in [client(), client_on_postgres()] {
        let Customer { account, key } = client.open_with("developer", 10).await;
        let (other, _) = made(&make(&client, &key, &account, json!({})).await);
        let (own, secret) = made(&make(&client, &key, &account, json!({})).await);
        let budget = format!("/api/billing/budgets/{account}/keys/{own}");
        assert_eq!(client.put(&key, &budget, json!({"month": 1})).await.status, 200);
        assert_eq!(make(&client, &secret, &account, json!({})).await.problem(), (403, "key_has_budget"));
        let rotate = |id: &str| format!("/api/keys/{account}/{id}/rotate");
        let foreign = client.post(&secret, &rotate(&other), json!({})).await;
        assert_eq!(foreign.problem(), (403, "key_has_budget"));
        let (same, anew) = made(&client.post(&secret, &rotate(&own), json!({})).await);
        assert_eq!(same, own);
        let work = json!({"account_id": account, "operation": "conservation_oracle"});
        let spent = client.post(&anew, "/api/billing/charges", work).await;
        assert_eq!(spent.problem(), (402, "budget_exceeded"), "its budget stays with it");
    }
}

#[tokio::test]
async fn a_new_secret_is_shown_to_nobody_but_whoever_made_it() {
    for client in [client(), client_on_postgres()] {
        let (account, owner) = client.person();
        let (admin, operator) = (client.member(&owner, Role::Admin), client.operator_person());
        let fields = [("name", "ours"), ("request", "01J9ZQ3V5R8N2M4K6T7W8X9YAB")];
        let form = client.form(&owner, "create_key", &fields).await;
        let to_key = form.header("location").to_owned();
        assert!(to_key.starts_with("/keys?created=KEY_"), "{form:?}");
        let secret = async |cookie: &str| {
            let page = client.page(cookie, &to_key).await;
            let text = page.body.as_str().unwrap_or_else(|| panic!("{page:?}")).to_owned();
            assert!(text.contains("ours"), "the key itself is listed: {text}");
            let is_letter = |letter: &u8| letter.is_ascii_alphanumeric() || b"-_".contains(letter);
            // The list shows a secret's first letters and an ellipsis; the whole one is longer.
            let texts = text.split("aethel_test_").skip(1);
            texts.map(|rest| rest.bytes().take_while(is_letter).count()).max().unwrap_or_default()
        };
        assert!(secret(&admin).await < 20, "another member of the account");
        let look = client.form(&operator, "office_see", &[("account", &account)]).await;
        assert!(look.status < 400, "{look:?}");
        assert!(secret(&operator).await < 20, "an operator who looks");
        assert!(secret(&owner).await > 40, "whoever made it");
        assert!(secret(&owner).await < 20, "and once");
    }
}
