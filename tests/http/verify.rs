//! Verification over REST: verdicts, what they cost, and what costs nothing.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

const WRONG: &str = "intent pay(amount: int) {\n  guard { payer_balance >= amount; amount > 0; }\n  \
    verify { payer_balance == old_payer_balance - amount; payee_balance == old_payee_balance + amount + 1; }\n}";

/// Nobody knows its answer within a second's work.
const HARD: &str = "x ** 3 + y ** 3 + z ** 3 != 114";

async fn verify(client: &Client, customer: &Customer, proof_data: Value) -> Answer {
    client.post(&customer.key, "/api/verify", json!({"account_id": customer.account, "proof_data": proof_data})).await
}

#[tokio::test]
async fn a_proved_formula_costs_one_credit_and_has_a_receipt() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let answer = verify(&client, &customer, json!({"type": "test", "formula": "x == x"})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["success"], true);
    assert_eq!(answer.body["result"], true);
    assert_eq!(answer.body["verdict"], "proved");
    assert_eq!(answer.body["credits_charged"], 1);
    assert_eq!(answer.body["credits_remaining"], 9);
    assert_eq!(answer.body["message"], "Verification complete");
    assert_eq!(answer.body["counterexample"], Value::Null);

    let path = format!("/api/billing/entries/{}?limit=1", customer.account);
    let entry = client.get(&customer.key, &path).await.body["entries"][0].clone();
    assert_eq!(entry["kind"], "capture");
    assert_eq!(entry["transaction_id"], answer.body["receipt"]["transaction_id"]);
    assert_eq!((&entry["seq"], &entry["hash"]), (&answer.body["receipt"]["seq"], &answer.body["receipt"]["hash"]));
}

#[tokio::test]
async fn the_guides_conservation_law_can_hold() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let answer = verify(&client, &customer, json!({"type": "conservation", "formula": "x + y == 100"})).await;
    assert_eq!((answer.status, &answer.body["result"]), (200, &json!(true)), "{answer:?}");
    assert_eq!(answer.body["credits_charged"], 1);
}

#[tokio::test]
async fn a_wrong_verify_line_is_refuted_with_values_and_is_paid_for() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    for (kind, source) in [("conservation", WRONG), ("validity", "x > 3")] {
        let answer = verify(&client, &customer, json!({"type": kind, "source": source})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!((&answer.body["success"], &answer.body["result"]), (&json!(true), &json!(false)));
        assert!(matches!(answer.body["verdict"].as_str(), Some("refuted" | "not_conserved")), "{answer:?}");
        assert!(answer.body["counterexample"].as_array().is_some_and(|rows| !rows.is_empty()), "{answer:?}");
    }
    assert_eq!(client.balance(&customer.account).await, 8);
}

#[tokio::test]
async fn a_program_that_cannot_be_read_is_422_with_diagnostics_and_costs_nothing() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let before = client.ledger(&customer.account).await;
    for formula in ["x + == 100", "", "x == (", "intent {", "\u{0}"] {
        let answer = verify(&client, &customer, json!({"type": "test", "formula": formula})).await;
        assert_eq!(answer.problem(), (422, "unreadable_program"), "{formula}");
        let diagnostic = &answer.body["diagnostics"][0];
        assert!(diagnostic["line"].is_u64() && diagnostic["column"].is_u64(), "{answer:?}");
        assert!(diagnostic["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_request_that_asks_nothing_is_422_and_costs_nothing() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let before = client.ledger(&customer.account).await;
    let requests = [
        json!({"type": "magic", "formula": "x == x"}),
        json!({"formula": "x == x"}),
        json!({"type": "test"}),
        json!({"type": "test", "formula": "x == x", "source": "y == y"}),
        json!({"type": "test", "formula": 7}),
        json!("x == x"),
        json!([]),
    ];
    for request in requests {
        let answer = verify(&client, &customer, request.clone()).await;
        assert_eq!(answer.problem().0, 422, "{request} {answer:?}");
        assert!(answer.body["field"].as_str().is_some_and(|field| field.starts_with("proof_data")), "{answer:?}");
    }
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn too_few_credits_keep_the_guides_shape() {
    let client = client();
    let customer = client.open("developer").await;
    let before = client.ledger(&customer.account).await;
    let answer = verify(&client, &customer, json!({"type": "test", "formula": "x == x"})).await;
    assert_eq!(answer.problem(), (402, "insufficient_credits"));
    assert_eq!(answer.body["success"], false);
    assert_eq!(answer.body["result"], false);
    assert_eq!(answer.body["credits_charged"], 0);
    assert_eq!(answer.body["credits_remaining"], 0);
    assert_eq!(answer.body["message"], "Billing failed: Insufficient credits. Required: 1, Available: 0");
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn the_same_verification_again_is_the_first_answer_and_another_is_a_conflict() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 10).await;
        let once = unique("verify");
        let send = async |proof_data: Value| {
            let body = json!({"account_id": customer.account, "proof_data": proof_data});
            client.post_once(&customer.key, &once, "/api/verify", body).await
        };
        let first = send(json!({"type": "test", "formula": "x == x"})).await;
        let again = send(json!({"type": "test", "formula": "x == x"})).await;
        assert_eq!((first.status, again.status), (200, 200), "{again:?}");
        assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
        assert!(first.body["receipt"].is_object(), "{first:?}");
        for member in ["verification_id", "verdict", "result", "credits_charged", "credits_remaining", "receipt"] {
            assert_eq!(first.body[member], again.body[member], "{member}");
        }
        for other in [
            json!({"type": "test", "formula": "x > 3"}),
            json!({"type": "test", "formula": "x == x", "limits": {"rlimit": 1_000}}),
        ] {
            assert_eq!(send(other).await.problem(), (409, "idempotency_conflict"));
        }
        assert_eq!(client.balance(&customer.account).await, 9);
    }
}

#[tokio::test]
async fn without_a_verdict_everything_is_given_back_and_there_is_no_receipt() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 10).await;
        let proof_data = json!({"type": "test", "formula": HARD, "limits": {"rlimit": 1}});
        let body = json!({"account_id": customer.account, "proof_data": proof_data});
        let once = unique("verify");
        let first = client.post_once(&customer.key, &once, "/api/verify", body.clone()).await;
        let again = client.post_once(&customer.key, &once, "/api/verify", body).await;
        for answer in [&first, &again] {
            assert_eq!((answer.status, &answer.body["verdict"]), (200, &json!("unknown")), "{answer:?}");
            assert_eq!((&answer.body["success"], &answer.body["result"]), (&json!(false), &json!(false)));
            assert_eq!((&answer.body["credits_charged"], &answer.body["credits_remaining"]), (&json!(0), &json!(10)));
            assert_eq!(answer.body["message"], "No verdict within the limits; nothing was charged");
            assert_eq!(answer.body["receipt"], Value::Null);
        }
        assert_eq!((&first.body["replayed"], &again.body["replayed"]), (&json!(false), &json!(true)));
        let ledger = client.ledger(&customer.account).await;
        let entries = ledger[1]["entries"].as_array().expect("entries").clone();
        let kinds: Vec<&str> = entries.iter().filter_map(|entry| entry["kind"].as_str()).collect();
        assert_eq!((&ledger[0], &kinds[..]), (&json!(10), &["release", "hold", "grant"][..]));
    }
}
