//! What operators put right: refunds, adjustments, write-offs, suspensions. Customers find none of it.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres, unique};

const REFUNDS: &str = "/api/billing/refunds";
const ADJUSTMENTS: &str = "/api/billing/adjustments";
const WRITE_OFFS: &str = "/api/billing/write-offs";
const SUSPENSIONS: &str = "/api/billing/suspensions";

async fn charged(client: &Client, customer: &Customer, quantity: i64) -> String {
    let answer = client.charge(customer, "proof_verification", quantity).await;
    answer.body["transaction_id"].as_str().expect("a charge").to_owned()
}

#[tokio::test]
async fn a_charge_is_refunded_in_parts_and_never_by_more_than_it_took() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let charge = charged(&client, &customer, 10).await;
        let part = json!({"account_id": customer.account, "transaction_id": charge, "credits": 4, "reason": "a part"});
        let once = unique("refund");
        let first = client.post_once(client.operator(), &once, REFUNDS, part.clone()).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!((&first.body["credits_refunded"], &first.body["new_balance"]), (&json!(4), &json!(94)));
        assert_eq!(first.body["refunded_transaction_id"], charge);
        let again = client.post_once(client.operator(), &once, REFUNDS, part).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["receipt"]), ("true", &first.body["receipt"]));

        let too_much =
            json!({"account_id": customer.account, "transaction_id": charge, "credits": 7, "reason": "too much"});
        let answer = client.refused(client.operator(), &customer.account, REFUNDS, too_much).await;
        assert_eq!(answer.problem(), (409, "refund_exceeds_charge"));
        let rest = json!({"account_id": customer.account, "transaction_id": charge, "reason": "the rest"});
        let answer = client.post(client.operator(), REFUNDS, rest.clone()).await;
        assert_eq!((&answer.body["credits_refunded"], &answer.body["new_balance"]), (&json!(6), &json!(100)));
        let answer = client.refused(client.operator(), &customer.account, REFUNDS, rest).await;
        assert_eq!(answer.problem(), (409, "refund_exceeds_charge"));
        let path = format!("/api/billing/entries/{}?limit=1", customer.account);
        let entry = client.get(&customer.key, &path).await.body["entries"][0].clone();
        assert_eq!((&entry["kind"], &entry["memo"]), (&json!("refund"), &json!("the rest")));
    }
}

#[tokio::test]
async fn only_a_charge_of_the_account_can_be_refunded() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 100).await, client.open_with("developer", 100).await);
    let foreign = charged(&client, &other, 10).await;
    let path = format!("/api/billing/entries/{}?limit=1", customer.account);
    let grant = client.get(&customer.key, &path).await.body["entries"][0]["transaction_id"].clone();
    for charge in [json!(foreign), grant, json!("TXN_01J9ZQ3V5R8N2M4K6T7W8X9YAB"), json!("TXN_1"), json!("")] {
        let body = json!({"account_id": customer.account, "transaction_id": charge, "reason": "x"});
        let answer = client.refused(client.operator(), &customer.account, REFUNDS, body).await;
        assert_eq!(answer.problem(), (404, "charge_not_found"), "{charge}");
    }
    let own = charged(&client, &customer, 10).await;
    for credits in [json!(0), json!(-1), json!(1.5), json!("5"), json!(u64::MAX)] {
        let body = json!({"account_id": customer.account, "transaction_id": own, "credits": credits, "reason": "x"});
        let answer = client.refused(client.operator(), &customer.account, REFUNDS, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("credits")));
    }
}

#[tokio::test]
async fn an_adjustment_brings_in_or_takes_out_but_never_below_zero() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 10).await;
        let adjust =
            |credits: Value| json!({"account_id": customer.account, "credits": credits, "reason": "counted twice"});
        let answer = client.post(client.operator(), ADJUSTMENTS, adjust(json!(5))).await;
        assert_eq!((&answer.body["credits"], &answer.body["new_balance"]), (&json!(5), &json!(15)));
        assert!(answer.body["grant_id"].as_str().is_some_and(|id| id.starts_with("GRT_")), "{answer:?}");
        let answer = client.post(client.operator(), ADJUSTMENTS, adjust(json!(-12))).await;
        assert_eq!((&answer.body["credits"], &answer.body["new_balance"]), (&json!(-12), &json!(3)));
        let answer = client.refused(client.operator(), &customer.account, ADJUSTMENTS, adjust(json!(-4))).await;
        assert_eq!(answer.problem(), (402, "insufficient_credits"));
        for credits in [json!(0), json!(-0.5), json!("5"), json!(i64::MIN), json!(u64::MAX), Value::Null] {
            let answer = client.refused(client.operator(), &customer.account, ADJUSTMENTS, adjust(credits)).await;
            assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("credits")));
        }
        let answer = client
            .refused(
                client.operator(),
                &customer.account,
                ADJUSTMENTS,
                json!({"account_id": customer.account, "credits": 1}),
            )
            .await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("reason")));
    }
}

