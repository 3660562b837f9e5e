//! The rules of the house (docs/architecture.md), read off the source and told in the rule's own sentence.
//!
//! What may see what, and who is excepted from a rule, stands in the tables here and nowhere else.
//! Knows no syntax tree: it reads tokens and paths, which is enough to see who names whom.

#[path = "architecture/planted.rs"]
mod planted;
#[path = "architecture/reading.rs"]
mod reading;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/tokens.rs"]
mod tokens;

use std::path::Path;

/// Arrows point one way: the rooms of `src/`, and the rooms each may name.
const ROOMS: &[(&str, &[&str])] = &[
    ("ledger", &[]),
    ("language", &[]),
    ("solver", &[]),
    ("billing", &["ledger"]),
    ("mail", &["billing", "ledger"]),
    ("hooks", &["billing", "ledger"]),
    ("judge", &["billing", "ledger", "language", "solver"]),
    // What the Oracle asks of a formula is what the Judge decides: it has no second way from formulas to the solver.
    ("oracle", &["billing", "judge", "ledger", "language", "solver"]),
    ("sentinel", &["billing", "ledger", "language", "solver", "mail", "hooks"]),
    ("batch", &["billing", "ledger", "language"]),
    ("payments", &["billing", "ledger", "mail", "hooks"]),
    ("identity", &["billing", "ledger", "mail", "hooks"]),
    ("paper", &["billing", "ledger", "payments"]),
    ("api", SERVICES_AND_BELOW),
    ("app", SERVICES_AND_BELOW),
    ("server", EVERYTHING),
];

const SERVICES_AND_BELOW: &[&str] = &[
    "judge", "oracle", "sentinel", "batch", "payments", "identity", "hooks", "mail", "billing", "ledger", "language",
    "paper", "server",
];

const EVERYTHING: &[&str] = &[
    "api", "app", "judge", "oracle", "sentinel", "batch", "payments", "identity", "hooks", "mail", "billing", "solver",
    "ledger", "language", "paper",
];

/// The parts of `server` that the rooms it wires may name: what a request brings with it, not how it is wired.
const SEEN_OF_SERVER: &[(&str, &[&str])] =
    &[("app", &["context", "sharing"]), ("api", &["context", "limits", "live", "sharing", "state"])];

/// Rooms that show what others decided: they ask the services and never a store.
const WITHOUT_STORE: &[&str] = &["app", "api"];

/// The same inputs give the same outputs in these, on the server and in the browser.
const PURE: &[&str] = &["ledger", "language"];

/// Tests of a pure room may measure time and use threads; the room itself may not.
const TEST_FILES: &[&str] = &["tests.rs"];

/// Statements pass between rooms as values; their text is written in files of these names, or under `store/`.
const SQL_FILES: &[&str] = &["store.rs", "tests.rs", "testing.rs"];

/// The ledger's tables, and the only place under `src/` whose SQL names them.
const LEDGER_TABLES: &[&str] =
    &["accounts", "grants", "holds", "entries", "requests", "usage_slots", "refunds", "key_budgets"];
const LEDGER_SQL: &str = "billing/store/";
/// In SQL, a table's name follows one of these.
const BEFORE_A_TABLE: &[&str] = &["from", "into", "join", "update", "table", "references"];
/// Tests plant faults in the ledger's tables and look for them.
const TEST_SQL_FILES: &[&str] = &["tests.rs", "testing.rs"];

/// Values here are whole numbers and fractions, never floats.
const EXACT: &[&str] = &["ledger", "billing", "payments", "language", "judge"];

/// Crates (by the beginning of their name) and the only places under `src/` that may name them.
const CONFINED: &[(&str, &[&str])] = &[
    ("sqlx", &["billing/store/", "billing/store.rs"]),
    ("rusqlite", &["billing/store/", "billing/store.rs"]),
    ("stripe", &["payments/"]),
    ("async_stripe", &["payments/"]),
    ("axum", &["api/", "server/", "payments/webhook", "payments/sandbox"]),
    ("leptos", &["app/", "server/"]),
    ("pdf_writer", &["paper/"]),
];

/// Files that may say `cfg(feature)` anywhere: the binary exists on the server only.
const FEATURES_ANYWHERE: &[&str] = &["main.rs"];

/// Directories whose files are held to a length one can keep in the head.
const MEASURED: &[&str] = &["src", "tests", "benches"];
const LINES_MAX: usize = 400;
/// A server function's body.
const BODY_MAX: usize = 10;

#[test]
fn the_house_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = reading::sources_under(&root.join("src"));
    assert!(sources.iter().any(|source| source.path == "lib.rs"), "src/lib.rs was not found, so nothing was checked");
    let mut broken: Vec<String> = sources.iter().flat_map(rules::broken_in).collect();
    for directory in MEASURED {
        let measured = reading::sources_under(&root.join(directory));
        broken.extend(measured.iter().filter_map(|source| rules::too_long(directory, source)));
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
