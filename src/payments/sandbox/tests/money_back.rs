//! Refunds, disputes, debits that settle later, and the balance they all move.

use serde_json::Value;

use super::client::{World, card};

/// A payment on the hosted page; answers its payment intent, with the charge in it.
async fn paid_with(world: &World, number: &str) -> Value {
    let session = world.session("").await;
    let page = session["url"].as_str().expect("an address");
    assert_eq!(world.post(page, &card(number)).await.status, 303);
    let id = session["id"].as_str().expect("an id");
    let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
    world.get(&path).await.json()["payment_intent"].clone()
}

async fn control(world: &World, action: &str, form: &str) -> Value {
    let answer = world.post(&format!("/_control/{action}"), form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn id(object: &Value) -> &str {
    object["id"].as_str().expect("an id")
}

#[tokio::test]
async fn a_charge_is_refunded_in_parts_and_never_beyond() {
    let mut world = World::open().await;
    let intent = paid_with(&world, "4242424242424242").await;
    let form = format!("payment_intent={}", id(&intent));
    let part = world.post("/v1/refunds", &format!("{form}&amount=400&reason=requested_by_customer")).await.json();
    assert_eq!((&part["status"], &part["amount"]), (&"succeeded".into(), &400.into()));
    let beyond = world.post("/v1/refunds", &format!("{form}&amount=601")).await;
    assert_eq!(beyond.status, 400);
    assert_eq!(
        beyond.json()["error"]["message"],
        "Refund amount ($6.01) is greater than unrefunded amount on charge ($6.00)"
    );
    assert_eq!(world.post("/v1/refunds", &form).await.json()["amount"], 600);
    let again = world.post("/v1/refunds", &form).await.json();
    assert_eq!(again["error"]["code"], "charge_already_refunded");
    let charge = id(&intent["latest_charge"]).to_owned();
    let found = world.get(&format!("/v1/charges/{charge}?expand[]=refunds&expand[]=balance_transaction")).await.json();
    assert_eq!((&found["amount_refunded"], &found["refunded"]), (&1_000.into(), &true.into()));
    assert_eq!(found["refunds"]["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&found["balance_transaction"]["amount"], &found["balance_transaction"]["fee"]),
        (&1_000.into(), &59.into())
    );
    let listed = world.get(&format!("/v1/refunds?payment_intent={}", id(&intent))).await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));
    let [created, refunded] = world.events(["refund.created", "charge.refunded"]).await;
    assert_eq!(created["data"]["object"]["charge"], charge.as_str());
    assert!(refunded["data"]["object"]["amount_refunded"].as_i64() > Some(0));
    assert_eq!(world.post("/v1/refunds", "amount=1").await.json()["error"]["code"], "parameter_missing");
}

#[tokio::test]
async fn a_refund_can_come_back_from_the_bank_and_the_money_is_ours_again() {
    let mut world = World::open().await;
    let intent = paid_with(&world, "4000000000005126").await;
    let refund = world.post("/v1/refunds", &format!("charge={}", id(&intent["latest_charge"]))).await.json();
    assert_eq!(refund["status"], "succeeded");
    control(&world, "clock", "advance=10").await;
    let [failed, ..] = world.events(["refund.failed", "refund.updated", "charge.refund.updated"]).await;
    assert_eq!(failed["data"]["object"]["id"], refund["id"]);
    let found = world.get(&format!("/v1/refunds/{}?expand[]=failure_balance_transaction", id(&refund))).await.json();
    assert_eq!((&found["status"], &found["failure_reason"]), (&"failed".into(), &"unknown".into()));
    assert_eq!(found["failure_balance_transaction"]["amount"], 1_000);
    let charge = world.get(&format!("/v1/charges/{}", id(&intent["latest_charge"]))).await.json();
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&0.into(), &false.into()));
}

#[tokio::test]
async fn a_disputed_charge_takes_the_money_at_once_and_evidence_brings_it_back() {
    let mut world = World::open().await;
    let intent = paid_with(&world, "4000000000000259").await;
    let [created, withdrawn] = world.events(["charge.dispute.created", "charge.dispute.funds_withdrawn"]).await;
    let dispute = &created["data"]["object"];
    assert_eq!((&dispute["status"], &dispute["amount"]), (&"needs_response".into(), &1_000.into()));
    assert_eq!(dispute["payment_intent"], intent["id"]);
    assert_eq!(withdrawn["data"]["object"]["balance_transactions"][0]["net"], -2_500);
    let refused = world.post("/v1/refunds", &format!("payment_intent={}", id(&intent))).await.json();
    assert_eq!(refused["error"]["code"], "charge_disputed");
    let path = format!("/v1/disputes/{}", id(dispute));
    let won = world.post(&path, "evidence[uncategorized_text]=winning_evidence").await.json();
    assert_eq!(won["status"], "won");
    let [reinstated, closed] = world.events(["charge.dispute.funds_reinstated", "charge.dispute.closed"]).await;
    assert_eq!(reinstated["data"]["object"]["balance_transactions"].as_array().map(Vec::len), Some(2));
    assert_eq!(closed["data"]["object"]["status"], "won");
    assert_eq!(world.post(&format!("{path}/close"), "").await.status, 400);
    let all = world.get("/v1/balance_transactions").await.json();
    let sum: i64 =
        all["data"].as_array().into_iter().flatten().filter_map(|movement| movement["amount"].as_i64()).sum();
    assert_eq!(sum, 1_000);
}

#[tokio::test]
async fn a_dispute_raised_by_hand_can_be_lost() {
    let mut world = World::open().await;
    let intent = paid_with(&world, "4242424242424242").await;
    let dispute = control(&world, "dispute", &format!("charge={}", id(&intent["latest_charge"]))).await;
    let lost = control(&world, "decide", &format!("dispute={}&outcome=lost", id(&dispute))).await;
    assert_eq!(lost["status"], "lost");
    let [closed] = world.events(["charge.dispute.closed"]).await;
    assert_eq!(closed["data"]["object"]["status"], "lost");
    let listed = world.get(&format!("/v1/disputes?payment_intent={}", id(&intent))).await.json();
    assert_eq!(listed["data"][0]["id"], dispute["id"]);
}

#[tokio::test]
async fn a_debit_completes_unpaid_and_the_bank_answers_days_later() {
    let mut world = World::open().await;
    for (account, outcome, status) in [
        ("000123456789", "checkout.session.async_payment_succeeded", "paid"),
        ("000111111116", "checkout.session.async_payment_failed", "unpaid"),
    ] {
        let session = world.session("&payment_intent_data[setup_future_usage]=off_session").await;
        let page = session["url"].as_str().expect("an address");
        assert!(world.get(page).await.text.contains("Pay by bank debit"));
        let form = format!("email=ada%40example.com&name=Ada&account={account}");
        assert_eq!(world.post(&format!("{page}/debit"), &form).await.status, 303);
        let [completed, processing] = world.events(["checkout.session.completed", "payment_intent.processing"]).await;
        assert_eq!(completed["data"]["object"]["payment_status"], "unpaid");
        assert_eq!(processing["data"]["object"]["status"], "processing");
        control(&world, "clock", "advance=259200").await;
        let [told] = world.events([outcome]).await;
        assert_eq!(told["data"]["object"]["payment_status"], status);
        assert_eq!(told["data"]["object"]["id"], session["id"]);
    }
    let session = world.session("&payment_method_types[0]=card").await;
    assert!(!world.get(session["url"].as_str().expect("an address")).await.text.contains("bank debit"));
}
