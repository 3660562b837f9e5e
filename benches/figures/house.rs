//! A real server in this process, with accounts that have credits, an operator's key and a signed-in person.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aethel::billing::NewAccount;
use aethel::ledger::{AccountId, Clock, Command, Credits, Operation, Tier};
use aethel::server::{Config, Running, SystemClock, start};
use futures::StreamExt;
use tokio::runtime::Runtime;

use crate::load::{Ask, Load};
use crate::{CONNECTIONS, ROUND_MILLIS};

const ACCOUNTS: usize = 10_000;
const CREDITS: i64 = 1_000_000_000;
const EMAIL: &str = "bench@aethel.example";
const PASSWORD: &str = "a bench of oak and iron";

pub struct House {
    pub address: SocketAddr,
    pub accounts: Vec<AccountId>,
    /// Where the ledger's file is, for the raw disk to be measured on the same one.
    pub directory: tempfile::TempDir,
    pub runtime: Runtime,
    pub running: Running,
    key: String,
    cookie: String,
}

impl House {
    /// Over a SQLite file, with ten thousand accounts.
    pub fn open() -> Self {
        Self::with(&[], ACCOUNTS)
    }

    /// Over a database of PostgreSQL, by its URL.
    pub fn postgres(url: &str) -> Self {
        Self::with(&[("DATABASE_URL", url)], ACCOUNTS)
    }

    /// With more settings, and so many accounts.
    pub fn with(more: &[(&str, &str)], accounts: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let directory = directory();
        let database = directory.path().join("bench.db").to_string_lossy().into_owned();
        let solver = solver();
        let mut settings = vec![
            ("AETHEL_ADDR", "127.0.0.1:0"),
            ("AETHEL_SANDBOX_ADDR", "127.0.0.1:0"),
            ("AETHEL_SANDBOX_STATE", "off"),
            ("BILLING_DB_PATH", &database),
            ("AETHEL_Z3", &solver),
            // All requests of a bench come from one address.
            ("AETHEL_LIMIT_ADDRESS", "off"),
            // And the pages all of one account.
            ("AETHEL_LIMIT_ACCOUNT", "off"),
        ];
        settings.extend(more);
        let get = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let config = Config::read(&get).expect("the settings are right");
        let running = runtime.block_on(start(config)).expect("the house comes up; set AETHEL_Z3 if Z3 is missing");
        let address = running.base_url.trim_start_matches("http://").parse().expect("an address");
        let accounts = runtime.block_on(open_accounts(&running, accounts));
        let key =
            runtime.block_on(running.app.identity.create_operator_key("bench")).expect("a key").secret.to_string();
        let cookie = runtime.block_on(sign_in(&running));
        Self { address, accounts, directory, key, cookie, runtime, running }
    }

    pub fn close(self) {
        self.runtime.block_on(self.running.shutdown());
    }

    /// As hard as a round asks by default.
    pub fn load(&self) -> Load {
        Load { address: self.address, connections: CONNECTIONS, millis: ROUND_MILLIS, pause: Duration::ZERO }
    }

    pub fn hello(&self) -> Ask {
        ask("GET", "/health/live", "", "", "200")
    }

    /// A single charge on an account, under a key of its own.
    pub fn charge(&self, account: usize, number: usize) -> Ask {
        let account = self.accounts[account % self.accounts.len()];
        let body = format!(
            "{{\"account_id\":\"{account}\",\"operation\":\"proof_verification\",\"quantity\":1,\"metadata\":{{}}}}"
        );
        self.post("/api/billing/charges", number, &body)
    }

    /// JSON with the operator's key and an idempotency key.
    pub fn post(&self, path: &str, number: usize, body: &str) -> Ask {
        let head = format!("authorization: Bearer {}\r\nidempotency-key: bench-{number}\r\n", self.key);
        ask("POST", path, &head, body, "200")
    }

    pub fn balance(&self, account: usize) -> Ask {
        let head = format!("authorization: Bearer {}\r\n", self.key);
        ask("GET", &format!("/api/billing/balance/{}", self.accounts[account]), &head, "", "200")
    }

    pub fn dashboard(&self) -> Ask {
        ask("GET", "/dashboard", &format!("cookie: aethel={}\r\naccept: text/html\r\n", self.cookie), "", "200")
    }
}

/// A setting of the environment.
#[expect(clippy::disallowed_methods, reason = "the settings that the bench takes from outside")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The Z3 program.
pub fn solver() -> String {
    setting("AETHEL_Z3").unwrap_or_else(|| "z3".into())
}

/// A directory on a real disk, beside what is built.
pub fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on a real disk")
}

pub fn ask(method: &str, path: &str, head: &str, body: &str, status: &'static str) -> Ask {
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    Ask { bytes: text.into_bytes(), status }
}

async fn open_accounts(running: &Running, count: usize) -> Vec<AccountId> {
    let open = |number: usize| {
        let kernel = running.app.kernel.clone();
        let free = Credits::new(CREDITS).expect("in range");
        let account = NewAccount { name: format!("Account {number}"), tier: Tier::Developer, free };
        async move { kernel.open(account, &format!("bench {number}"), None).await.expect("an account opens").account }
    };
    futures::stream::iter((0..count).map(open)).buffer_unordered(512).collect().await
}

/// Signs a person up by the mailed link, with a month of usage to draw.
async fn sign_in(running: &Running) -> String {
    let app = &running.app;
    app.identity.sign_up("Bench", EMAIL, PASSWORD).await.expect("signing up");
    let mail = app.mail.recent(1).await.expect("the outbox").remove(0);
    let token: String =
        mail.text.split_once("token=").expect("a link").1.chars().take_while(|c| !c.is_whitespace()).collect();
    let session = app.identity.confirm(&token).await.expect("the link confirms");
    let account = app.identity.session(session.as_str()).await.expect("a session").expect("signed in").account;
    for (number, operation) in Operation::ALL.iter().enumerate() {
        let gift = Command::Grant {
            grant: app.kernel.next_grant(),
            credits: Credits::new(10_000).expect("in range"),
            reason: "bench".into(),
            expires_at: Some(Arc::new(SystemClock).now().plus_days(30)),
        };
        let charge = Command::Charge { operation: *operation, quantity: 3, at_most: None, metadata: "{}".into() };
        for (what, command) in [("gift", gift), ("charge", charge)] {
            let order = aethel::billing::Order::new(account, format!("bench {what} {number}"), command);
            app.kernel.submit(order).await.expect("the kernel answers");
        }
    }
    session.as_str().to_owned()
}
