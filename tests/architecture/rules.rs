//! The rules, each a pure function from a file to the sentences it earns.

use crate::reading::{self, Mention, Source};
use crate::tokens;
use crate::{
    BEFORE_A_TABLE, BODY_MAX, CONFINED, EXACT, FEATURES_ANYWHERE, LEDGER_SQL, LEDGER_TABLES, LINES_MAX, PURE, ROOMS,
    SEEN_OF_SERVER, SQL_FILES, TEST_FILES, TEST_SQL_FILES, WITHOUT_STORE,
};

/// What a pure room may not name: the world outside, the time, and chance.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time",
    "tokio",
    "futures",
    "rand",
    "getrandom",
    "uuid",
    "jiff",
    "rusqlite",
    "sqlx",
    "axum",
    "hyper",
    "tower",
    "tracing",
    "leptos",
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    // Of ulid, what asks the clock or chance by itself.
    "ulid::Ulid::generate",
    "ulid::Ulid::with_source",
    "ulid::Ulid::from_datetime",
    "ulid::Ulid::from_datetime_with_source",
    "ulid::Generator",
];

/// Every sentence a file under `src/` earns.
pub fn broken_in(source: &Source) -> Vec<String> {
    let mentions = reading::mentions(source);
    let mut sentences = Vec::new();
    sentences.extend(unknown_room(source));
    for mention in &mentions {
        let said = [
            arrows(source, mention),
            server_parts(source, mention),
            stores(source, mention),
            sql_text(source, mention),
            purity(source, mention),
            confined(source, mention),
        ];
        let name = mention.path.join("::");
        let told =
            said.into_iter().flatten().map(|rule| format!("src/{}:{}: `{name}`: {rule}", source.path, mention.line));
        sentences.extend(told);
    }
    sentences.extend(by_token(source));
    sentences.extend(long_server_functions(source));
    sentences.extend(ledger_tables(source));
    sentences.dedup();
    sentences
}

pub fn too_long(directory: &str, source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > LINES_MAX).then(|| {
        format!(
            "{directory}/{}: {lines} lines; a file has at most {LINES_MAX}, so that it can be read at once",
            source.path
        )
    })
}

fn at_top(source: &Source) -> bool {
    matches!(source.path.as_str(), "lib.rs" | "main.rs")
}

fn unknown_room(source: &Source) -> Option<String> {
    let known = at_top(source) || ROOMS.iter().any(|(room, _)| *room == source.room());
    (!known).then(|| {
        format!(
            "src/{}: `{}` is not a room of the house; the rooms are in the table of tests/architecture.rs",
            source.path,
            source.room()
        )
    })
}

/// The room of ours that a mention names, if it names one other than the file's own.
fn other_room<'a>(source: &Source, mention: &'a Mention) -> Option<&'a str> {
    let [first, room, ..] = mention.path.as_slice() else {
        return None;
    };
    let ours = first == "crate" && ROOMS.iter().any(|(name, _)| name == room);
    (ours && !at_top(source) && room != source.room()).then_some(room.as_str())
}

fn arrows(source: &Source, mention: &Mention) -> Option<String> {
    let seen = other_room(source, mention)?;
    let (room, allowed) = ROOMS.iter().find(|(room, _)| *room == source.room())?;
    (!allowed.contains(&seen)).then(|| match allowed {
        [] => format!("arrows point one way: {room} sees nothing of ours"),
        _ => format!("arrows point one way: {room} sees only {}", allowed.join(", ")),
    })
}

fn server_parts(source: &Source, mention: &Mention) -> Option<String> {
    let (room, parts) = SEEN_OF_SERVER.iter().find(|(room, _)| *room == source.room())?;
    let part = mention.path.get(2).map_or("", String::as_str);
    let refused = other_room(source, mention)? == "server" && !parts.contains(&part);
    refused.then(|| format!("{room} sees of the server only {}", parts.join(" and ")))
}

fn stores(source: &Source, mention: &Mention) -> Option<String> {
    let own = source.room();
    let room = other_room(source, mention)?;
    if mention.path.get(2).map(String::as_str) != Some("store") {
        return None;
    }
    if WITHOUT_STORE.contains(&own) {
        return Some(format!("{own} never reaches into a store; it asks the service"));
    }
    (room != "billing" && own != "server").then(|| format!("the store of {room} is its own; only billing's is shared"))
}

