//! Moving between both stores and back, and every way a dump can be spoilt.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{MoveError, export, import, import_foreign};
use crate::billing::store::testing::{databases, postgres, sqlite};
use crate::billing::store::{self, Database, Sql, Statement};
use crate::billing::{AuditReport, Kernel, KernelError, NewAccount, Order, prices_from};
use crate::ledger::testing::{CountingIds, ManualClock};
use crate::ledger::{AccountId, Cents, Clock, Command, Credits, HoldId, KeyId, Operation, PriceBook, PurchaseId, Tier};

fn credits(amount: i64) -> Credits {
    Credits::new(amount).unwrap()
}

fn kernel_over(database: &Database, clock: &Arc<ManualClock>) -> Kernel {
    let prices = prices_from(PriceBook::STANDARD).unwrap();
    Kernel::start(database.clone(), prices, clock.clone(), Arc::new(CountingIds::default()))
}

fn charge(quantity: i64) -> Command {
    let metadata = "{\"für\":\"Ümläut\\n\"}".into();
    Command::Charge { operation: Operation::ProofVerification, quantity, at_most: None, metadata }
}

/// Lives through everything that leaves a row, and returns the two accounts.
async fn live(kernel: &Kernel, clock: &ManualClock) -> [AccountId; 2] {
    let mut accounts = Vec::new();
    for name in ["Acme \"Λ\"", "Beta"] {
        let new = NewAccount { name: name.into(), tier: Tier::Free, free: credits(10) };
        accounts.push(kernel.open(new, &format!("open {name}"), None).await.unwrap().account);
    }
    let account = accounts[0];
    let key = KeyId::from_ulid(ulid::Ulid::from_parts(1, 1));
    let purchase = PurchaseId::from_ulid(ulid::Ulid::from_parts(1, 1));
    let hold = |hold, seconds| Command::Hold {
        hold,
        operation: Operation::ConservationOracle,
        quantity: 2,
        at_most: None,
        expires_at: clock.now().plus_seconds(seconds),
        metadata: "{}".into(),
    };
    let (open, done) = (kernel.next_hold(), kernel.next_hold());
    let paid = Cents::new(1_000).unwrap();
    let expires_at = Some(clock.now().plus_days(1));
    let commands = [
        Command::Purchase { grant: kernel.next_grant(), purchase, credits: credits(100), paid },
        Command::Grant { grant: kernel.next_grant(), credits: credits(7), reason: "gift".into(), expires_at },
        Command::SetBudgets { day: Some(credits(500)), month: None },
        Command::SetKeyBudget { key, month: Some(credits(900)), used: credits(1) },
        hold(open, 86_400 * 30),
        hold(done, 3_600),
        Command::Capture { hold: done, amount: Some(credits(4)), metadata: "{}".into() },
        Command::Reverse { purchase, credits: credits(60), reason: "disputed".into() },
        Command::Reinstate { purchase, credits: credits(20), reason: "won".into() },
        Command::Take { credits: credits(2), reason: "too many".into() },
    ];
    for (index, command) in commands.into_iter().enumerate() {
        let order = Order::new(account, format!("step {index}"), command).with_key(Some(key));
        kernel.submit(order).await.unwrap();
    }
    let spent = kernel.submit(Order::new(account, "spent", charge(5)).with_key(Some(key))).await.unwrap();
    let back = Command::Refund { charge: spent.transaction.unwrap(), credits: Some(credits(3)), reason: "so".into() };
    kernel.submit(Order::new(account, "back", back)).await.unwrap();
    kernel.submit(Order::new(accounts[1], "spent", charge(10))).await.unwrap();
    arrange(kernel, account, open).await;
    clock.advance(2 * 86_400);
    kernel.settle_due().await.unwrap();
    [accounts[0], accounts[1]]
}

/// A row in each table beside the ledger's own, and an idempotency key that was claimed for a purchase.
async fn arrange(kernel: &Kernel, account: AccountId, hold: HoldId) {
    let rows = [
        Sql::both("insert into requests values ($1, 'web:bought', 'purchase', 'null', 1)"),
        Sql::both("insert into suspensions values ($1, 'api:s', 1, 'looked stolen', null, 1)"),
        Sql::both("insert into quotes values ('QUO_1', $1, 'api:q', 'state_storage', 1, 1, 1, 1, 1, 2)"),
        Sql::both(
            "insert into recurring_grants values
               ('REC_1', $1, 'api:r', 5, 'month', 1, null, 30, 'a gift', null, 1, null, 0, 99999999999999)",
        ),
        Sql::both("insert into alert_settings values ($1, 20, 1, 0)"),
        Sql::both("insert into alerts values ($1, 'low_balance', 1, 0, 1, null)"),
    ];
    let mut statements: Vec<Statement> =
        rows.into_iter().map(|sql| Statement::new(sql, vec![account.to_string().into()])).collect();
    let placed = Sql::both("insert into placed_holds values ($1, $2)");
    statements.push(Statement::new(placed, vec![hold.to_string().into(), account.to_string().into()]));
    let key = Sql::both("insert into signing_keys values ('SIG_2P8XDAEN338X6051EZBPZJQJNQ', 'ab', 'cd', 1, null)");
    statements.push(Statement::new(key, Vec::new()));
    kernel.database().write(statements).await.unwrap();
    kernel.keep_prices().await.unwrap();
}

