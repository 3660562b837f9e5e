//! Checks a statement's file by itself, without a database or a network: what `aethel verify-statement` says.

use serde_json::{Map, Value};

use super::signing::{Document, PublicKey};
use super::strict::Strict;
use crate::ledger::{SigningKeyId, Statement};

/// What was found in a statement's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The key whose signature holds.
    pub signed_by: Option<SigningKeyId>,
    /// The statement, if it could be read.
    pub statement: Option<Statement>,
    /// Everything that is wrong, a sentence each. Nothing, when all is well.
    pub faults: Vec<String>,
}

/// Checks the file of a statement: its signature, its chain, sums, cents and totals.
///
/// Without a trusted key, the signature is checked with the key that the file names: that nothing was changed since,
/// but not by whom it was made. Compare the key with the one that the server publishes.
#[must_use]
pub fn verify_statement(text: &str, trusted: Option<PublicKey>) -> Verdict {
    let mut verdict = Verdict::default();
    match serde_json::from_str::<Strict>(text) {
        Ok(Strict(Value::Object(file))) => verdict.read(&file, trusted),
        Ok(_) => verdict.faults.push("the file is not a signed statement".into()),
        Err(error) => verdict.faults.push(format!("the file cannot be read as a statement: {error}")),
    }
    verdict
}

impl Verdict {
    fn read(&mut self, file: &Map<String, Value>, trusted: Option<PublicKey>) {
        const FIELDS: [&str; 4] = ["key_id", "public_key", "signature", "statement"];
        if file.len() != FIELDS.len() || !FIELDS.iter().all(|name| file.contains_key(*name)) {
            self.faults.push(format!("the file does not have the fields {}", FIELDS.join(", ")));
        }
        let body = file.get("statement").unwrap_or(&Value::Null);
        self.check_signature(file, body, trusted);
        match serde_json::from_value::<Statement>(body.clone()) {
            Err(error) => self.faults.push(format!("the statement cannot be read: {error}")),
            Ok(statement) => {
                if serde_json::to_value(&statement).ok().as_ref() != Some(body) {
                    self.faults.push("the statement has fields that no statement has".into());
                }
                self.faults.extend(statement.check().iter().map(ToString::to_string));
                self.statement = Some(statement);
            }
        }
    }

    fn check_signature(&mut self, file: &Map<String, Value>, body: &Value, trusted: Option<PublicKey>) {
        let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(named) =
            text("public_key").parse::<PublicKey>().ok().filter(|key| key.to_string() == text("public_key"))
        else {
            self.faults.push("the public key is not 64 lower-case hexadecimal digits".into());
            return;
        };
        if named.id().to_string() != text("key_id") {
            self.faults.push("the key's id is not that of the public key".into());
        }
        if let Some(trusted) = trusted.filter(|trusted| *trusted != named) {
            self.faults.push(format!("it is signed by key {}, not by key {}", named.id(), trusted.id()));
        }
        if named.signed(Document::Statement, body, text("signature")) {
            self.signed_by = Some(named.id());
        } else {
            self.faults.push("the signature does not hold: the statement is not what was signed".into());
        }
    }
}
