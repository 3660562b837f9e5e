//! A dump of ours in: every line checked, every chain followed, the whole audited, and only then committed.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Counts, HEADER, MoveError, TRAILER, VERSION};
use crate::billing::AuditReport;
use crate::billing::store::{self, Database, Row, Section, Transaction};
use crate::ledger::{AccountId, Entry, Hash, seal};

/// The longest line: no row of ours comes near it, and a file that is no dump is noticed before it is swallowed whole.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Rows written by one statement.
const BATCH: usize = 500;

/// Takes a dump into an empty database of either kind. Ids, chains and receipts stay as they are.
///
/// # Errors
/// Names the line and the reason when the dump is not what [`super::export`] writes, or is not whole; the faults when
/// it breaks the ledger's laws; and says so when the database is not empty. Nothing is written then.
pub async fn import(database: &Database, input: impl BufRead + Send) -> Result<Counts, MoveError> {
    let mut transaction = database.begin().await?;
    let accounts = store::accounts_in(&mut transaction).await?;
    if accounts > 0 {
        return Err(MoveError::NotEmpty { accounts });
    }
    let mut reader = Reader { input, number: 0, hasher: Sha256::new(), before: Hash::ZERO };
    reader.header()?;
    let counts = Importer::default().take(&mut reader, &mut transaction).await?;
    let report = AuditReport::within(&mut transaction).await?;
    if !report.faults.is_empty() {
        return Err(MoveError::Unlawful(report.faults));
    }
    transaction.commit().await?;
    Ok(counts)
}

/// Lines, counted and hashed as they are read.
struct Reader<R> {
    input: R,
    number: u64,
    hasher: Sha256,
    /// The hash of all lines before the last one read.
    before: Hash,
}

impl<R: BufRead> Reader<R> {
    fn wrong(&self, why: impl Into<String>) -> MoveError {
        MoveError::Line { number: self.number, why: why.into() }
    }

    /// The next line as a JSON object; none at the end of the file.
    fn next(&mut self) -> Result<Option<Map<String, Value>>, MoveError> {
        let mut line = Vec::new();
        let read = self.input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() != Some(&b'\n') {
            return Err(self.wrong("the line does not end; the dump is cut off or is none of ours"));
        }
        self.before = hash_of(&self.hasher);
        self.hasher.update(&line);
        match serde_json::from_slice(&line) {
            Ok(Value::Object(object)) => Ok(Some(object)),
            Ok(_) => Err(self.wrong("this is not a JSON object")),
            Err(error) => Err(self.wrong(format!("this is not JSON: {error}"))),
        }
    }

    fn header(&mut self) -> Result<(), MoveError> {
        let Some(header) = self.next()? else { return Err(MoveError::Foreign("the dump is empty".into())) };
        match header.get(HEADER).and_then(Value::as_u64) {
            Some(VERSION) => Ok(()),
            Some(other) => Err(self.wrong(format!("the dump has version {other}, and {VERSION} is what is read here"))),
            None => Err(self.wrong(format!("the first line does not say {HEADER:?}"))),
        }
    }

    /// The dump is whole when its last line counts and hashes what came before, and nothing follows.
    fn check_trailer(&mut self, trailer: &Value, rows: u64) -> Result<(), MoveError> {
        if trailer.get("rows").and_then(Value::as_u64) != Some(rows) {
            return Err(self.wrong(format!("the last line counts other than the {rows} rows that are there")));
        }
        let said = trailer.get("sha256").and_then(Value::as_str).unwrap_or_default();
        if said != self.before.to_string() {
            return Err(self.wrong("the hash of the lines before is another; a line was changed"));
        }
        match self.next()? {
            None => Ok(()),
            Some(_) => Err(self.wrong("a line comes after the last one")),
        }
    }
}

fn hash_of(hasher: &Sha256) -> Hash {
    hex::encode(hasher.clone().finalize()).parse().unwrap_or(Hash::ZERO)
}

/// Rows on their way in, and where the chain of the account at hand stands.
#[derive(Default)]
struct Importer {
    counts: Counts,
    section: Option<&'static Section>,
    first: u64,
    rows: Vec<Row>,
    chain: Option<(AccountId, i64, Hash)>,
    finished: BTreeSet<AccountId>,
}

impl Importer {
    async fn take<R: BufRead>(
        mut self,
        reader: &mut Reader<R>,
        transaction: &mut Transaction,
    ) -> Result<Counts, MoveError> {
        while let Some(line) = reader.next()? {
            if let Some(trailer) = line.get(TRAILER) {
                self.flush(reader.number.saturating_sub(1), transaction).await?;
                reader.check_trailer(trailer, self.counts.rows)?;
                return Ok(self.counts);
            }
            let (section, row) = self.read(&line).map_err(|why| reader.wrong(why))?;
            if self.rows.len() >= BATCH || self.section.is_some_and(|last| last.name() != section.name()) {
                self.flush(reader.number.saturating_sub(1), transaction).await?;
            }
            if self.rows.is_empty() {
                self.first = reader.number;
            }
            self.section = Some(section);
            self.rows.push(row);
        }
        reader.number += 1;
        Err(reader.wrong("the last line is missing: the dump is cut off"))
    }

    /// Reads a row, and follows the chain when it is an entry.
    fn read(&mut self, line: &Map<String, Value>) -> Result<(&'static Section, Row), String> {
        let known = || store::sections().iter().map(Section::name).collect::<Vec<_>>().join(", ");
        let mut fields = line.iter();
        let (Some((name, Value::Object(object))), None) = (fields.next(), fields.next()) else {
            return Err(format!("a row is one object under the name of its table: {}", known()));
        };
        let section = store::sections().iter().find(|section| section.name() == name);
        let section = section.ok_or_else(|| format!("there is no table {name:?}; the known ones are {}", known()))?;
        let row = section.row(object)?;
        if section.is_entries() {
            let entry = section.entry(&row).map_err(|error| error.to_string())?;
            self.follow(&entry)?;
        }
        self.counts.rows += 1;
        self.counts.accounts += u64::from(section.name() == "accounts");
        self.counts.entries += u64::from(section.is_entries());
        Ok((section, row))
    }

    fn follow(&mut self, entry: &Entry) -> Result<(), String> {
        let (seq, head) = match self.chain {
            Some((account, seq, head)) if account == entry.account => (seq, head),
            last => {
                self.finished.extend(last.map(|(account, ..)| account));
                if self.finished.contains(&entry.account) {
                    return Err(format!("the entries of {} do not stand together", entry.account));
                }
                (0, Hash::ZERO)
            }
        };
        if seq.checked_add(1) != Some(entry.seq) {
            return Err(format!("entry {} of {} follows entry {seq}", entry.seq, entry.account));
        }
        if entry.previous != head {
            return Err("the chain is broken: the entry does not point at the one before".into());
        }
        if entry.hash != seal(entry) {
            return Err("the entry is not what was sealed: its hash does not match".into());
        }
        self.chain = Some((entry.account, entry.seq, entry.hash));
        Ok(())
    }

    async fn flush(&mut self, last: u64, transaction: &mut Transaction) -> Result<(), MoveError> {
        let (Some(section), false) = (self.section, self.rows.is_empty()) else { return Ok(()) };
        let first = self.first;
        let written = section.insert(transaction, &self.rows).await;
        self.rows.clear();
        written.map_err(|error| {
            if !error.is_of_the_statement() {
                return error.into();
            }
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            MoveError::Lines { first, last, why: format!("the table {} refuses one of them: {cause}", section.name()) }
        })
    }
}
