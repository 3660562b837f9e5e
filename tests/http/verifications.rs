//! Stored verifications: a page at a time, whole, shown again for nothing, decided again at the price.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

async fn verify(client: &Client, customer: &Customer, formula: &str, reuse: bool) -> Answer {
    let proof_data = json!({"type": "validity", "formula": formula});
    let body = json!({"account_id": customer.account, "proof_data": proof_data, "reuse": reuse});
    client.post(&customer.key, "/api/verify", body).await
}

async fn list(client: &Client, customer: &Customer, more: &str) -> Answer {
    client.get(&customer.key, &format!("/api/verifications?account_id={}{more}", customer.account)).await
}

fn verdicts(answer: &Answer) -> Vec<&str> {
    let rows = answer.body["verifications"].as_array().expect("a page");
    rows.iter().map(|row| row["verdict"].as_str().expect("a verdict")).collect()
}

#[tokio::test]
async fn verifications_are_listed_a_page_at_a_time_by_verdict_and_by_question() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 10).await;
        for formula in ["x == x", "x > 3", "y == y"] {
            assert_eq!(verify(&client, &customer, formula, false).await.status, 200);
        }
        let all = list(&client, &customer, "").await;
        assert_eq!((all.status, verdicts(&all)), (200, vec!["proved", "refuted", "proved"]), "{all:?}");
        assert_eq!(all.body["next_cursor"], Value::Null);
        assert_eq!(all.body["verifications"][0]["proof_data"]["formula"], "y == y");

        let mut seen = BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let page = list(&client, &customer, &format!("&limit=1{cursor}")).await;
            assert_eq!(verdicts(&page).len(), 1, "{page:?}");
            assert!(seen.insert(page.body["verifications"][0]["verification_id"].to_string()));
            let Some(next) = page.body["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), 3);
        assert_eq!(verdicts(&list(&client, &customer, "&verdict=refuted").await), ["refuted"]);
        assert!(verdicts(&list(&client, &customer, "&verdict=overflow").await).is_empty());
        let hash = all.body["verifications"][1]["program_hash"].as_str().expect("a hash");
        assert_eq!(verdicts(&list(&client, &customer, &format!("&program_hash={hash}")).await), ["refuted"]);
        for wrong in ["&verdict=perhaps", "&cursor=VER_1", "&limit=0", "&limit=201", "&program_hash=x"] {
            assert_eq!(list(&client, &customer, wrong).await.problem(), (422, "invalid_field"), "{wrong}");
        }
    }
}

#[tokio::test]
async fn a_stored_verification_is_what_was_answered_and_is_nobody_elses() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 10).await, client.open_with("developer", 10).await);
    let first = verify(&client, &customer, "x > 3", false).await;
    let path = format!("/api/verifications/{}", first.body["verification_id"].as_str().expect("an id"));
    for key in [customer.key.as_str(), client.operator()] {
        let stored = client.get(key, &path).await;
        assert_eq!((stored.status, &stored.body["answer"]), (200, &first.body), "{stored:?}");
        assert_eq!(stored.body["proof_data"], json!({"type": "validity", "formula": "x > 3"}));
        assert!(stored.body["solver"].as_str().is_some_and(|solver| solver.contains("4.")), "{stored:?}");
    }
    assert_eq!(client.get(&other.key, &path).await.problem(), (404, "not_found"));
    assert_eq!(client.get(&customer.key, "/api/verifications/VER_1").await.problem(), (404, "not_found"));
    let foreign = format!("/api/verifications?account_id={}", customer.account);
    assert_eq!(client.get(&other.key, &foreign).await.problem(), (404, "account_not_found"));
    assert_eq!(client.get(&other.key, "/api/verifications").await.problem(), (422, "invalid_field"));
}

