//! Budgets of accounts and keys over REST: set, read, and refused work that would pass them.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client, client_on_postgres};

fn path(customer: &Customer) -> String {
    format!("/api/billing/budgets/{}", customer.account)
}

/// The customer's key, as its entries name it.
async fn key_id(client: &Client, customer: &Customer) -> String {
    client.charge(customer, "proof_verification", 1).await;
    let path = format!("/api/billing/entries/{}?limit=1", customer.account);
    let entry = client.get(&customer.key, &path).await.body["entries"][0].clone();
    entry["key_id"].as_str().unwrap_or_else(|| panic!("{entry}")).to_owned()
}

#[tokio::test]
async fn a_budget_stops_what_would_pass_it_and_says_by_how_much() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let set = client.put(&customer.key, &path(&customer), json!({"day": 10, "month": 50})).await;
        assert_eq!(set.status, 200, "{set:?}");
        assert_eq!((&set.body["day"]["limit"], &set.body["month"]["limit"]), (&json!(10), &json!(50)));
        client.charge(&customer, "proof_verification", 4).await;
        let hold = json!({"account_id": customer.account, "operation": "conservation_oracle"});
        client.post(&customer.key, "/api/billing/holds", hold.clone()).await;
        let read = client.get(&customer.key, &path(&customer)).await.body;
        assert_eq!((&read["day"]["used"], &read["month"]["used"]), (&json!(9), &json!(9)));
        assert!(read["day"]["ends_at"].as_str().is_some_and(|at| at.ends_with("T00:00:00Z")), "{read}");

        let answer = client.refused(&customer.key, &customer.account, "/api/billing/holds", hold).await;
        assert_eq!(answer.problem(), (402, "budget_exceeded"));
        let members = ["budget", "limit", "used", "required"].map(|name| answer.body[name].clone());
        assert_eq!(members, [json!("day"), json!(10), json!(9), json!(5)]);
        let proof = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": 2});
        let answer = client.refused(&customer.key, &customer.account, "/api/billing/charges", proof).await;
        assert_eq!(answer.problem(), (402, "budget_exceeded"));
        assert_eq!(client.charge(&customer, "proof_verification", 1).await.status, 200);

        let lifted = client.put(&customer.key, &path(&customer), json!({"month": 50})).await;
        assert_eq!((&lifted.body["day"]["limit"], &lifted.body["day"]["used"]), (&Value::Null, &json!(10)));
        assert_eq!(client.charge(&customer, "proof_verification", 1).await.status, 200);
        let none = client.put(&customer.key, &path(&customer), json!({"day": 0})).await;
        assert_eq!((&none.body["day"]["limit"], &none.body["month"]["limit"]), (&json!(0), &Value::Null));
        assert_eq!(client.charge(&customer, "proof_verification", 1).await.problem(), (402, "budget_exceeded"));
    }
}

#[tokio::test]
async fn a_keys_budget_counts_what_the_key_spent_before_it_was_set() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let key = key_id(&client, &customer).await;
        client.charge(&customer, "proof_verification", 6).await;
        let hold = json!({"account_id": customer.account, "operation": "conservation_oracle"});
        client.post(&customer.key, "/api/billing/holds", hold).await;
        let body = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": 20});
        client.post(client.operator(), "/api/billing/charges", body).await;

        let of_key = format!("{}/keys/{key}", path(&customer));
        let set = client.put(client.operator(), &of_key, json!({"month": 15})).await;
        assert_eq!(set.status, 200, "{set:?}");
        assert_eq!(set.body["keys"][0]["key_id"], key);
        let month = &set.body["keys"][0]["month"];
        assert_eq!((&month["limit"], &month["used"]), (&json!(15), &json!(12)));
        let answer = client.charge(&customer, "proof_verification", 4).await;
        assert_eq!((answer.problem(), &answer.body["budget"]), ((402, "budget_exceeded"), &json!("key_month")));
        assert_eq!(client.charge(&customer, "proof_verification", 3).await.status, 200);
        // The account itself has no limit.
        let body = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": 4});
        assert_eq!(client.post(client.operator(), "/api/billing/charges", body).await.status, 200);

        // A limit that its own key could lift would be none.
        for lifted in [of_key.as_str(), &path(&customer)] {
            let answer = client.put(&customer.key, lifted, json!({})).await;
            assert_eq!(answer.problem(), (403, "key_has_budget"), "{lifted}");
        }
        assert_eq!(client.put(client.operator(), &of_key, json!({"month": null})).await.status, 200);
        assert_eq!(client.charge(&customer, "proof_verification", 4).await.status, 200);
        assert_eq!(client.put(&customer.key, &path(&customer), json!({})).await.status, 200);
    }
}

#[tokio::test]
async fn a_budget_that_makes_no_sense_or_is_anothers_is_refused() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 100).await, client.open_with("developer", 100).await);
    let (own, foreign) = (key_id(&client, &customer).await, key_id(&client, &other).await);
    let before = client.get(&customer.key, &path(&customer)).await.body;
    for field in ["day", "month"] {
        for limit in [json!(-1), json!(1.5), json!("5"), json!(u64::MAX), json!(true), json!([5])] {
            let answer = client.put(&customer.key, &path(&customer), json!({field: limit})).await;
            assert_eq!((answer.problem(), &answer.body["field"]), ((422, "invalid_field"), &json!(field)), "{limit}");
        }
    }
    let of_key = |key: &str| format!("{}/keys/{key}", path(&customer));
    let answer = client.put(&customer.key, &of_key(&own), json!({"month": -1})).await;
    assert_eq!(answer.problem(), (422, "invalid_field"));
    for body in [json!({"days": 5}), json!([5, 5])] {
        assert_eq!(client.put(&customer.key, &path(&customer), body).await.problem(), (422, "invalid_field"));
    }
    for key in [foreign.as_str(), "KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "KEY_1"] {
        let answer = client.put(client.operator(), &of_key(key), json!({"month": 5})).await;
        assert_eq!(answer.problem(), (404, "key_not_found"), "{key}");
    }
    for account in [other.account.as_str(), "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "ACC_1"] {
        let path = format!("/api/billing/budgets/{account}");
        assert_eq!(client.get(&customer.key, &path).await.problem(), (404, "account_not_found"));
        assert_eq!(client.put(&customer.key, &path, json!({"day": 5})).await.problem(), (404, "account_not_found"));
        let path = format!("{path}/keys/{own}");
        assert_eq!(client.put(&customer.key, &path, json!({"month": 5})).await.problem(), (404, "account_not_found"));
    }
    let unknown = "/api/billing/budgets/ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB";
    assert_eq!(client.get(client.operator(), unknown).await.problem(), (404, "account_not_found"));
    assert_eq!(client.get(&customer.key, &path(&customer)).await.body, before);
}
