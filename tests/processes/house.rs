//! A house whose servers are processes of their own, and a client that loses its connection when they die.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use aethel::billing::store::{Database, Sql, Statement};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The settings of one house, which outlives the processes that serve it.
pub struct House {
    settings: Vec<(&'static str, String)>,
    directory: tempfile::TempDir,
}

/// A server process. Dropping it is `kill -9`: on Unix no handler runs and nothing is flushed.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn kill(&mut self) {
        self.child.kill().expect("the server dies");
        self.child.wait().expect("the server is dead");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _dead_already = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl House {
    /// A house over a SQLite file.
    pub fn sqlite() -> Self {
        Self::new(None)
    }

    /// A house over a fresh schema of the test's PostgreSQL.
    pub async fn postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = setting("AETHEL_TEST_POSTGRES").expect("AETHEL_TEST_POSTGRES names a server: use `make test`");
        let schema = format!("house_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let pool = sqlx::PgPool::connect(&server).await.expect("the server answers");
        let create = sqlx::AssertSqlSafe(format!("drop schema if exists {schema} cascade; create schema {schema}"));
        sqlx::raw_sql(create).execute(&pool).await.expect("a fresh schema");
        pool.close().await;
        let separator = if server.contains('?') { '&' } else { '?' };
        Self::new(Some(format!("{server}{separator}options=-csearch_path%3D{schema}")))
    }

    fn new(database: Option<String>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let solver = setting("AETHEL_Z3").unwrap_or_else(|| "z3".into());
        let mut settings = vec![
            ("AETHEL_ADDR", "127.0.0.1:0".to_owned()),
            ("AETHEL_SANDBOX_ADDR", "127.0.0.1:0".to_owned()),
            ("AETHEL_SANDBOX_STATE", "off".to_owned()),
            ("AETHEL_Z3", solver),
            ("AETHEL_SOLVERS", "1".to_owned()),
            ("BILLING_DB_PATH", directory.path().join("house.db").to_string_lossy().into_owned()),
        ];
        settings.extend(database.map(|url| ("DATABASE_URL", url)));
        Self { settings, directory }
    }

    /// A file in the house's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aethel"));
        command.args(arguments).env_remove("DATABASE_URL").env_remove("STRIPE_SECRET_KEY");
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Starts a server and waits until it says where it listens.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with more settings; what it logs is appended to `log` in the house's directory.
    pub fn serve_with(&self, settings: &[(&str, &Path)]) -> Server {
        let log = File::options().create(true).append(true).open(self.file("log")).expect("a log");
        let mut command = self.command(&["serve"]);
        command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().expect("the server starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let address =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        Server { child, address: address.expect("the server says where it listens") }
    }

    /// The secret of a fresh operator key.
    pub fn operator_key(&self) -> String {
        let made = self.run(&["keys", "create", "--operator", "--name", "house"]);
        String::from_utf8(made.stdout).expect("text").trim().to_owned()
    }

    /// Changes the memo of one entry behind the program's back.
    pub async fn forge_a_memo(&self, account: &str, seq: i64) {
        let setting =
            |name: &str| self.settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let database = match setting("DATABASE_URL") {
            Some(url) => Database::connect_postgres(&url).await,
            None => Database::open_sqlite(setting("BILLING_DB_PATH").expect("a file").as_ref()).await,
        };
        let database = database.expect("the ledger opens");
        let forge = Sql::both("update entries set memo = 'forged' where account_id = $1 and seq = $2");
        let forged = database.write(vec![Statement::new(forge, vec![account.into(), seq.into()])]).await;
        assert_eq!(forged.expect("it is written"), [1]);
        database.close().await;
    }

    pub fn assert_audit_is_clean(&self) {
        let audit = self.run(&["audit"]);
        assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    }
}

#[expect(clippy::disallowed_methods, reason = "settings that tests take from outside")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// How many times over, unless the setting says otherwise: `make hammer` raises these.
pub fn times(name: &str, ordinarily: u32) -> u32 {
    setting(name).map_or(ordinarily, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

/// Posts JSON on a connection of its own; nothing when the server went away first.
pub async fn post(address: &str, path: &str, key: &str, idempotency: &str, body: &Value) -> Option<Answer> {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nidempotency-key: {idempotency}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_lowercase(), body: serde_json::from_str(body).ok()? })
}

/// Charges so many proofs under an idempotency key.
pub async fn charge(address: &str, key: &str, account: &str, idempotency: &str, quantity: u32) -> Option<Answer> {
    let body = json!({
        "account_id": account, "operation": "proof_verification", "quantity": quantity, "metadata": {}
    });
    post(address, "/api/billing/charges", key, idempotency, &body).await
}

/// Gives credits under an idempotency key.
pub async fn grant(address: &str, key: &str, account: &str, idempotency: &str, credits: i64) -> Answer {
    let body = json!({ "account_id": account, "credits": credits, "reason": "to be spent" });
    post(address, "/api/billing/grants", key, idempotency, &body).await.expect("an answer")
}

/// Opens a developer's account under an idempotency key and returns its id.
pub async fn open(address: &str, key: &str, idempotency: &str) -> String {
    let body = json!({ "customer_name": "House", "tier": "developer" });
    let answer = post(address, "/api/billing/account", key, idempotency, &body).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["account_id"].as_str().expect("an id").to_owned()
}
