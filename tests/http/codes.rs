//! Every code that a problem can carry is in docs/api.md, and nothing else is in its table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files whose `fn code` names codes that reach the wire.
const CODED: [&str; 6] = [
    REFUSALS,
    "src/hooks/mod.rs",
    "src/payments/mod.rs",
    "src/payments/reconcile/repair.rs",
    "src/payments/subscription/work.rs",
    "src/payments/topup/work.rs",
];
/// The ledger's, whose statuses `refusal_status` gives; those that it does not name are conflicts.
const REFUSALS: &str = "src/ledger/refusal.rs";
/// The statuses that a problem can have, by their names in the source.
const STATUSES: [(&str, &str); 14] = [
    ("BAD_REQUEST", "400"),
    ("UNAUTHORIZED", "401"),
    ("PAYMENT_REQUIRED", "402"),
    ("FORBIDDEN", "403"),
    ("NOT_FOUND", "404"),
    ("METHOD_NOT_ALLOWED", "405"),
    ("CONFLICT", "409"),
    ("PAYLOAD_TOO_LARGE", "413"),
    ("UNSUPPORTED_MEDIA_TYPE", "415"),
    ("UNPROCESSABLE_ENTITY", "422"),
    ("TOO_MANY_REQUESTS", "429"),
    ("INTERNAL_SERVER_ERROR", "500"),
    ("SERVICE_UNAVAILABLE", "503"),
    ("GATEWAY_TIMEOUT", "504"),
];
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

/// A status's number by its name in the source.
fn number_of(name: &str) -> String {
    let known = STATUSES.iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("{name} is no status of a problem")).1.to_owned()
}

/// The codes that the API's own files write down, each with the status that stands before it.
fn written_by_the_api() -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for entry in std::fs::read_dir(root().join("src/api")).expect("src/api") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let source = read(&path);
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let parts: Vec<&str> = source.split("StatusCode::").collect();
        for (before, part) in parts.iter().zip(parts.iter().skip(1)) {
            // The status that an arm of a match gives is followed by the next arm's code.
            if before.ends_with("=> ") {
                continue;
            }
            let behind = part.trim_start_matches(|letter: char| letter.is_ascii_uppercase() || letter == '_');
            let name = part.strip_suffix(behind).unwrap_or_default();
            let code = texts_behind(behind, ",").into_iter().next();
            let code = code.filter(|_| behind.trim_start_matches(',').trim_start().starts_with('"'));
            pairs.extend(code.map(|code| (code, number_of(name))));
        }
        for (call, status) in [("try_later(", "503"), ("unpaid(", "402")] {
            pairs.extend(texts_behind(source, call).into_iter().map(|code| (code, status.to_owned())));
        }
    }
    pairs
}

/// The codes that a file's `fn code` names.
fn coded_in(file: &str) -> Vec<String> {
    let source = read(&root().join(file));
    let body = source.split_once("fn code(").map(|(_, rest)| rest).unwrap_or_default();
    let body = body.split_once("\n    }\n").map_or(body, |(body, _)| body);
    texts_behind(body, "=>")
}

/// The ledger's refusals with their statuses.
fn refused_by_the_ledger() -> Vec<(String, String)> {
    let source = read(&root().join("src/api/problem.rs"));
    let body = source.split_once("fn refusal_status(").expect("the statuses of refusals").1;
    let body = body.split_once("\n}\n").map_or(body, |(body, _)| body);
    let mut named: BTreeMap<&str, String> = BTreeMap::new();
    for arm in body.split("StatusCode::").collect::<Vec<_>>().windows(2) {
        let name: String = arm[1].chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == '_').collect();
        named.extend(arm[0].split('"').skip(1).step_by(2).map(|code| (code, number_of(&name))));
    }
    assert!(named.len() > 5, "{named:?}");
    let conflict = || "409".to_owned();
    let status = |code: String| {
        let status = named.get(code.as_str()).cloned().unwrap_or_else(conflict);
        (code, status)
    };
    coded_in(REFUSALS).into_iter().map(status).collect()
}

/// The codes that the API can answer with.
fn made_by_the_api() -> BTreeSet<String> {
    let mut codes: BTreeSet<String> = written_by_the_api().into_iter().map(|(code, _)| code).collect();
    codes.extend(CODED.into_iter().flat_map(coded_in));
    assert!(codes.len() > 50 && codes.contains("insufficient_scope") && codes.contains("hold_settled"), "{codes:?}");
    codes
}

/// The rows of the table: each code with its status.
fn documented() -> BTreeMap<String, String> {
    let text = read(&root().join("docs/api.md"));
    let table = text.split_once(HEADING).map(|(_, rest)| rest).expect("docs/api.md lists the codes");
    let table = table.split_once("\n## ").map_or(table, |(table, _)| table);
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let status = |rest: &str| rest.split('|').next().unwrap_or_default().trim().to_owned();
    rows.map(|(code, rest)| (code.to_owned(), status(rest))).collect()
}

#[test]
fn every_code_is_documented() {
    let (made, told) = (made_by_the_api(), documented());
    let missing: Vec<_> = made.iter().filter(|code| !told.contains_key(*code)).collect();
    assert!(missing.is_empty(), "add to the table under \"{HEADING}\" in docs/api.md: {missing:?}");
}

#[test]
fn every_code_has_the_status_that_is_documented() {
    let told = documented();
    let pairs = [written_by_the_api(), refused_by_the_ledger()].concat();
    assert!(pairs.len() > 50, "{pairs:?}");
    let wrong: Vec<_> =
        pairs.iter().filter(|(code, status)| told.get(code).is_some_and(|said| said != status)).collect();
    assert!(wrong.is_empty(), "docs/api.md says otherwise of these: {wrong:?}");
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
