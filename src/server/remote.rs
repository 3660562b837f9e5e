//! The REST API from the command line: every operation of the document, its fields as options.
//!
//! Knows no operation by name: what the document has, one can call.

mod call;
mod operation;
mod send;

use std::io::Write;
use std::process::ExitCode;

use serde_json::Value;

use call::Call;
use operation::{Operation, operations};
use send::{Answer, Server};

type Failure = Box<dyn std::error::Error>;

/// Which server, and who calls.
pub struct Connection {
    /// AETHEL_URL.
    pub url: Option<String>,
    /// AETHEL_KEY.
    pub key: Option<String>,
}

/// Where `make run` serves.
const USUAL_URL: &str = "http://127.0.0.1:3000";

/// Does what `aethel api …` asks: lists the operations, describes one, or calls it and writes the answer.
///
/// # Errors
/// One sentence that says what was wrong.
pub async fn run(words: &[String], connection: Connection) -> Result<ExitCode, Failure> {
    let document = serde_json::to_value(crate::api::openapi())?;
    let known = operations(&document);
    let asks_for_help = |word: &String| word == "--help" || word == "-h";
    let (name, words) = match words.split_first() {
        Some((name, words)) if !asks_for_help(name) => (name, words),
        _ => {
            write_lines(&list(&known))?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let wanted = name.replace('-', "_");
    let Some(operation) = known.iter().find(|operation| operation.id == wanted) else {
        return Err(format!("there is no operation {name}; `aethel api` lists them").into());
    };
    if words.iter().any(asks_for_help) {
        write_lines(&describe(operation))?;
        return Ok(ExitCode::SUCCESS);
    }
    let call = Call::read(operation, words, &mut read_file)?;
    let url = connection.url.unwrap_or_else(|| USUAL_URL.to_owned());
    let server = Server::new(&url, connection.key)?;
    match server.send(&call).await? {
        Answer::Success => Ok(ExitCode::SUCCESS),
        Answer::Problem { status, problem } => Err(refusal(status, &problem).into()),
    }
}

/// A body named by `--body @FILE`; `@-` is standard input.
fn read_file(path: &str) -> std::io::Result<String> {
    if path == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) }
}

fn write_lines(lines: &[String]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    out.flush()
}

fn list(operations: &[Operation]) -> Vec<String> {
    let width = operations.iter().map(|operation| operation.id.len()).max().unwrap_or(0);
    let mut lines: Vec<String> =
        operations.iter().map(|operation| format!("{:width$}  {}", operation.id, operation.summary)).collect();
    lines.sort();
    lines.push(String::new());
    lines
        .push("aethel api OPERATION --help shows its options. AETHEL_URL and AETHEL_KEY say where and who.".to_owned());
    lines
}

fn describe(operation: &Operation) -> Vec<String> {
    let mut lines = vec![format!("{} ({} {})", operation.summary, operation.method, operation.path), String::new()];
    for option in &operation.options {
        let must = if option.required { "  (required)" } else { "" };
        lines.push(format!("  --{} {}{must}", option.name, option.kind.word()));
        if !option.description.is_empty() {
            lines.push(format!("      {}", option.description));
        }
    }
    if operation.has_body {
        lines.push("  --body JSON | @FILE | @-".to_owned());
        lines.push("      The whole body; the options above overrule its fields".to_owned());
    }
    if operation.idempotent {
        lines.push("  --idempotency-key TEXT".to_owned());
        lines.push("      The same key again gives the first answer again; made when not given".to_owned());
    }
    lines
}

/// The problem in one line, as every failure of the command line is.
fn refusal(status: u16, problem: &Value) -> String {
    let text = |name: &str| problem.get(name).and_then(Value::as_str);
    let detail = text("detail").or_else(|| text("message")).unwrap_or("the server refused");
    let mut line = format!("{detail} ({status}");
    for part in [text("code"), text("request_id")].into_iter().flatten() {
        line.push_str(", ");
        line.push_str(part);
    }
    line.push(')');
    if let Some(field) = text("field") {
        line.push_str(&format!("; the field is {field}"));
    }
    if let Some(url) = text("checkout_url") {
        line.push_str(&format!("; pay at {url}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known() -> Value {
        serde_json::to_value(crate::api::openapi()).unwrap()
    }

    #[test]
    fn every_operation_of_the_document_is_listed_with_a_sentence() {
        let document = known();
        let operations = operations(&document);
        assert!(operations.iter().any(|operation| operation.id == "charge"));
        assert!(operations.iter().all(|operation| !operation.summary.is_empty()));
        assert_eq!(list(&operations).len(), operations.len() + 2);
    }

    #[test]
    fn an_operation_describes_its_options() {
        let document = known();
        let charge = operations(&document).into_iter().find(|operation| operation.id == "charge").unwrap();
        let text = describe(&charge).join("\n");
        for part in
            ["--account_id TEXT  (required)", "--quantity NUMBER", "--metadata JSON", "--idempotency-key", "--body"]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn a_problem_is_one_line_that_says_what_to_do() {
        let problem = json!({
            "detail": "No saved card", "code": "payment_required", "request_id": "req_1", "checkout_url": "https://pay"
        });
        assert_eq!(refusal(402, &problem), "No saved card (402, payment_required, req_1); pay at https://pay");
        assert_eq!(refusal(500, &Value::Null), "the server refused (500)");
    }
}
