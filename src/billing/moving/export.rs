//! The whole ledger out, as one moment saw it, in constant memory.

use std::io::Write;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Counts, HEADER, MoveError, TRAILER, VERSION};
use crate::billing::store::{self, Database};
use crate::ledger::Timestamp;

/// Writes every row of the ledger, one line each, between a line that begins and a line that ends it.
///
/// Running servers neither harm nor wait: the dump is one snapshot.
///
/// # Errors
/// When the store does not answer or the dump cannot be written; what was written then has no last line.
pub async fn export(database: &Database, now: Timestamp, out: &mut impl Write) -> Result<Counts, MoveError> {
    let mut lines = Lines { out, hasher: Sha256::new() };
    let mut counts = Counts::default();
    let mut snapshot = database.snapshot().await?;
    lines.write(&json!({ HEADER: VERSION, "made_at": now }))?;
    for section in store::sections() {
        let mut last = None;
        loop {
            let page = section.page(&mut snapshot, last.as_ref()).await?;
            for row in &page {
                lines.write(&json!({ section.name(): section.object(row) }))?;
                counts.rows += 1;
                counts.accounts += u64::from(section.name() == "accounts");
                counts.entries += u64::from(section.is_entries());
            }
            match page.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => break,
            }
        }
    }
    let digest = hex::encode(lines.hasher.clone().finalize());
    lines.write(&json!({ TRAILER: { "rows": counts.rows, "sha256": digest } }))?;
    lines.out.flush()?;
    Ok(counts)
}

struct Lines<'a, W> {
    out: &'a mut W,
    hasher: Sha256,
}

impl<W: Write> Lines<'_, W> {
    fn write(&mut self, line: &serde_json::Value) -> Result<(), MoveError> {
        let mut line = line.to_string();
        line.push('\n');
        self.hasher.update(line.as_bytes());
        Ok(self.out.write_all(line.as_bytes())?)
    }
}
