//! Buying: the saved card, Stripe's checkout page, and what is not paid.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

const PURCHASE: &str = "/api/billing/purchase";
const PAYMENT_METHODS: &str = "/api/billing/payment-methods";

fn order(customer: &Customer, package: &str) -> Value {
    json!({"account_id": customer.account, "package_name": package})
}

async fn save_card(client: &Client, customer: &Customer, card: &str) -> Answer {
    let body = json!({"account_id": customer.account, "payment_method": card});
    client.post(&customer.key, PAYMENT_METHODS, body).await
}

async fn purchases(client: &Client, customer: &Customer) -> Vec<Value> {
    let answer = client.get(&customer.key, &format!("/api/billing/purchases/{}", customer.account)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["purchases"].as_array().expect("purchases").clone()
}

#[tokio::test]
async fn a_saved_card_buys_at_once() {
    let client = client();
    let customer = client.open("free").await;
    let saved = save_card(&client, &customer, "pm_card_visa").await;
    assert_eq!(saved.status, 200, "{saved:?}");
    assert_eq!((&saved.body["brand"], &saved.body["last4"]), (&json!("visa"), &json!("4242")));

    let bought = client.post(&customer.key, PURCHASE, order(&customer, "starter")).await;
    assert_eq!(bought.status, 200, "{bought:?}");
    let guide = json!({"success": true, "message": "Added 100 credits to account", "new_balance": 110});
    assert_eq!(bought.body, guide);
    assert_eq!(client.balance(&customer.account).await, 110);
    let list = purchases(&client, &customer).await;
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0]["state"], &list[0]["amount"]), (&json!("paid"), &json!(1_000)));
}

#[tokio::test]
async fn the_same_purchase_again_is_paid_once() {
    let client = client();
    let customer = client.open("developer").await;
    save_card(&client, &customer, "pm_card_visa").await;
    let once = unique("purchase");
    let first = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    let again = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!((first.status, again.status), (200, 200), "{again:?}");
    assert_eq!(first.body, again.body);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!(client.balance(&customer.account).await, 100);
    client.charge(&customer, "proof_verification", 1).await;
    let later = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!(later.body, first.body, "the balance right after the purchase, whatever was spent since");

    let other = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Business")).await;
    assert_eq!(other.problem(), (409, "idempotency_conflict"));
    assert_eq!(client.balance(&customer.account).await, 99);
}

#[tokio::test]
async fn one_idempotency_key_does_one_thing() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    save_card(&client, &customer, "pm_card_visa").await;
    let charge = || json!({"account_id": customer.account, "operation": "proof_verification"});
    let (spent, bought) = (unique("charge"), unique("purchase"));
    let first = client.post_once(&customer.key, &spent, "/api/billing/charges", charge()).await;
    assert_eq!(first.status, 200, "{first:?}");
    for path in [PURCHASE, "/api/billing/checkout", "/api/billing/payment-intents"] {
        let answer = client.post_once(&customer.key, &spent, path, order(&customer, "Starter")).await;
        assert_eq!(answer.problem(), (409, "idempotency_conflict"), "{path}");
    }
    assert_eq!(purchases(&client, &customer).await, Vec::<Value>::new());

    let first = client.post_once(&customer.key, &bought, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!(first.status, 200, "{first:?}");
    let proof = json!({"account_id": customer.account, "proof_data": {"type": "test", "formula": "x == x"}});
    for (path, body) in [("/api/billing/charges", charge()), ("/api/verify", proof)] {
        let answer = client.post_once(&customer.key, &bought, path, body).await;
        assert_eq!(answer.problem(), (409, "idempotency_conflict"), "{path}");
    }
    assert_eq!(client.balance(&customer.account).await, 109);
}

