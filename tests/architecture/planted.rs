//! Plants a fault against every rule, and beside it what the rule allows: a check that cannot fail checks nothing.

use crate::reading::{Source, mentions};
use crate::rules::{broken_in, too_long};
use crate::tokens::{texts, tokens};
use crate::{BODY_MAX, LEDGER_TABLES, LINES_MAX};

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_string(), text: text.to_string() }
}

#[track_caller]
fn refused(path: &str, text: &str, sentence: &str) {
    let broken = broken_in(&source(path, text));
    assert_eq!(broken.len(), 1, "{path}: {text}: {broken:?}");
    assert!(broken[0].contains(sentence), "{:?} does not say {sentence:?}", broken[0]);
}

#[track_caller]
fn allowed(path: &str, text: &str) {
    let broken = broken_in(&source(path, text));
    assert!(broken.is_empty(), "{path}: {text}: {broken:?}");
}

#[test]
fn arrows_point_one_way() {
    refused("ledger/apply.rs", "use crate::billing::Kernel;", "ledger sees nothing of ours");
    refused("billing/kernel.rs", "use crate::judge::Judge;", "billing sees only ledger");
    refused("judge/service.rs", "fn f() { crate::payments::pay(); }", "judge sees only");
    refused("payments/mod.rs", "use super::identity::Identity;", "payments sees only");
    refused("judge/mod.rs", "pub mod service; use crate::{ledger, api::{keys as k}};", "judge sees only");
    allowed("judge/service.rs", "use crate::billing::Kernel; use crate::{solver, language::{self, Program}};");
    allowed("server/router.rs", "use crate::api; use crate::app::App; use crate::solver::Pool;");
    allowed("lib.rs", "pub mod ledger; pub use crate::app::App;");
    allowed("main.rs", "fn main() { aethel::server::run(); }");
}

#[test]
fn super_is_counted_through_inline_modules() {
    allowed("ledger/hold.rs", "mod tests { use super::*; use super::super::credits::Credits; }");
    refused("ledger/hold.rs", "mod tests { use super::super::super::billing::Kernel; }", "ledger sees nothing");
    refused("ledger/hold.rs", "mod tests { } use super::super::billing::Kernel;", "ledger sees nothing");
}

#[test]
fn a_name_brought_in_is_seen_through() {
    let text = "use crate::billing; fn f(d: billing::store::Database) {}";
    refused("app/pages/usage.rs", text, "app never reaches into a store");
    let text = "use crate::{billing as till}; fn f(d: till::store::Database) {}";
    refused("api/usage.rs", text, "api never reaches into a store");
}

#[test]
fn stores_are_reached_by_their_rooms() {
    refused("app/pages/judge.rs", "use crate::judge::store::load;", "app never reaches into a store");
    refused("payments/service.rs", "use crate::mail::store::recent;", "the store of mail is its own");
    refused("mail/mod.rs", "use crate::billing::store::{Database, Sql};", "SQL is written in store files alone");
    allowed("mail/mod.rs", "use crate::billing::store::{Database, Statement};");
    allowed("payments/testing.rs", "use crate::billing::store::Sql;");
    allowed("identity/store.rs", "use crate::billing::store::{Database, Sql}; fn f() { Sql::both(\"select 1\"); }");
    allowed("judge/service.rs", "use super::store; use crate::judge::store::save;");
}

#[test]
fn the_app_sees_of_the_server_what_a_request_brings() {
    refused("app/pages/buy.rs", "fn f() { crate::server::router::build(); }", "app sees of the server only context");
    refused("app/pages/buy.rs", "use crate::server;", "app sees of the server only context");
    allowed("app/pages/buy.rs", "use crate::server::context::signed_in;");
    allowed("api/keys.rs", "use crate::server::{state::App, context};");
    refused(
        "api/keys.rs",
        "use crate::server::config::Config;",
        "api sees of the server only context and limits and live and sharing and state",
    );
}

#[test]
fn pure_rooms_know_no_time_no_chance_and_no_world() {
    refused("ledger/clock.rs", "use std::time::SystemTime;", "ledger is pure");
    refused("language/parser.rs", "fn f() { let _ = std::fs::read(\"x\"); }", "language is pure");
    refused("ledger/ids.rs", "use rand::{Rng as _};", "ledger is pure");
    refused("ledger/apply.rs", "async fn apply() {}", "waits for nothing");
    allowed(
        "ledger/apply.rs",
        "use std::collections::BTreeMap; // use std::time::Instant;\n const S: &str = \"rand::rng\";",
    );
}