async fn dump(database: &Database) -> String {
    let mut out = Vec::new();
    export(database, ManualClock::default().now(), &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// A lived-in SQLite, and what it exports.
async fn lived_in() -> (Database, Arc<ManualClock>, [AccountId; 2], String) {
    let (database, clock) = (sqlite().await, Arc::new(ManualClock::default()));
    let accounts = live(&kernel_over(&database, &clock), &clock).await;
    let text = dump(&database).await;
    (database, clock, accounts, text)
}

async fn is_empty(database: &Database) -> bool {
    let tables = Sql::both("select (select count(*) from accounts) + (select count(*) from requests)");
    database.fetch_one(tables, Vec::new()).await.unwrap().unwrap().int(0).unwrap() == 0
}

/// The rows, in an order that does not depend on how a database sorts text.
fn rows(dump: &str) -> Vec<&str> {
    let lines: Vec<&str> = dump.lines().collect();
    let mut rows = lines[1..lines.len() - 1].to_vec();
    rows.sort_unstable();
    rows
}

#[tokio::test]
async fn a_ledger_moves_to_postgresql_and_back_and_nothing_differs() {
    let (first, clock, accounts, text) = lived_in().await;
    for table in store::sections().iter().map(store::Section::name) {
        assert!(text.contains(&format!("{{\"{table}\":{{")), "{table} has no row, so nothing is shown of it");
    }
    let second = postgres().await;
    let counts = import(&second, text.as_bytes()).await.unwrap();
    assert_eq!((counts.accounts, counts.rows), (2, u64::try_from(rows(&text).len()).unwrap()));
    let between = dump(&second).await;
    assert_eq!(rows(&between), rows(&text));
    let third = sqlite().await;
    import(&third, between.as_bytes()).await.unwrap();
    assert_eq!(rows(&dump(&third).await), rows(&text));
    let mut answers = Vec::new();
    for database in [&first, &second, &third] {
        assert_eq!(AuditReport::of(database).await.unwrap().faults, []);
        let kernel = kernel_over(database, &clock);
        let entries = kernel.entries(accounts[0], None, 500).await.unwrap();
        let again = kernel.submit(Order::new(accounts[1], "spent", charge(10))).await.unwrap();
        assert!(again.replayed);
        let other = kernel.submit(Order::new(accounts[1], "spent", charge(9))).await;
        assert_eq!(other, Err(KernelError::IdempotencyConflict));
        // Life goes on, and the next link of the chain is the same in each house.
        let next = kernel.submit(Order::new(accounts[0], "next", charge(1))).await.unwrap();
        assert_eq!(AuditReport::of(database).await.unwrap().faults, []);
        answers.push((entries, again, next));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn a_dump_goes_into_an_empty_database_only() {
    let (database, _, _, text) = lived_in().await;
    let refused = import(&database, text.as_bytes()).await;
    assert!(matches!(refused, Err(MoveError::NotEmpty { accounts: 2 })), "{refused:?}");
    assert_eq!(rows(&dump(&database).await), rows(&text));
}

#[tokio::test]
async fn an_empty_ledger_moves_too() {
    let text = dump(&sqlite().await).await;
    assert_eq!(text.lines().count(), 2);
    assert_eq!(import(&sqlite().await, text.as_bytes()).await.unwrap().rows, 0);
}

/// The same lines with a last line that fits them, so that what is wrong in them must be found by itself.
fn sealed_again(lines: &[String]) -> String {
    let body = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let digest = hex::encode(Sha256::digest(body.as_bytes()));
    let trailer = json!({ "end": { "rows": lines.len().saturating_sub(1), "sha256": digest } });
    format!("{body}{trailer}\n")
}

/// The lines without the last, and where the first row of a table is.
fn lines_of(dump: &str) -> (Vec<String>, impl Fn(&str) -> usize + use<>) {
    let mut lines: Vec<String> = dump.lines().map(str::to_owned).collect();
    lines.pop();
    let places = lines.clone();
    (lines, move |table| places.iter().position(|line| line.starts_with(&format!("{{\"{table}\""))).unwrap())
}

fn with(line: &str, table: &str, column: &str, value: Value) -> String {
    let mut row: Value = serde_json::from_str(line).unwrap();
    row[table][column] = value;
    row.to_string()
}

#[tokio::test]
async fn a_spoilt_dump_is_refused_by_line_and_reason_and_nothing_is_written() {
    let (_, _, _, text) = lived_in().await;
    let (lines, place) = lines_of(&text);
    let spoilt = |table: &str, column: &str, value: Value, why: &'static str| {
        let mut lines = lines.clone();
        let at = place(table);
        lines[at] = with(&lines[at], table, column, value);
        (sealed_again(&lines), format!("line {}: ", at + 1), why)
    };
    let without = |at: usize| {
        let mut lines = lines.clone();
        lines.remove(at);
        sealed_again(&lines)
    };
    let twice = |table: &str| {
        let mut lines = lines.clone();
        lines.insert(place(table), lines[place(table)].clone());
        sealed_again(&lines)
    };
    let entries = place("entries");
    let count = text.lines().count();
    let last = format!("line {count}: ");
    let cut = text.lines().take(count - 1).map(|line| format!("{line}\n")).collect::<String>();
    let mut changed = text.clone();
    changed = changed.replacen("Beta", "Bela", 1);
    let cases = [
        spoilt("accounts", "id", json!("ACC_x"), "id: holds"),
        spoilt("accounts", "available", serde_json::from_str("1.5").unwrap(), "available is not a whole number"),
        spoilt("accounts", "available", json!("1"), "available is not a number"),
        spoilt("accounts", "tier", json!("gold"), "tier: holds"),
        spoilt("accounts", "colour", json!("red"), "no column \"colour\""),
        spoilt("grants", "size", json!(i64::MAX), "size: is out of range"),
        spoilt("holds", "parts", json!("[1]"), "parts"),
        spoilt("entries", "amount", json!(11), "not what was sealed"),
        spoilt("entries", "previous", json!("ab".repeat(32)), "the chain is broken"),
        spoilt("requests", "outcome", json!("{}"), "outcome"),
        spoilt("usage_slots", "operation", json!("dance"), "operation"),
        (without(entries), format!("line {}: ", entries + 1), "follows entry 0"),
        (twice("entries"), format!("line {}: ", entries + 2), "follows entry 1"),
        (twice("grants"), format!("lines {} to ", place("grants") + 1), "the table grants refuses"),
        (without(place("accounts")), "lines ".into(), "refuses"),
        (without(place("usage_slots")), "the dump breaks the laws".into(), "roll-ups"),
        (without(place("grants")), "the dump breaks the laws".into(), "grant"),
        (changed, last.clone(), "the hash of the lines before is another"),
        (cut, last.clone(), "the last line is missing"),
        (format!("{text}{{}}\n"), format!("line {}: ", count + 1), "after the last one"),
        (text.trim_end().to_owned(), last, "does not end"),
        (text.replacen("\"aethel_export\":1", "\"aethel_export\":2", 1), "line 1: ".into(), "version 2"),
        (text.replacen("\"entries\"", "\"verses\"", 1), format!("line {}: ", entries + 1), "no table \"verses\""),
        (String::new(), String::new(), "empty"),
    ];
    for (name, database) in databases().await {
        for (dump, place, why) in &cases {
            let error = import(&database, dump.as_bytes()).await.expect_err(why).to_string();
            assert!(error.starts_with(place.as_str()) && error.contains(why), "{name}: {place}{why}: {error}");
            assert!(is_empty(&database).await, "{name}: {why}: something was written");
        }
        // And still the database takes the dump as it should be.
        import(&database, text.as_bytes()).await.unwrap();
    }
}

/// SplitMix64.
fn chance(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((z ^ (z >> 31)) >> 1).unwrap()
}

fn mutated(text: &str, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = text.as_bytes().to_vec();
    match chance(&mut state) % 6 {
        0 => bytes.truncate(chance(&mut state) % bytes.len()),
        1 => {
            let at = chance(&mut state) % bytes.len();
            bytes[at] = u8::try_from(chance(&mut state) % 256).unwrap();
        }
        kind => {
            let (mut lines, _) = lines_of(text);
            let (one, other) = (chance(&mut state) % lines.len(), chance(&mut state) % lines.len());
            match kind {
                2 => drop(lines.remove(one)),
                3 => lines.swap(one, other),
                4 => lines.insert(one, lines[other].clone()),
                _ => {
                    // Some digit, letter or sign within a line becomes another.
                    let mut line: Vec<char> = lines[one].chars().collect();
                    let at = chance(&mut state) % line.len();
                    line[at] = ['0', '7', '-', '"', 'x', 'ß', '{', ']'][chance(&mut state) % 8];
                    lines[one] = line.into_iter().collect();
                }
            }
            bytes = sealed_again(&lines).into_bytes();
        }
    }
    bytes
}

#[tokio::test]
async fn no_mutation_of_a_dump_panics_and_what_is_taken_in_is_lawful() {
    let (_, _, _, text) = lived_in().await;
    let (mut refused, mut taken) = (0, 0);
    let mut database = sqlite().await;
    for seed in 0..400 {
        match import(&database, mutated(&text, seed).as_slice()).await {
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty() && is_empty(&database).await, "seed {seed}: {error}");
            }
            Ok(_) => {
                // Some changes, such as one of a name, are no crime against the ledger.
                taken += 1;
                assert_eq!(AuditReport::of(&database).await.unwrap().faults, [], "seed {seed}");
                database = sqlite().await;
            }
        }
    }
    assert!(refused > 300 && taken > 0, "{refused} refused, {taken} taken");
}

#[tokio::test]
async fn accounts_of_another_kernel_come_with_their_balance_once() {
    let text = r#"{"version": 3, "accounts": [
        {"account_id": "acc-1", "customer_name": "Acme", "tier": "Fintech", "credit_balance": 75,
         "transactions": [{"id": 1}, {"id": 2}], "created_at": "2024-01-01"},
        {"account_id": "acc-2", "credit_balance": 0}]}"#;
    for (name, database) in databases().await {
        let clock = Arc::new(ManualClock::default());
        let kernel = kernel_over(&database, &clock);
        let first = import_foreign(&kernel, text).await.unwrap();
        let told: Vec<_> = first.iter().map(|one| (one.from.as_str(), one.balance.get(), one.already)).collect();
        assert_eq!(told, [("acc-1", 75, false), ("acc-2", 0, false)], "{name}");
        assert_eq!(first[0].transactions_left, 2);
        let again = import_foreign(&kernel, text).await.unwrap();
        assert!(again.iter().all(|account| account.already));
        assert_eq!((again[0].to, again[1].to), (first[0].to, first[1].to));
        let account = kernel.account(first[0].to).await.unwrap().unwrap();
        assert_eq!((account.name.as_str(), account.tier, account.available.get()), ("Acme", Tier::Fintech, 75));
        let entries = kernel.entries(first[0].to, None, 10).await.unwrap();
        assert_eq!((entries.len(), entries[0].memo.as_str()), (1, "imported from another kernel, account acc-1"));
        let changed = text.replace("75", "76");
        let refused = import_foreign(&kernel, &changed).await.unwrap_err().to_string();
        assert!(refused.starts_with("account \"acc-1\": this idempotency key was used"), "{refused}");
        assert_eq!(AuditReport::of(&database).await.unwrap().faults, []);
    }
}

