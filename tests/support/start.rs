//! Starts the server as `aethel serve` does, beside a Stripe sandbox whose webhook secret the tests know.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;

use aethel::billing::store::{Sql, Statement};
use aethel::billing::{Order, Receipt, Together};
use aethel::identity::{Identity, Role};
use aethel::ledger::{Clock, Command};
use aethel::payments::sandbox::{self, SandboxConfig};
use aethel::server::state::App;
use aethel::server::{Config, SystemClock, start};
use tokio::runtime::{Builder, Handle};

/// What the sandbox signs its events with, and the tests theirs.
pub const WEBHOOK_SECRET: &str = "whsec_of_the_http_tests";
/// What opens the sandbox, also its control.
pub const SECRET_KEY: &str = "sk_test_of_the_http_tests";

/// Where the server under test keeps its ledger.
#[derive(Clone, Copy)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// Settings beside those that every server under test has.
pub type Settings = &'static [(&'static str, &'static str)];

/// A server that runs until the test binary ends.
pub struct Site {
    pub base_url: String,
    pub sandbox_url: String,
    pub operator: String,
    app: App,
    runtime: Handle,
}

impl Site {
    /// Starts a server on a free port, in a thread and runtime that no single test owns.
    pub fn start(store: Store) -> Self {
        Self::start_with(store, &[])
    }

    /// The same with some settings of its own.
    pub fn start_with(store: Store, more: Settings) -> Self {
        let (sender, site) = mpsc::channel();
        thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let (site, _alive) = bring_up(store, more).await;
                sender.send(site).expect("a test waits for it");
                std::future::pending::<()>().await;
            });
        });
        site.recv().expect("the server comes up")
    }

    /// Makes a key for an account, as the keys page does.
    pub fn customer_key(&self, account: &str) -> String {
        let (identity, account) = (self.app.identity.clone(), account.parse().expect("an account id"));
        self.wait(async move { identity.create_key(account, "tests", None).await.expect("a key").secret })
    }

    /// Makes a key for the account that somebody is signed in to, which acts for them.
    pub fn key_by(&self, cookie: &str) -> String {
        let (identity, token) = (self.app.identity.clone(), token_of(cookie));
        self.wait(async move {
            let who = identity.session(&token).await.expect("a read").expect("signed in");
            identity.create_key(who.account, "tests", who.user).await.expect("a key").secret
        })
    }

    /// Revokes every key of an account, as the keys page does.
    pub fn revoke_keys(&self, account: &str) {
        let (identity, account) = (self.app.identity.clone(), account.parse().expect("an account id"));
        self.wait(async move {
            for key in identity.keys(account).await.expect("keys") {
                identity.revoke_key(account, key.id).await.expect("revoked");
            }
        });
    }

    /// Carries commands out as one job of the kernel's, far faster than one request each.
    pub fn submit_all(&self, account: &str, commands: Vec<Command>) -> Vec<Receipt> {
        let (kernel, account) = (self.app.kernel.clone(), account.parse().expect("an account id"));
        let orders = commands.into_iter().map(|command| Order::new(account, crate::support::unique("inside"), command));
        let orders: Vec<Order> = orders.collect();
        let outcomes = self.wait(async move { kernel.submit_all(orders, Together::EachForItself).await });
        outcomes.into_iter().map(|outcome| outcome.expect("carried out")).collect()
    }

    /// Signs a person up and in: the account, and the cookie that a browser would send.
    pub fn person(&self, email: &str) -> (String, String) {
        let (app, email) = (self.app.clone(), email.to_owned());
        self.wait(async move {
            app.identity.sign_up("Ada Lovelace", &email, "seven quiet otters at dawn").await.expect("signed up");
            let mails = app.mail.recent(200).await.expect("mails");
            let mail = mails.into_iter().find(|mail| mail.to == email).expect("a mail with the link");
            let (_, token) = mail.text.split_once("token=").expect("a link");
            let is_token = |letter: &char| letter.is_ascii_alphanumeric() || "-_".contains(*letter);
            let token: String = token.chars().take_while(is_token).collect();
            let session = app.identity.confirm(&token).await.expect("confirmed");
            let signed_in = app.identity.session(session.as_str()).await.expect("a session").expect("signed in");
            (signed_in.account.to_string(), format!("aethel={}", session.as_str()))
        })
    }

    /// Signs up somebody who joins the account of a signed-in owner in a role; the cookie of a browser that is there.
    pub fn member(&self, owner: &str, email: &str, role: Role) -> String {
        let (_, cookie) = self.person(email);
        let (identity, owner, guest) = (self.app.identity.clone(), token_of(owner), token_of(&cookie));
        self.wait(async move {
            let owner = identity.session(&owner).await.expect("a read").expect("signed in");
            identity.invite(&owner, "Acme", &guest_email(&identity, &guest).await, role).await.expect("invited");
            let guest = identity.session(&guest).await.expect("a read").expect("signed in");
            let invitation = identity.invitations_for(&guest).await.expect("a list").remove(0);
            identity.accept_invitation(&guest, invitation.id).await.expect("joined");
        });
        cookie
    }

    /// Takes a member out of the owner's account.
    pub fn remove(&self, owner: &str, member: &str) {
        let (identity, owner, member) = (self.app.identity.clone(), token_of(owner), token_of(member));
        self.wait(async move {
            let owner = identity.session(&owner).await.expect("a read").expect("signed in");
            let member = identity.session(&member).await.expect("a read").expect("signed in");
            identity.remove_member(&owner, member.user).await.expect("removed");
        });
    }

    /// Signs up an operator: the cookie of their browser.
    pub fn operator_person(&self, email: &str) -> String {
        let (_, cookie) = self.person(email);
        let (identity, email) = (self.app.identity.clone(), email.to_owned());
        self.wait(async move { identity.add_operator(&email).await.expect("an operator") });
        cookie
    }

    /// Changes the store behind the kernel's back, as a fault of the disk or an intruder would.
    pub fn spoil(&self, sql: &'static str, account: &str) {
        let change = Statement::new(Sql::both(sql), vec![account.into()]);
        let database = self.app.database.clone();
        self.wait(async move { database.write(vec![change]).await.expect("the store is spoilt") });
    }

    /// Runs work of the inside on the server's own runtime.
    fn wait<T: Send>(&self, work: impl Future<Output = T> + Send) -> T {
        thread::scope(|scope| scope.spawn(|| self.runtime.block_on(work)).join().expect("the work ends"))
    }
}

