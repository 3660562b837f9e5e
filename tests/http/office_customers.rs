//! The operators' side of customers over REST: found, given a tier, and everything that was done, whoever did it.

use serde_json::{Value, json};

use crate::support::{Client, client, client_on_postgres, unique};

const CUSTOMERS: &str = "/api/office/customers";
const TIERS: &str = "/api/office/tiers";
const LOG: &str = "/api/office/audit-log";

/// The ids of the customers that a text finds.
async fn found(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(client.operator(), &format!("{CUSTOMERS}?query={query}")).await;
    let list = page.body["customers"].as_array().unwrap_or_else(|| panic!("{page:?}"));
    list.iter().map(|one| one["account_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_customer_is_found_by_name_by_id_and_by_a_members_address() {
    for client in [client(), client_on_postgres()] {
        let name = unique("Analytical Engines");
        let opened = client
            .post(client.operator(), "/api/billing/account", json!({"customer_name": name, "tier": "fintech"}))
            .await;
        let account = opened.body["account_id"].as_str().expect("an id").to_owned();
        let part = name.replace(' ', "%20").to_lowercase();
        let page = client.get(client.operator(), &format!("{CUSTOMERS}?query={part}")).await;
        let one = page.body["customers"].as_array().and_then(|all| all.first()).unwrap_or_else(|| panic!("{page:?}"));
        assert_eq!((&one["account_id"], &one["customer_name"]), (&json!(account), &json!(name)));
        assert_eq!((&one["tier"], &one["suspended"]), (&json!("fintech"), &json!(false)));
        assert_eq!(found(&client, &account).await, [account.as_str()]);
        let (own, _) = client.person();
        let members = client.get(client.operator(), &format!("/api/members/{own}")).await;
        let email = members.body["members"][0]["email"].as_str().expect("an address");
        assert_eq!(found(&client, email).await, [own.as_str()]);
        assert_eq!(found(&client, "nobody%20of%20this%20name").await, Vec::<String>::new());

        let first = client.get(client.operator(), &format!("{CUSTOMERS}?limit=1")).await.body;
        assert_eq!(first["customers"][0]["account_id"], json!(own), "the newest first");
        let cursor = first["next_cursor"].as_str().expect("there are more");
        let second = client.get(client.operator(), &format!("{CUSTOMERS}?limit=1&cursor={cursor}")).await.body;
        assert_ne!(second["customers"][0]["account_id"], first["customers"][0]["account_id"]);
    }
}

#[tokio::test]
async fn a_tier_is_set_once_and_stands_in_the_whole_log() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let body = json!({"account_id": customer.account, "tier": "enterprise"});
        let once = unique("tier");
        let set = client.post_once(client.operator(), &once, TIERS, body.clone()).await;
        assert_eq!((set.status, &set.body["tier"]), (200, &json!("enterprise")), "{set:?}");
        let again = client.post_once(client.operator(), &once, TIERS, body).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body), ("true", &set.body));
        let quote = json!({"account_id": customer.account, "operation": "conservation_oracle", "quantity": 100});
        let quote = client.post(&customer.key, "/api/billing/quotes", quote).await;
        assert_eq!(quote.body["credits"], 300, "priced by it at once");
        let log = client.get(client.operator(), &format!("{LOG}?limit=200")).await.body;
        let of_it = |event: &&Value| event["account_id"] == json!(customer.account) && event["action"] == "tier_set";
        let events: Vec<&Value> = log["events"].as_array().expect("events").iter().filter(of_it).collect();
        assert_eq!(events.len(), 1, "{log}");
        assert_eq!((&events[0]["detail"], &events[0]["actor_kind"]), (&json!("Enterprise"), &json!("key")));
        let first = client.get(client.operator(), &format!("{LOG}?limit=1")).await.body;
        assert!(first["next_cursor"].is_string(), "{first}");
    }
}

#[tokio::test]
async fn a_customers_key_finds_nothing_of_it_and_nonsense_is_refused() {
    let client = client();
    let customer = client.open("developer").await;
    let body = |tier: &str| json!({"account_id": customer.account, "tier": tier});
    for path in [CUSTOMERS, LOG] {
        assert_eq!(client.get(&customer.key, path).await.problem(), (404, "not_found"), "{path}");
        let nonsense = client.get(client.operator(), &format!("{path}?cursor=x")).await;
        assert_eq!(nonsense.problem(), (422, "invalid_field"), "{path}");
    }
    assert_eq!(client.post(&customer.key, TIERS, body("enterprise")).await.problem(), (404, "not_found"));
    assert_eq!(client.post(client.operator(), TIERS, body("royal")).await.problem(), (422, "invalid_field"));
    let nobody = json!({"account_id": "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "tier": "free"});
    assert_eq!(client.post(client.operator(), TIERS, nobody).await.problem(), (404, "account_not_found"));
    let long = client.get(client.operator(), &format!("{CUSTOMERS}?query={}", "x".repeat(255))).await;
    assert_eq!(long.problem(), (422, "invalid_field"));
}
