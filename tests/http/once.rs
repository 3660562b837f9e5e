//! Writes that move no credits, done once for each idempotency key: every one of them sent twice, and once otherwise.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use aethel::identity::Role;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, client_to_spoil, unique};

/// The writes that stand in the table of `src/api/once.rs`, as `METHOD path`.
fn table() -> BTreeSet<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/api/once.rs");
    let source = std::fs::read_to_string(path).expect("src/api/once.rs is there");
    let rows = source.split_once("const KEPT").and_then(|(_, rest)| rest.split_once("];")).expect("the table").0;
    let row = |line: &str| {
        let (method, path) = line.trim().strip_prefix("(Method::")?.strip_suffix("\"),")?.split_once(", \"")?;
        Some(format!("{method} {path}"))
    };
    rows.lines().filter_map(row).collect()
}

/// Sends the table's writes twice, and notes which were sent.
struct Walk {
    client: Client,
    walked: BTreeSet<String>,
}

impl Walk {
    async fn send(&self, (key, once): (&str, &str), method: &Method, path: &str, body: &Value) -> Answer {
        let request = self.client.request(method.clone(), path).bearer_auth(key).header("Idempotency-Key", once);
        self.client.send(if body.is_null() { request } else { request.json(body) }).await
    }

    /// Sends one write, the same again, and another one under its key. `ids` take the places in the table's path.
    async fn twice(&mut self, key: &str, method: Method, route: &str, ids: &[&str], body: Value) -> Answer {
        self.walked.insert(format!("{method} {route}"));
        let mut ids = ids.iter();
        let place = |part: &str| if part.starts_with('{') { *ids.next().expect("an id") } else { part }.to_owned();
        let path = route.split('/').map(place).collect::<Vec<_>>().join("/");
        let once = unique("once");
        let first = self.send((key, &once), &method, &path, &body).await;
        assert!((200..300).contains(&first.status), "{method} {path}: {first:?}");
        assert_eq!(first.header("idempotent-replayed"), "", "{method} {path}: {first:?}");

        let again = self.send((key, &once), &method, &path, &body).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (first.status, "true"), "{again:?}");
        assert_eq!(again.header("idempotency-key"), once);
        let mut shown = first.body.clone();
        if shown.get("secret").is_some() {
            shown["secret"] = Value::Null;
            shown["replayed"] = json!(true);
        }
        assert_eq!(again.body, shown, "{method} {path}");

        let other = self.send((key, &once), &method, &path, &json!({"something": "else"})).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"), "{method} {path}");
        first
    }
}

fn text(answer: &Answer, pointer: &str) -> String {
    answer.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {answer:?}")).to_owned()
}

#[tokio::test]
async fn every_write_of_the_table_is_done_once_and_answered_again() {
    let mut walk = Walk { client: client_to_spoil(), walked: BTreeSet::new() };
    // First, while the books hold nothing but what is looked for.
    office(&mut walk).await;
    people(&mut walk).await;
    settings_and_cards(&mut walk).await;
    subscription(&mut walk).await;
    keys_and_webhooks(&mut walk).await;
    services(&mut walk).await;
    assert_eq!(walk.walked, table(), "what was walked and what stands in the table");
}

async fn people(walk: &mut Walk) {
    let (account, owner) = walk.client.person();
    let key = walk.client.key_by(&owner);
    walk.client.member(&owner, Role::Developer);
    let all = walk.client.get(&key, &format!("/api/members/{account}")).await;
    let members = all.body["members"].as_array().expect("members").iter();
    let member = members.filter(|one| one["role"] == "developer").find_map(|one| one["user_id"].as_str());
    let member = member.unwrap_or_else(|| panic!("{all:?}"));
    let route = "/api/members/{account_id}/{user_id}";
    walk.twice(&key, Method::PUT, route, &[&account, member], json!({"role": "viewer"})).await;
    walk.twice(&key, Method::DELETE, route, &[&account, member], Value::Null).await;
    let guest = json!({"account_id": account, "email": format!("{}@example.com", unique("guest")), "role": "viewer"});
    let invited = walk.client.post(&key, "/api/invitations", guest).await;
    let id = text(&invited, "/invitation/invitation_id");
    let route = "/api/invitations/{account_id}/{invitation_id}";
    walk.twice(&key, Method::DELETE, route, &[&account, &id], Value::Null).await;
    let name = json!({"customer_name": "Acme Holding"});
    walk.twice(&key, Method::PUT, "/api/billing/account/{account_id}", &[&account], name).await;
}

