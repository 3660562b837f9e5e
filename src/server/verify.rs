//! `aethel verify-statement`: reads a file and says what was found, a line each.

use std::path::Path;
use std::process::ExitCode;

use crate::billing::{PublicKey, verify_statement as verify};

/// The longest file that is read: twice what the longest statement takes.
const FILE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// What the command prints, and how it exits.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn verify_statement(
    path: &Path,
    trusted: Option<PublicKey>,
) -> Result<(Vec<String>, ExitCode), Box<dyn std::error::Error>> {
    let cannot = |why: &dyn std::fmt::Display| format!("cannot read {}: {why}", path.display());
    let size = std::fs::metadata(path).map_err(|error| cannot(&error))?.len();
    if size > FILE_BYTES_MAX {
        return Err(cannot(&"it is longer than any statement").into());
    }
    let bytes = std::fs::read(path).map_err(|error| cannot(&error))?;
    let text = String::from_utf8_lossy(&bytes);
    let verdict = verify(&text, trusted);
    let mut lines = Vec::new();
    if let Some(statement) = &verdict.statement {
        lines.push(format!(
            "{} {}: {} lines, {} available at its beginning, {} at its end",
            statement.account,
            statement.month,
            statement.lines.len(),
            statement.opening.balances.available,
            statement.closing.balances.available,
        ));
    }
    match (verdict.signed_by, trusted) {
        (Some(key), Some(_)) => lines.push(format!("signed by key {key}")),
        (Some(key), None) => lines.push(format!(
            "signed by key {key}; compare it with GET /api/billing/signing-keys, or give the key you trust with --key"
        )),
        (None, _) => lines.push("not signed by the key that it names".into()),
    }
    lines.extend(verdict.faults.iter().map(|fault| format!("fault: {fault}")));
    lines.push(format!("{} faults", verdict.faults.len()));
    Ok((lines, if verdict.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}