fn token_of(cookie: &str) -> String {
    cookie.trim_start_matches("aethel=").to_owned()
}

async fn guest_email(identity: &Identity, token: &str) -> String {
    identity.session(token).await.expect("a read").expect("signed in").email
}

async fn bring_up(store: Store, more: Settings) -> (Site, impl Sized) {
    let sandbox_config = SandboxConfig {
        address: ([127, 0, 0, 1], 0).into(),
        secret_key: Some(SECRET_KEY.into()),
        webhook_url: None,
        webhook_secret: WEBHOOK_SECRET.into(),
        state: None,
    };
    let clock = Arc::new(|| SystemClock.now().millis());
    let sandbox = sandbox::start(sandbox_config, clock).await.expect("the sandbox listens");
    let sandbox_url = sandbox.base_url();
    let config = configuration(store, more, &sandbox_url).await;
    let running = start(config).await.expect("the server starts");
    let webhook = format!("{}/api/stripe/webhook", running.base_url);
    sandbox.set_webhook_url(Some(webhook)).expect("a plain address");
    let operator = running.app.identity.create_operator_key("tests").await.expect("a key").secret;
    let (base_url, app) = (running.base_url.clone(), running.app.clone());
    (Site { base_url, sandbox_url, operator, app, runtime: Handle::current() }, (running, sandbox))
}

async fn configuration(store: Store, more: Settings, sandbox_url: &str) -> Config {
    let solver = from_outside("AETHEL_Z3");
    let database = match store {
        Store::Sqlite => {
            let directory = tempfile::tempdir().expect("a temporary directory").keep();
            ("BILLING_DB_PATH", directory.join("http.db").to_string_lossy().into_owned())
        }
        Store::Postgres => ("DATABASE_URL", fresh_schema().await),
    };
    let settings = [
        ("AETHEL_ADDR", Some("127.0.0.1:0".to_owned())),
        ("STRIPE_SECRET_KEY", Some(SECRET_KEY.to_owned())),
        ("STRIPE_WEBHOOK_SECRET", Some(WEBHOOK_SECRET.to_owned())),
        ("STRIPE_API_BASE", Some(sandbox_url.to_owned())),
        ("AETHEL_WEBHOOKS_LOCAL", Some("yes".to_owned())),
        ("AETHEL_Z3", solver.or_else(cached_solver)),
        (database.0, Some(database.1)),
    ];
    let own = |name: &str| more.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let usual = |name: &str| settings.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.clone());
    let get = |name: &str| own(name).or_else(|| usual(name));
    Config::read(&get).expect("usable settings")
}

/// The copy of Z3 that set-up keeps in the cache.
fn cached_solver() -> Option<String> {
    let cache = from_outside("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| from_outside("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    let solver = cache.join("aethel/z3/bin/z3");
    solver.exists().then(|| solver.to_string_lossy().into_owned())
}

/// An empty schema on the test server; the server under test brings it up to date itself.
async fn fresh_schema() -> String {
    let server = from_outside("AETHEL_TEST_POSTGRES")
        .expect("AETHEL_TEST_POSTGRES is not set; run the tests with `make test`, which starts one");
    let schema = format!("http_{}", std::process::id());
    let admin = sqlx::PgPool::connect(&server).await.expect("the PostgreSQL of AETHEL_TEST_POSTGRES answers");
    let create = format!("drop schema if exists {schema} cascade; create schema {schema}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&admin).await.expect("a fresh schema");
    admin.close().await;
    let separator = if server.contains('?') { '&' } else { '?' };
    format!("{server}{separator}options=-csearch_path%3D{schema}")
}

#[expect(clippy::disallowed_methods, reason = "what tests take from outside")]
fn from_outside(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
