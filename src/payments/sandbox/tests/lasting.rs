//! The state in a file: what lives on after a restart, and files that stop the start.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::client::{World, card, config};
use crate::payments::sandbox::{SandboxError, start};

/// Three days, after which a debit settles.
const DEBIT_SECONDS: i64 = 3 * 86_400;

fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("kept/stripe-sandbox.json");
    (directory, file)
}

async fn customer_with_card(world: &World) -> (String, String) {
    let customer = world.post("/v1/customers", "email=ada@example.com&metadata[account]=ACC_1").await.json();
    let customer = customer["id"].as_str().expect("an id").to_owned();
    let attached = world.post("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}")).await.json();
    (customer, attached["id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn a_customer_a_card_and_a_paid_session_live_on_and_can_be_charged_and_refunded() {
    let (_directory, file) = place();
    let world = World::open_in(&file).await;
    let (customer, method) = customer_with_card(&world).await;
    let session = world.session("").await;
    let page = session["url"].as_str().expect("an address").to_owned();
    assert_eq!(world.post(&page, &card("4242424242424242")).await.status, 303);
    let path = format!("/v1/checkout/sessions/{}", session["id"].as_str().expect("an id"));
    let before = world.get(&path).await.json();
    assert_eq!(before["payment_status"], "paid");

    let world = world.restart_in(&file).await;
    assert_eq!(world.get(&path).await.json(), before);
    assert_eq!(world.get(&format!("/v1/customers/{customer}")).await.json()["metadata"]["account"], "ACC_1");
    let form =
        format!("amount=8000&currency=usd&customer={customer}&payment_method={method}&confirm=true&off_session=true");
    assert_eq!(world.post("/v1/payment_intents", &form).await.json()["status"], "succeeded");
    let refund = format!("payment_intent={}&amount=400", before["payment_intent"].as_str().expect("an id"));
    assert_eq!(world.post("/v1/refunds", &refund).await.json()["status"], "succeeded");
    let movements = world.get("/v1/balance_transactions").await.json();
    let amounts: Vec<&Value> = movements["data"].as_array().expect("a list").iter().map(|one| &one["amount"]).collect();
    assert_eq!(amounts, [-400, 8_000, 1_000]);
}

#[tokio::test]
async fn a_pending_debit_and_the_moved_clock_live_on_and_the_bank_still_answers() {
    let (_directory, file) = place();
    let world = World::open_in(&file).await;
    let moved = world.post("/_control/clock", "advance=86400").await.json();
    assert_eq!(moved["clock_shift"], 86_400);
    let form =
        "amount=8000&currency=usd&confirm=true&payment_method=pm_usBankAccount_success&return_url=http://127.0.0.1:9/";
    let intent = world.post("/v1/payment_intents", form).await.json();
    assert_eq!(intent["status"], "processing");
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().expect("an id"));

    let mut world = world.restart_in(&file).await;
    assert_eq!(world.get("/_control").await.json()["clock_shift"], 86_400);
    assert_eq!(world.get(&path).await.json()["status"], "processing");
    world.post("/_control/clock", &format!("advance={DEBIT_SECONDS}")).await;
    assert_eq!(world.get(&path).await.json()["status"], "succeeded");
    let [event] = world.events(["payment_intent.succeeded"]).await;
    assert_eq!(event["data"]["object"]["id"], intent["id"]);
}

