//! Stripe's webhook: what is not signed, not whole or not known changes nothing.

use aethel::ledger::Clock;
use aethel::server::SystemClock;
use axum::http::Method;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, Client, Customer, WEBHOOK_SECRET, client, client_on_postgres, unique};

const WEBHOOK: &str = "/api/stripe/webhook";

fn now_seconds() -> i64 {
    SystemClock.now().millis() / 1_000
}

fn sign(body: &str, secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

async fn deliver(client: &Client, body: &str, signature: Option<&str>) -> Answer {
    let mut request = client.request(Method::POST, WEBHOOK).header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    client.send(request.body(body.as_bytes().to_vec())).await
}

async fn deliver_signed(client: &Client, event: &Value) -> Answer {
    let body = event.to_string();
    deliver(client, &body, Some(&sign(&body, WEBHOOK_SECRET, now_seconds()))).await
}

/// An event as Stripe writes it around an object.
fn event(kind: &str, object: Value) -> Value {
    json!({
        "id": unique("evt_test"), "object": "event", "api_version": "2026-09-30.endive", "created": now_seconds(),
        "livemode": false, "type": kind, "data": {"object": object},
    })
}

/// A completed checkout of this customer's purchase, paid with `amount` cents.
fn completed(customer: &Customer, purchase: &str, amount: i64, currency: &str) -> Value {
    let metadata = json!({"purchase_id": purchase, "account_id": customer.account, "credits": "1000000"});
    event(
        "checkout.session.completed",
        json!({
            "id": unique("cs_test"), "object": "checkout.session", "client_reference_id": purchase, "mode": "payment",
            "amount_total": amount, "currency": currency, "payment_status": "paid", "status": "complete",
            "payment_intent": unique("pi_test"), "metadata": metadata, "livemode": false,
        }),
    )
}

async fn start_checkout(client: &Client, customer: &Customer) -> (String, String) {
    let body = json!({"account_id": customer.account, "package_name": "Starter"});
    let answer = client.post(&customer.key, "/api/billing/checkout", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = |name: &str| answer.body[name].as_str().expect("a text").to_owned();
    (text("purchase_id"), text("checkout_url"))
}

/// Another customer's payment comes through the same inbox after what came before: once it is there, that was worked off.
async fn work_off_what_came(client: &Client) {
    let other = client.open("developer").await;
    let (purchase, _) = start_checkout(client, &other).await;
    assert_eq!(deliver_signed(client, &completed(&other, &purchase, 1_000, "usd")).await.status, 200);
    client.until_balance(&other.account, 100).await;
}

#[tokio::test]
async fn a_missing_wrong_or_expired_signature_is_400_in_the_fixed_words() {
    let client = client();
    let customer = client.open("developer").await;
    let (purchase, _) = start_checkout(&client, &customer).await;
    let before = client.ledger(&customer.account).await;
    let body = completed(&customer, &purchase, 1_000, "usd").to_string();
    let (good, now) = (sign(&body, WEBHOOK_SECRET, now_seconds()), now_seconds());
    let signatures = [
        None,
        Some(String::new()),
        Some("t=1".into()),
        Some("v1=00".into()),
        Some(format!("{good}0")),
        Some(sign(&body, "whsec_other", now)),
        Some(sign(&format!("{body} "), WEBHOOK_SECRET, now)),
        Some(sign(&body, WEBHOOK_SECRET, now - 301)),
        Some(sign(&body, WEBHOOK_SECRET, now + 330)),
    ];
    for signature in signatures {
        let answer = deliver(&client, &body, signature.as_deref()).await;
        assert_eq!(answer.problem(), (400, "invalid_signature"), "{signature:?}");
        assert_eq!(answer.detail(), "Invalid signature");
    }
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_signed_body_that_is_no_event_is_400_in_the_fixed_words() {
    let client = client();
    for body in ["", "{", "[]", "{}", "{\"id\": 7}", "\"event\""] {
        let answer = deliver(&client, body, Some(&sign(body, WEBHOOK_SECRET, now_seconds()))).await;
        assert_eq!(answer.problem(), (400, "invalid_payload"), "{body}");
        assert_eq!(answer.detail(), "Invalid payload");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let client = client();
    let answer = deliver(&client, &" ".repeat(1024 * 1024 + 1), Some("t=1,v1=00")).await;
    assert_eq!(answer.problem(), (413, "body_too_large"));
}

#[tokio::test]
async fn an_unknown_event_is_stored_acknowledged_and_changes_nothing() {
    let client = client();
    let customer = client.open("developer").await;
    let before = client.ledger(&customer.account).await;
    let answer = deliver_signed(&client, &event("moon.risen", json!({"id": "moon_1"}))).await;
    assert_eq!((answer.status, answer.body), (200, json!({"status": "success"})));
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn another_amount_or_currency_brings_nothing_and_the_right_payment_still_does() {
    let client = client();
    let customer = client.open("developer").await;
    let (purchase, url) = start_checkout(&client, &customer).await;
    let before = client.ledger(&customer.account).await;
    for (amount, currency) in [(999, "usd"), (1_001, "usd"), (0, "usd"), (-1_000, "usd"), (1_000, "eur")] {
        let answer = deliver_signed(&client, &completed(&customer, &purchase, amount, currency)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    work_off_what_came(&client).await;
    assert_eq!(client.ledger(&customer.account).await, before);
    client.pay(&url, "4242424242424242").await;
    client.until_balance(&customer.account, 100).await;
    let entries = client.get(&customer.key, &format!("/api/billing/entries/{}", customer.account)).await;
    assert_eq!(entries.body["entries"].as_array().map(Vec::len), Some(1), "one grant, from the right payment");
}

#[tokio::test]
async fn an_event_delivered_again_grants_once() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let (purchase, _) = start_checkout(&client, &customer).await;
        let body = completed(&customer, &purchase, 1_000, "usd").to_string();
        let signature = sign(&body, WEBHOOK_SECRET, now_seconds());
        for _ in 0..3 {
            let answer = deliver(&client, &body, Some(&signature)).await;
            assert_eq!((answer.status, answer.body), (200, json!({"status": "success"})));
        }
        client.until_balance(&customer.account, 100).await;
        let once = client.ledger(&customer.account).await;
        let answer = deliver(&client, &body, Some(&signature)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        work_off_what_came(&client).await;
        assert_eq!(client.ledger(&customer.account).await, once);
        assert_eq!(once[1]["entries"].as_array().map(Vec::len), Some(1), "{once}");
    }
}
