//! Batches: all or none, or each for itself; replays; and everything that must leave the ledger as it was.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres, unique};

const BATCH: &str = "/api/billing/charges/batch";

fn item(customer: &Customer, quantity: i64) -> Value {
    json!({"account_id": customer.account, "operation": "proof_verification", "quantity": quantity,
        "idempotency_key": unique("item")})
}

async fn statuses(client: &Client, customer: &Customer, mode: &str, items: &[Value]) -> (u16, Vec<String>) {
    let answer = client.post(&customer.key, BATCH, json!({"mode": mode, "charges": items})).await;
    let results = answer.body["results"].as_array().cloned().unwrap_or_default();
    let status = |result: &Value| result["status"].as_str().expect("a status").to_owned();
    (answer.status, results.iter().map(status).collect())
}

#[tokio::test]
async fn an_atomic_batch_charges_all_and_answers_each_with_its_receipt() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let items = [item(&customer, 3), item(&customer, 4)];
        let body = json!({"mode": "atomic", "charges": items});
        let answer = client.post(&customer.key, BATCH, body.clone()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!((&answer.body["success"], &answer.body["mode"]), (&json!(true), &json!("atomic")));
        assert_eq!((&answer.body["charged"], &answer.body["refused"]), (&json!(2), &json!(0)));
        assert_eq!(answer.body["credits_charged"], 7);
        let results = answer.body["results"].as_array().expect("results");
        for (index, (result, item)) in results.iter().zip(&items).enumerate() {
            assert_eq!((&result["index"], &result["status"]), (&json!(index), &json!("charged")));
            assert_eq!(result["idempotency_key"], item["idempotency_key"]);
            assert_eq!(result["problem"], Value::Null);
        }
        assert_eq!((&results[0]["credits_remaining"], &results[1]["credits_remaining"]), (&json!(97), &json!(93)));
        let entries = client.get(&customer.key, &format!("/api/billing/entries/{}?limit=2", customer.account)).await;
        assert_eq!(entries.body["entries"][0]["hash"], results[1]["receipt"]["hash"]);

        let again = client.post(&customer.key, BATCH, body).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body["results"][1]["receipt"], results[1]["receipt"]);
        assert_eq!(client.balance(&customer.account).await, 93);
    }
}

#[tokio::test]
async fn an_atomic_batch_that_cannot_be_paid_names_the_item_and_moves_nothing() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 10).await;
        let items = [item(&customer, 4), item(&customer, 7), item(&customer, 1)];
        let body = json!({"mode": "atomic", "charges": items});
        let answer = client.refused(&customer.key, &customer.account, BATCH, body).await;
        assert_eq!(answer.problem(), (402, "insufficient_credits"));
        assert_eq!(
            (&answer.body["index"], answer.detail()),
            (&json!(1), "Insufficient credits. Required: 7, Available: 6")
        );
        let results = answer.body["results"].as_array().expect("results");
        let statuses: Vec<&Value> = results.iter().map(|result| &result["status"]).collect();
        assert_eq!(statuses, [&json!("undone"), &json!("refused"), &json!("undone")]);
        assert_eq!(results[0]["problem"]["code"], "undone");
        // Nothing of it is kept: each key is free for a charge of its own.
        assert_eq!(client.charge(&customer, "proof_verification", 10).await.status, 200);
    }
}

#[tokio::test]
async fn a_best_effort_batch_charges_what_it_can() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let items = [item(&customer, 4), item(&customer, 7), item(&customer, 6)];
    let (status, results) = statuses(&client, &customer, "best_effort", &items).await;
    assert_eq!((status, results), (200, ["charged", "refused", "charged"].map(String::from).to_vec()));
    assert_eq!(client.balance(&customer.account).await, 0);
}