#[tokio::test]
async fn a_subscription_lives_on_and_renews() {
    let (_directory, file) = place();
    let world = World::open_in(&file).await;
    let (customer, _) = customer_with_card(&world).await;
    let form = format!(
        "mode=subscription&customer={customer}&success_url=http://127.0.0.1:9/&line_items[0][quantity]=1&\
         line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500000&\
         line_items[0][price_data][recurring][interval]=month&line_items[0][price_data][product_data][name]=Fintech"
    );
    let session = world.post("/v1/checkout/sessions", &form).await.json();
    assert_eq!(world.post(session["url"].as_str().expect("an address"), &card("4242424242424242")).await.status, 303);
    let listed = world.get("/v1/events?type=customer.subscription.created").await.json();
    let subscription = listed["data"][0]["data"]["object"]["id"].as_str().expect("an id").to_owned();

    let mut world = world.restart_in(&file).await;
    world.events(["checkout.session.completed"]).await;
    world.post("/_control/clock", "advance=2592000").await;
    let [paid] = world.events(["customer.subscription.updated"]).await;
    assert_eq!(paid["data"]["object"]["id"], subscription.as_str());
    let found = world.get(&format!("/v1/subscriptions/{subscription}")).await.json();
    assert_eq!(found["status"], "active");
    let invoices = world.get("/v1/events?type=invoice.paid").await.json();
    assert_eq!(invoices["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_undelivered_webhook_lives_on_and_arrives_when_its_time_has_come() {
    let (_directory, file) = place();
    let world = World::open_in(&file).await;
    world.post("/_control/chaos", "delay_seconds=3600").await;
    world.post("/v1/customers", "name=Late").await;
    let mut world = world.restart_in(&file).await;
    let state = world.get("/_control").await.json();
    assert_eq!((&state["waiting"], &state["chaos"]["delay_seconds"]), (&1.into(), &3_600.into()));
    world.post("/_control/clock", "advance=3600").await;
    let [event] = world.events(["customer.created"]).await;
    assert_eq!(event["data"]["object"]["name"], "Late");
}

#[tokio::test]
async fn an_idempotency_key_lives_on_with_its_answer_and_its_parameters() {
    let (_directory, file) = place();
    let world = World::open_in(&file).await;
    let key = [("idempotency-key", "ACC_1:customer:1")];
    let first = world.send("POST", "/v1/customers", "name=Once", &key).await.json();
    let world = world.restart_in(&file).await;
    let again = world.send("POST", "/v1/customers", "name=Once", &key).await;
    assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first));
    let other = world.send("POST", "/v1/customers", "name=Other", &key).await;
    assert_eq!((other.status, &other.json()["error"]["type"]), (400, &"idempotency_error".into()));
    assert_eq!(world.get("/v1/customers").await.json()["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_change_is_in_the_file_soon_without_an_orderly_end() {
    let (_directory, file) = place();
    let world = World::open_in(&file).await;
    world.post("/v1/customers", "name=Killed").await;
    let holds = |file: &Path| std::fs::read_to_string(file).is_ok_and(|text| text.contains("Killed"));
    for _ in 0..200 {
        if holds(&file) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(holds(&file), "after ten seconds the file does not know the customer");
    // Nobody reads a half of it: the next one is made beside it.
    serde_json::from_str::<Value>(&std::fs::read_to_string(&file).expect("a file")).expect("a whole state");
}

async fn refusal(file: &Path) -> String {
    let outcome = start(config(None, Some(file.to_owned())), Arc::new(|| 0)).await;
    match outcome {
        Err(SandboxError::State(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_used_stops_the_start_and_is_left_as_it_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("state.json");
    let newer = json!({ "version": 7, "everything": "otherwise" }).to_string();
    let older = json!({ "version": 1, "timeline": 0, "store": {} }).to_string();
    for (text, reason) in [
        ("", "is not a state of the stripe sandbox"),
        ("{\"version\":2,\"timeline\":0,\"store\":{\"customers\":[{", "is not a state of the stripe sandbox"),
        ("{\"version\":2,\"timeline\":0,\"store\":{}}", "is not a state of the stripe sandbox"),
        ("{\"version\":2}", "is not a state of the stripe sandbox"),
        (newer.as_str(), "format 7, this one reads 2"),
        (older.as_str(), "format 1, this one reads 2"),
    ] {
        std::fs::write(&file, text).expect("written");
        let sentence = refusal(&file).await;
        assert!(sentence.contains(reason) && sentence.contains("state.json"), "{text}: {sentence}");
        assert!(sentence.contains("move") && sentence.contains("off to keep nothing"), "{text}: {sentence}");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), text);
    }
    let sentence = refusal(directory.path()).await;
    assert!(sentence.contains("cannot be read and written"), "{sentence}");
    std::fs::write(&file, "in the way").expect("written");
    let sentence = refusal(&file.join("state.json")).await;
    assert!(sentence.contains("cannot be read and written"), "{sentence}");
}
