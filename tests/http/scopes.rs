//! Figure F18 over REST: every route that the document knows, with no key, a key that has ended, a key of each scope, and
//! another customer's.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

/// Has no end to wait for where it opens; `tests/http/events.rs` listens to it.
const STREAM: &str = "/api/events";
const SCOPES: [&str; 4] = ["read", "verify", "charge", "admin"];

/// One operation of the document, aimed at one account.
struct Route {
    method: Method,
    path: String,
    /// The scope it needs; none when it needs no key.
    scope: Option<String>,
    operators_only: bool,
    /// Whether the account stands in the path.
    names_account: bool,
    body: Value,
}

async fn routes(client: &Client, account: &str) -> Vec<Route> {
    let document = client.send(client.request(Method::GET, "/api/openapi.json")).await.body;
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let scope = operation["security"][0]["bearer"][0].as_str().map(str::to_owned);
            routes.push(Route {
                method: method.to_uppercase().parse().expect("a method"),
                // A stream names its account in the query: without it, it is the caller's own.
                path: if path == STREAM { format!("{path}?account_id={account}") } else { filled(path, account) },
                scope,
                operators_only: operation["x-operators-only"] == true,
                names_account: path.contains("{account_id}"),
                body: json!({"account_id": account}),
            });
        }
    }
    assert!(routes.len() > 50, "the document has its operations");
    routes
}

/// The path with something in the place of each name.
fn filled(path: &str, account: &str) -> String {
    let mut filled = path.replace("{account_id}", account);
    for (name, value) in [
        ("{key_id}", "KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ("{hold_id}", "HLD_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ("{webhook_id}", "WHE_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ("{event_id}", "EVT_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ("{transaction_id}", "TXN_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ("{recurring_grant_id}", "REC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ("{month}", "2026-11"),
    ] {
        filled = filled.replace(name, value);
    }
    while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
        filled.replace_range(from..=to, "01J9ZQ3V5R8N2M4K6T7W8X9YAB");
    }
    filled
}

async fn ask(client: &Client, key: Option<&str>, route: &Route) -> Answer {
    let mut request = client.request(route.method.clone(), &route.path);
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    let request = if route.method == Method::GET { request } else { request.json(&route.body) };
    client.send(request).await
}

async fn key_with(client: &Client, customer: &Customer, scopes: &[&str], expires_at: Option<&str>) -> String {
    let mut body = json!({"account_id": customer.account, "name": unique("key"), "scopes": scopes});
    if let Some(expires_at) = expires_at {
        body["expires_at"] = json!(expires_at);
    }
    let made = client.post(&customer.key, "/api/keys", body).await;
    assert_eq!(made.status, 200, "{made:?}");
    made.body["secret"].as_str().expect("a secret").to_owned()
}

#[tokio::test]
async fn no_route_opens_without_a_key_or_with_one_that_has_ended() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let soon = jiff::Timestamp::from_millisecond(now() + 1_500).expect("a moment").to_string();
    let ended = key_with(&client, &customer, &SCOPES, Some(&soon)).await;
    assert_eq!(client.get(&ended, &format!("/api/billing/balance/{}", customer.account)).await.status, 200);
    let revoked = key_with(&client, &customer, &SCOPES, None).await;
    let keys = client.get(&customer.key, &format!("/api/keys/{}", customer.account)).await.body;
    let id = keys["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| revoked.starts_with(key["prefix"].as_str().expect("text")));
    let path = format!("/api/keys/{}/{}", customer.account, id.expect("listed")["key_id"].as_str().expect("an id"));
    assert_eq!(client.delete(&customer.key, &path).await.status, 204);
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    let before = client.ledger(&customer.account).await;
    let malformed = format!("{}x", customer.key);
    for route in routes(&client, &customer.account).await.iter().filter(|route| route.scope.is_some()) {
        for key in [None, Some(ended.as_str()), Some(revoked.as_str()), Some(malformed.as_str()), Some("x")] {
            let answer = ask(&client, key, route).await;
            assert_eq!(answer.problem(), (401, "unauthorized"), "{} {}", route.method, route.path);
        }
    }
    assert_eq!(client.ledger(&customer.account).await, before);
}

fn now() -> i64 {
    use aethel::ledger::Clock;
    aethel::server::SystemClock.now().millis()
}

#[tokio::test]
async fn every_route_opens_for_its_own_scope_alone() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let before = client.ledger(&customer.account).await;
    for scope in SCOPES {
        let key = key_with(&client, &customer, &[scope], None).await;
        for route in routes(&client, &customer.account).await {
            let Some(needed) = &route.scope else { continue };
            if route.path.starts_with(STREAM) && needed == scope {
                continue;
            }
            let answer = ask(&client, Some(&key), &route).await;
            let (method, path) = (&route.method, &route.path);
            match (route.operators_only, needed == scope) {
                (true, _) => assert_eq!(answer.problem(), (404, "not_found"), "{method} {path}"),
                (false, false) => {
                    assert_eq!(answer.problem(), (403, "insufficient_scope"), "{method} {path} with {scope}");
                    assert_eq!(answer.body["scope"], **needed);
                    assert!(answer.header("www-authenticate").contains(needed.as_str()), "{answer:?}");
                }
                (false, true) => {
                    assert!(![401, 403, 500].contains(&answer.status), "{method} {path} with {scope}: {answer:?}");
                }
            }
        }
    }
    // The bodies are all but empty, so that what is let in moves nothing.
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn another_customers_account_looks_like_none_on_every_route() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 100).await, client.open_with("developer", 100).await);
    let before = client.ledger(&customer.account).await;
    for route in routes(&client, &customer.account).await.iter().filter(|route| route.scope.is_some()) {
        let answer = ask(&client, Some(&other.key), route).await;
        let (method, path) = (&route.method, &route.path);
        assert!([404, 422, 400].contains(&answer.status), "{method} {path}: {answer:?}");
        if route.operators_only || (route.names_account && route.method == Method::GET) {
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_key_makes_no_key_that_may_do_more_and_rotates_none() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let manager = key_with(&client, &customer, &["admin", "read"], None).await;
        let more = json!({"account_id": customer.account, "name": "more", "scopes": ["read", "charge"]});
        let refused = client.post(&manager, "/api/keys", more).await;
        assert_eq!((refused.problem(), &refused.body["scope"]), ((403, "insufficient_scope"), &json!("charge")));
        let same = json!({"account_id": customer.account, "name": "same"});
        let made = client.post_once(&manager, "same", "/api/keys", same.clone()).await;
        assert_eq!(made.body["key"]["scopes"], json!(["read", "admin"]), "{made:?}");
        let again = client.post_once(&manager, "same", "/api/keys", same).await;
        assert_eq!((&again.body["key"]["key_id"], &again.body["secret"]), (&made.body["key"]["key_id"], &Value::Null));
        let other = json!({"account_id": customer.account, "name": "other"});
        let conflict = client.post_once(&manager, "same", "/api/keys", other).await;
        assert_eq!(conflict.problem(), (409, "idempotency_conflict"));

        let id = made.body["key"]["key_id"].as_str().expect("an id");
        let path = format!("/api/keys/{}/{id}", customer.account);
        let rotated = client.post_once(&manager, "turn", &format!("{path}/rotate"), json!({"overlap_hours": 1})).await;
        let (old, new) =
            (made.body["secret"].as_str().expect("one"), rotated.body["secret"].as_str().expect("another"));
        assert!(rotated.body["key"]["former_secret_until"].is_string(), "{rotated:?}");
        let balance = format!("/api/billing/balance/{}", customer.account);
        for secret in [old, new] {
            assert_eq!(client.get(secret, &balance).await.status, 200);
        }
        let again = client.post_once(&manager, "turn", &format!("{path}/rotate"), json!({"overlap_hours": 1})).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["secret"]), ("true", &Value::Null));
        let all = client.get(&customer.key, &format!("/api/keys/{}", customer.account)).await.body;
        let mighty =
            all["keys"].as_array().expect("keys").iter().find(|key| key["name"] == "tests").expect("the first");
        let mighty = format!("/api/keys/{}/{}/rotate", customer.account, mighty["key_id"].as_str().expect("an id"));
        assert_eq!(client.post(&manager, &mighty, json!({})).await.problem(), (403, "insufficient_scope"));
        assert_eq!(client.delete(&manager, &path).await.status, 204);
        for secret in [old, new] {
            assert_eq!(client.get(secret, &balance).await.problem(), (401, "unauthorized"));
        }
        let gone = client.post(&manager, &format!("{path}/rotate"), json!({})).await;
        assert_eq!(gone.problem(), (404, "key_not_found"));
    }
}

