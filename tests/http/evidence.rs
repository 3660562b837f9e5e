//! Receipts, statements, signing keys and the status, as an auditor meets them: nothing but the published files.

use std::time::Duration;

use aethel::billing::{Document, PublicKey, verify_statement};
use axum::http::Method;
use serde_json::Value;

use crate::support::{Client, client, client_on_postgres, client_to_spoil};

/// Both servers: one on SQLite, one on PostgreSQL.
fn clients() -> [Client; 2] {
    [client(), client_on_postgres()]
}

async fn published_key(client: &Client) -> PublicKey {
    let answer = client.send(client.request(Method::GET, "/api/billing/signing-keys")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let keys = answer.body["keys"].as_array().expect("keys");
    assert_eq!((keys.len(), &keys[0]["algorithm"], &keys[0]["retired_at"]), (1, &"Ed25519".into(), &Value::Null));
    let key: PublicKey = keys[0]["public_key"].as_str().expect("a key").parse().expect("32 bytes");
    assert_eq!(keys[0]["key_id"], key.id().to_string());
    assert!(!answer.body.to_string().contains("seed"));
    key
}

#[tokio::test]
async fn a_charge_has_a_receipt_that_anyone_can_check() {
    for client in clients() {
        let customer = client.open_with("developer", 100).await;
        let charge = client.charge(&customer, "ghost_identity", 1).await;
        let transaction = charge.body["transaction_id"].as_str().expect("an id");
        let path = format!("/api/billing/receipts/{transaction}");
        let answer = client.get(&customer.key, &path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let receipt = &answer.body["receipt"];
        assert_eq!(
            (&receipt["account"], &receipt["transaction"]),
            (&customer.account.clone().into(), &transaction.into())
        );
        assert_eq!(
            (&receipt["amount"], &receipt["balance"], &receipt["kind"]),
            (&20.into(), &80.into(), &"charge".into())
        );
        assert_eq!(receipt["hash"], charge.body["receipt"]["hash"]);
        let key = published_key(&client).await;
        let signature = answer.body["signature"].as_str().expect("a signature");
        assert!(key.signed(Document::Receipt, receipt, signature));
        assert_eq!(answer.body["key_id"], key.id().to_string());
        let mut forged = receipt.clone();
        forged["amount"] = 19.into();
        assert!(!key.signed(Document::Receipt, &forged, signature));
        assert_eq!(client.get(client.operator(), &path).await.body, answer.body, "an operator gets the same one");
    }
}

#[tokio::test]
async fn somebody_elses_receipt_looks_like_none() {
    for client in clients() {
        let (owner, other) = (client.open_with("developer", 100).await, client.open("developer").await);
        let charge = client.charge(&owner, "proof_verification", 1).await;
        let path = format!("/api/billing/receipts/{}", charge.body["transaction_id"].as_str().expect("an id"));
        let foreign = client.get(&other.key, &path).await;
        assert_eq!(foreign.problem(), (404, "transaction_not_found"));
        for id in ["TXN_01ARZ3NDEKTSV4RRFFQ69G5FAV", "TXN_", "x", "ACC_01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
            for key in [&other.key, client.operator()] {
                let answer = client.get(key, &format!("/api/billing/receipts/{id}")).await;
                assert_eq!(answer.problem(), (404, "transaction_not_found"), "{id}");
            }
        }
        assert_eq!(client.get("", &path).await.problem(), (401, "unauthorized"));
    }
}

#[tokio::test]
async fn a_statement_from_the_api_verifies_offline() {
    for client in clients() {
        let customer = client.open_with("developer", 100).await;
        for quantity in 1..=4 {
            client.charge(&customer, "proof_verification", quantity).await;
        }
        let list = client.get(&customer.key, &format!("/api/billing/statements/{}", customer.account)).await;
        let months = list.body["statements"].as_array().expect("months").clone();
        assert_eq!((months.len(), &months[0]["complete"]), (1, &false.into()), "{list:?}");
        let file = client.get(&customer.key, months[0]["url"].as_str().expect("a path")).await;
        assert_eq!(file.status, 200, "{file:?}");
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"aethel-ACC_"));
        let key = published_key(&client).await;
        let verdict = verify_statement(&file.body.to_string(), Some(key));
        assert_eq!((verdict.faults, verdict.signed_by), (Vec::new(), Some(key.id())));
        let statement = verdict.statement.expect("it reads");
        assert_eq!((statement.lines.len(), statement.closing.balances.available.get()), (5, 90));
        let ledger = client.get(&customer.key, &format!("/api/billing/entries/{}?limit=1", customer.account)).await;
        assert_eq!(ledger.body["entries"][0]["hash"], statement.closing.head.to_string());
    }
}

