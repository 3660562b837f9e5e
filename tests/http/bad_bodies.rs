//! Bodies that cannot be read: not JSON, too large, of another type.

use serde_json::json;

use crate::support::client;

/// Every path that takes a JSON body, as seen by an operator.
const WRITES: [&str; 8] = [
    "/api/billing/account",
    "/api/billing/purchase",
    "/api/billing/charges",
    "/api/billing/grants",
    "/api/billing/checkout",
    "/api/billing/payment-intents",
    "/api/billing/payment-methods",
    "/api/verify",
];

#[tokio::test]
async fn a_body_that_is_not_json_is_400_and_says_where() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let before = client.ledger(&customer.account).await;
    for path in WRITES {
        for body in ["", "{", "not json", "{\"account_id\": }", "{} {}", "{'a': 1}"] {
            let answer =
                client.post_raw(client.operator(), path, Some("application/json"), body.as_bytes().to_vec()).await;
            assert_eq!(answer.problem(), (400, "not_json"), "{path} {body}");
            assert!(answer.body["line"].is_u64() && answer.body["column"].is_u64(), "{answer:?}");
        }
    }
    let deep = "[".repeat(100_000).into_bytes();
    let answer = client.post_raw(&customer.key, "/api/billing/charges", None, deep).await;
    assert_eq!(answer.problem(), (400, "not_json"));
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn json_of_the_wrong_type_is_422() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let before = client.ledger(&customer.account).await;
    for path in WRITES {
        for body in ["[]", "7", "null", "\"text\"", "{}"] {
            let answer = client.post_raw(client.operator(), path, None, body.as_bytes().to_vec()).await;
            assert_eq!(answer.problem(), (422, "invalid_field"), "{path} {body}");
        }
    }
    // In the order of the fields, as some readers would take it.
    let answer =
        client.post(&customer.key, "/api/billing/charges", json!([customer.account, "proof_verification"])).await;
    assert_eq!((answer.problem(), answer.detail()), ((422, "invalid_field"), "The body must be a JSON object"));
    let body = json!({"account_id": 7, "operation": "proof_verification"});
    let answer = client.post(client.operator(), "/api/billing/charges", body).await;
    assert_eq!(answer.body["field"], "account_id");
    assert_eq!(answer.detail(), "account_id: invalid type: integer `7`, expected a string");
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_whatever_is_in_it() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let before = client.ledger(&customer.account).await;
    for path in WRITES {
        let limit = if path == "/api/verify" { 1024 * 1024 } else { 256 * 1024 };
        let answer = client.post_raw(client.operator(), path, None, vec![b' '; limit + 1]).await;
        assert_eq!(answer.problem(), (413, "body_too_large"), "{path}");
    }
    let charge = json!({"account_id": customer.account, "operation": "proof_verification"}).to_string();
    let mut padded = charge.into_bytes();
    padded.resize(256 * 1024, b' ');
    assert_eq!(client.ledger(&customer.account).await, before);
    assert_eq!(client.post_raw(&customer.key, "/api/billing/charges", None, padded).await.status, 200);
}

#[tokio::test]
async fn a_body_of_another_type_is_415_and_one_of_no_type_is_read() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let body = || json!({"account_id": customer.account, "operation": "proof_verification"}).to_string().into_bytes();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"] {
        let answer = client.post_raw(&customer.key, "/api/billing/charges", Some(content_type), body()).await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type"), "{content_type}");
    }
    assert_eq!(client.balance(&customer.account).await, 10);
    for content_type in [None, Some("application/json; charset=utf-8"), Some("application/merge-patch+json")] {
        let answer = client.post_raw(&customer.key, "/api/billing/charges", content_type, body()).await;
        assert_eq!(answer.status, 200, "{content_type:?} {answer:?}");
    }
}