#[test]
fn pure_rooms_make_no_ids_by_themselves() {
    refused("ledger/id.rs", "use ulid::Ulid; fn f() { Ulid::generate(); }", "ledger is pure");
    refused("ledger/id.rs", "fn f(at: T) { ulid::Ulid::from_datetime(at); }", "ledger is pure");
    refused("ledger/id.rs", "fn f(s: S) { ulid::Ulid::with_source(s); }", "ledger is pure");
    refused("language/limits.rs", "fn f() { ulid::Generator::new(); }", "language is pure");
    allowed("ledger/id.rs", "use ulid::Ulid; fn f(at: u64, by: u128) -> Ulid { Ulid::from_parts(at, by) }");
}

#[test]
fn server_functions_are_short() {
    let function = |attribute: &str, lines: usize| {
        format!("{attribute}\npub async fn f(\n    a: i64,\n) -> Result<(), E> {{\n{}}}\n", "    g();\n".repeat(lines))
    };
    let server = "#[server(prefix = \"/fn\", endpoint = \"f\")]";
    allowed("app/functions/buying.rs", &function(server, BODY_MAX));
    refused("app/functions/buying.rs", &function(server, BODY_MAX + 1), "`f`: 11 lines; a server function's body");
    refused("app/functions/buying.rs", &function("#[server]", BODY_MAX + 1), "a server function's body");
    allowed("app/present/buying.rs", &function("#[component]", 30));
}

#[test]
fn the_ledgers_tables_are_named_in_its_own_store() {
    let names = "the ledger's tables stand only in billing/store/";
    refused("payments/store.rs", "const A: &str = \"select id from ENTRIES where id = $1\";", names);
    refused("identity/store.rs", "const A: &str = \"SELECT a FROM b JOIN\n  accounts c ON c.id = b.id\";", names);
    refused("judge/store.rs", "const A: &str = r#\"insert into \"requests\" (scope) values ($1)\"#;", names);
    refused("billing/report.rs", "const A: &str = concat!(\"update \", \"x\", \"delete from holds\");", names);
    for table in LEDGER_TABLES {
        refused("mail/store.rs", &format!("const A: &str = \"delete from {table}\";"), names);
    }
    allowed("payments/store.rs", "const A: &str = \"select accounts, grants from purchases\"; // from entries");
    allowed("identity/store.rs", "const A: &str = \"insert into free_grants (a) values ($1)\";");
    allowed("billing/store/reads.rs", "const A: &str = \"select id from accounts\";");
    allowed("billing/tests.rs", "const A: &str = \"update entries set memo = 'x'\";");
    allowed("api/document.rs", "const A: &str = \"Accounts, grants and the ledger's entries\";");
}

#[test]
fn strings_are_read_whole_and_comments_never() {
    let found: Vec<(String, usize)> =
        texts("a \"b\\\"c\" // \"d\"\n r#\"e\"# 'f'").into_iter().map(|one| (one.text, one.line)).collect();
    assert_eq!(found, [("\"b\\\"c\"".to_string(), 1), ("r#\"e\"#".to_string(), 2)]);
}

#[test]
fn tests_of_a_pure_room_may_measure_time() {
    allowed("language/tests.rs", "use std::time::Instant;");
    refused("ledger/testing.rs", "use std::time::Instant;", "ledger is pure");
}

#[test]
fn crates_stay_where_they_belong() {
    refused("judge/store.rs", "#[derive(sqlx::FromRow)] struct Row;", "sqlx stays in billing/store/");
    refused("billing/kernel.rs", "use sqlx;", "sqlx stays in billing/store/");
    refused("identity/store.rs", "use rusqlite::Connection;", "rusqlite stays in billing/store/");
    allowed("billing/store/sqlite.rs", "use sqlx::Sqlite;");
    refused("server/jobs.rs", "use stripe_checkout::CheckoutSession;", "stripe stays in payments/");
    refused("api/purchase.rs", "use async_stripe::Client;", "async_stripe stays in payments/");
    allowed("payments/stripe.rs", "use stripe::Client;");
    refused("payments/service.rs", "use axum::Json;", "axum stays in");
    allowed("payments/sandbox/mod.rs", "use axum::Json;");
    allowed("payments/webhook.rs", "use axum::Json;");
    refused("judge/mod.rs", "use leptos::prelude::*;", "leptos stays in");
    allowed("app/pages/buy.rs", "fn f() { leptos_axum::redirect(\"/\"); }");
    allowed("server/mod.rs", "mod axum; fn f() { axum::serve(); }");
}

