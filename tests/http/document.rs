//! The OpenAPI document as it is served, unknown paths, wrong methods and request ids.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::client;

#[tokio::test]
async fn the_document_is_served_to_anyone_and_every_path_in_it_is_there() {
    let client = client();
    let document = client.send(client.request(Method::GET, "/api/openapi.json")).await;
    assert_eq!(document.status, 200);
    assert_eq!(document.header("content-type"), "application/json");
    assert_eq!(document.body["openapi"], "3.1.0");
    for (path, item) in document.body["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).expect("a method");
            let path = path.replace(['{', '}'], "");
            let answer = client.send(client.request(method, &path)).await;
            // Guarded ones ask for a key, the webhook for a signature: none is unknown.
            assert!(matches!(answer.status, 200 | 400 | 401), "{path} {answer:?}");
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let client = client();
    for path in ["/api", "/api/", "/api/nothing", "/api/billing", "/api/billing/balance", "/api/billing/balance/"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = client.send(client.request(method, path).bearer_auth(client.operator())).await;
            assert_eq!(answer.problem(), (404, "not_found"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_names_the_right_ones() {
    let client = client();
    for (method, path, allowed) in [
        (Method::GET, "/api/verify", "POST"),
        (Method::DELETE, "/api/billing/charges", "POST"),
        (Method::POST, "/api/billing/prices", "GET,HEAD"),
        (Method::PUT, "/api/billing/balance/ACC_1", "GET,HEAD"),
        (Method::GET, "/api/stripe/webhook", "POST"),
    ] {
        let answer = client.send(client.request(method, path).bearer_auth(client.operator())).await;
        assert_eq!(answer.problem(), (405, "method_not_allowed"), "{path}");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let client = client();
    let mut seen = std::collections::BTreeSet::new();
    for path in ["/api/billing/prices", "/api/nothing", "/api/billing/balance/ACC_1"] {
        let answer = client.send(client.request(Method::GET, path)).await;
        let id = answer.header("x-request-id").to_owned();
        assert!(!id.is_empty());
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn what_is_answered_is_what_the_document_says() {
    let client = client();
    let document = client.send(client.request(Method::GET, "/api/openapi.json")).await.body;
    let customer = client.open_with("developer", 10).await;
    let charged = client.charge(&customer, "proof_verification", 1).await;
    let receipt = format!("/api/billing/receipts/{}", charged.body["transaction_id"].as_str().expect("an id"));
    let months = client.get(&customer.key, &format!("/api/billing/statements/{}", customer.account)).await.body;
    let statement = months["statements"][0]["url"].as_str().expect("a month");
    let answers: [(&str, Value); 9] = [
        ("SignedReceipt", client.get(&customer.key, &receipt).await.body),
        ("SignedStatement", client.get(&customer.key, statement).await.body),
        ("SigningKeys", client.get(&customer.key, "/api/billing/signing-keys").await.body),
        ("Status", client.get(&customer.key, "/api/status").await.body),
        ("Statements", months),
        ("Charge", charged.body),
        ("Balance", client.get(&customer.key, &format!("/api/billing/balance/{}", customer.account)).await.body),
        ("Usage", client.get(&customer.key, &format!("/api/billing/usage/{}", customer.account)).await.body),
        ("Entries", client.get(&customer.key, &format!("/api/billing/entries/{}", customer.account)).await.body),
    ];
    for (name, answer) in answers {
        let schema = &document["components"]["schemas"][name];
        let described: Vec<&String> = schema["properties"].as_object().expect(name).keys().collect();
        let mut given: Vec<&String> = answer.as_object().expect(name).keys().collect();
        given.sort();
        let mut described_sorted = described.clone();
        described_sorted.sort();
        assert_eq!(given, described_sorted, "{name}");
        for required in schema["required"].as_array().unwrap_or(&vec![json!([])]) {
            assert!(answer.get(required.as_str().unwrap_or_default()).is_some(), "{name} {required}");
        }
    }
}

#[tokio::test]
async fn every_answer_says_how_browsers_must_treat_it() {
    let client = client();
    for path in ["/", "/docs/api", "/signin", "/api/status", "/no/such/page", "/health/live"] {
        let answer = client.send(client.request(Method::GET, path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
    }
    for path in ["/", "/docs/api", "/signin", "/no/such/page"] {
        let answer = client.send(client.request(Method::GET, path)).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn the_page_of_the_api_tells_every_operation_without_scripts() {
    let client = client();
    let page = client.send(client.request(Method::GET, "/docs/api")).await;
    let html = page.body.as_str().expect("a page");
    let document = client.send(client.request(Method::GET, "/api/openapi.json")).await.body;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for operation in item.as_object().expect("operations").values() {
            let id = operation["operationId"].as_str().expect("a name");
            assert!(html.contains(&format!("id=\"{id}\"")), "{path}: {id}");
        }
    }
    assert!(!html.contains("https://cdn") && html.contains("Needs a key with the scope charge."));
}