#[tokio::test]
async fn a_question_already_decided_is_shown_again_for_nothing_and_only_when_asked() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 2).await;
        let first = verify(&client, &customer, "x > 3", true).await;
        assert_eq!((&first.body["credits_charged"], &first.body["reused"]), (&json!(1), &json!(false)), "{first:?}");
        let run = verify(&client, &customer, "x > 3", false).await;
        assert_eq!((&run.body["credits_charged"], &run.body["credits_remaining"]), (&json!(1), &json!(0)));
        // Nothing is left, and nothing is needed.
        let before = client.ledger(&customer.account).await;
        let again = verify(&client, &customer, "x > 3", true).await;
        assert_eq!((again.status, &again.body["reused"]), (200, &json!(true)), "{again:?}");
        assert_eq!((&again.body["credits_charged"], &again.body["credits_remaining"]), (&json!(0), &json!(0)));
        assert_eq!(again.body["verification_id"], run.body["verification_id"]);
        assert_eq!((&again.body["verdict"], &again.body["receipt"]), (&json!("refuted"), &Value::Null));
        assert_eq!(client.ledger(&customer.account).await, before);
        // Another question, and another account's answer, are not known.
        assert_eq!(verify(&client, &customer, "x > 4", true).await.problem(), (402, "insufficient_credits"));
        let other = client.open("developer").await;
        assert_eq!(verify(&client, &other, "x > 3", true).await.problem(), (402, "insufficient_credits"));
        assert_eq!(verify(&client, &customer, "x > (", true).await.problem(), (422, "unreadable_program"));
    }
}

#[tokio::test]
async fn the_same_request_sent_again_is_a_replay_even_where_reuse_would_do() {
    let client = client();
    let customer = client.open_with("developer", 5).await;
    let once = unique("reuse");
    let proof_data = json!({"type": "validity", "formula": "x + 1 > x"});
    let body = json!({"account_id": customer.account, "proof_data": proof_data, "reuse": true});
    let first = client.post_once(&customer.key, &once, "/api/verify", body.clone()).await;
    let again = client.post_once(&customer.key, &once, "/api/verify", body).await;
    assert_eq!((&again.body["replayed"], &again.body["reused"]), (&json!(true), &json!(false)), "{again:?}");
    assert_eq!(again.body["credits_charged"], first.body["credits_charged"]);
    assert_eq!(client.balance(&customer.account).await, 4);
}

#[tokio::test]
async fn a_verification_done_again_comes_to_the_same_verdict_and_is_charged_once() {
    for client in [client(), client_on_postgres()] {
        let (customer, other) = (client.open_with("developer", 3).await, client.open_with("developer", 3).await);
        let first = verify(&client, &customer, "x > 3", false).await;
        let id = first.body["verification_id"].clone();
        let path = format!("/api/verifications/{}/rerun", id.as_str().expect("an id"));
        let once = unique("rerun");
        let run = client.post_once(&customer.key, &once, &path, json!({})).await;
        assert_eq!((run.status, &run.body["same_verdict"]), (200, &json!(true)), "{run:?}");
        assert_eq!(run.body["first_verification_id"], id);
        assert_ne!(run.body["answer"]["verification_id"], id);
        assert_eq!(run.body["answer"]["counterexample"], first.body["counterexample"]);
        assert_eq!(run.body["answer"]["limits"], first.body["limits"]);
        assert_eq!(first.body["limits"]["seed"], 0, "{first:?}");
        let again = client.post_once(&customer.key, &once, &path, json!({})).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body["answer"]["verification_id"], run.body["answer"]["verification_id"]);
        assert_eq!(client.balance(&customer.account).await, 1);
        assert_eq!(client.post(&other.key, &path, json!({})).await.problem(), (404, "not_found"));
        assert_eq!(client.post(&customer.key, &path, json!({})).await.status, 200);
        let broke = client.refused(&customer.key, &customer.account, &path, json!({})).await;
        assert_eq!((broke.problem(), &broke.body["success"]), ((402, "insufficient_credits"), &json!(false)));
    }
}
