//! Every code that a problem can carry is in docs/api.md, and nothing else is in its table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files whose `fn code` names codes that reach the wire.
const CODED: [&str; 4] =
    ["src/ledger/refusal.rs", "src/hooks/mod.rs", "src/payments/mod.rs", "src/payments/reconcile/repair.rs"];
/// What the table is called.
const HEADING: &str = "## Codes";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_code(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The first text in quotes behind each place where `before` stands.
fn texts_behind(source: &str, before: &str) -> Vec<String> {
    let places = source.split(before).skip(1);
    let quoted = places.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
    quoted.map(|(text, _)| text.to_owned()).filter(|text| is_code(text)).collect()
}

/// The codes that the API's own files make.
fn made_by_the_api() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("src/api")).expect("src/api") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let source = read(&path);
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for part in source.split("StatusCode::").skip(1) {
            let behind = part.trim_start_matches(|letter: char| letter.is_ascii_uppercase() || letter == '_');
            codes.extend(
                texts_behind(behind, ",")
                    .into_iter()
                    .take(1)
                    .filter(|_| behind.trim_start_matches(',').trim_start().starts_with('"')),
            );
        }
        for call in ["try_later(", "unpaid("] {
            codes.extend(texts_behind(source, call));
        }
    }
    for file in CODED {
        let source = read(&root().join(file));
        let body = source.split_once("fn code(").map(|(_, rest)| rest).unwrap_or_default();
        let body = body.split_once("\n    }\n").map_or(body, |(body, _)| body);
        codes.extend(texts_behind(body, "=>"));
    }
    assert!(codes.len() > 50 && codes.contains("insufficient_scope") && codes.contains("hold_settled"), "{codes:?}");
    codes
}

/// The codes of the table: the first cell of each row.
fn documented() -> BTreeSet<String> {
    let text = read(&root().join("docs/api.md"));
    let table = text.split_once(HEADING).map(|(_, rest)| rest).expect("docs/api.md lists the codes");
    let table = table.split_once("\n## ").map_or(table, |(table, _)| table);
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(code, _)| code.to_owned()).collect()
}

#[test]
fn every_code_is_documented() {
    let (made, told) = (made_by_the_api(), documented());
    let missing: Vec<_> = made.difference(&told).collect();
    assert!(missing.is_empty(), "add to the table under \"{HEADING}\" in docs/api.md: {missing:?}");
}

/// Every `.rs` below a directory, as one text.
fn sources(directory: &Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&read(&path));
        }
    }
}

#[test]
fn every_test_that_the_promises_for_many_name_exists() {
    let mut all = String::new();
    for directory in ["src", "tests"] {
        sources(&root().join(directory), &mut all);
    }
    let text = read(&root().join("docs/api.md"));
    let section = text.split_once("## What holds when many ask at once").map(|(_, rest)| rest).expect("the promises");
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let tests = section.lines().filter_map(|line| line.strip_prefix("| ")?.rsplit('|').nth(1));
    let named: Vec<&str> = tests.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(all.contains(&format!("fn {name}(")), "docs/api.md names {name}, which is no test");
    }
}

#[test]
fn every_test_that_the_security_list_names_exists() {
    let mut all = String::new();
    for directory in ["src", "tests"] {
        sources(&root().join(directory), &mut all);
    }
    let list = read(&root().join("docs/security.md"));
    let tests = list.lines().filter_map(|line| line.strip_prefix("| ")?.rsplit('|').nth(1));
    let named: Vec<&str> = tests.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 50, "{named:?}");
    for name in named {
        let exists = if name.contains('/') { root().join(name).exists() } else { all.contains(&format!("fn {name}(")) };
        assert!(exists, "docs/security.md names {name}, which is no test and no file");
    }
}
