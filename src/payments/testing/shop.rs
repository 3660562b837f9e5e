//! A till whose Stripe is the sandbox, in one process: our adapter, its hosted page, its webhooks, our inbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{SECRET, Till};
use crate::billing::store::Database;
use crate::ledger::{Clock, PurchaseId};
use crate::payments::sandbox::{self, RunningSandbox, SandboxConfig};
use crate::payments::{Charged, PaymentError, Payments, Purchase};

/// Webhooks take milliseconds; this only ends a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// A till whose Stripe is a sandbox that sends it webhooks.
pub struct Shop {
    pub till: Till,
    pub sandbox: RunningSandbox,
    _background: JoinSet<()>,
}

impl Shop {
    /// The sandbox's webhooks arrive and are worked off.
    pub async fn open(database: Database) -> Self {
        let mut shop = Self::silent(database).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        shop.sandbox.set_webhook_url(Some(format!("http://{address}/api/stripe/webhook"))).expect("plain http");
        let payments = shop.till.payments.clone();
        shop._background.spawn(listen(listener, payments.clone()));
        shop._background.spawn(async move { payments.work_inbox(std::future::pending()).await });
        shop
    }

    /// The sandbox tells nothing by itself: a test delivers what it likes.
    pub async fn silent(database: Database) -> Self {
        let clock = Arc::new(crate::ledger::testing::ManualClock::default());
        let shown = Arc::clone(&clock);
        let config = SandboxConfig {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secret_key: None,
            webhook_url: None,
            webhook_secret: SECRET.into(),
            state: None,
        };
        let sandbox = sandbox::start(config, Arc::new(move || shown.now().millis())).await.expect("a sandbox");
        let till = Till::open_at(database, &sandbox.base_url(), clock).await;
        Shop { till, sandbox, _background: JoinSet::new() }
    }

    /// Asks the sandbox for an object, or has it do something when there is a form.
    pub async fn ask(&self, path: &str, form: Option<&str>) -> Value {
        let (status, body) = self.send(path, form).await;
        assert!((200..300).contains(&status), "{path} {form:?}: {status} {body}");
        body
    }

    /// Has the sandbox do something if it can be done.
    pub async fn try_to(&self, path: &str, form: &str) -> Option<Value> {
        let (status, body) = self.send(path, Some(form)).await;
        (200..300).contains(&status).then_some(body)
    }

    async fn send(&self, path: &str, form: Option<&str>) -> (u16, Value) {
        let request = Request::builder().uri(format!("{}{path}", self.sandbox.base_url()));
        let request = request
            .method(if form.is_some() { "POST" } else { "GET" })
            .header("authorization", "Bearer sk_test_1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form.unwrap_or_default().to_owned())))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).expect("an object"))
    }

    /// A purchase paid by a saved card of this kind.
    pub async fn bought(&self, request: &str, card: &str) -> Purchase {
        self.save(card).await;
        let Ok(Charged::Paid { purchase, .. }) = self.charge(request).await else { panic!("{card} pays") };
        self.purchase(purchase).await
    }

    /// Has everything delivered that the sandbox has told so far, lost events too, and waits until it is worked off.
    pub async fn catch_up(&self) {
        self.ask("/_control/deliver", Some("")).await;
        eventually("everything delivered and worked off", async || {
            let state = self.ask("/_control", None).await;
            state["undelivered"] == 0 && self.till.events_that_are("stored").await == 0
        })
        .await;
    }

    /// An event that says something happened to the payment of a purchase.
    pub async fn hear_of(&self, id: &str, kind: &str, purchase: &Purchase) {
        let object = json!({ "id": "re_1", "charge": null, "payment_intent": purchase.stripe_intent });
        let event = json!({ "id": id, "object": "event", "type": kind, "created": 1_767_225_600, "livemode": false,
            "data": { "object": object } });
        self.till.hear(&event).await;
    }

    /// Fills in the hosted page and answers where it leads, or what it says.
    pub async fn pay(&self, url: &str, number: &str) -> (u16, String) {
        let form = [
            ("email", "ada@example.test"),
            ("number", number),
            ("expiry", "12 / 34"),
            ("cvc", "123"),
            ("name", "Ada Lovelace"),
        ];
        self.post_form(url, serde_urlencoded::to_string(form).expect("a form")).await
    }

    /// Types a promotion code on the hosted page.
    pub async fn promote(&self, url: &str, code: &str) {
        let (status, page) = self.post_form(&format!("{url}/promotion"), format!("code={code}")).await;
        assert_eq!(status, 303, "{page}");
    }

    /// Orders a bank debit on the hosted page.
    pub async fn debit(&self, url: &str, account: &str) {
        let form = format!("email=ada%40example.test&name=Ada&account={account}");
        let (status, page) = self.post_form(&format!("{url}/debit"), form).await;
        assert_eq!(status, 303, "{page}");
    }

    async fn post_form(&self, url: &str, body: String) -> (u16, String) {
        let request = Request::post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|value| value.to_str().expect("text").to_owned());
        let page = response.into_body().collect().await.expect("a body").to_bytes();
        (status, location.unwrap_or_else(|| String::from_utf8_lossy(&page).into_owned()))
    }

    /// Saves a test card, as the customer's own form would.
    pub async fn save(&self, method: &str) {
        self.till.payments.attach_payment_method(self.till.account, method, Vec::new()).await.expect("saved");
    }

    pub async fn charge(&self, request: &str) -> Result<Charged, PaymentError> {
        self.till.payments.charge_saved_card(self.till.account, self.till.starter(), request).await
    }

    pub async fn purchase(&self, id: PurchaseId) -> Purchase {
        self.till.payments.purchase(self.till.account, id).await.expect("a store").expect("a purchase")
    }

    pub async fn wait_for(&self, id: PurchaseId, state: &str) {
        eventually(state, async || self.purchase(id).await.state.name() == state).await;
    }

    /// Until both announcements of a payment are worked off.
    pub async fn wait_for_events_done(&self, count: i64) {
        eventually("events done", async || self.till.events_that_are("done").await >= count).await;
    }
}

pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("it never came to: {what}"));
}

/// The webhook endpoint, as little of HTTP as the sandbox needs.
async fn listen(listener: TcpListener, payments: Payments) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let payments = payments.clone();
        open.spawn(async move { answer(stream, payments).await.expect("an HTTP request") });
    }
}

async fn answer(mut stream: TcpStream, payments: Payments) -> std::io::Result<()> {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    };
    let head = String::from_utf8_lossy(&read[..head_end]).into_owned();
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while read.len() < head_end + length {
        stream.read_buf(&mut read).await?;
    }
    let body = &read[head_end..head_end + length];
    let status = match payments.receive_webhook(body, header("stripe-signature").as_deref()).await {
        Ok(()) => "200 OK",
        Err(_) => "400 Bad Request",
    };
    let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(reply.as_bytes()).await
}