#[test]
fn a_module_of_ours_may_share_a_crates_name() {
    allowed("api/mod.rs", "mod stripe; pub use stripe::webhook;");
    allowed("api/router.rs", "use super::stripe; fn f() { stripe::webhook(); }");
}

#[test]
fn exact_rooms_have_no_floats() {
    refused("ledger/credits.rs", "fn f(x: f64) {}", "no floats");
    refused("judge/verdict.rs", "const HALF: i64 = 0.5;", "no floats");
    refused("billing/usage.rs", "let x = 1f32;", "no floats");
    allowed(
        "ledger/credits.rs",
        "let x = (pair.0.1, 0..5, 0xf64, 1_000i64); /* f64 */ let c = 'f'; let s = r#\"f32 \" 0.5\"#;",
    );
    allowed("app/components/chart.rs", "fn f(x: f64) -> f64 { x * 0.5 }");
}

#[test]
fn features_gate_modules_and_heads_only() {
    refused("billing/mod.rs", "#[cfg(feature = \"ssr\")] fn f() {}", "cfg(feature) before `fn`");
    refused(
        "app/pages/buy.rs",
        "fn f() {} #[cfg(feature = \"ssr\")] use crate::billing::Kernel;",
        "cfg(feature) before `use`",
    );
    refused("lib.rs", "fn f() { if cfg!(feature = \"ssr\") { } }", "cfg(feature) before `{`");
    refused(
        "judge/mod.rs",
        "#[cfg_attr(feature = \"ssr\", derive(Debug))] pub struct A;",
        "cfg(feature) before `struct`",
    );
    allowed("lib.rs", "#[cfg(feature = \"ssr\")] #[allow(unused)] pub(crate) mod server;");
    allowed("judge/mod.rs", "#[cfg(all(test, feature = \"ssr\"))] mod tests; #[cfg(test)] fn f() {}");
    allowed("app/pages/buy.rs", "#[cfg(feature = \"ssr\")] use crate::server::context::app;");
    allowed("app/pages/buy.rs", "#[cfg(feature = \"ssr\")] const ROWS: i64 = 6;");
    refused("app/pages/buy.rs", "#[cfg(feature = \"ssr\")] const fn f() {}", "cfg(feature) before `fn`");
    allowed("main.rs", "#[cfg(feature = \"ssr\")] fn main() {}");
}

#[test]
fn rooms_are_those_of_the_table() {
    refused("helpers/text.rs", "", "`helpers` is not a room");
    refused("clock.rs", "", "`clock` is not a room");
    allowed("ledger.rs", "");
}

#[test]
fn files_have_an_end() {
    let file = |lines: usize| source("ledger/apply.rs", &"x\n".repeat(lines));
    assert!(too_long("src", &file(LINES_MAX)).is_none());
    assert!(
        too_long("src", &file(LINES_MAX + 1))
            .is_some_and(|sentence| sentence.starts_with("src/ledger/apply.rs: 401 lines"))
    );
}

#[test]
fn strings_comments_and_lifetimes_are_no_tokens() {
    let text = "a /* b /* c */ d */ 'e' '\\'' b\"f\\\"\" r##\"g\"# \"## 'h: i // j\n k \"l\nm\" n";
    let found: Vec<(String, usize)> = tokens(text).into_iter().map(|token| (token.text, token.line)).collect();
    let expected = [("a", 1), (":", 1), ("i", 1), ("k", 2), ("n", 3)];
    assert_eq!(found, expected.map(|(text, line)| (text.to_string(), line)));
}

#[test]
fn groups_name_each_of_their_paths() {
    let file = source("api/mod.rs", "use crate::{billing::{self, Kernel}, ledger::*}; use ::std::fmt as f;");
    let paths: Vec<String> = mentions(&file).into_iter().map(|mention| mention.path.join("::")).collect();
    assert_eq!(paths, ["crate::billing", "crate::billing::Kernel", "crate::ledger::*", "std::fmt"]);
}
