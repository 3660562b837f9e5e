//! Saved cards over REST: listed, chosen, removed, and the payment that its customer confirms.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres, unique};

const METHODS: &str = "/api/billing/payment-methods";

fn of(customer: &Customer) -> String {
    format!("{METHODS}/{}", customer.account)
}

async fn save(client: &Client, customer: &Customer, card: &str) -> String {
    let body = json!({"account_id": customer.account, "payment_method": card});
    let saved = client.post(&customer.key, METHODS, body).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    saved.body["payment_method"].as_str().expect("an id").to_owned()
}

/// Last digits and whether it is charged, newest first.
async fn cards(client: &Client, customer: &Customer) -> Vec<(String, bool)> {
    let answer = client.get(&customer.key, &of(customer)).await;
    let list = answer.body["payment_methods"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone();
    let card = |card: &Value| {
        assert!(card["exp_year"].as_i64().is_some_and(|year| year > 2025), "{card}");
        (card["last4"].as_str().expect("digits").to_owned(), card["default"] == true)
    };
    list.iter().map(card).collect()
}

#[tokio::test]
async fn cards_are_listed_chosen_and_removed() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        assert_eq!(cards(&client, &customer).await, []);
        let visa = save(&client, &customer, "pm_card_visa").await;
        let master = save(&client, &customer, "pm_card_mastercard").await;
        let both = cards(&client, &customer).await;
        assert_eq!(both.len(), 2);
        assert!(both.contains(&("4444".into(), true)) && both.contains(&("4242".into(), false)), "{both:?}");

        let path = format!("{}/default", of(&customer));
        for _ in 0..2 {
            let chosen = client.put(&customer.key, &path, json!({"payment_method": visa})).await;
            assert_eq!((chosen.status, &chosen.body["last4"]), (200, &json!("4242")), "{chosen:?}");
        }
        let left = client.delete(&customer.key, &format!("{}/{visa}", of(&customer))).await;
        assert_eq!(left.status, 200, "{left:?}");
        assert_eq!(cards(&client, &customer).await, [("4444".to_owned(), false)]);
        let order = json!({"account_id": customer.account, "package_name": "Starter"});
        let unpaid = client.post(&customer.key, "/api/billing/purchase", order.clone()).await;
        assert_eq!(unpaid.problem(), (402, "payment_required"), "no other card is charged by itself");
        client.put(&customer.key, &path, json!({"payment_method": master})).await;
        assert_eq!(client.post(&customer.key, "/api/billing/purchase", order).await.status, 200);
        let again = client.delete(&customer.key, &format!("{}/{visa}", of(&customer))).await;
        assert_eq!(again.problem(), (404, "payment_method_not_found"));
    }
}

#[tokio::test]
async fn another_customers_cards_look_like_none() {
    let client = client();
    let (ada, eve) = (client.open("developer").await, client.open("developer").await);
    let card = save(&client, &ada, "pm_card_visa").await;
    save(&client, &eve, "pm_card_mastercard").await;
    for (method, path, body) in [
        (Method::GET, of(&ada), None),
        (Method::DELETE, format!("{}/{card}", of(&ada)), None),
        (Method::PUT, format!("{}/default", of(&ada)), Some(json!({"payment_method": card}))),
        (Method::POST, format!("{METHODS}/setup"), Some(json!({"account_id": ada.account}))),
        (Method::POST, "/api/billing/portal".to_owned(), Some(json!({"account_id": ada.account}))),
    ] {
        let request = client.request(method, &path).bearer_auth(&eve.key);
        let request = if let Some(body) = &body { request.json(body) } else { request };
        assert_eq!(client.send(request).await.problem(), (404, "account_not_found"), "{path}");
    }
    let own = client.put(&eve.key, &format!("{}/default", of(&eve)), json!({"payment_method": card})).await;
    assert_eq!(own.problem(), (404, "payment_method_not_found"));
    let own = client.delete(&eve.key, &format!("{}/{card}", of(&eve))).await;
    assert_eq!(own.problem(), (404, "payment_method_not_found"));
    assert_eq!(cards(&client, &ada).await, [("4242".to_owned(), true)]);
}

#[tokio::test]
async fn a_payment_that_the_bank_wants_confirmed_goes_on_as_the_same_payment() {
    let client = client();
    let customer = client.open("developer").await;
    save(&client, &customer, "pm_card_authenticationRequired").await;
    let order = json!({"account_id": customer.account, "package_name": "Starter"});
    let answer = client.post(&customer.key, "/api/billing/purchase", order).await;
    assert_eq!(answer.problem(), (402, "payment_required"));
    let list = client.get(&customer.key, &format!("/api/billing/purchases/{}", customer.account)).await;
    let purchases = list.body["purchases"].as_array().expect("purchases").clone();
    let failed = purchases.iter().find(|one| one["state"] == "failed").unwrap_or_else(|| panic!("{list:?}"));
    let body = json!({"account_id": customer.account, "purchase_id": failed["purchase_id"]});
    let once = unique("confirm");
    let first = client.post_once(&customer.key, &once, "/api/billing/purchase/confirm", body.clone()).await;
    assert_eq!(first.status, 200, "{first:?}");
    let url = first.body["confirm_url"].as_str().expect("the bank's page").to_owned();
    assert!(url.starts_with(client.sandbox()), "{url}");
    let again = client.post(&customer.key, "/api/billing/purchase/confirm", body.clone()).await;
    assert_eq!(again.body["confirm_url"], json!(url), "the same page, not another payment");
    client.confirm_at_bank(&url).await;
    client.until_balance(&customer.account, 100).await;
    let done = client.post(&customer.key, "/api/billing/purchase/confirm", body).await;
    assert_eq!(done.body["confirm_url"], Value::Null, "{done:?}");

    let eve = client.open("developer").await;
    let body = json!({"account_id": eve.account, "purchase_id": failed["purchase_id"]});
    let foreign = client.post(&eve.key, "/api/billing/purchase/confirm", body).await;
    assert_eq!(foreign.problem(), (404, "purchase_not_found"));
}
