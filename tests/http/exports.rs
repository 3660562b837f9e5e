//! Exports: whole, in order, proving the balance, safe to open, and for signed-in people by a plain link.

use aethel::ledger::{Command, Credits, Operation};
use axum::http::Method;
use serde_json::Value;

use crate::support::{Answer, Client, Customer, client, client_on_postgres};

const MANY: usize = 20_000;

async fn export(client: &Client, customer: &Customer, what: &str, query: &str) -> Answer {
    client.get(&customer.key, &format!("/api/billing/{what}/{}/export?{query}", customer.account)).await
}

/// The lines after the first, each as its cells; none of these has a quoted cell but the last columns.
fn table(answer: &Answer) -> (Vec<&str>, Vec<Vec<&str>>) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.body.as_str().expect("a text");
    let mut lines = text.split_terminator("\r\n").map(|line| line.split(',').collect::<Vec<_>>());
    (lines.next().expect("the columns"), lines.collect())
}

fn charge(quantity: i64) -> Command {
    Command::Charge { operation: Operation::ProofVerification, quantity, at_most: None, metadata: String::new() }
}

/// Exports so many charges and checks that nothing is missing, twice or out of order.
async fn export_many(client: &Client, count: usize) {
    let credits = i64::try_from(count).expect("small") + 7;
    let customer = client.open_with("developer", credits).await;
    for _ in 0..count / 2_000 {
        client.submit_all(&customer.account, vec![charge(1); 2_000]);
    }
    let answer = export(client, &customer, "entries", "format=csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let name = format!("attachment; filename=\"aethel-entries-{}.csv\"", customer.account);
    assert_eq!(answer.header("content-disposition"), name);
    let (columns, rows) = table(&answer);
    let column = |name: &str| columns.iter().position(|column| *column == name).expect("a column");
    assert_eq!(rows.len(), count + 1);
    let number = |row: &Vec<&str>, name: &str| row[column(name)].parse::<i64>().expect("a number");
    let mut balance = 0;
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!((number(row, "seq"), row.len()), (seq, columns.len()));
        balance += number(row, "change");
        assert_eq!(number(row, "balance_after"), balance, "the sum proves every balance");
    }
    assert_eq!(client.balance(&customer.account).await, balance);
    for pair in rows.windows(2) {
        assert_eq!(pair[0][column("hash")], pair[1][column("previous_hash")]);
    }
    let json = export(client, &customer, "entries", "format=json").await;
    assert_eq!(json.header("content-type"), "application/json");
    let entries = json.body.as_array().expect("an array");
    assert_eq!(entries.len(), rows.len());
    let same = |(entry, row): (&Value, &Vec<&str>)| entry["hash"] == row[column("hash")];
    assert!(entries.iter().zip(&rows).all(same));
}

#[tokio::test]
async fn twenty_thousand_entries_are_exported_whole_and_prove_the_balance() {
    export_many(&client(), MANY).await;
}

#[tokio::test]
async fn postgresql_exports_alike() {
    let client = client_on_postgres();
    export_many(&client, 2_000).await;
    usage_and_grants_are_exported(&client).await;
}

async fn usage_and_grants_are_exported(client: &Client) {
    let customer = client.open_with("developer", 50).await;
    client.charge(&customer, "proof_verification", 3).await;
    client.charge(&customer, "conservation_oracle", 2).await;
    let usage = export(client, &customer, "usage", "zone=Australia/Lord_Howe&days=366").await;
    let (columns, rows) = table(&usage);
    assert_eq!(columns, ["day", "operation", "key_id", "charges", "quantity", "credits"]);
    let told: Vec<&[&str]> = rows.iter().map(|row| &row[3..]).collect();
    assert_eq!(told, [["1", "2", "10"], ["1", "3", "3"]]);
    let one = export(client, &customer, "usage", "format=json&operation=conservation_oracle").await;
    assert_eq!((one.body.as_array().map(Vec::len), &one.body[0]["credits"]), (Some(1), &10.into()));
    let grants = export(client, &customer, "grants", "format=csv").await;
    let (columns, rows) = table(&grants);
    assert_eq!((columns[2], columns[3], columns[11]), ("size", "remaining", "spending_rank"));
    assert_eq!((rows[0][2], rows[0][3], rows[0][11], rows.len()), ("50", "37", "1", 1));
    let json = export(client, &customer, "grants", "format=json").await;
    assert_eq!(json.body[0]["remaining"], 37);
}

#[tokio::test]
async fn usage_and_grants_are_tables_too() {
    usage_and_grants_are_exported(&client()).await;
}

#[tokio::test]
async fn an_account_without_entries_is_a_table_without_rows() {
    let client = client();
    let customer = client.open("developer").await;
    assert_eq!(table(&export(&client, &customer, "entries", "").await).1.len(), 0);
    assert_eq!(export(&client, &customer, "usage", "format=json").await.body, serde_json::json!([]));
}

#[tokio::test]
async fn a_memo_that_a_spreadsheet_would_calculate_is_made_harmless() {
    let client = client();
    let customer = client.open("developer").await;
    let grant = "GRT_01J9ZQ3V5R8N2M4K6T7W8X9YAB".parse().expect("an id");
    let reason = "=HYPERLINK(\"http://evil.example\",\"click\")".to_owned();
    let credits = Credits::new(3).expect("small");
    client.submit_all(&customer.account, vec![Command::Grant { grant, credits, reason, expires_at: None }]);
    let answer = export(&client, &customer, "entries", "").await;
    let text = answer.body.as_str().expect("a text");
    assert!(text.contains(",\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"click\"\")\","), "{text}");
    let json = export(&client, &customer, "entries", "format=json").await;
    assert_eq!(json.body[0]["memo"], "=HYPERLINK(\"http://evil.example\",\"click\")", "a program gets it as it is");
}

#[tokio::test]
async fn a_signed_in_person_downloads_by_a_plain_link_and_nobody_else_does() {
    let client = client();
    let (account, cookie) = client.person();
    let get =
        async |path: &str, cookie: &str| client.send(client.request(Method::GET, path).header("cookie", cookie)).await;
    let answer = get("/export/entries.csv", &cookie).await;
    let (columns, rows) = table(&answer);
    assert_eq!((columns[0], rows.len(), rows[0][3]), ("seq", 1, "grant"));
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"aethel-entries-{account}.csv\""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(get("/export/grants.json", &cookie).await.body[0]["size"], 10);
    let usage = get("/export/usage.csv?days=7&zone=Europe/Berlin&operation=ghost_identity&key=none", &cookie).await;
    assert_eq!(table(&usage).1.len(), 0);
    assert_eq!(get("/export/usage.csv?zone=Nowhere", &cookie).await.problem(), (422, "invalid_field"));
    for (file, page) in [("entries.csv", "/ledger"), ("grants.csv", "/ledger"), ("usage.json", "/usage")] {
        for stranger in ["", "aethel=", "aethel=not-a-session", &cookie.replace("aethel=", "other=")] {
            let answer = get(&format!("/export/{file}"), stranger).await;
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, format!("/signin?next={page}").as_str()),
                "{file}"
            );
        }
    }
    for unknown in ["/export/entries", "/export/entries.xlsx", "/export/secrets.csv", "/export/entries.csv.json"] {
        assert_eq!(get(unknown, &cookie).await.status, 404, "{unknown}");
    }
}