async fn settings_and_cards(walk: &mut Walk) {
    let Customer { account, key } = walk.client.open("developer").await;
    let (post, put, delete) = (Method::POST, Method::PUT, Method::DELETE);
    walk.twice(&key, put.clone(), "/api/billing/alerts/{account_id}", &[&account], json!({"low_balance": 5})).await;
    let rule = json!({"threshold": 10, "package_name": "Starter", "monthly_cap": 5_000, "enabled": false});
    walk.twice(&key, put.clone(), "/api/billing/auto-topup/{account_id}", &[&account], rule).await;
    let card = json!({"account_id": account, "payment_method": "pm_card_visa"});
    let saved = walk.twice(&key, post.clone(), "/api/billing/payment-methods", &[], card).await;
    let card = text(&saved, "/payment_method");
    let page = || json!({"account_id": account});
    walk.twice(&key, post.clone(), "/api/billing/payment-methods/setup", &[], page()).await;
    walk.twice(&key, post, "/api/billing/portal", &[], page()).await;
    let chosen = json!({"payment_method": card});
    walk.twice(&key, put, "/api/billing/payment-methods/{account_id}/default", &[&account], chosen).await;
    let route = "/api/billing/payment-methods/{account_id}/{payment_method}";
    walk.twice(&key, delete.clone(), route, &[&account, &card], Value::Null).await;
    let operator = walk.client.operator().to_owned();
    let grant = json!({"account_id": account, "credits": 5, "every": "month", "reason": "Allowance"});
    let made = walk.client.post(&operator, "/api/billing/recurring-grants", grant).await;
    let id = text(&made, "/recurring_grant_id");
    let route = "/api/billing/recurring-grants/{account_id}/{recurring_grant_id}";
    walk.twice(&operator, delete, route, &[&account, &id], Value::Null).await;
}