#[tokio::test]
async fn what_cannot_be_a_key_is_refused_by_its_field() {
    let client = client();
    let customer = client.open("developer").await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("scopes", json!([])),
        ("scopes", json!(["root"])),
        ("expires_at", json!("2020-01-01T00:00:00Z")),
        ("expires_at", json!("tomorrow")),
    ] {
        let mut body = json!({"account_id": customer.account, "name": "one"});
        body[field] = value.clone();
        let answer = client.post(&customer.key, "/api/keys", body).await;
        let named = answer.body["field"].as_str().unwrap_or_default();
        assert_eq!(answer.problem(), (422, "invalid_field"), "{value}");
        assert!(named.starts_with(field), "{answer:?}");
    }
}

#[tokio::test]
async fn the_limit_of_a_key_stands_in_every_answer() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let charged = client.charge(&customer, "proof_verification", 1).await;
    assert_eq!((charged.status, charged.header("ratelimit-limit")), (200, "6000"), "{charged:?}");
    let left: i64 = charged.header("ratelimit-remaining").parse().expect("a number");
    assert!((1..6_000).contains(&left) && !charged.header("ratelimit-reset").is_empty());
    assert_eq!(charged.header("ratelimit-policy"), "6000;w=60");
    let operators = client.get(client.operator(), &format!("/api/billing/balance/{}", customer.account)).await;
    assert_eq!(operators.header("ratelimit-limit"), "", "an operator's key is not limited unless that is set");
}
