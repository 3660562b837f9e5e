//! An account's own servers are told: endpoints over REST, a signed delivery with an alert and a purchase behind it, its
//! log, a replay; and what is refused.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Client, Customer, client, client_on_postgres, unique};

const WEBHOOKS: &str = "/api/webhooks";

/// A receiver that takes everything, and what it was sent.
pub(super) async fn receiver() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let arrived: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&arrived);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut bytes = vec![0; 65_536];
            let mut length = 0;
            while let Ok(read @ 1..) = stream.read(&mut bytes[length..]).await {
                length += read;
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
                if let Ok(body) = serde_json::from_str(body) {
                    kept.lock().expect("no panic").push(body);
                    break;
                }
            }
            let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
        }
    });
    (url, arrived)
}

pub(super) async fn endpoint(client: &Client, customer: &Customer, url: &str, events: Value) -> Value {
    let body = json!({"account_id": customer.account, "url": url, "description": "ours", "events": events});
    let made = client.post_once(&customer.key, &unique("endpoint"), WEBHOOKS, body).await;
    assert_eq!(made.status, 200, "{made:?}");
    made.body
}

pub(super) async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came");
}

fn path(made: &Value, rest: &str) -> String {
    let text = |name: &str| made["webhook"][name].as_str().expect("an id").to_owned();
    format!("{WEBHOOKS}/{}/{}{rest}", text("account_id"), text("webhook_id"))
}

#[tokio::test]
async fn a_low_balance_and_a_test_arrive_and_stand_in_the_log() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 12).await;
        let (url, arrived) = receiver().await;
        let made = endpoint(&client, &customer, &url, json!(["balance.low"])).await;
        assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{made}");
        client.charge(&customer, "proof_verification", 5).await;
        let event = until(async || arrived.lock().expect("no panic").first().cloned()).await;
        assert_eq!((&event["type"], &event["account_id"]), (&json!("balance.low"), &json!(customer.account)));
        assert_eq!(event["data"], json!({"available": 7, "threshold": 10}));

        let test = client.post_once(&customer.key, "press", &path(&made, "/test"), json!({})).await;
        let again = client.post_once(&customer.key, "press", &path(&made, "/test"), json!({})).await;
        assert_eq!((test.status, &test.body), (200, &again.body), "{test:?}");
        until(async || (arrived.lock().expect("no panic").len() == 2).then_some(())).await;

        let log = until(async || {
            let log = client.get(&customer.key, &path(&made, "/deliveries?limit=1")).await.body;
            (log["deliveries"][0]["state"] == "delivered").then_some(log)
        })
        .await;
        assert_eq!(log["deliveries"][0]["type"], "endpoint.test");
        let next = log["next_cursor"].as_str().expect("another page");
        let rest = client.get(&customer.key, &path(&made, &format!("/deliveries?cursor={next}"))).await.body;
        assert_eq!((&rest["deliveries"][0]["event_id"], &rest["next_cursor"]), (&event["id"], &Value::Null));

        let delivery = path(&made, &format!("/deliveries/{}", event["id"].as_str().expect("an id")));
        let detail = client.get(&customer.key, &delivery).await.body;
        assert_eq!((&detail["payload"], &detail["attempts"][0]["status"]), (&event, &json!(200)));
        assert_eq!(detail["attempts"][0]["answer"], "ok");
        let replayed = client.post(&customer.key, &format!("{delivery}/replay"), json!({})).await;
        assert_eq!((replayed.status, &replayed.body["state"]), (200, &json!("waiting")), "{replayed:?}");
        until(async || (arrived.lock().expect("no panic").len() == 3).then_some(())).await;
    }
}

#[tokio::test]
async fn a_purchase_that_is_paid_is_told() {
    let client = client();
    let customer = client.open("developer").await;
    let (url, arrived) = receiver().await;
    endpoint(&client, &customer, &url, json!(["purchase.paid"])).await;
    let body = json!({"account_id": customer.account, "package_name": "Starter"});
    let checkout = client.post(&customer.key, "/api/billing/checkout", body).await;
    client.pay(checkout.body["checkout_url"].as_str().expect("a url"), "4242424242424242").await;
    let event = until(async || arrived.lock().expect("no panic").first().cloned()).await;
    assert_eq!((&event["data"]["credits"], &event["data"]["amount_cents"]), (&json!(100), &json!(1_000)));
}

