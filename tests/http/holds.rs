//! Holds: set aside, then captured in part or whole, released, or out of time; never another's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

const HOLDS: &str = "/api/billing/holds";

/// Holds ten oracle queries: fifty credits of a developer's.
async fn place(client: &Client, customer: &Customer) -> String {
    let body = json!({"account_id": customer.account, "operation": "conservation_oracle", "quantity": 10});
    let answer = client.post(&customer.key, HOLDS, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["hold_id"].as_str().expect("an id").to_owned()
}

async fn read(client: &Client, customer: &Customer, hold: &str) -> Answer {
    client.get(&customer.key, &format!("{HOLDS}/{hold}")).await
}

#[tokio::test]
async fn a_hold_is_captured_in_part_and_the_rest_goes_back_in_the_same_step() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let hold = place(&client, &customer).await;
        let held = read(&client, &customer, &hold).await.body;
        assert_eq!((&held["state"], &held["credits"], &held["unit_price"]), (&json!("open"), &json!(50), &json!(5)));
        assert_eq!(client.balance(&customer.account).await, 50);

        let (once, path) = (unique("capture"), format!("{HOLDS}/{hold}/capture"));
        let body = json!({"account_id": customer.account, "credits": 20, "metadata": {"job": 7}});
        let first = client.post_once(&customer.key, &once, &path, body.clone()).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!((&first.body["credits_charged"], &first.body["credits_released"]), (&json!(20), &json!(30)));
        assert_eq!(first.body["credits_remaining"], 80);
        let again = client.post_once(&customer.key, &once, &path, body).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
        assert_eq!(again.body["receipt"], first.body["receipt"]);

        let settled = read(&client, &customer, &hold).await.body;
        assert_eq!((&settled["state"], &settled["credits_captured"]), (&json!("captured"), &json!(20)));
        let more = client.refused(&customer.key, &customer.account, &path, json!({})).await;
        assert_eq!(more.problem(), (409, "hold_settled"));
        assert_eq!(client.balance(&customer.account).await, 80);
    }
}

#[tokio::test]
async fn a_hold_is_captured_whole_when_nothing_else_is_said_and_given_back_when_released() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let hold = place(&client, &customer).await;
    let answer = client.post(&customer.key, &format!("{HOLDS}/{hold}/capture"), json!({})).await;
    assert_eq!((&answer.body["credits_charged"], &answer.body["credits_released"]), (&json!(50), &json!(0)));
    let hold = place(&client, &customer).await;
    let path = format!("{HOLDS}/{hold}/release");
    let answer = client.post(&customer.key, &path, json!({"reason": "the job failed"})).await;
    assert_eq!((&answer.body["credits_charged"], &answer.body["credits_released"]), (&json!(0), &json!(50)));
    assert_eq!(read(&client, &customer, &hold).await.body["state"], "released");
    for path in [path, format!("{HOLDS}/{hold}/capture")] {
        let body = if path.ends_with("release") { json!({"reason": "again"}) } else { json!({}) };
        let answer = client.refused(&customer.key, &customer.account, &path, body).await;
        assert_eq!(answer.problem(), (409, "hold_settled"));
    }
    assert_eq!(client.balance(&customer.account).await, 50);
}

#[tokio::test]
async fn a_hold_that_is_over_is_expired_and_can_be_neither_captured_nor_released() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let body = json!({"account_id": customer.account, "operation": "ghost_identity", "ttl_seconds": 1});
        let hold = client.post(&customer.key, HOLDS, body).await.body["hold_id"].as_str().expect("an id").to_owned();
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(read(&client, &customer, &hold).await.body["state"], "expired");
        let capture = client.post(&customer.key, &format!("{HOLDS}/{hold}/capture"), json!({})).await;
        assert_eq!(capture.problem(), (409, "hold_settled"));
        let release = client.post(&customer.key, &format!("{HOLDS}/{hold}/release"), json!({"reason": "late"})).await;
        assert_eq!(release.problem(), (409, "hold_settled"));
        client.until_balance(&customer.account, 100).await;
    }
}

#[tokio::test]
async fn the_same_hold_again_is_the_first_one_and_another_time_to_live_is_another_request() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let (once, mut body) = (unique("hold"), json!({"account_id": customer.account, "operation": "ghost_identity"}));
    let first = client.post_once(&customer.key, &once, HOLDS, body.clone()).await;
    let again = client.post_once(&customer.key, &once, HOLDS, body.clone()).await;
    assert_eq!((&again.body["hold_id"], &again.body["replayed"]), (&first.body["hold_id"], &json!(true)));
    assert_eq!(again.body["expires_at"], first.body["expires_at"]);
    body["ttl_seconds"] = json!(60);
    assert_eq!(client.post_once(&customer.key, &once, HOLDS, body).await.problem(), (409, "idempotency_conflict"));
    assert_eq!(client.balance(&customer.account).await, 80);
}

