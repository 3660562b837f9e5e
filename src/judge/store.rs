//! Where verifications are kept.

use serde::de::DeserializeOwned;

use super::{Decision, ProofRequest};
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
const RECENT: Sql = Sql::both(
    "select id, account_id, program_hash, request, decision, charged, settlement, at
     from verifications where account_id = $1 order by id desc limit $2",
);

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

pub(super) async fn recent(database: &Database, account: AccountId, limit: i64) -> Result<Vec<Stored>, StoreError> {
    database.fetch(RECENT, vec![account.to_string().into(), limit.into()]).await?.iter().map(read).collect()
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
