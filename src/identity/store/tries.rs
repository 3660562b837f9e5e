//! Wrong passwords and codes, counted for all servers together.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Transaction};
use crate::ledger::Timestamp;

/// Whoever comes second waits here until the first is counted.
const LOCK: Sql = Sql::both(
    "INSERT INTO wrong_tries (key_hash, wrong, last_at) VALUES ($1, 0, $2)
     ON CONFLICT (key_hash) DO UPDATE SET wrong = wrong_tries.wrong",
);
const READ: Sql = Sql::both("SELECT wrong, last_at FROM wrong_tries WHERE key_hash = $1");
const SET: Sql = Sql::both("UPDATE wrong_tries SET wrong = $1, last_at = $2 WHERE key_hash = $3");
const FORGIVE: Sql = Sql::both("UPDATE wrong_tries SET wrong = wrong - 1 WHERE key_hash = $1 AND wrong > 0");
const FORGET: Sql = Sql::both("DELETE FROM wrong_tries WHERE key_hash = $1");
/// What somebody is counting just now is left for the next time.
const SWEEP: Sql = Sql::each(
    "DELETE FROM wrong_tries WHERE last_at < $1",
    "DELETE FROM wrong_tries WHERE key_hash IN
       (SELECT key_hash FROM wrong_tries WHERE last_at < $1 FOR UPDATE SKIP LOCKED)",
);

/// How many wrong tries there were, and when the last one.
pub type TriesRow = (i64, Timestamp);

/// Locks the counts of these hashes, in their order, and reads them. Dropping the transaction counts nothing.
pub async fn lock_tries(
    database: &Database,
    hashes: &[String],
    now: Timestamp,
) -> Result<(Transaction, Vec<TriesRow>), StoreError> {
    let mut transaction = database.begin().await?;
    let mut counts = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let lock = vec![hash.as_str().into(), now.millis().into()];
        transaction.execute(Statement::new(LOCK, lock)).await?;
        let rows = transaction.fetch(READ, vec![hash.as_str().into()]).await?;
        let read = |row: &Row| Ok::<_, StoreError>((row.int(0)?, Timestamp::from_millis(row.int(1)?)));
        counts.push(rows.first().map(read).transpose()?.unwrap_or((0, now)));
    }
    Ok((transaction, counts))
}

pub fn set_tries(hash: &str, wrong: i64, last: Timestamp) -> Statement {
    Statement::new(SET, vec![wrong.into(), last.millis().into(), hash.into()])
}

/// One wrong try less.
pub fn forgive_try(hash: &str) -> Statement {
    Statement::new(FORGIVE, vec![hash.into()])
}

pub fn forget_tries(hash: &str) -> Statement {
    Statement::new(FORGET, vec![hash.into()])
}

/// Forgets counts whose last try was before the given moment.
pub fn sweep_tries(before: Timestamp) -> Statement {
    Statement::new(SWEEP, vec![before.millis().into()])
}
