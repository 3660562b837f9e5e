//! The files of `aethel export` and `aethel import`: which kind a dump is, and that none is left half written.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::path::Path;

use crate::billing::store::Database;
use crate::billing::{Counts, Kernel, MoveError, export, import, import_foreign, is_export};
use crate::ledger::Timestamp;

/// The largest dump of another kernel: it is one JSON document, and held in memory as a whole.
const FOREIGN_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why a dump did not move.
#[derive(Debug, thiserror::Error)]
pub enum MovingError {
    /// A dump is not written over another.
    #[error("{0} is there already; name another file")]
    Exists(String),
    /// The file cannot be opened, read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The dump or the database.
    #[error("{path}: {source}")]
    Move {
        /// Which file.
        path: String,
        /// What is wrong.
        source: MoveError,
    },
}

/// Exports into a file, which is there only when it is whole, or to standard output. Says what was exported.
pub async fn export_to(database: &Database, now: Timestamp, path: Option<&Path>) -> Result<String, MovingError> {
    let Some(path) = path else {
        let counts = export(database, now, &mut BufWriter::new(std::io::stdout()))
            .await
            .map_err(|source| MovingError::Move { path: "standard output".into(), source })?;
        return Ok(exported(&counts));
    };
    let name = path.display().to_string();
    if path.exists() {
        return Err(MovingError::Exists(name));
    }
    let partly = path.with_added_extension("part");
    let failed = |source| MovingError::File { path: name.clone(), source };
    let mut out = BufWriter::new(File::create(&partly).map_err(failed)?);
    let counts =
        export(database, now, &mut out).await.map_err(|source| MovingError::Move { path: name.clone(), source })?;
    out.get_ref().sync_all().map_err(failed)?;
    std::fs::rename(&partly, path).map_err(failed)?;
    Ok(exported(&counts))
}

fn exported(counts: &Counts) -> String {
    let Counts { accounts, entries, rows } = counts;
    format!("exported {accounts} accounts and {entries} entries, {rows} rows in all")
}

/// Imports a dump of either kind and returns the lines to say.
pub async fn import_from(database: &Database, kernel: &Kernel, path: &Path) -> Result<Vec<String>, MovingError> {
    let name = path.display().to_string();
    let failed = |source| MovingError::File { path: name.clone(), source };
    let refused = |source| MovingError::Move { path: name.clone(), source };
    let mut input = BufReader::new(File::open(path).map_err(failed)?);
    if is_export(input.fill_buf().map_err(failed)?) {
        let Counts { accounts, entries, rows } = import(database, input).await.map_err(refused)?;
        return Ok(vec![format!("imported {accounts} accounts and {entries} entries, {rows} rows in all")]);
    }
    let mut text = String::new();
    let read = input.take(FOREIGN_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if u64::try_from(read).is_ok_and(|read| read > FOREIGN_BYTES_MAX) {
        let why = format!("the dump has more than {FOREIGN_BYTES_MAX} bytes; split its accounts over several files");
        return Err(refused(MoveError::Foreign(why)));
    }
    let moved = import_foreign(kernel, &text).await.map_err(refused)?;
    let left: usize = moved.iter().map(|account| account.transactions_left).sum();
    let line = |account: &crate::billing::Moved| {
        let before = if account.already { ", imported before" } else { "" };
        format!("{} is {} with {} credits{before}", account.from, account.to, account.balance.get())
    };
    let mut lines: Vec<String> = moved.iter().map(line).collect();
    lines.push(format!("{} accounts; {left} transactions of their past stay in the dump", moved.len()));
    Ok(lines)
}
