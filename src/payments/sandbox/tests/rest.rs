//! The REST half: payments, refusals and idempotency keys.

use serde_json::Value;

use super::client::{SESSION, World};

const SAVED_CARD: &str = "amount=8000&currency=usd&confirm=true&off_session=true";

async fn customer_with(world: &World, method: &str) -> (String, String) {
    let customer = world.post("/v1/customers", "email=ada@example.com&metadata[account]=ACC_1").await.json();
    let customer = customer["id"].as_str().expect("an id").to_owned();
    let card =
        world.post(&format!("/v1/payment_methods/{method}/attach"), &format!("customer={customer}")).await.json();
    (customer, card["id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn a_saved_card_is_charged_while_nobody_is_there() {
    let mut world = World::open().await;
    let (customer, card) = customer_with(&world, "pm_card_visa").await;
    let form = format!("invoice_settings[default_payment_method]={card}");
    let changed = world.post(&format!("/v1/customers/{customer}"), &form).await.json();
    assert_eq!(changed["invoice_settings"]["default_payment_method"], card.as_str());
    let form = format!(
        "{SAVED_CARD}&customer={customer}&payment_method={card}&metadata[a]=1&expand[]=latest_charge&expand[]=customer"
    );
    let intent = world.post("/v1/payment_intents", &form).await.json();
    assert_eq!((&intent["status"], &intent["amount_received"]), (&"succeeded".into(), &8_000.into()));
    assert_eq!(intent["latest_charge"]["payment_method_details"]["card"]["last4"], "4242");
    assert_eq!(intent["customer"]["email"], "ada@example.com");
    let [event] = world.events(["payment_intent.succeeded"]).await;
    assert_eq!(event["data"]["object"]["id"], intent["id"]);
    assert!(event["request"]["id"].as_str().is_some_and(|id| id.starts_with("req_")));
    let id = intent["id"].as_str().expect("an id");
    let cancelled = world.post(&format!("/v1/payment_intents/{id}/cancel"), "").await;
    assert_eq!(
        (cancelled.status, &cancelled.json()["error"]["code"]),
        (400, &"payment_intent_unexpected_state".into())
    );
}

#[tokio::test]
async fn declines_are_402_with_the_banks_reason() {
    let world = World::open().await;
    for (method, code, decline) in [
        ("pm_card_chargeDeclined", "card_declined", Value::from("generic_decline")),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds".into()),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", Value::Null),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required".into()),
    ] {
        let (customer, card) = customer_with(&world, method).await;
        let form = format!("{SAVED_CARD}&customer={customer}&payment_method={card}");
        let answer = world.post("/v1/payment_intents", &form).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["type"], &error["code"]), (402, &"card_error".into(), &code.into()));
        assert_eq!(error["decline_code"], decline);
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        assert!(error["charge"].as_str().is_some_and(|id| id.starts_with("ch_")));
    }
}

#[tokio::test]
async fn an_intent_is_made_confirmed_and_cancelled_step_by_step() {
    let world = World::open().await;
    let intent = world
        .post("/v1/payment_intents", "amount=500&currency=usd&automatic_payment_methods[enabled]=true")
        .await
        .json();
    assert_eq!(intent["status"], "requires_payment_method");
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().expect("an id"));
    assert_eq!(world.post(&format!("{path}/confirm"), "").await.status, 400);
    let needs_return_url = world.post(&format!("{path}/confirm"), "payment_method=pm_card_visa").await.json();
    assert_eq!(needs_return_url["error"]["param"], "return_url");
    let form = "payment_method=pm_card_threeDSecure2Required&return_url=http://127.0.0.1:9/back?x=1";
    let asked = world.post(&format!("{path}/confirm"), form).await.json();
    assert_eq!(asked["status"], "requires_action");
    let bank = asked["next_action"]["redirect_to_url"]["url"].as_str().expect("an address").to_owned();
    let (page, secret) = bank.split_once('?').expect("a secret");
    let back = world.post(page, &format!("{secret}&outcome=complete")).await;
    assert!(back.header("location").starts_with("http://127.0.0.1:9/back?x=1&payment_intent=pi_"));
    assert!(back.header("location").ends_with("redirect_status=succeeded"));

    let other = world.post("/v1/payment_intents", "amount=500&currency=usd&payment_method=pm_card_visa").await.json();
    assert_eq!(other["status"], "requires_confirmation");
    let cancel = format!("/v1/payment_intents/{}/cancel", other["id"].as_str().expect("an id"));
    assert_eq!(world.post(&cancel, "cancellation_reason=abandoned").await.json()["status"], "canceled");
}