/// Statements pass between rooms; their text is written in store files alone, and by tests that spoil a row.
fn sql_text(source: &Source, mention: &Mention) -> Option<String> {
    let is_test = TEST_SQL_FILES.contains(&source.file_name()) || source.path.contains("/tests/");
    let in_store = source.path.contains("/store/") || SQL_FILES.contains(&source.file_name()) || is_test;
    let names_sql = mention.path.starts_with(&["crate", "billing", "store", "Sql"].map(String::from));
    (names_sql && !in_store).then(|| "SQL is written in store files alone".to_string())
}

fn purity(source: &Source, mention: &Mention) -> Option<String> {
    let room = PURE.iter().find(|room| **room == source.room())?;
    let name = mention.path.join("::");
    let impure = IMPURE.iter().any(|banned| name == *banned || name.starts_with(&format!("{banned}::")));
    let in_test = TEST_FILES.contains(&source.file_name());
    (impure && !in_test).then(|| format!("{room} is pure: no I/O, no time, no randomness"))
}

fn confined(source: &Source, mention: &Mention) -> Option<String> {
    let krate = mention.path.first()?;
    let (name, places) = CONFINED.iter().find(|(name, _)| krate == name || krate.starts_with(&format!("{name}_")))?;
    let allowed = at_top(source) || places.iter().any(|place| source.path.starts_with(place));
    (!allowed).then(|| format!("{name} stays in {}", places.join(", ")))
}

/// The rules about single words: floats, `async` in a pure room, and features.
fn by_token(source: &Source) -> Vec<String> {
    let tokens = tokens::tokens(&source.text);
    let place = |line: usize| format!("src/{}:{line}", source.path);
    let mut sentences = Vec::new();
    for token in &tokens {
        let number = token.text.starts_with(|c: char| c.is_ascii_digit());
        let float = matches!(token.text.as_str(), "f32" | "f64")
            || number
                && (token.text.contains('.')
                    || !token.text.starts_with("0x") && (token.text.ends_with("f32") || token.text.ends_with("f64")));
        if float && EXACT.contains(&source.room()) {
            sentences.push(format!(
                "{}: `{}`: {} counts exactly: no floats",
                place(token.line),
                token.text,
                source.room()
            ));
        }
        if token.text == "async" && PURE.contains(&source.room()) {
            sentences.push(format!("{}: `async`: {} is pure: it waits for nothing", place(token.line), source.room()));
        }
    }
    if FEATURES_ANYWHERE.contains(&source.path.as_str()) {
        return sentences;
    }
    for gate in reading::gates(&tokens) {
        let head_of_page =
            source.room() == "app" && gate.at_head && matches!(gate.before.as_str(), "use" | "const" | "file");
        if gate.before != "mod" && !head_of_page {
            sentences.push(format!(
                "{}: cfg(feature) before `{}`: it stands on `mod` lines, in main.rs, and at the head of a page's server functions",
                place(gate.line),
                gate.before
            ));
        }
    }
    sentences
}

/// A server function authenticates, reads, calls one use case and answers: what is longer belongs to `app/present`.
fn long_server_functions(source: &Source) -> Vec<String> {
    let long = reading::server_functions(&tokens::tokens(&source.text)).into_iter().filter(|one| one.lines > BODY_MAX);
    long.map(|function| {
        format!(
            "src/{}:{}: `{}`: {} lines; a server function's body has at most {BODY_MAX}, the rest goes to app/present",
            source.path, function.line, function.name, function.lines
        )
    })
    .collect()
}

/// SQL that names one of the ledger's tables. Tests may: they plant faults and look for them.
fn ledger_tables(source: &Source) -> Vec<String> {
    let is_test = TEST_SQL_FILES.contains(&source.file_name()) || source.path.contains("/tests/");
    if is_test || source.path.starts_with(LEDGER_SQL) {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    for text in tokens::texts(&source.text) {
        let lower = text.text.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            if BEFORE_A_TABLE.contains(&pair[0]) && LEDGER_TABLES.contains(&pair[1]) {
                let (path, line, table) = (&source.path, text.line, pair[1]);
                sentences.push(format!("src/{path}:{line}: `{table}`: the ledger's tables stand only in {LEDGER_SQL}"));
            }
        }
    }
    sentences
}
