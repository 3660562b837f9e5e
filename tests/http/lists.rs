//! Lists page by page: each item once, whatever the size of a page.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres, unique};

/// The ids of a list, read by pages of two.
async fn read(client: &Client, key: &str, path: &str, (items, id): (&str, &str)) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..10 {
        let page = client.get(key, &format!("{path}?limit=2{cursor}")).await;
        let list = page.body[items].as_array().unwrap_or_else(|| panic!("{page:?}")).clone();
        assert!(list.len() <= 2, "{page:?}");
        found.extend(list.iter().map(|one| one[id].as_str().expect("an id").to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
    panic!("{path} has no end: {found:?}");
}

async fn whole(client: &Client, key: &str, path: &str, (items, id): (&str, &str)) -> Vec<String> {
    let page = client.get(key, path).await;
    assert_eq!(page.body["next_cursor"], Value::Null, "{page:?}");
    let list = page.body[items].as_array().unwrap_or_else(|| panic!("{page:?}"));
    list.iter().map(|one| one[id].as_str().expect("an id").to_owned()).collect()
}

async fn made(client: &Client, key: &str, path: &str, body: Value) -> Value {
    let answer = client.post(key, path, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn keys_recurring_grants_and_links_are_read_page_by_page() {
    for client in [client(), client_on_postgres()] {
        let Customer { account, key } = client.open_with("developer", 20).await;
        let operator = client.operator().to_owned();
        for _ in 0..4 {
            made(&client, &key, "/api/keys", json!({"account_id": account, "name": unique("key")})).await;
            let grant = json!({"account_id": account, "credits": 1, "every": "month", "reason": "x",
                "starts_at": "2099-01-01T00:00:00Z"});
            made(&client, &operator, "/api/billing/recurring-grants", grant).await;
            let proof = json!({"account_id": account, "proof_data": {"type": "validity", "formula": "x > 3"}});
            let answer = made(&client, &key, "/api/verify", proof).await["verification_id"].clone();
            made(&client, &key, "/api/shares", json!({"account_id": account, "answer_id": answer})).await;
        }
        for (path, names, count) in [
            (format!("/api/keys/{account}"), ("keys", "key_id"), 5),
            (format!("/api/billing/recurring-grants/{account}"), ("recurring_grants", "recurring_grant_id"), 4),
            (format!("/api/shares/{account}"), ("shares", "answer_id"), 4),
        ] {
            let all = whole(&client, &key, &path, names).await;
            assert_eq!((all.len(), read(&client, &key, &path, names).await), (count, all.clone()), "{path}");
            for nonsense in ["limit=0", "limit=501"] {
                let refused = client.get(&key, &format!("{path}?{nonsense}")).await;
                assert_eq!(refused.problem(), (422, "invalid_field"), "{path} {nonsense}");
            }
        }
        let foreign = client.get(&key, &format!("/api/keys/{account}?cursor=KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB")).await;
        assert_eq!(foreign.body["keys"], json!([]), "behind no key of the account is nothing");
    }
}

#[tokio::test]
async fn the_ledger_is_turned_by_its_cursor_as_by_its_former_name() {
    let client = client();
    let customer = client.open_with("developer", 20).await;
    client.charge(&customer, "proof_verification", 1).await;
    client.charge(&customer, "proof_verification", 2).await;
    let path = format!("/api/billing/entries/{}?limit=1", customer.account);
    let first = client.get(&customer.key, &path).await.body;
    assert!(first["next_cursor"].is_i64() && first["next_cursor"] == first["next_before"], "{first}");
    let turned = async |by: &str| client.get(&customer.key, &format!("{path}&{by}")).await.body;
    let next = first["next_cursor"].to_string();
    let second = turned(&format!("cursor={next}")).await;
    assert_eq!(second, turned(&format!("before={next}")).await);
    assert_eq!(second, turned(&format!("before=1&cursor={next}")).await, "the cursor counts");
    assert_ne!(second["entries"], first["entries"]);
}