#[tokio::test]
async fn a_key_gives_the_first_answer_again_and_refuses_another_request() {
    let world = World::open().await;
    let send = |form: &'static str| world.send("POST", "/v1/customers", form, &[("idempotency-key", "PUR_1")]);
    let first = send("email=a@b.c").await;
    let again = send("email=a@b.c").await;
    assert_eq!(first.json(), again.json());
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    let other = send("email=x@b.c").await;
    assert_eq!((other.status, &other.json()["error"]["type"]), (400, &"idempotency_error".into()));
    assert_eq!(world.get("/v1/customers").await.json()["data"].as_array().map(Vec::len), Some(1));
    // A refusal at the door is not kept: the same key may be used for the request put right.
    let wrong = world.send("POST", "/v1/customers", "email=nobody", &[("idempotency-key", "k2")]).await;
    let right = world.send("POST", "/v1/customers", "email=a@b.c", &[("idempotency-key", "k2")]).await;
    assert_eq!((wrong.status, right.status), (400, 200));
}

#[tokio::test]
async fn refusals_have_stripes_status_and_code() {
    let world = World::open().await;
    for (method, path, form, status, code) in [
        ("GET", "/v1/customers/cus_none", "", 404, Value::from("resource_missing")),
        ("GET", "/v1/payment_intents/pi_none", "", 404, "resource_missing".into()),
        ("GET", "/v1/nothing", "", 404, Value::Null),
        ("DELETE", "/v1/customers/cus_none", "", 404, Value::Null),
        ("POST", "/v1/customers", "colour=red", 400, "parameter_unknown".into()),
        ("POST", "/v1/payment_intents", "currency=usd", 400, "parameter_missing".into()),
        ("POST", "/v1/payment_intents", "amount=49&currency=usd", 400, "amount_too_small".into()),
        ("POST", "/v1/payment_intents", "amount=100000000&currency=usd", 400, "amount_too_large".into()),
        ("POST", "/v1/payment_intents", "amount=10.5&currency=usd", 400, "parameter_invalid_integer".into()),
        ("POST", "/v1/payment_intents", "amount=500&currency=usd&customer=cus_none", 400, "resource_missing".into()),
        (
            "POST",
            "/v1/payment_intents",
            "amount=500&currency=usd&payment_method=pm_none",
            400,
            "resource_missing".into(),
        ),
        ("GET", "/v1/customers?limit=0", "", 400, "parameter_invalid_integer".into()),
        ("POST", "/v1/customers", "a[b=1", 400, Value::Null),
        ("POST", "/v1/checkout/sessions", "mode=subscription", 400, "parameter_missing".into()),
    ] {
        let answer = world.send(method, path, form, &[]).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (status, &code), "{method} {path} {form}");
        assert!(answer.json()["error"]["message"].is_string());
        assert!(answer.header("request-id").starts_with("req_"));
    }
    let stranger = world.send("GET", "/v1/customers", "", &[("authorization", "Bearer sk_live_x")]).await;
    assert_eq!(stranger.status, 401);
    let version = world.send("GET", "/v1/customers", "", &[("stripe-version", "latest")]).await;
    assert_eq!(version.status, 400);
}

#[tokio::test]
async fn sessions_are_checked_before_they_are_made() {
    let world = World::open().await;
    for (more, param) in [
        ("&success_url=javascript:alert(1)", "success_url"),
        ("&line_items[0][price_data][unit_amount]=-1", "line_items[0][price_data][unit_amount]"),
        ("&line_items[0][quantity]=0", "line_items[0][quantity]"),
        ("&line_items[0][quantity]=100000000000000000", "line_items[0][quantity]"),
        ("&customer=cus_none", "customer"),
        ("&customer_email=nobody", "customer_email"),
        ("&discounts[0][coupon]=x", "discounts"),
        ("&metadata[k][l]=1", "metadata[k]"),
    ] {
        let answer = world.post("/v1/checkout/sessions", &format!("{SESSION}{more}")).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &param.into()), "{more}");
    }
    assert_eq!(world.get("/v1/checkout/sessions").await.json()["data"], Value::Array(Vec::new()));
}
