//! The sealing key that the database keeps, and columns whose texts are sealed anew.

use super::{Database, Sql, Statement, StoreError};
use crate::ledger::Timestamp;

const KEPT: Sql = Sql::both("SELECT seed FROM sealing_keys WHERE id = 'kept'");
const KEEP: Sql =
    Sql::both("INSERT INTO sealing_keys (id, seed, created_at) VALUES ('kept', $1, $2) ON CONFLICT (id) DO NOTHING");

/// A column of sealed texts.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// Row and text of those that do not begin with `$2`, in the order of rows behind the row `$1`; at most `$3`.
    pub read: Sql,
    /// Puts the text `$1` in place of `$3` in the row `$2`.
    pub write: Sql,
}

/// The secret that the database keeps, in hexadecimal.
pub async fn kept_sealing_seed(database: &Database) -> Result<Option<String>, StoreError> {
    let row = database.fetch_one(KEPT, Vec::new()).await?;
    row.map(|row| row.text(0)).transpose()
}

/// Keeps a new secret unless there is one already.
pub async fn keep_sealing_seed(database: &Database, seed: &str, now: Timestamp) -> Result<(), StoreError> {
    database.write(vec![Statement::new(KEEP, vec![seed.into(), now.millis().into()])]).await.map(drop)
}

/// Row and text of what is not sealed by the key whose texts begin so.
pub async fn otherwise_sealed(
    database: &Database,
    column: SealedColumn,
    (beginning, behind): (&str, &str),
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let args = vec![behind.into(), format!("{beginning}%").into(), limit.into()];
    let rows = database.fetch(column.read, args).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// Puts a text in another's place, if that still stands there.
pub fn sealed_anew(column: SealedColumn, row: &str, before: &str, after: &str) -> Statement {
    Statement::new(column.write, vec![after.into(), row.into(), before.into()])
}
