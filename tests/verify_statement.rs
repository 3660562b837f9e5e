//! `aethel verify-statement` as an auditor types it: what it says, and how it exits.
#![cfg(feature = "ssr")]

use std::path::PathBuf;
use std::process::{Command, Output};

/// A statement that was signed with the key of the published test vector.
const FILE: &str = include_str!("../src/ledger/testdata/statement.json");
const KEY: &str = include_str!("../src/ledger/testdata/receipt.key");

fn verify(text: &str, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let path: PathBuf = directory.path().join("statement.json");
    std::fs::write(&path, text).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_aethel"));
    command.arg("verify-statement").arg(&path).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_whole_file_is_signed_by_its_key_and_exits_with_success() {
    let (public, id) = KEY.trim_end().split_once('\n').expect("a key and its id");
    for arguments in [&[][..], &["--key", public]] {
        let output = verify(FILE, arguments);
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains(&format!("signed by key {id}")), "{}", said(&output));
        assert!(said(&output).contains("0 faults"));
    }
}

#[test]
fn a_changed_file_and_another_key_are_named_and_exit_with_failure() {
    let output = verify(&FILE.replace("\"memo\": \"{}\"", "\"memo\": \"{ }\""), &[]);
    assert!(!output.status.success());
    for sentence in ["the signature does not hold", "entry 11: the entry is not what was sealed"] {
        assert!(said(&output).contains(sentence), "{}", said(&output));
    }
    let output = verify(FILE, &["--key", &"5e".repeat(32)]);
    assert!(!output.status.success() && said(&output).contains("it is signed by key"), "{}", said(&output));
}

#[test]
fn what_is_no_file_or_no_key_is_told_in_a_sentence() {
    let output = verify("{", &[]);
    assert!(
        !output.status.success() && said(&output).contains("the file cannot be read as a statement"),
        "{}",
        said(&output)
    );
    let output = verify(FILE, &["--key", "5e"]);
    assert!(!output.status.success() && said(&output).contains("64 hexadecimal digits"), "{}", said(&output));
    let missing = Command::new(env!("CARGO_BIN_EXE_aethel")).args(["verify-statement", "/nowhere"]).output();
    let missing = missing.expect("the program runs");
    assert!(!missing.status.success() && said(&missing).contains("cannot read /nowhere"), "{}", said(&missing));
}