#[tokio::test]
async fn purchases_come_in_pages_that_meet_without_a_gap() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let mut made = Vec::new();
        for _ in 0..5 {
            let answer = client.post(&customer.key, "/api/billing/checkout", order(&customer, "Starter")).await;
            made.push(answer.body["purchase_id"].clone());
        }
        made.reverse();
        let (mut found, mut before) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/billing/purchases/{}?limit=2{before}", customer.account);
            let page = client.get(&customer.key, &path).await;
            let items = page.body["purchases"].as_array().unwrap_or_else(|| panic!("{page:?}")).clone();
            assert!((1..=2).contains(&items.len()), "{page:?}");
            found.extend(items.iter().map(|item| item["purchase_id"].clone()));
            match page.body["next_before"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        assert_eq!(found, made);
    }
}

#[tokio::test]
async fn without_a_card_402_says_where_to_pay() {
    let client = client();
    let customer = client.open("developer").await;
    let once = unique("purchase");
    let answer = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!(answer.problem(), (402, "payment_required"));
    assert_eq!(answer.body["success"], false);
    assert!(answer.body["message"].as_str().is_some_and(|message| message.contains("checkout_url")));
    let url = answer.body["checkout_url"].as_str().expect("where to pay").to_owned();
    assert!(url.starts_with(client.sandbox()), "{url}");
    let again = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!(again.body["checkout_url"], json!(url));
    assert!(again.detail().contains("new Idempotency-Key"), "{again:?}");
    assert_eq!(client.balance(&customer.account).await, 0);
}

#[tokio::test]
async fn a_declined_card_is_402_with_the_reason_and_brings_nothing() {
    let client = client();
    let customer = client.open("developer").await;
    let saved = save_card(&client, &customer, "pm_card_chargeCustomerFail").await;
    assert_eq!(saved.status, 200, "{saved:?}");
    let before = client.ledger(&customer.account).await;
    let once = unique("purchase");
    let answer = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!(answer.problem(), (402, "card_declined"));
    assert_eq!(answer.body["success"], false);
    assert!(answer.detail().contains("declined"), "{answer:?}");
    assert!(!answer.detail().contains("Idempotency-Key"), "{answer:?}");
    let again = client.post_once(&customer.key, &once, PURCHASE, order(&customer, "Starter")).await;
    assert_eq!(again.problem(), (402, "card_declined"));
    assert!(again.detail().contains("buy again with a new Idempotency-Key"), "{again:?}");
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn what_is_no_payment_method_is_refused() {
    let client = client();
    let customer = client.open("developer").await;
    let long = format!("pm_{}", "a".repeat(62));
    for card in ["", "visa", "pm_", "pm_card_unheard_of", "pm_../customers", "pm_a b", &long] {
        let answer = save_card(&client, &customer, card).await;
        assert_eq!(answer.problem().0, 422, "{card:?} {answer:?}");
    }
}

#[tokio::test]
async fn a_paid_checkout_brings_the_credits_through_the_webhook() {
    let client = client();
    let customer = client.open("developer").await;
    let checkout = client.post(&customer.key, "/api/billing/checkout", order(&customer, "Starter")).await;
    assert_eq!(checkout.status, 200, "{checkout:?}");
    assert_eq!((&checkout.body["amount"], &checkout.body["credits"]), (&json!(1_000), &json!(100)));
    let url = checkout.body["checkout_url"].as_str().expect("where to pay");
    client.pay(url, "4242424242424242").await;
    client.until_balance(&customer.account, 100).await;
    assert_eq!(purchases(&client, &customer).await[0]["state"], "paid");
}

#[tokio::test]
async fn a_payment_intent_has_what_a_form_needs() {
    let client = client();
    let customer = client.open("developer").await;
    let answer = client.post(&customer.key, "/api/billing/payment-intents", order(&customer, "Professional")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!((&answer.body["amount"], &answer.body["credits"]), (&json!(8_000), &json!(1_000)));
    assert!(answer.body["client_secret"].as_str().is_some_and(|secret| secret.contains("_secret_")));
    let page = client.send(client.request(Method::GET, "/api/billing/prices")).await;
    assert_eq!(page.body["packages"][1]["price_cents"], answer.body["amount"]);
    assert_eq!(client.balance(&customer.account).await, 0);
}
