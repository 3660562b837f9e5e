//! The whole server in this process, and a client that speaks to it over HTTP like anyone else.
//!
//! One server for a test binary, on a thread of its own; every test opens its own accounts. What a test knows of
//! the inside is only how an operator's key is made.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aethel::billing::Receipt;
use aethel::identity::Role;
use aethel::ledger::{Clock, Command};
use aethel::server::SystemClock;
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

mod http;
mod start;

use http::{Http, Request};
pub use start::{SECRET_KEY, Settings, Site, Store, WEBHOOK_SECRET};

/// How long a webhook may take on a busy machine, in tenths of a second.
const WEBHOOK_PATIENCE_TENTHS: u32 = 200;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The problem's status and code, checked to be a whole problem.
    pub fn problem(&self) -> (u16, &str) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        for member in ["type", "title", "detail", "code"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {self:?}");
        }
        assert_eq!(self.body["request_id"], self.header("x-request-id"), "{self:?}");
        (self.status, self.body["code"].as_str().expect("checked above"))
    }

    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A client of one server; each test has its own, because a connection lives in the runtime of the test that made it.
pub struct Client {
    http: Http,
    site: &'static Site,
}

/// An account and the key that may act on it.
pub struct Customer {
    pub account: String,
    pub key: String,
}

/// A client of the server on SQLite that this binary shares.
pub fn client() -> Client {
    static SITE: OnceLock<Site> = OnceLock::new();
    Client::of(SITE.get_or_init(|| Site::start(Store::Sqlite)))
}

/// A client of the server on PostgreSQL that this binary shares.
pub fn client_on_postgres() -> Client {
    static SITE: OnceLock<Site> = OnceLock::new();
    Client::of(SITE.get_or_init(|| Site::start(Store::Postgres)))
}

/// A client of a server of its own, whose ledger a test may spoil.
pub fn client_to_spoil() -> Client {
    Client::of(Box::leak(Box::new(Site::start(Store::Sqlite))))
}

/// A client of a server of its own with some settings.
pub fn client_with(settings: Settings) -> Client {
    Client::of(Box::leak(Box::new(Site::start_with(Store::Sqlite, settings))))
}

