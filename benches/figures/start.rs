//! The real program as a process of its own: how soon it gives its first durable answer, and what it needs when idle.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ROUNDS;
use crate::house::{directory, solver};
use crate::table::{Goal, Line, Table};

/// How long a server is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(3);

/// A server process; dropping it kills it.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _dead_already = self.child.kill();
        let _waited = self.child.wait();
    }
}

pub fn measure(table: &mut Table) {
    let directory = directory();
    let database = directory.path().join("start.db").to_string_lossy().into_owned();
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aethel"));
        command.args(arguments).env_remove("DATABASE_URL").env_remove("STRIPE_SECRET_KEY").envs([
            ("AETHEL_ADDR", "127.0.0.1:0"),
            ("AETHEL_SANDBOX_ADDR", "127.0.0.1:0"),
            ("AETHEL_SANDBOX_STATE", "off"),
            ("AETHEL_Z3", &solver()),
            ("BILLING_DB_PATH", &database),
        ]);
        command
    };
    let made = command(&["keys", "create", "--operator", "--name", "bench"]).output().expect("the program runs");
    let key = String::from_utf8(made.stdout).expect("text").trim().to_owned();
    let first = serve(command(&["serve"]));
    let open = json!({ "customer_name": "Bench", "tier": "developer" });
    let account = post(&first.address, "/api/billing/account", &key, "open", &open)["account_id"].clone();
    let gift = json!({ "account_id": account, "credits": 1_000, "reason": "to be spent" });
    post(&first.address, "/api/billing/grants", &key, "gift", &gift);
    drop(first);
    let charge = json!({ "account_id": account, "operation": "proof_verification", "quantity": 1, "metadata": {} });
    let (mut millis, mut resident, mut solvers) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let begun = Instant::now();
        let server = serve(command(&["serve"]));
        let answer = post(&server.address, "/api/billing/charges", &key, &format!("charge-{round}"), &charge);
        millis.push(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        assert_eq!(answer["success"], true, "{answer}");
        std::thread::sleep(IDLE);
        resident.extend(resident_mib(server.child.id()));
        solvers.push(children(server.child.id()).into_iter().filter_map(resident_mib).sum());
    }
    let method = "the program's process starts on a ledger that exists, its solvers with it: until the answer to a \
                  charge over HTTP, which is on the disk";
    table.value(&Line { figure: "F12", method, unit: " ms", goal: Goal::AtMost(100) }, &millis);
    let method = "its resident memory, three seconds after that charge";
    if resident.is_empty() {
        table.not_measured("F12", method, "this system has no /proc");
    } else {
        table.value(&Line { figure: "F12", method, unit: " MiB", goal: Goal::AtMost(40) }, &resident);
        table.note(format!("F12: its two idle solver processes have {} MiB together", crate::table::median(solvers)));
    }
}

/// Starts a server and waits until it says where it listens.
fn serve(mut command: Command) -> Server {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let address =
        lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
    Server { child, address: address.expect("the server says where it listens") }
}

fn post(address: &str, path: &str, key: &str, idempotency: &str, body: &Value) -> Value {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nidempotency-key: {idempotency}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    serde_json::from_str(body).expect("JSON")
}

/// Where the system tells: the memory of a process that is in the machine's.
fn resident_mib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib.div_ceil(1_024))
}

fn children(process: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}