#[tokio::test]
async fn an_endpoint_is_made_once_changed_rotated_and_removed() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open("developer").await;
        let body = json!({"account_id": customer.account, "url": "https://hooks.example.com/a"});
        let made = client.post_once(&customer.key, "one", WEBHOOKS, body.clone()).await;
        let again = client.post_once(&customer.key, "one", WEBHOOKS, body.clone()).await;
        assert_eq!((&again.body["webhook"], &again.body["secret"]), (&made.body["webhook"], &Value::Null));
        assert_eq!((again.header("idempotent-replayed"), made.body["webhook"]["events"].clone()), ("true", json!([])));
        let mut other = body;
        other["url"] = json!("https://hooks.example.com/b");
        let conflict = client.post_once(&customer.key, "one", WEBHOOKS, other).await;
        assert_eq!(conflict.problem(), (409, "idempotency_conflict"));
        let made = made.body;
        let change = json!({"url": "https://hooks.example.com/c", "events": ["monitor.alert"], "enabled": false});
        let changed = client.put(&customer.key, &path(&made, ""), change).await;
        assert_eq!((&changed.body["state"], &changed.body["events"]), (&json!("off"), &json!(["monitor.alert"])));
        assert_eq!(client.get(&customer.key, &path(&made, "")).await.body, changed.body);
        let rotated = client.post_once(&customer.key, "turn", &path(&made, "/rotate"), json!({})).await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        assert!(rotated.body["secret"].is_string() && rotated.body["secret"] != made["secret"]);
        assert!(rotated.body["webhook"]["former_secret_until"].is_string());
        let again = client.post_once(&customer.key, "turn", &path(&made, "/rotate"), json!({})).await;
        assert_eq!(again.body["secret"], Value::Null);
        assert_eq!(client.delete(&customer.key, &path(&made, "")).await.status, 204);
        assert_eq!(client.get(&customer.key, &path(&made, "")).await.problem(), (404, "webhook_not_found"));
        let list = client.get(&customer.key, &format!("{WEBHOOKS}/{}", customer.account)).await;
        assert_eq!(list.body["webhooks"], json!([]));
    }
}

#[tokio::test]
async fn an_address_inside_and_another_accounts_endpoint_are_refused() {
    let client = client();
    let (customer, other) = (client.open("developer").await, client.open("developer").await);
    for (url, code) in [
        ("ftp://hooks.example.com/", "webhook_url_not_https"),
        ("hooks.example.com", "webhook_url_malformed"),
        ("https://u:p@hooks.example.com/", "webhook_url_malformed"),
        ("https://10.0.0.1/", "webhook_url_not_public"),
        ("http://169.254.169.254/latest/meta-data", "webhook_url_not_public"),
        ("https://[fd00::1]/", "webhook_url_not_public"),
    ] {
        let body = json!({"account_id": customer.account, "url": url});
        assert_eq!(client.post(&customer.key, WEBHOOKS, body).await.problem(), (422, code), "{url}");
    }
    let body = json!({"account_id": customer.account, "url": "https://hooks.example.com/", "events": ["balance.high"]});
    assert_eq!(client.post(&customer.key, WEBHOOKS, body).await.problem(), (422, "invalid_field"));
    let made = endpoint(&client, &customer, "https://hooks.example.com/", json!([])).await;
    let foreign = path(&made, "").replace(&customer.account, &other.account);
    for rest in ["", "/deliveries", "/deliveries/EVT_01J9ZQ3V5R8N2M4K6T7W8X9YAB"] {
        let answer = client.get(&other.key, &path(&made, rest)).await;
        assert_eq!(answer.problem(), (404, "account_not_found"), "{rest}");
        let answer = client.get(&other.key, &format!("{foreign}{rest}")).await;
        assert_eq!(answer.problem(), (404, "webhook_not_found"), "{rest}");
    }
    for rest in ["/rotate", "/test", "/deliveries/EVT_01J9ZQ3V5R8N2M4K6T7W8X9YAB/replay"] {
        let answer = client.post(&other.key, &format!("{foreign}{rest}"), json!({})).await;
        assert_eq!(answer.problem(), (404, "webhook_not_found"), "{rest}");
    }
    assert_eq!(client.delete(&other.key, &foreign).await.problem(), (404, "webhook_not_found"));
}
