//! Quotes: a promise that caps a charge or a hold, for its account, its work and its time only.

use serde_json::{Value, json};

use crate::support::{Customer, client, client_on_postgres, unique};

const QUOTES: &str = "/api/billing/quotes";
const CHARGES: &str = "/api/billing/charges";
const HOLDS: &str = "/api/billing/holds";

fn oracle(customer: &Customer, quantity: i64) -> Value {
    json!({"account_id": customer.account, "operation": "conservation_oracle", "quantity": quantity})
}

fn with_quote(mut body: Value, quote: &Value) -> Value {
    body["quote_id"] = quote.clone();
    body
}

#[tokio::test]
async fn a_quote_promises_the_accounts_price_and_moves_nothing() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("fintech", 100).await;
        let before = client.ledger(&customer.account).await;
        let once = unique("quote");
        let quote = client.post_once(&customer.key, &once, QUOTES, oracle(&customer, 3)).await;
        assert_eq!(quote.status, 200, "{quote:?}");
        assert_eq!((&quote.body["credits"], &quote.body["unit_price"]), (&json!(12), &json!(4)));
        assert_eq!((&quote.body["price_book"], &quote.body["quantity"]), (&json!(1), &json!(3)));
        assert!(quote.body["quote_id"].as_str().is_some_and(|id| id.starts_with("QUO_")), "{quote:?}");
        assert_eq!(client.ledger(&customer.account).await, before);

        let again = client.post_once(&customer.key, &once, QUOTES, oracle(&customer, 3)).await;
        assert_eq!((&again.body["quote_id"], again.header("idempotent-replayed")), (&quote.body["quote_id"], "true"));
        let other = client.post_once(&customer.key, &once, QUOTES, oracle(&customer, 4)).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"));

        let charged =
            client.post(&customer.key, CHARGES, with_quote(oracle(&customer, 3), &quote.body["quote_id"])).await;
        assert_eq!((charged.status, &charged.body["credits_charged"]), (200, &json!(12)), "{charged:?}");
        let held = client.post(&customer.key, HOLDS, with_quote(oracle(&customer, 3), &quote.body["quote_id"])).await;
        assert_eq!((held.status, &held.body["credits_held"]), (200, &json!(12)), "{held:?}");
    }
}

#[tokio::test]
async fn a_quote_is_good_for_its_account_and_its_work_only() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 100).await, client.open_with("developer", 100).await);
    let quote = client.post(&customer.key, QUOTES, oracle(&customer, 3)).await.body["quote_id"].clone();
    for path in [CHARGES, HOLDS] {
        let foreign = client.refused(&other.key, &other.account, path, with_quote(oracle(&other, 3), &quote)).await;
        assert_eq!(foreign.problem(), (404, "quote_not_found"));
        let foreign =
            client.refused(client.operator(), &other.account, path, with_quote(oracle(&other, 3), &quote)).await;
        assert_eq!(foreign.problem(), (404, "quote_not_found"));
        for unknown in [json!("QUO_01J9ZQ3V5R8N2M4K6T7W8X9YAB"), json!("QUO_1"), json!("")] {
            let body = with_quote(oracle(&customer, 3), &unknown);
            let answer = client.refused(&customer.key, &customer.account, path, body).await;
            assert_eq!(answer.problem(), (404, "quote_not_found"), "{unknown}");
        }
        let more = with_quote(oracle(&customer, 4), &quote);
        let answer = client.refused(&customer.key, &customer.account, path, more).await;
        assert_eq!(answer.problem(), (409, "quote_mismatch"));
        let mut otherwise = with_quote(oracle(&customer, 3), &quote);
        otherwise["operation"] = json!("proof_verification");
        let answer = client.refused(&customer.key, &customer.account, path, otherwise).await;
        assert_eq!(answer.problem(), (409, "quote_mismatch"));
        let number = with_quote(oracle(&customer, 3), &json!(7));
        let answer = client.refused(&customer.key, &customer.account, path, number).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("quote_id")));
    }
}

#[tokio::test]
async fn a_verification_takes_a_quote_too() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let proof = json!({"account_id": customer.account, "operation": "proof_verification"});
    let quote = client.post(&customer.key, QUOTES, proof).await.body["quote_id"].clone();
    let verify = json!({"account_id": customer.account, "proof_data": {"type": "test", "formula": "x == x"}});
    let answer = client.post(&customer.key, "/api/verify", with_quote(verify.clone(), &quote)).await;
    assert_eq!((answer.status, &answer.body["credits_charged"]), (200, &json!(1)), "{answer:?}");
    // More than one promised is a larger budget for the solver; it is still one verdict.
    let four = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": 4});
    let four = client.post(&customer.key, QUOTES, four).await.body["quote_id"].clone();
    let answer = client.post(&customer.key, "/api/verify", with_quote(verify.clone(), &four)).await;
    assert_eq!((answer.status, &answer.body["credits_charged"]), (200, &json!(1)), "{answer:?}");
    let other = client.post(&customer.key, QUOTES, oracle(&customer, 1)).await.body["quote_id"].clone();
    for (quote, problem) in [(other, (409, "quote_mismatch")), (json!("QUO_1"), (404, "quote_not_found"))] {
        let body = with_quote(verify.clone(), &quote);
        let answer = client.refused(&customer.key, &customer.account, "/api/verify", body).await;
        assert_eq!(answer.problem(), problem);
    }
}

#[tokio::test]
async fn what_cannot_be_quoted_is_refused() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 100).await, client.open("developer").await);
    for quantity in [json!(0), json!(-1), json!(1.5), json!(1_000_001), json!("5"), Value::Null] {
        let mut body = oracle(&customer, 1);
        body["quantity"] = quantity;
        let answer = client.refused(&customer.key, &customer.account, QUOTES, body).await;
        assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("quantity")));
    }
    let mut body = oracle(&customer, 1);
    body["operation"] = json!("mining");
    let answer = client.refused(&customer.key, &customer.account, QUOTES, body).await;
    assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!("operation")));
    let answer = client.refused(&customer.key, &customer.account, QUOTES, oracle(&other, 1)).await;
    assert_eq!(answer.problem(), (404, "account_not_found"));
    let unknown = json!({"account_id": "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "operation": "ghost_identity"});
    let answer = client.refused(client.operator(), &customer.account, QUOTES, unknown).await;
    assert_eq!(answer.problem(), (404, "account_not_found"));
}