#[tokio::test]
async fn a_hold_that_an_operator_placed_is_not_called_off_by_the_customer() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let body = json!({"account_id": customer.account, "operation": "conservation_oracle", "quantity": 10});
        let placed = client.post(client.operator(), HOLDS, body).await;
        let hold = placed.body["hold_id"].as_str().expect("an id").to_owned();
        assert_eq!(read(&client, &customer, &hold).await.status, 200);
        for (what, body) in [("release", json!({"reason": "no"})), ("capture", json!({"credits": 1}))] {
            let answer = client.post(&customer.key, &format!("{HOLDS}/{hold}/{what}"), body).await;
            assert_eq!(answer.problem(), (409, "hold_of_operator"), "{what}");
        }
        assert_eq!(client.balance(&customer.account).await, 50);
        let released =
            client.post(client.operator(), &format!("{HOLDS}/{hold}/release"), json!({"reason": "no"})).await;
        assert_eq!((released.status, client.balance(&customer.account).await), (200, 100));
    }
}

#[tokio::test]
async fn another_customers_hold_looks_like_none() {
    let client = client();
    let (owner, other) = (client.open_with("developer", 100).await, client.open_with("developer", 100).await);
    let hold = place(&client, &owner).await;
    let unknown = "HLD_01J9ZQ3V5R8N2M4K6T7W8X9YAB";
    for name in [hold.as_str(), unknown, "HLD_1", "nonsense"] {
        assert_eq!(read(&client, &other, name).await.problem(), (404, "hold_not_found"));
        for (path, body) in [
            (format!("{HOLDS}/{name}/capture"), json!({})),
            (format!("{HOLDS}/{name}/release"), json!({"reason": "x"})),
        ] {
            let answer = client.refused(&other.key, &owner.account, &path, body).await;
            assert_eq!(answer.problem(), (404, "hold_not_found"), "{path}");
        }
    }
    // Naming the wrong account is as good as naming the wrong hold; an operator may settle any.
    let path = format!("{HOLDS}/{hold}/capture");
    let wrong = client.refused(&owner.key, &owner.account, &path, json!({"account_id": other.account})).await;
    assert_eq!(wrong.problem(), (404, "hold_not_found"));
    assert_eq!(client.post(client.operator(), &path, json!({"account_id": owner.account})).await.status, 200);
}

#[tokio::test]
async fn a_hold_that_cannot_be_made_or_settled_so_moves_nothing() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let mut bad = vec![("operation", json!("mining")), ("metadata", json!(7)), ("ttl", json!(60))];
    for seconds in [json!(0), json!(-1), json!(1.5), json!(2_592_001), json!("60"), json!(u64::MAX), Value::Null] {
        bad.push(("ttl_seconds", seconds));
    }
    for quantity in [json!(0), json!(-1), json!(0.5), json!(1_000_001), Value::Null] {
        bad.push(("quantity", quantity));
    }
    for (field, value) in bad {
        let mut body = json!({"account_id": customer.account, "operation": "ghost_identity"});
        body[field] = value;
        let answer = client.refused(&customer.key, &customer.account, HOLDS, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!(field)));
    }
    let dear = json!({"account_id": customer.account, "operation": "ghost_identity", "quantity": 6});
    let answer = client.refused(&customer.key, &customer.account, HOLDS, dear).await;
    assert_eq!(answer.problem(), (402, "insufficient_credits"));

    let hold = place(&client, &customer).await;
    let capture = format!("{HOLDS}/{hold}/capture");
    for credits in [json!(0), json!(-1), json!(1.5), json!("5"), json!(i64::MAX)] {
        let answer = client.refused(&customer.key, &customer.account, &capture, json!({"credits": credits})).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("credits")));
    }
    let answer = client.refused(&customer.key, &customer.account, &capture, json!({"credits": 51})).await;
    assert_eq!(answer.problem(), (409, "capture_exceeds_hold"));
    let release = format!("{HOLDS}/{hold}/release");
    for body in [json!({}), json!({"reason": ""}), json!({"reason": "x", "credits": 5})] {
        let answer = client.refused(&customer.key, &customer.account, &release, body).await;
        assert_eq!(answer.problem(), (422, "invalid_field"));
    }
    assert_eq!(read(&client, &customer, &hold).await.body["state"], "open");
}
