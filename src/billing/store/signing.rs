//! The keys that receipts and statements are signed with.

use super::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{SigningKeyId, Timestamp};

const INSERT: Sql =
    Sql::both("insert into signing_keys (id, public, seed, created_at) values ($1, $2, $3, $4) on conflict do nothing");
const REINSTATE: Sql = Sql::both("update signing_keys set retired_at = null where id = $1 and seed is null");
const RETIRE_OTHERS: Sql = Sql::both("update signing_keys set retired_at = $2 where id <> $1 and retired_at is null");
const KEPT: Sql = Sql::both("select seed from signing_keys where retired_at is null and seed is not null");
const ALL: Sql = Sql::both("select id, public, created_at, retired_at from signing_keys order by created_at, id");

/// The public half of a key, as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeyRow {
    /// Names the key.
    pub id: SigningKeyId,
    /// The key in hexadecimal.
    pub public: String,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// Until when it did.
    pub retired_at: Option<Timestamp>,
}

/// The kept secret in force, in hexadecimal.
pub async fn kept_seed(database: &Database) -> Result<Option<String>, StoreError> {
    let rows = database.fetch(KEPT, Vec::new()).await?;
    rows.first().map(|row| row.text(0)).transpose()
}

/// Keeps a new key unless one is in force already.
pub async fn keep(database: &Database, row: &PublicKeyRow, seed: &str) -> Result<(), StoreError> {
    database.write(vec![insert(row, Some(seed.to_owned()))]).await.map(drop)
}

/// Notes the public half of a key whose secret is a setting; every other key is retired.
pub async fn note(database: &Database, row: &PublicKeyRow) -> Result<(), StoreError> {
    let id = row.id.to_string();
    let reinstate = Statement::new(REINSTATE, vec![id.clone().into()]);
    let retire = Statement::new(RETIRE_OTHERS, vec![id.into(), row.created_at.millis().into()]);
    database.write(vec![insert(row, None), reinstate, retire]).await.map(drop)
}

/// Every key that ever signed, oldest first.
pub async fn public_keys(database: &Database) -> Result<Vec<PublicKeyRow>, StoreError> {
    database.fetch(ALL, Vec::new()).await?.iter().map(public_key_of).collect()
}

fn insert(row: &PublicKeyRow, seed: Option<String>) -> Statement {
    let args = vec![row.id.to_string().into(), row.public.clone().into(), seed.into(), row.created_at.millis().into()];
    Statement::new(INSERT, args)
}

fn public_key_of(row: &Row) -> Result<PublicKeyRow, StoreError> {
    Ok(PublicKeyRow {
        id: row.parsed(0)?,
        public: row.text(1)?,
        created_at: Timestamp::from_millis(row.int(2)?),
        retired_at: row.maybe_int(3)?.map(Timestamp::from_millis),
    })
}
