//! `kill -9` under load: what was acknowledged is there, what was retried is there once, and the audit finds nothing.
#![cfg(feature = "ssr")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aethel::billing::store::{Database, Sql, Statement};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CYCLES: u32 = 6;
/// The server is killed in the middle of the load, once this many charges were acknowledged.
const ACKNOWLEDGED: u32 = 40;
/// Charges take milliseconds; this only ends a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(120);
const CONNECTIONS: u32 = 8;
const CREDITS: i64 = 1_000_000;
/// The entry that is forged in the end.
const FORGED: i64 = 7;

/// The settings of one house, which outlives the processes that serve it.
struct House {
    settings: Vec<(&'static str, String)>,
    _directory: tempfile::TempDir,
}

impl House {
    fn new(database: Option<String>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let solver = setting("AETHEL_Z3").unwrap_or_else(|| "z3".into());
        let mut settings = vec![
            ("AETHEL_ADDR", "127.0.0.1:0".to_owned()),
            ("AETHEL_SANDBOX_ADDR", "127.0.0.1:0".to_owned()),
            ("AETHEL_Z3", solver),
            ("AETHEL_SOLVERS", "1".to_owned()),
            ("BILLING_DB_PATH", directory.path().join("crash.db").to_string_lossy().into_owned()),
        ];
        settings.extend(database.map(|url| ("DATABASE_URL", url)));
        Self { settings, _directory: directory }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aethel"));
        command.args(arguments).env_remove("DATABASE_URL").env_remove("STRIPE_SECRET_KEY");
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Changes the memo of one entry behind the program's back.
    async fn forge_a_memo(&self, account: &str) {
        let setting =
            |name: &str| self.settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let database = match setting("DATABASE_URL") {
            Some(url) => Database::connect_postgres(&url).await,
            None => Database::open_sqlite(setting("BILLING_DB_PATH").expect("a file").as_ref()).await,
        };
        let database = database.expect("the ledger opens");
        let forge = Sql::both("update entries set memo = 'forged' where account_id = $1 and seq = $2");
        let forged = database.write(vec![Statement::new(forge, vec![account.into(), FORGED.into()])]).await;
        assert_eq!(forged.expect("it is written"), [1]);
        database.close().await;
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Starts the server and waits until it says where it listens.
    fn serve(&self) -> (Child, String) {
        let mut child =
            self.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let address =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        (child, address.expect("the server says where it listens"))
    }
}

#[expect(clippy::disallowed_methods, reason = "settings that tests take from outside")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Posts JSON on a connection of its own; nothing when the server went away first.
async fn post(address: &str, path: &str, key: &str, idempotency: &str, body: &Value) -> Option<(String, Value)> {
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
    let status = head.split(' ').nth(1)?.to_owned();
    Some((status, serde_json::from_str(body).ok()?))
}

/// Charges without a pause until the server is gone. Returns every key tried, with the entry if it was acknowledged.
async fn hammer(
    address: String,
    key: String,
    account: String,
    name: String,
    count: Arc<AtomicU32>,
) -> Vec<(String, Option<Value>)> {
    let mut tried = Vec::new();
    for number in 0.. {
        let idempotency = format!("{name}-{number}");
        let answer = post(&address, "/api/billing/charges", &key, &idempotency, &charge(&account)).await;
        let acknowledged = answer.map(|(status, body)| {
            assert_eq!(status, "200", "{body}");
            count.fetch_add(1, Ordering::Relaxed);
            body["transaction_id"].clone()
        });
        let gone = acknowledged.is_none();
        tried.push((idempotency, acknowledged));
        if gone {
            break;
        }
    }
    tried
}

fn charge(account: &str) -> Value {
    json!({ "account_id": account, "operation": "proof_verification", "quantity": 1, "metadata": {} })
}

async fn survive(house: House) {
    let key = String::from_utf8(house.run(&["keys", "create", "--operator", "--name", "crash"]).stdout).expect("text");
    let key = key.trim().to_owned();
    let (mut child, mut address) = house.serve();
    let open = json!({ "customer_name": "Crash", "tier": "developer" });
    let account =
        post(&address, "/api/billing/account", &key, "open", &open).await.expect("an answer").1["account_id"].clone();
    let account = account.as_str().expect("an id").to_owned();
    let grant = json!({ "account_id": account, "credits": CREDITS, "reason": "to be spent" });
    assert_eq!(post(&address, "/api/billing/grants", &key, "grant", &grant).await.expect("an answer").0, "200");

    let mut tried = BTreeMap::new();
    for cycle in 0..CYCLES {
        let count = Arc::new(AtomicU32::new(0));
        let hammers: Vec<_> = (0..CONNECTIONS)
            .map(|index| {
                let name = format!("c{cycle}-{index}");
                tokio::spawn(hammer(address.clone(), key.clone(), account.clone(), name, Arc::clone(&count)))
            })
            .collect();
        let enough = async {
            while count.load(Ordering::Relaxed) < ACKNOWLEDGED + cycle {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, enough).await;
        assert!(in_time.is_ok(), "only {count:?} charges were acknowledged in {PATIENCE:?}");
        // On Unix this is SIGKILL: no handler runs, nothing is flushed.
        child.kill().expect("the server dies");
        child.wait().expect("the server is dead");
        for hammer in hammers {
            tried.extend(hammer.await.expect("no charge was refused"));
        }
        (child, address) = house.serve();
    }

    for (idempotency, first) in &tried {
        let answer = post(&address, "/api/billing/charges", &key, idempotency, &charge(&account)).await;
        let (status, body) = answer.expect("an answer");
        assert_eq!(status, "200", "{body}");
        if let Some(first) = first {
            assert_eq!(body["transaction_id"], *first, "an acknowledged charge was lost or done again");
        }
    }
    let one_more = post(&address, "/api/billing/charges", &key, "last", &charge(&account)).await.expect("an answer").1;
    let spent = i64::try_from(tried.len()).expect("few") + 1;
    assert_eq!(one_more["credits_remaining"], CREDITS - spent, "each key was charged exactly once");
    child.kill().expect("the server dies");
    child.wait().expect("the server is dead");
    let audit = house.run(&["audit"]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));

    house.forge_a_memo(&account).await;
    let audit = house.run(&["audit"]);
    assert_eq!(audit.status.code(), Some(1), "{audit:?}");
    let said = String::from_utf8_lossy(&audit.stdout);
    assert!(said.contains(&account) && said.contains(&format!("entry {FORGED}")), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_sqlite() {
    survive(House::new(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_postgresql() {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = setting("AETHEL_TEST_POSTGRES").expect("AETHEL_TEST_POSTGRES names a server: use `make test`");
    let schema = format!("crash_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::PgPool::connect(&server).await.expect("the server answers");
    let create = sqlx::AssertSqlSafe(format!("drop schema if exists {schema} cascade; create schema {schema}"));
    sqlx::raw_sql(create).execute(&pool).await.expect("a fresh schema");
    pool.close().await;
    let separator = if server.contains('?') { '&' } else { '?' };
    survive(House::new(Some(format!("{server}{separator}options=-csearch_path%3D{schema}")))).await;
}