#[tokio::test]
async fn a_dump_of_another_kernel_is_checked_before_anything_is_written() {
    let good = r#"{"account_id": "a", "credit_balance": 5}"#;
    let database = sqlite().await;
    let kernel = kernel_over(&database, &Arc::new(ManualClock::default()));
    for (second, why) in [
        (r#"{"account_id": "b", "credit_balance": -1}"#, "account 2 of the dump: credit_balance must be"),
        (r#"{"account_id": "b", "credit_balance": 9007199254740992}"#, "account 2 of the dump: credit_balance"),
        (r#"{"account_id": "b", "credit_balance": 1.5}"#, "neither an export of ours"),
        (r#"{"account_id": "b"}"#, "missing field `credit_balance`"),
        (r#"{"account_id": " ", "credit_balance": 5}"#, "account 2 of the dump: account_id must be"),
        (r#"{"account_id": "b", "customer_name": "x\ny", "credit_balance": 5}"#, "customer_name must be"),
        (r#"{"account_id": "b", "tier": "gold", "credit_balance": 5}"#, "no tier called \"gold\""),
        (good, "account 2 of the dump: \"a\" comes twice"),
        ("nonsense", "neither an export of ours"),
    ] {
        let text = format!("{{\"accounts\": [{good}, {second}]}}");
        let error = import_foreign(&kernel, &text).await.unwrap_err().to_string();
        assert!(error.contains(why) && error.ends_with("nothing was imported"), "{error}");
        assert!(is_empty(&database).await);
    }
}