/// A text that no other test of this run uses.
pub fn unique(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{name}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Client {
    fn of(site: &'static Site) -> Self {
        Self { http: Http::new(), site }
    }

    pub fn operator(&self) -> &str {
        &self.site.operator
    }

    pub fn sandbox(&self) -> &str {
        &self.site.sandbox_url
    }

    /// Host and port, for those who speak to the socket themselves.
    pub fn authority(&self) -> &str {
        self.site.base_url.trim_start_matches("http://")
    }

    pub fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, format!("{}{path}", self.site.base_url))
    }

    pub async fn send(&self, request: Request) -> Answer {
        let (status, headers, bytes) = self.http.send(request).await;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Answer { status, headers, body }
    }

    pub async fn get(&self, key: &str, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(key)).await
    }

    pub async fn post(&self, key: &str, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).bearer_auth(key).json(&body)).await
    }

    pub async fn put(&self, key: &str, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).bearer_auth(key).json(&body)).await
    }

    pub async fn delete(&self, key: &str, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).bearer_auth(key)).await
    }

    /// Posts what must be refused, and checks that the account's ledger stays as it was.
    pub async fn refused(&self, key: &str, account: &str, path: &str, body: Value) -> Answer {
        let before = self.ledger(account).await;
        let answer = self.post(key, path, body).await;
        answer.problem();
        assert_eq!(self.ledger(account).await, before, "{answer:?}");
        answer
    }

    /// The same under an idempotency key.
    pub async fn post_once(&self, key: &str, once: &str, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).bearer_auth(key).header("Idempotency-Key", once).json(&body)).await
    }

    /// Any bytes as a body, with or without a type.
    pub async fn post_raw(&self, key: &str, path: &str, content_type: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = self.request(Method::POST, path).bearer_auth(key).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        self.send(request).await
    }

    /// Opens an account and makes its key.
    pub async fn open(&self, tier: &str) -> Customer {
        let body = json!({"customer_name": unique("Customer"), "tier": tier});
        let answer = self.post(self.operator(), "/api/billing/account", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let account = answer.body["account_id"].as_str().expect("an id").to_owned();
        let key = self.site.customer_key(&account);
        Customer { account, key }
    }

    /// Opens an account that has exactly so many credits.
    pub async fn open_with(&self, tier: &str, credits: i64) -> Customer {
        let customer = self.open(tier).await;
        let body = json!({"account_id": customer.account, "credits": credits, "reason": "to spend"});
        let answer = self.post(self.operator(), "/api/billing/grants", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        customer
    }

    /// Changes the store behind the kernel's back; `$1` is the account.
    pub fn spoil(&self, sql: &'static str, account: &str) {
        self.site.spoil(sql, account);
    }

    pub fn revoke_keys(&self, account: &str) {
        self.site.revoke_keys(account);
    }

    /// What the kernel is asked from inside, where a request each would take too long or no path leads.
    pub fn submit_all(&self, account: &str, commands: Vec<Command>) -> Vec<Receipt> {
        self.site.submit_all(account, commands)
    }

    /// Somebody signed in, with the 10 free credits: the account and the browser's cookie.
    pub fn person(&self) -> (String, String) {
        self.site.person(&format!("{}@example.com", unique("person")))
    }

    /// Somebody who joined the account of a signed-in owner in a role: the browser's cookie.
    pub fn member(&self, owner: &str, role: Role) -> String {
        self.site.member(owner, &format!("{}@example.com", unique("member")), role)
    }

    /// A key of an account that a person has.
    pub fn customer_key(&self, account: &str) -> String {
        self.site.customer_key(account)
    }

    /// A key that somebody who is signed in made for the account they are in.
    pub fn key_by(&self, cookie: &str) -> String {
        self.site.key_by(cookie)
    }

    /// Takes a member out of the owner's account.
    pub fn remove(&self, owner: &str, member: &str) {
        self.site.remove(owner, member);
    }

    /// An operator who is signed in: the browser's cookie.
    pub fn operator_person(&self) -> String {
        self.site.operator_person(&format!("{}@example.com", unique("operator")))
    }

    /// Sends a form to a server function, as a page of ours would with scripts on.
    pub async fn form(&self, cookie: &str, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).expect("a form");
        let request = self.request(Method::POST, &format!("/fn/{endpoint}")).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded").header("cookie", cookie);
        self.send(request.body(body.into_bytes())).await
    }

    /// Sends a form as a browser without scripts does; where it leads.
    pub async fn plain_form(&self, cookie: &str, endpoint: &str, fields: &[(&str, &str)]) -> String {
        let form = self.request(Method::POST, &format!("/fn/{endpoint}")).header("sec-fetch-site", "same-origin");
        let form = form.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
        let body = serde_urlencoded::to_string(fields).expect("a form");
        let answer = self.send(form.header("cookie", cookie).body(body.into_bytes())).await;
        assert_eq!(answer.status, 302, "{endpoint}: {answer:?}");
        answer.header("location").to_owned()
    }

    /// Opens a page.
    pub async fn page(&self, cookie: &str, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("cookie", cookie).header("accept", "text/html")).await
    }

    pub async fn charge(&self, customer: &Customer, operation: &str, quantity: i64) -> Answer {
        let body = json!({"account_id": customer.account, "operation": operation, "quantity": quantity});
        self.post(&customer.key, "/api/billing/charges", body).await
    }

    pub async fn balance(&self, account: &str) -> i64 {
        let answer = self.get(self.operator(), &format!("/api/billing/balance/{account}")).await;
        answer.body["balance"].as_i64().unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// Pays on Stripe's checkout page, as a browser's form would.
    pub async fn pay(&self, checkout_url: &str, card: &str) {
        let now = jiff::Timestamp::from_millisecond(SystemClock.now().millis()).expect("a moment");
        let year = now.in_tz("UTC").expect("a zone").year() + 2;
        let form = format!(
            "email=payer%40example.com&number={card}&expiry=12%2F{:02}&cvc=123&name=Ada+Payer",
            year.rem_euclid(100)
        );
        let request = Request::new(Method::POST, checkout_url.to_owned());
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.into_bytes());
        let answer = self.send(request).await;
        assert!((300..400).contains(&answer.status), "{answer:?}");
    }

    /// Asks the sandbox's remote control for something.
    pub async fn control(&self, action: &str, form: &str) {
        let request = Request::new(Method::POST, format!("{}/_control/{action}", self.sandbox()));
        let request = request.bearer_auth(SECRET_KEY).header("content-type", "application/x-www-form-urlencoded");
        let answer = self.send(request.body(form.as_bytes().to_vec())).await;
        assert_eq!(answer.status, 200, "{action} {form}: {answer:?}");
    }

    /// Types a promotion code on the checkout page.
    pub async fn promote(&self, checkout_url: &str, code: &str) {
        let request = Request::new(Method::POST, format!("{checkout_url}/promotion"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.send(request.body(format!("code={code}").into_bytes())).await;
        assert!((300..400).contains(&answer.status), "{answer:?}");
    }

    /// Says yes on the bank's page, as its button does.
    pub async fn confirm_at_bank(&self, page: &str) {
        let (url, secret) = page.split_once("?client_secret=").expect("the bank's page");
        let form = format!("client_secret={secret}&outcome=complete");
        let request = Request::new(Method::POST, url.to_owned());
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.into_bytes());
        let answer = self.send(request).await;
        assert!((300..400).contains(&answer.status), "{answer:?}");
    }

    /// Waits for what the webhook brings.
    pub async fn until_balance(&self, account: &str, balance: i64) {
        for _ in 0..WEBHOOK_PATIENCE_TENTHS {
            if self.balance(account).await == balance {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{account} never had {balance} credits but {}", self.balance(account).await);
    }

    /// Everything the ledger knows of an account, to be compared before and after.
    pub async fn ledger(&self, account: &str) -> Value {
        let entries = self.get(self.operator(), &format!("/api/billing/entries/{account}?limit=200")).await;
        assert_eq!(entries.status, 200, "{entries:?}");
        json!([self.balance(account).await, entries.body])
    }
}