#[tokio::test]
async fn a_month_without_a_statement_and_a_foreign_account_are_not_found() {
    for client in clients() {
        let (owner, other) = (client.open_with("developer", 10).await, client.open("developer").await);
        for month in ["1999-01", "9999-12", "2026-13", "now", "2026-1", "%2e%2e"] {
            let answer = client.get(&owner.key, &format!("/api/billing/statements/{}/{month}", owner.account)).await;
            assert_eq!(answer.problem(), (404, "statement_not_found"), "{month}");
        }
        for path in [owner.account.clone(), format!("{}/2026-11", owner.account), "ACC_1/2026-11".into(), "x".into()] {
            let answer = client.get(&other.key, &format!("/api/billing/statements/{path}")).await;
            assert_eq!(answer.problem(), (404, "account_not_found"), "{path}");
        }
        let none = client.get(&other.key, &format!("/api/billing/statements/{}", other.account)).await;
        assert_eq!((none.status, &none.body["statements"]), (200, &serde_json::json!([])));
        let unknown = "/api/billing/statements/ACC_01ARZ3NDEKTSV4RRFFQ69G5FAV";
        assert_eq!(client.get(client.operator(), unknown).await.problem(), (404, "account_not_found"));
    }
}

/// Asks for the status until it is `wanted`: a round of the watch, its rest, and the next round.
async fn until_status(client: &Client, wanted: &str) -> Value {
    for _ in 0..600 {
        let answer = client.send(client.request(Method::GET, "/api/status")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        if answer.body["status"] == wanted {
            return answer.body;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the status never was {wanted}");
}

#[tokio::test]
async fn a_corruption_of_the_store_turns_the_status_red_without_naming_the_account() {
    let client = client_to_spoil();
    let customer = client.open_with("developer", 10).await;
    until_status(&client, "ok").await;
    client.spoil("update entries set amount = amount + 1 where account_id = $1 and seq = 1", &customer.account);
    let status = until_status(&client, "broken").await;
    let laws = status["laws"].as_array().expect("laws");
    let broken = |name: &str| laws.iter().any(|law| law["law"] == name && law["state"] == "broken");
    assert!(broken("chain") && broken("grants") && !broken("usage"), "{laws:?}");
    let page = client.send(client.request(Method::GET, "/status")).await;
    let (status, page) = (status.to_string(), page.body.as_str().expect("a page").to_owned());
    assert!(page.contains("A law of the ledger is broken") && page.contains("Broken, "), "{page}");
    assert!(!status.contains("ACC_") && !page.contains("ACC_"), "{status}");
}

#[tokio::test]
async fn the_status_needs_no_key_and_soon_says_that_every_law_holds() {
    for client in clients() {
        client.open_with("developer", 10).await;
        let status = until_status(&client, "ok").await;
        let laws = status["laws"].as_array().expect("laws");
        assert!(laws.len() == 8 && laws.iter().all(|law| law["state"] == "holds" && law["faults"] == 0), "{laws:?}");
        assert!(status["last_round"]["ended_at"].is_string() && !status.to_string().contains("ACC_"), "{status}");
    }
}