#[tokio::test]
async fn only_what_is_owed_can_be_written_off() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    for purchase in ["PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "PUR_1", ""] {
        let body = json!({"account_id": customer.account, "purchase_id": purchase, "credits": 1, "reason": "x"});
        let answer = client.refused(client.operator(), &customer.account, WRITE_OFFS, body).await;
        assert_eq!(answer.problem(), (404, "purchase_not_found"));
    }
}

#[tokio::test]
async fn a_suspended_account_reads_and_is_given_credits_but_spends_nothing() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let hold = json!({"account_id": customer.account, "operation": "ghost_identity"});
        let placed = client.post(&customer.key, "/api/billing/holds", hold.clone()).await;
        let set = |suspended: bool, reason: &str| json!({"account_id": customer.account, "suspended": suspended, "reason": reason});
        let answer = client.post(client.operator(), SUSPENSIONS, set(true, "payment disputed")).await;
        assert_eq!((answer.status, &answer.body["suspended"]), (200, &json!(true)), "{answer:?}");

        for (path, body) in [
            ("/api/billing/charges", json!({"account_id": customer.account, "operation": "proof_verification"})),
            ("/api/billing/holds", hold),
        ] {
            let answer = client.refused(&customer.key, &customer.account, path, body).await;
            assert_eq!(answer.problem(), (409, "account_suspended"), "{path}");
        }
        let proof = json!({"account_id": customer.account, "proof_data": {"type": "test", "formula": "x == x"}});
        let answer = client.refused(&customer.key, &customer.account, "/api/verify", proof).await;
        assert_eq!(answer.problem(), (409, "account_suspended"));
        let state = client.get(&customer.key, &format!("{SUSPENSIONS}/{}", customer.account)).await;
        assert_eq!((&state.body["suspended"], &state.body["reason"]), (&json!(true), &json!("payment disputed")));
        assert_eq!(client.get(&customer.key, &format!("/api/billing/usage/{}", customer.account)).await.status, 200);
        let gift = json!({"account_id": customer.account, "credits": 1, "reason": "sorry"});
        assert_eq!(client.post(client.operator(), "/api/billing/grants", gift).await.status, 200);
        // Work that was under way is paid for.
        let path = format!("/api/billing/holds/{}/capture", placed.body["hold_id"].as_str().expect("an id"));
        assert_eq!(client.post(&customer.key, &path, json!({})).await.status, 200);

        client.post(client.operator(), SUSPENSIONS, set(false, "settled")).await;
        assert_eq!(client.charge(&customer, "proof_verification", 1).await.status, 200);
        let state = client.get(&customer.key, &format!("{SUSPENSIONS}/{}", customer.account)).await;
        assert_eq!((&state.body["suspended"], &state.body["reason"]), (&json!(false), &json!("settled")));
    }
}

#[tokio::test]
async fn customers_find_no_corrections_and_operators_no_unknown_account() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let charge = charged(&client, &customer, 1).await;
    let bodies = |account: &str| {
        [
            (REFUNDS, json!({"account_id": account, "transaction_id": charge, "reason": "x"})),
            (ADJUSTMENTS, json!({"account_id": account, "credits": 5, "reason": "x"})),
            (
                WRITE_OFFS,
                json!({"account_id": account, "purchase_id": "PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "credits": 1,
                "reason": "x"}),
            ),
            (SUSPENSIONS, json!({"account_id": account, "suspended": true, "reason": "x"})),
        ]
    };
    for (path, body) in bodies(&customer.account) {
        let answer = client.refused(&customer.key, &customer.account, path, body).await;
        assert_eq!(answer.problem(), (404, "not_found"), "{path}");
    }
    for account in ["ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "ACC_1", ""] {
        for (path, body) in bodies(account) {
            let answer = client.refused(client.operator(), &customer.account, path, body).await;
            assert_eq!(answer.problem(), (404, "account_not_found"), "{path}");
        }
    }
    for suspended in [json!("true"), json!(1), Value::Null] {
        let body = json!({"account_id": customer.account, "suspended": suspended, "reason": "x"});
        let answer = client.refused(client.operator(), &customer.account, SUSPENSIONS, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("suspended")));
    }
}
