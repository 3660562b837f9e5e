//! The stream of an account: its balance as it changes, its events with their ids, and what happened while nobody
//! listened.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::support::{Client, client, client_on_postgres};

/// A connection that is kept open.
struct Listener {
    stream: TcpStream,
    heard: String,
}

impl Listener {
    async fn of(client: &Client, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(client.authority()).await.expect("a connection");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{lines}\r\n", client.authority());
        stream.write_all(head.as_bytes()).await.expect("sent");
        Self { stream, heard: String::new() }
    }

    /// Everything heard until the text has come.
    async fn until(&mut self, text: &str) -> String {
        let wait = async {
            let mut bytes = [0; 4_096];
            while !self.heard.contains(text) {
                let read = self.stream.read(&mut bytes).await.expect("read");
                assert!(read > 0, "it ended before {text}: {}", self.heard);
                self.heard.push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        };
        timeout(Duration::from_secs(30), wait).await.unwrap_or_else(|_| panic!("no {text} in {}", self.heard));
        self.heard.clone()
    }
}

#[tokio::test]
async fn a_balance_is_told_when_it_changes_and_an_event_when_it_happens() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 12).await;
        let bearer = format!("Bearer {}", customer.key);
        let mut listener = Listener::of(&client, "/api/events", &[("authorization", &bearer)]).await;
        let head = listener.until("event: balance").await;
        assert!(head.contains("text/event-stream") && head.contains("200 OK"), "{head}");
        listener.until(r#"{"available":12,"held":0}"#).await;
        client.charge(&customer, "proof_verification", 5).await;
        listener.until(r#"{"available":7,"held":0}"#).await;
        let heard = listener.until("event: balance.low").await;
        let id = heard.split("id: EVT_").nth(1).map(|rest| format!("EVT_{}", &rest[..26])).expect("an id");
        drop(listener);

        client.charge(&customer, "proof_verification", 1).await;
        let budget = format!("/api/billing/budgets/{}", customer.account);
        client.put(&customer.key, &budget, json!({"day": 7})).await;
        let path = format!("/api/events?account_id={}", customer.account);
        let headers = [("authorization", bearer.as_str()), ("last-event-id", id.as_str())];
        let mut later = Listener::of(&client, &path, &headers).await;
        let heard = later.until("event: budget.reached").await;
        assert!(!heard.contains("event: balance.low"), "what was seen is not told again: {heard}");
    }
}

#[tokio::test]
async fn a_revoked_key_hears_nothing_more_and_a_foreign_one_nothing_at_all() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 50).await, client.open("developer").await);
    let bearer = format!("Bearer {}", customer.key);
    let mut listener = Listener::of(&client, "/api/events", &[("authorization", &bearer)]).await;
    listener.until("event: balance").await;
    client.revoke_keys(&customer.account);
    listener.until("\r\n0\r\n\r\n").await;
    let path = format!("/api/events?account_id={}", customer.account);
    assert_eq!(client.get(&other.key, &path).await.problem(), (404, "account_not_found"));
    assert_eq!(client.get(client.operator(), "/api/events").await.problem(), (422, "invalid_field"));
    let bad = client.request(axum::http::Method::GET, "/api/events").bearer_auth(&other.key);
    let bad = client.send(bad.header("last-event-id", "EVT_1")).await;
    assert_eq!(bad.problem(), (400, "invalid_last_event_id"));
}

#[tokio::test]
async fn a_signed_in_page_hears_its_own_account_and_nobody_else_anything() {
    let client = client();
    let (_, cookie) = client.person();
    let mut listener = Listener::of(&client, "/live", &[("cookie", &cookie)]).await;
    listener.until(r#"{"available":10,"held":0}"#).await;
    let nobody = client.send(client.request(axum::http::Method::GET, "/live")).await;
    assert_eq!((nobody.status, nobody.body), (204, Value::String(String::new())));
}

#[tokio::test]
async fn what_is_polled_has_a_tag_and_is_not_sent_again_while_it_is_so() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 12).await;
        for path in ["balance", "purchases", "budgets", "alerts", "usage"] {
            let path = format!("/api/billing/{path}/{}", customer.account);
            let first = client.get(&customer.key, &path).await;
            let tag = first.header("etag").to_owned();
            assert!(first.status == 200 && tag.len() > 10, "{path}: {first:?}");
            let request = || client.request(axum::http::Method::GET, &path).bearer_auth(&customer.key);
            let again = client.send(request().header("if-none-match", &tag)).await;
            assert_eq!((again.status, again.header("etag")), (304, tag.as_str()), "{path}");
            assert_eq!(again.body, Value::String(String::new()));
        }
        let path = format!("/api/billing/balance/{}", customer.account);
        let tag = client.get(&customer.key, &path).await.header("etag").to_owned();
        client.charge(&customer, "proof_verification", 1).await;
        let changed = client.request(axum::http::Method::GET, &path).bearer_auth(&customer.key);
        let changed = client.send(changed.header("if-none-match", &tag)).await;
        assert_eq!((changed.status, &changed.body["balance"]), (200, &json!(11)));
        assert_ne!(changed.header("etag"), tag);
    }
}
