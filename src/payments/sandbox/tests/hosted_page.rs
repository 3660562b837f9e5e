//! Paying, being declined, proving who one is, and coming too late, on the hosted page.

use super::client::{Receiver, SESSION, World, card};

fn page_of(session: &serde_json::Value) -> String {
    session["url"].as_str().expect("an address").to_owned()
}

#[tokio::test]
async fn a_good_card_pays_and_everyone_is_told() {
    let mut world = World::open().await;
    let session = world.session("&payment_intent_data[setup_future_usage]=off_session").await;
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["amount_total"], 1_000);
    let page = world.get(&page_of(&session)).await;
    assert!(page.text.contains("$10.00") && page.text.contains("Starter &lt;100&gt;"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("form-action 'self' http://127.0.0.1:9;"));
    let paid = world.post(&page_of(&session), &card("4242+4242+4242+4242")).await;
    let id = session["id"].as_str().expect("an id");
    assert_eq!((paid.status, paid.header("location")), (303, format!("http://127.0.0.1:9/done?s={id}").as_str()));

    let [completed, succeeded, charge, customer] = world
        .events(["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded", "customer.created"])
        .await;
    let object = &completed["data"]["object"];
    assert_eq!((&object["status"], &object["payment_status"]), (&"complete".into(), &"paid".into()));
    assert_eq!(object["client_reference_id"], "PUR_1");
    assert_eq!(object["payment_intent"], succeeded["data"]["object"]["id"]);
    assert_eq!(object["customer"], customer["data"]["object"]["id"]);
    assert_eq!(object["customer_details"]["email"], "ada@example.com");
    assert_eq!(succeeded["data"]["object"]["metadata"]["purchase"], "PUR_1");
    assert_eq!(charge["data"]["object"]["amount_captured"], 1_000);
    assert_eq!(completed["api_version"], "2026-09-30.endive");

    let saved =
        world.get(&format!("/v1/customers/{}/payment_methods", object["customer"].as_str().expect("an id"))).await;
    assert_eq!(saved.json()["data"][0]["card"]["last4"], "4242");
    assert!(world.get(&page_of(&session)).await.text.contains("already paid"));
    assert_eq!(world.post(&page_of(&session), &card("4242424242424242")).await.status, 200);
}

#[tokio::test]
async fn a_declined_card_leaves_the_form_and_another_card_pays() {
    let mut world = World::open().await;
    let session = world.session("").await;
    let declined = world.post(&page_of(&session), &card("4000000000000002")).await;
    assert_eq!(declined.status, 200);
    assert!(declined.text.contains("role=\"alert\"") && declined.text.contains("Your card was declined."));
    assert!(declined.text.contains("value=\"ada@example.com\"") && !declined.text.contains("value=\"123\""));
    let poor = world.post(&page_of(&session), &card("4000000000009995")).await;
    assert!(poor.text.contains("Your card has insufficient funds."));
    let [failed, charge] = world.events(["payment_intent.payment_failed", "charge.failed"]).await;
    assert_eq!(failed["data"]["object"]["last_payment_error"]["code"], "card_declined");
    assert_eq!(charge["data"]["object"]["status"], "failed");
    let paid = world.post(&page_of(&session), &card("4242424242424242")).await;
    assert_eq!(paid.status, 303);
    let [succeeded] = world.events(["payment_intent.succeeded"]).await;
    assert_eq!(succeeded["data"]["object"]["id"], failed["data"]["object"]["id"]);
}

#[tokio::test]
async fn wrong_fields_are_named_beside_the_field() {
    let world = World::open().await;
    let session = world.session("").await;
    let form = "email=ada&number=4242424242424241&expiry=10/26&cvc=1&name=";
    let page = world.post(&page_of(&session), form).await;
    for sentence in [
        "Your email is incomplete.",
        "Your card number is invalid.",
        "expiration date is in the past.",
        "security code is incomplete.",
        "Your name is incomplete.",
    ] {
        assert!(page.text.contains(&sentence.replace('\'', "&#39;")), "{sentence}");
    }
    let found = world.get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().expect("an id"))).await;
    assert_eq!(found.json()["payment_intent"], serde_json::Value::Null);
}

#[tokio::test]
async fn three_d_secure_can_fail_and_then_be_completed() {
    let mut world = World::open().await;
    let session = world.session("").await;
    for number in ["4000000000003220", "4000002500003155"] {
        let asked = world.post(&page_of(&session), &card(number)).await;
        assert_eq!(asked.status, 303);
        let bank = asked.header("location").to_owned();
        let page = world.get(&bank).await;
        assert!(page.text.contains("Complete") && page.text.contains("Fail") && page.text.contains("$10.00"));
        let (path, secret) = bank.split_once('?').expect("a secret");
        assert_eq!(world.get(&format!("{path}?client_secret=guessed")).await.status, 404);
        if number.ends_with("3220") {
            let back = world.post(path, &format!("{secret}&outcome=fail")).await;
            assert_eq!(back.header("location"), page_of(&session));
            assert!(world.get(&page_of(&session)).await.text.contains("unable to authenticate"));
        } else {
            let on = world.post(path, &format!("{secret}&outcome=complete")).await;
            assert!(on.header("location").starts_with("http://127.0.0.1:9/done?s=cs_test_"));
        }
    }
    let [failed, done] = world.events(["payment_intent.payment_failed", "checkout.session.completed"]).await;
    let error = &failed["data"]["object"]["last_payment_error"];
    assert_eq!(error["code"], "payment_intent_authentication_failure");
    assert_eq!(done["data"]["object"]["payment_status"], "paid");
}

#[tokio::test]
async fn a_session_expires_by_the_clock_or_on_request() {
    let mut world = World::open().await;
    let session = world.session(&format!("&expires_at={}", world.now() + 1_800)).await;
    world.advance(1_800);
    assert!(world.get(&page_of(&session)).await.text.contains("has expired"));
    let [expired] = world.events(["checkout.session.expired"]).await;
    assert_eq!(expired["data"]["object"]["url"], serde_json::Value::Null);
    let other = world.session("").await;
    let path = format!("/v1/checkout/sessions/{}/expire", other["id"].as_str().expect("an id"));
    assert_eq!(world.post(&path, "").await.json()["status"], "expired");
    assert_eq!(world.post(&path, "").await.status, 400);
    let late = world.post(&page_of(&other), &card("4242424242424242")).await;
    assert!(late.text.contains("has expired"));
    assert_eq!(world.post("/v1/checkout/sessions", &format!("{SESSION}&expires_at=1")).await.status, 400);
}

#[tokio::test]
async fn a_receiver_that_stumbles_gets_the_event_again() {
    let mut world = World::open_with(Receiver::StumblesOnce).await;
    world.post("/v1/customers", "email=ada@example.com").await;
    let [created] = world.events(["customer.created"]).await;
    assert_eq!(created["data"]["object"]["email"], "ada@example.com");
    assert_eq!(created["pending_webhooks"], 1);
}

#[tokio::test]
async fn unknown_pages_are_kind_and_not_found() {
    let world = World::open().await;
    for path in ["/c/pay/cs_test_none", "/c/authenticate/pi_none", "/elsewhere"] {
        let page = world.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("Nothing here"));
    }
}
