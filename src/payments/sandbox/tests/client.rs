//! A small HTTP client, a clock to move by hand, and a receiver for webhooks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::payments::sandbox::webhook::Signer;
use crate::payments::sandbox::{RunningSandbox, SandboxConfig, start};

pub const SECRET: &str = "whsec_sandbox_test";
/// 23 November 2026.
const NOW_MILLISECONDS: i64 = 1_795_420_800_000;
/// How long a test waits for an event before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a JSON answer")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub struct World {
    pub sandbox: RunningSandbox,
    clock: Arc<AtomicI64>,
    webhook_url: String,
    events: mpsc::UnboundedReceiver<Value>,
}

/// What the receiver of webhooks answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    Takes,
    /// Answers 500 to the first attempt of everything.
    StumblesOnce,
}

impl World {
    pub async fn open() -> Self {
        Self::open_with(Receiver::Takes).await
    }

    pub async fn open_with(receiver: Receiver) -> Self {
        Self::open_on(receiver, None).await
    }

    /// A sandbox that keeps its state in a file.
    pub async fn open_in(state: &Path) -> Self {
        Self::open_on(Receiver::Takes, Some(state.to_owned())).await
    }

    async fn open_on(receiver: Receiver, state: Option<PathBuf>) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW_MILLISECONDS));
        let (webhook_url, events) = receive(receiver).await;
        let sandbox = begin(&webhook_url, &clock, state).await;
        Self { sandbox, clock, webhook_url, events }
    }

    /// Ends the sandbox as an operator does and starts it again; clock and receiver stay.
    pub async fn restart_in(self, state: &Path) -> Self {
        let Self { sandbox, clock, webhook_url, events } = self;
        sandbox.shutdown().await;
        let sandbox = begin(&webhook_url, &clock, Some(state.to_owned())).await;
        Self { sandbox, clock, webhook_url, events }
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst) / 1_000
    }

    /// Waits until all of these kinds have come, and returns them in this order.
    pub async fn events<const N: usize>(&mut self, kinds: [&str; N]) -> [Value; N] {
        let mut come: Vec<Value> = Vec::new();
        let all = |come: &[Value]| kinds.map(|kind| come.iter().find(|event| event["type"] == kind).cloned());
        while all(&come).iter().any(Option::is_none) {
            let next = tokio::time::timeout(PATIENCE, self.events.recv()).await;
            let kinds_come: Vec<String> = come.iter().map(|event| event["type"].to_string()).collect();
            come.push(next.unwrap_or_else(|_| panic!("only these came: {kinds_come:?}")).expect("an open channel"));
        }
        all(&come).map(|event| event.expect("all have come"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", &[]).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, form, &[]).await
    }

    pub async fn send(&self, method: &str, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.sandbox.base_url()) };
        let mut request = Request::builder().method(method).uri(url);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", "Bearer sk_test_sandbox");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form.to_owned())))
            .expect("a request");
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    /// A session for Starter, $10.00.
    pub async fn session(&self, more: &str) -> Value {
        let answer = self.post("/v1/checkout/sessions", &format!("{SESSION}{more}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

async fn begin(webhook_url: &str, clock: &Arc<AtomicI64>, state: Option<PathBuf>) -> RunningSandbox {
    let hand = Arc::clone(clock);
    start(config(Some(webhook_url.to_owned()), state), Arc::new(move || hand.load(Ordering::SeqCst)))
        .await
        .expect("a sandbox")
}

pub fn config(webhook_url: Option<String>, state: Option<PathBuf>) -> SandboxConfig {
    SandboxConfig {
        address: ([127, 0, 0, 1], 0).into(),
        secret_key: None,
        webhook_url,
        webhook_secret: SECRET.to_owned(),
        state,
    }
}

pub const SESSION: &str = "mode=payment&success_url=http://127.0.0.1:9/done?s={CHECKOUT_SESSION_ID}&\
    cancel_url=http://127.0.0.1:9/back&client_reference_id=PUR_1&metadata[purchase]=PUR_1&\
    payment_intent_data[metadata][purchase]=PUR_1&line_items[0][quantity]=1&\
    line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=1000&\
    line_items[0][price_data][product_data][name]=Starter+%3C100%3E";

pub fn card(number: &str) -> String {
    format!("email=ada%40example.com&number={number}&expiry=12+/+34&cvc=123&name=Ada+Lovelace")
}

type Inbox = (Receiver, mpsc::UnboundedSender<Value>, Arc<std::sync::Mutex<std::collections::HashSet<String>>>);

/// Listens for webhooks and lets only well-signed ones through.
async fn receive(receiver: Receiver) -> (String, mpsc::UnboundedReceiver<Value>) {
    let (sender, events) = mpsc::unbounded_channel();
    let inbox: Inbox = (receiver, sender, Arc::default());
    let router = Router::new().route("/hook", post(take)).with_state(inbox);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/hook"), events)
}

async fn take(State((receiver, sender, seen)): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let seconds = signature.trim_start_matches("t=").split(',').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let expected = Signer::new(SECRET).expect("a key").signature(seconds, &body);
    // While the secret is rolled, any of the signatures will do.
    if !signature.split(',').any(|part| part.strip_prefix("v1=") == Some(expected.as_str())) {
        return StatusCode::BAD_REQUEST;
    }
    let event: Value = serde_json::from_slice(&body).expect("an event");
    let is_new = seen.lock().expect("a lock").insert(event["id"].to_string());
    if receiver == Receiver::StumblesOnce && is_new {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    // The test may have ended already.
    let _ = sender.send(event);
    StatusCode::OK
}