#[tokio::test]
async fn an_items_key_is_that_of_a_single_charge() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let once = unique("single");
    let single = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": 2});
    client.post_once(&customer.key, &once, "/api/billing/charges", single).await;
    let mut same = item(&customer, 2);
    same["idempotency_key"] = json!(once);
    let answer =
        client.post(&customer.key, BATCH, json!({"mode": "atomic", "charges": [same, item(&customer, 1)]})).await;
    assert_eq!(
        (&answer.body["results"][0]["replayed"], &answer.body["results"][1]["replayed"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(client.balance(&customer.account).await, 97);

    let mut other = item(&customer, 3);
    other["idempotency_key"] = json!(once);
    let body = json!({"mode": "atomic", "charges": [item(&customer, 1), other.clone()]});
    let answer = client.refused(&customer.key, &customer.account, BATCH, body).await;
    assert_eq!((answer.problem(), &answer.body["index"]), ((409, "idempotency_conflict"), &json!(1)));
    let (status, results) = statuses(&client, &customer, "best_effort", &[other, item(&customer, 1)]).await;
    assert_eq!((status, results), (200, ["refused", "charged"].map(String::from).to_vec()));
}

#[tokio::test]
async fn a_customers_key_charges_no_other_account_and_an_operators_any() {
    for client in [client(), client_on_postgres()] {
        let (first, second) = (client.open_with("developer", 10).await, client.open_with("developer", 10).await);
        let items = [item(&first, 1), item(&second, 1)];
        for mode in ["atomic", "best_effort"] {
            let before = client.ledger(&second.account).await;
            let body = json!({"mode": mode, "charges": items});
            let answer = client.refused(&first.key, &first.account, BATCH, body).await;
            assert_eq!((answer.problem(), &answer.body["index"]), ((404, "account_not_found"), &json!(1)));
            assert_eq!(client.ledger(&second.account).await, before);
        }
        let answer = client.post(client.operator(), BATCH, json!({"mode": "atomic", "charges": items})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!((client.balance(&first.account).await, client.balance(&second.account).await), (9, 9));
        // One account's refusal undoes the other's charge too.
        let body = json!({"mode": "atomic", "charges": [item(&first, 1), item(&second, 100)]});
        let answer = client.refused(client.operator(), &first.account, BATCH, body).await;
        assert_eq!(answer.problem(), (402, "insufficient_credits"));
    }
}

#[tokio::test]
async fn a_thousand_charges_are_one_batch_and_one_more_is_refused() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 1_000).await;
        let mut items: Vec<Value> = (0..1_001).map(|_| item(&customer, 1)).collect();
        let body = json!({"mode": "atomic", "charges": items});
        let answer = client.refused(&customer.key, &customer.account, BATCH, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("charges")));
        items.pop();
        let answer = client.post(&customer.key, BATCH, json!({"mode": "atomic", "charges": items})).await;
        assert_eq!((answer.status, &answer.body["charged"]), (200, &json!(1_000)));
        assert_eq!(client.balance(&customer.account).await, 0);
    }
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_moves_nothing() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let with = |field: &str, value: Value| {
        let mut bad = item(&customer, 1);
        bad[field] = value;
        bad
    };
    let without = |field: &str| {
        let mut bad = item(&customer, 1);
        bad.as_object_mut().expect("an object").remove(field);
        bad
    };
    let mut bad = vec![
        ("charges[1].operation", with("operation", json!("mining"))),
        ("charges[1].quanttiy", with("quanttiy", json!(1))),
        ("charges[1].metadata", with("metadata", json!([1]))),
        ("charges[1].idempotency_key", without("idempotency_key")),
        ("charges[1].operation", without("operation")),
        ("charges[1].account_id", without("account_id")),
        ("charges[1]", json!([customer.account, "proof_verification", 1, {}, "by-position"])),
        ("charges[1]", Value::Null),
    ];
    for quantity in [json!(0), json!(-1), json!(1.5), json!(1_000_001), json!("5"), json!(1e300), Value::Null] {
        bad.push(("charges[1].quantity", with("quantity", quantity)));
    }
    for key in [json!(""), json!("two words"), json!("k".repeat(256)), json!(7), Value::Null] {
        bad.push(("charges[1].idempotency_key", with("idempotency_key", key)));
    }
    for (field, second) in bad {
        let body = json!({"mode": "best_effort", "charges": [item(&customer, 1), second]});
        let answer = client.refused(&customer.key, &customer.account, BATCH, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!(field)), "{answer:?}");
    }
    let twice = item(&customer, 1);
    let whole = [
        ("charges[1].idempotency_key", json!({"mode": "atomic", "charges": [twice, twice]})),
        ("charges", json!({"mode": "atomic", "charges": []})),
        ("charges", json!({"mode": "atomic"})),
        ("charges", json!({"mode": "atomic", "charges": {}})),
        ("mode", json!({"charges": [item(&customer, 1)]})),
        ("mode", json!({"mode": "maybe", "charges": [item(&customer, 1)]})),
        ("mode", json!({"mode": null, "charges": [item(&customer, 1)]})),
        ("mode", json!({"mode": 1, "charges": [item(&customer, 1)]})),
    ];
    for (field, body) in whole {
        let answer = client.refused(&customer.key, &customer.account, BATCH, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!(field)), "{answer:?}");
    }
}
