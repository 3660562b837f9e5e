//! Where verifications are kept.

use serde::de::DeserializeOwned;

use super::{Decision, ProofRequest, Verdict, Wanted};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, Credits, KeyId, Timestamp, VerificationId};

const INSERT: Sql = Sql::both(
    "insert into verifications (id, account_id, request_key, program_hash, request, decision, verdict, charged,
       settlement, key_id, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
const BY_ID: Sql = Sql::both(
    "select id, account_id, program_hash, request, decision, charged, settlement, at
     from verifications where account_id = $1 and id = $2",
);
const BY_REQUEST: Sql = Sql::both(
    "select id, account_id, program_hash, request, decision, charged, settlement, at
     from verifications where account_id = $1 and request_key = $2",
);
const LIST: Sql = Sql::both(
    "select id, account_id, program_hash, request, decision, charged, settlement, at
     from verifications where account_id = $1 and id < $2 and ($3 = '' or verdict = $3) and ($4 = '' or program_hash = $4)
     order by id desc limit $5",
);
const DECIDED: Sql = Sql::both(
    "select id, account_id, program_hash, request, decision, charged, settlement, at
     from verifications where account_id = $1 and program_hash = $2 and verdict <> 'unknown' order by id desc limit 1",
);
const OWNER: Sql = Sql::both("select account_id from verifications where id = $1");
/// Comes after every id: a ULID begins with at most 7.
const AFTER_ALL: &str = "VER_8";

/// A verification as it is kept: what the ledger knows of it stays in the ledger, under `settlement`.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub id: VerificationId,
    pub account: AccountId,
    pub program_hash: String,
    pub request: ProofRequest,
    pub decision: Decision,
    pub charged: Credits,
    pub settlement: String,
    pub at: Timestamp,
}

/// The write that keeps a verification, for the commit that settles its hold.
pub(super) fn insert(stored: &Stored, request_key: &str, key: Option<KeyId>) -> Result<Statement, serde_json::Error> {
    let args = vec![
        stored.id.to_string().into(),
        stored.account.to_string().into(),
        request_key.into(),
        stored.program_hash.as_str().into(),
        serde_json::to_string(&stored.request)?.into(),
        serde_json::to_string(&stored.decision)?.into(),
        stored.decision.verdict.as_str().into(),
        stored.charged.get().into(),
        stored.settlement.as_str().into(),
        key.map(|key| key.to_string()).into(),
        stored.at.millis().into(),
    ];
    Ok(Statement::new(INSERT, args))
}

pub(super) async fn by_id(
    database: &Database,
    account: AccountId,
    id: VerificationId,
) -> Result<Option<Stored>, StoreError> {
    let args = vec![account.to_string().into(), id.to_string().into()];
    database.fetch_one(BY_ID, args).await?.as_ref().map(read).transpose()
}

pub(super) async fn by_request(
    database: &Database,
    account: AccountId,
    request_key: &str,
) -> Result<Option<Stored>, StoreError> {
    let args = vec![account.to_string().into(), request_key.into()];
    database.fetch_one(BY_REQUEST, args).await?.as_ref().map(read).transpose()
}

pub(super) async fn list(
    database: &Database,
    account: AccountId,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let args = vec![
        account.to_string().into(),
        wanted.before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string()).into(),
        wanted.verdict.map_or("", Verdict::as_str).into(),
        wanted.program_hash.as_deref().unwrap_or_default().into(),
        limit.into(),
    ];
    database.fetch(LIST, args).await?.iter().map(read).collect()
}

/// The latest verdict on the same question; `unknown` is none.
pub(super) async fn decided(
    database: &Database,
    account: AccountId,
    program_hash: &str,
) -> Result<Option<Stored>, StoreError> {
    let args = vec![account.to_string().into(), program_hash.into()];
    database.fetch_one(DECIDED, args).await?.as_ref().map(read).transpose()
}

pub(super) async fn owner(database: &Database, id: VerificationId) -> Result<Option<AccountId>, StoreError> {
    database.fetch_one(OWNER, vec![id.to_string().into()]).await?.map(|row| row.parsed(0)).transpose()
}

fn read(row: &Row) -> Result<Stored, StoreError> {
    Ok(Stored {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        program_hash: row.text(2)?,
        request: json(row, 3)?,
        decision: json(row, 4)?,
        charged: Credits::new(row.int(5)?).ok_or_else(|| StoreError::Corrupt("a charge is out of range".into()))?,
        settlement: row.text(6)?,
        at: Timestamp::from_millis(row.int(7)?),
    })
}

fn json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, StoreError> {
    serde_json::from_str(&row.text(index)?).map_err(|error| StoreError::Corrupt(format!("column {index}: {error}")))
}
