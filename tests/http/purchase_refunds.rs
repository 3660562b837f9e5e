//! An operator gives a purchase's money back, and its credits follow; customers find nothing to do it with.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres, unique};

const REFUNDS: &str = "/api/billing/purchase-refunds";

/// A Starter package, paid by saved card; its id.
async fn bought(client: &Client, customer: &Customer) -> String {
    let card = json!({"account_id": customer.account, "payment_method": "pm_card_visa"});
    client.post(&customer.key, "/api/billing/payment-methods", card).await;
    let order = json!({"account_id": customer.account, "package_name": "Starter"});
    let answer = client.post(&customer.key, "/api/billing/purchase", order).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    purchase(client, customer).await["purchase_id"].as_str().expect("an id").to_owned()
}

async fn purchase(client: &Client, customer: &Customer) -> Value {
    let answer = client.get(&customer.key, &format!("/api/billing/purchases/{}", customer.account)).await;
    answer.body["purchases"][0].clone()
}

fn order(customer: &Customer, purchase: &str, amount: Value) -> Value {
    let mut order = json!({"account_id": customer.account, "purchase_id": purchase, "reason": "Charged by mistake"});
    if !amount.is_null() {
        order["amount"] = amount;
    }
    order
}

#[tokio::test]
async fn money_goes_back_in_parts_and_the_credits_with_it() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let id = bought(&client, &customer).await;
        client.charge(&customer, "proof_verification", 90).await;
        let once = unique("refund");
        let part = order(&customer, &id, json!(250));
        let first = client.post_once(client.operator(), &once, REFUNDS, part.clone()).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!((&first.body["amount"], &first.body["replayed"]), (&json!(250), &json!(false)));
        assert!(first.body["refund_id"].as_str().is_some_and(|id| id.starts_with("REF_")), "{first:?}");
        let stands = purchase(&client, &customer).await;
        assert_eq!(stands, first.body["purchase"]);
        assert_eq!((&stands["state"], &stands["amount_paid"]), (&json!("partly_refunded"), &json!(1_000)));
        assert_eq!((&stands["amount_back"], &stands["credits_back"]), (&json!(250), &json!(25)));
        assert_eq!(client.balance(&customer.account).await, 0, "ten were left, fifteen are owed");
        let again = client.post_once(client.operator(), &once, REFUNDS, part).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["refund_id"]), ("true", &first.body["refund_id"]));
        let other = client.post_once(client.operator(), &once, REFUNDS, order(&customer, &id, json!(251))).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"));

        let too_much =
            client.refused(client.operator(), &customer.account, REFUNDS, order(&customer, &id, json!(751))).await;
        assert_eq!((too_much.problem(), &too_much.body["left"]), ((409, "refund_exceeds_payment"), &json!(750)));
        let rest = client.post(client.operator(), REFUNDS, order(&customer, &id, Value::Null)).await;
        assert_eq!((&rest.body["amount"], &rest.body["purchase"]["state"]), (&json!(750), &json!("refunded")));
        let nothing =
            client.refused(client.operator(), &customer.account, REFUNDS, order(&customer, &id, Value::Null)).await;
        assert_eq!(nothing.problem(), (409, "nothing_to_refund"));
        let path = format!("/api/audit-log/{}", customer.account);
        let log = client.get(&customer.key, &path).await.body.to_string();
        assert_eq!(log.matches("money_refunded").count(), 2, "{log}");
        assert!(log.contains(&format!("$2.50 of {id}: Charged by mistake")), "{log}");
        let path = format!("/api/billing/entries/{}?limit=1", customer.account);
        let entry = client.get(&customer.key, &path).await.body["entries"][0].clone();
        assert_eq!((&entry["kind"], &entry["purchase_id"]), (&json!("reversal"), &json!(id)), "{entry}");
    }
}

#[tokio::test]
async fn what_cannot_be_refunded_says_why_and_moves_nothing() {
    let client = client();
    let (customer, other) = (client.open("developer").await, client.open("developer").await);
    let id = bought(&client, &customer).await;
    for purchase in ["PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "PUR_1", ""] {
        let answer =
            client.refused(client.operator(), &customer.account, REFUNDS, order(&customer, purchase, json!(1))).await;
        assert_eq!(answer.problem(), (404, "purchase_not_found"), "{purchase:?}");
    }
    let foreign = client.refused(client.operator(), &customer.account, REFUNDS, order(&other, &id, json!(1))).await;
    assert_eq!(foreign.problem(), (404, "purchase_not_found"), "another account's purchase looks like none");
    for amount in [json!(0), json!(-1), json!(1.5), json!("5"), json!(u64::MAX)] {
        let answer = client.refused(client.operator(), &customer.account, REFUNDS, order(&customer, &id, amount)).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("amount")));
    }
    let page = json!({"account_id": other.account, "package_name": "Starter"});
    let unpaid = client.post(&other.key, "/api/billing/checkout", page).await.body["purchase_id"].clone();
    let unpaid = order(&other, unpaid.as_str().expect("an id"), Value::Null);
    let answer = client.refused(client.operator(), &other.account, REFUNDS, unpaid).await;
    assert_eq!(answer.problem(), (409, "purchase_not_paid"));
    let own = client.refused(&customer.key, &customer.account, REFUNDS, order(&customer, &id, Value::Null)).await;
    assert_eq!(own.problem(), (404, "not_found"), "a customer's key finds no such path");
}
