//! `aethel export` and `aethel import` as an operator runs them: from a SQLite that served to a PostgreSQL that goes on.

use std::fs;
use std::process::Output;

use crate::house::{House, charge, grant, open};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_moves_from_sqlite_to_postgresql_and_answers_as_before() {
    let old = House::sqlite();
    let key = old.operator_key();
    let mut server = old.serve();
    let account = open(&server.address, &key, "open").await;
    assert_eq!(grant(&server.address, &key, &account, "grant", 100).await.status, 200);
    let first = charge(&server.address, &key, &account, "before", 7).await.expect("an answer");
    server.kill();
    let file = old.file("ledger.jsonl");
    let path = file.to_str().expect("text");
    let exported = old.run(&["export", path]);
    assert!(exported.status.success() && said(&exported).contains("exported 1 accounts and 2 entries"), "{exported:?}");
    let again = old.run(&["export", path]);
    assert!(!again.status.success() && said(&again).contains("is there already"), "{again:?}");
    assert_eq!(
        old.run(&["export"]).stdout.split(|byte| *byte == b'\n').count(),
        fs::read_to_string(&file).expect("a dump").lines().count() + 1
    );

    let new = House::postgres().await;
    let spoilt = old.file("spoilt.jsonl");
    fs::write(&spoilt, fs::read_to_string(&file).expect("a dump").replacen("to be spent", "to be kept", 1))
        .expect("written");
    let refused = new.run(&["import", spoilt.to_str().expect("text")]);
    assert!(
        !refused.status.success() && said(&refused).contains("spoilt.jsonl: line 4: the entry is not what was sealed"),
        "{refused:?}"
    );
    let imported = new.run(&["import", path]);
    assert!(imported.status.success() && said(&imported).contains("imported 1 accounts and 2 entries"), "{imported:?}");
    let twice = new.run(&["import", path]);
    assert!(!twice.status.success() && said(&twice).contains("has 1 accounts already"), "{twice:?}");

    let key = new.operator_key();
    let server = new.serve();
    let replayed = charge(&server.address, &key, &account, "before", 7).await.expect("an answer");
    assert_eq!((replayed.status, &replayed.body["receipt"]), (200, &first.body["receipt"]));
    assert_eq!(replayed.body["replayed"], true);
    let next = charge(&server.address, &key, &account, "after", 3).await.expect("an answer");
    assert_eq!(next.body["credits_remaining"], 90);
    new.assert_audit_is_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_of_another_kernel_are_printed_with_their_new_ids() {
    let house = House::sqlite();
    let file = house.file("other.json");
    let dump = r#"{"accounts": [{"account_id": "acc-1", "customer_name": "Acme", "tier": "developer",
        "credit_balance": 75, "transactions": [{}]}]}"#;
    fs::write(&file, dump).expect("written");
    let path = file.to_str().expect("text");
    let first = said(&house.run(&["import", path]));
    assert!(first.contains("acc-1 is ACC_") && first.contains("with 75 credits\n"), "{first}");
    assert!(first.contains("1 accounts; 1 transactions of their past stay in the dump"), "{first}");
    let second = said(&house.run(&["import", path]));
    assert_eq!(second.replace(", imported before", ""), first, "the second time finds the first");
    house.assert_audit_is_clean();
    fs::write(&file, "{\"accounts\": 5}").expect("written");
    let refused = house.run(&["import", path]);
    assert!(!refused.status.success() && said(&refused).contains("neither an export of ours"), "{refused:?}");
    assert!(!house.run(&["import", "/nowhere/at-all"]).status.success());
}