async fn subscription(walk: &mut Walk) {
    let Customer { account, key } = walk.client.open("developer").await;
    let order = json!({"account_id": account});
    let started = walk.twice(&key, Method::POST, "/api/billing/subscriptions", &[], order).await;
    walk.client.pay(&text(&started, "/checkout_url"), "4242424242424242").await;
    let path = format!("/api/billing/subscriptions/{account}");
    for _ in 0..200 {
        if walk.client.get(&key, &path).await.body["subscription"]["state"] == "active" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for word in ["cancel", "resume"] {
        let route = format!("/api/billing/subscriptions/{{account_id}}/{word}");
        walk.twice(&key, Method::POST, &route, &[&account], Value::Null).await;
    }
}

async fn keys_and_webhooks(walk: &mut Walk) {
    let Customer { account, key } = walk.client.open("developer").await;
    let (post, put, delete) = (Method::POST, Method::PUT, Method::DELETE);
    let made = walk.client.post(&key, "/api/keys", json!({"account_id": account, "name": "CI"})).await;
    let id = text(&made, "/key/key_id");
    let route = "/api/keys/{account_id}/{key_id}/rotate";
    let rotated = walk.twice(&key, post.clone(), route, &[&account, &id], json!({"overlap_hours": 1})).await;
    assert!(text(&rotated, "/secret").starts_with("aethel_test_"));
    walk.twice(&key, delete.clone(), "/api/keys/{account_id}/{key_id}", &[&account, &id], Value::Null).await;

    let hook = json!({"account_id": account, "url": "http://127.0.0.1:9/hook"});
    let made = walk.client.post(&key, "/api/webhooks", hook).await;
    let id = text(&made, "/webhook/webhook_id");
    let (one, ids) = ("/api/webhooks/{account_id}/{webhook_id}", [account.as_str(), id.as_str()]);
    walk.twice(&key, put, one, &ids, json!({"url": "http://127.0.0.1:9/other"})).await;
    walk.twice(&key, post.clone(), &format!("{one}/rotate"), &ids, json!({"overlap_hours": 1})).await;
    let test = walk.twice(&key, post.clone(), &format!("{one}/test"), &ids, Value::Null).await;
    let event = text(&test, "/event_id");
    let route = format!("{one}/deliveries/{{event_id}}/replay");
    walk.twice(&key, post, &route, &[&account, &id, &event], Value::Null).await;
    walk.twice(&key, delete, one, &ids, Value::Null).await;
}

async fn services(walk: &mut Walk) {
    let Customer { account, key } = walk.client.open_with("developer", 50).await;
    let monitor = json!({"account_id": account, "name": "Reserves", "laws": ["reserves >= issued"], "hours": 1});
    let started = walk.client.post(&key, "/api/monitors", monitor).await;
    let id = text(&started, "/monitor_id");
    let route = "/api/monitors/{account_id}/{monitor_id}/stop";
    walk.twice(&key, Method::POST, route, &[&account, &id], Value::Null).await;
    let proof = json!({"account_id": account, "proof_data": {"type": "validity", "formula": "x > 3"}});
    let verified = walk.client.post(&key, "/api/verify", proof).await;
    let id = text(&verified, "/verification_id");
    walk.client.post(&key, "/api/shares", json!({"account_id": account, "answer_id": id})).await;
    let route = "/api/shares/{account_id}/{answer_id}";
    walk.twice(&key, Method::DELETE, route, &[&account, &id], Value::Null).await;
}

async fn office(walk: &mut Walk) {
    let operator = walk.client.operator().to_owned();
    let customer = walk.client.open("developer").await;
    let order = json!({"account_id": customer.account, "package_name": "Starter"});
    let checkout = walk.client.post(&customer.key, "/api/billing/checkout", order).await;
    walk.client.control("chaos", "loss=true").await;
    walk.client.pay(&text(&checkout, "/checkout_url"), "4242424242424242").await;
    walk.client.control("chaos", "calm=true").await;
    let run = walk.client.post(&operator, "/api/office/reconciliations", json!({})).await;
    let id = text(&run, "/reconciliation_id");
    let route = "/api/office/reconciliations/{reconciliation_id}/differences/{number}/repair";
    walk.twice(&operator, Method::POST, route, &[&id, "1"], Value::Null).await;
    walk.client.until_balance(&customer.account, 100).await;
    let events = walk.client.get(&operator, "/api/office/events?limit=1").await;
    let id = text(&events, "/events/0/stripe_event_id");
    walk.twice(&operator, Method::POST, "/api/office/events/{stripe_event_id}/replay", &[&id], Value::Null).await;
}

#[tokio::test]
async fn a_key_does_one_thing_in_an_account_and_a_refusal_lets_it_go() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 10).await;
        let path = format!("/api/billing/alerts/{}", customer.account);
        let walk = Walk { client, walked: BTreeSet::new() };
        let put = async |once: &str, body: Value| walk.send((&customer.key, once), &Method::PUT, &path, &body).await;
        let charge = async |once: &str| {
            let body = json!({"account_id": customer.account, "operation": "proof_verification"});
            walk.client.post_once(&customer.key, once, "/api/billing/charges", body).await
        };
        assert_eq!(charge("charged").await.status, 200);
        assert_eq!(put("charged", json!({})).await.problem(), (409, "idempotency_conflict"));
        assert_eq!(put("set", json!({})).await.status, 200);
        assert_eq!(charge("set").await.problem(), (409, "idempotency_conflict"));

        assert_eq!(put("refused", json!({"low_balance": -1})).await.problem(), (422, "invalid_field"));
        assert_eq!(put("refused", json!({"low_balance": 7})).await.status, 200, "the mistake is put right");
        assert_eq!(put("refused", json!({"low_balance": 8})).await.problem(), (409, "idempotency_conflict"));
        let stranger = walk.client.open("developer").await;
        let theirs = format!("/api/billing/alerts/{}", stranger.account);
        let own = walk.send((&stranger.key, "set"), &Method::PUT, &theirs, &json!({})).await;
        assert_eq!((own.status, own.header("idempotent-replayed")), (200, ""), "another account's keys are others");
    }
}
