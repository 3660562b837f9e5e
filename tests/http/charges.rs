//! Charges and grants: the eight operations, replays, conflicts, and what happens with too few credits.

use serde_json::{Value, json};

use crate::support::{client, unique};

const CHARGES: &str = "/api/billing/charges";
const GRANTS: &str = "/api/billing/grants";

#[tokio::test]
async fn a_charge_answers_in_the_fixed_words_with_a_receipt() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let body = json!({"account_id": customer.account, "operation": "proof_verification", "metadata": {"order": 7}});
    let answer = client.post(&customer.key, CHARGES, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["message"], "Charged 1 credits. Remaining: 99");
    assert_eq!(answer.body["success"], true);
    assert_eq!(answer.body["quantity"], 1);
    assert_eq!(answer.body["credits_charged"], 1);
    assert_eq!(answer.body["credits_remaining"], 99);
    assert_eq!(answer.body["replayed"], false);

    let path = format!("/api/billing/entries/{}?limit=1", customer.account);
    let entry = client.get(&customer.key, &path).await.body["entries"][0].clone();
    assert_eq!(entry["transaction_id"], answer.body["transaction_id"]);
    assert_eq!(entry["transaction_id"], answer.body["receipt"]["transaction_id"]);
    assert_eq!(entry["seq"], answer.body["receipt"]["seq"]);
    assert_eq!(entry["hash"], answer.body["receipt"]["hash"]);
    assert_eq!(entry["memo"], r#"{"order":7}"#);
    assert_eq!(entry["balance_after"], 99);
}

#[tokio::test]
async fn all_eight_operations_can_be_charged_at_their_price() {
    let client = client();
    let customer = client.open_with("developer", 1_000).await;
    let prices = client.get("", "/api/billing/prices").await;
    for price in prices.body["operations"].as_array().expect("operations") {
        let operation = price["operation"].as_str().expect("a name");
        let answer = client.charge(&customer, operation, 1).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["operation"], operation);
        assert_eq!(answer.body["credits_charged"], price["credits"]["developer"], "{operation}");
    }
}

#[tokio::test]
async fn the_same_charge_again_is_the_first_answer_again() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let (once, body) = (unique("charge"), json!({"account_id": customer.account, "operation": "ghost_identity"}));
    let first = client.post_once(&customer.key, &once, CHARGES, body.clone()).await;
    client.charge(&customer, "proof_verification", 3).await;
    let again = client.post_once(&customer.key, &once, CHARGES, body).await;

    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!((first.header("idempotency-key"), again.header("idempotency-key")), (once.as_str(), once.as_str()));
    let unmarked = |mut body: Value| {
        body["replayed"] = Value::Null;
        body
    };
    assert_eq!((&first.body["replayed"], &again.body["replayed"]), (&json!(false), &json!(true)));
    assert_eq!(unmarked(first.body), unmarked(again.body));
    assert_eq!(client.balance(&customer.account).await, 77);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_conflict_that_charges_nothing() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let once = unique("charge");
    let body = |quantity| json!({"account_id": customer.account, "operation": "ghost_identity", "quantity": quantity});
    client.post_once(&customer.key, &once, CHARGES, body(1)).await;
    let before = client.ledger(&customer.account).await;
    let conflict = client.post_once(&customer.key, &once, CHARGES, body(2)).await;
    assert_eq!(conflict.problem(), (409, "idempotency_conflict"));
    assert_eq!(conflict.header("idempotency-key"), once);
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn one_customers_key_name_is_not_anothers() {
    let client = client();
    let (first, second) = (client.open_with("developer", 100).await, client.open_with("developer", 100).await);
    let once = unique("shared");
    for customer in [&first, &second] {
        let body = json!({"account_id": customer.account, "operation": "ghost_identity"});
        let answer = client.post_once(&customer.key, &once, CHARGES, body).await;
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, ""));
    }
}

#[tokio::test]
async fn too_few_credits_is_402_in_the_fixed_words_and_may_be_tried_again_once_there_are_some() {
    let client = client();
    let customer = client.open_with("developer", 3).await;
    let before = client.ledger(&customer.account).await;
    let (once, body) = (unique("later"), json!({"account_id": customer.account, "operation": "conservation_oracle"}));
    let refused = client.post_once(&customer.key, &once, CHARGES, body.clone()).await;
    assert_eq!(refused.problem(), (402, "insufficient_credits"));
    assert_eq!(refused.detail(), "Insufficient credits. Required: 5, Available: 3");
    assert_eq!(client.ledger(&customer.account).await, before);

    let gift = json!({"account_id": customer.account, "credits": 2, "reason": "the missing two"});
    assert_eq!(client.post(client.operator(), GRANTS, gift).await.status, 200);
    assert_eq!(client.post_once(&customer.key, &once, CHARGES, body).await.status, 200);
    assert_eq!(client.balance(&customer.account).await, 0);
}

#[tokio::test]
async fn an_operator_gives_credits_once_per_key() {
    let client = client();
    let customer = client.open("developer").await;
    let (once, body) = (unique("gift"), json!({"account_id": customer.account, "credits": 100, "reason": "Welcome"}));
    let first = client.post_once(client.operator(), &once, GRANTS, body.clone()).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.body["message"], "Added 100 credits to account");
    assert_eq!(first.body["new_balance"], 100);
    let again = client.post_once(client.operator(), &once, GRANTS, body).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!((&again.body["grant_id"], &again.body["receipt"]), (&first.body["grant_id"], &first.body["receipt"]));
    assert_eq!(client.balance(&customer.account).await, 100);
}

#[tokio::test]
async fn a_customer_cannot_give_itself_credits() {
    let client = client();
    let customer = client.open("developer").await;
    let before = client.ledger(&customer.account).await;
    let body = json!({"account_id": customer.account, "credits": 100, "reason": "Mine"});
    assert_eq!(client.post(&customer.key, GRANTS, body).await.problem(), (404, "not_found"));
    assert_eq!(client.ledger(&customer.account).await, before);
}

#[tokio::test]
async fn a_name_the_house_uses_itself_is_free_for_customers() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let body = json!({"account_id": customer.account, "operation": "proof_verification"});
    let answer = client.post_once(&customer.key, "free-credits", CHARGES, body).await;
    assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, ""));
}

#[tokio::test]
async fn a_key_of_the_full_length_works_and_a_longer_or_unprintable_one_is_refused() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let body = json!({"account_id": customer.account, "operation": "proof_verification"});
    let longest = "k".repeat(255);
    assert_eq!(client.post_once(&customer.key, &longest, CHARGES, body.clone()).await.status, 200);
    for once in ["", "two words", &"k".repeat(256)] {
        let answer = client.post_once(&customer.key, once, CHARGES, body.clone()).await;
        assert_eq!(answer.problem(), (400, "invalid_idempotency_key"), "{once:?}");
    }
    assert_eq!(client.balance(&customer.account).await, 9);
}
