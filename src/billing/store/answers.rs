//! Where the answers of the paid services are kept.

use super::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, Credits, KeyId, Operation, Timestamp};

const INSERT: Sql = Sql::both(
    "insert into answers (id, account_id, request_key, operation, question_hash, question, answer, verdict, charged,
       settlement, key_id, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);
const BY_REQUEST: Sql = Sql::both(
    "select id, operation, question_hash, question, answer, verdict, charged, settlement, at
     from answers where account_id = $1 and request_key = $2",
);
const BY_ID: Sql = Sql::both(
    "select id, operation, question_hash, question, answer, verdict, charged, settlement, at
     from answers where account_id = $1 and id = $2",
);
const LIST: Sql = Sql::both(
    "select id, operation, question_hash, question, answer, verdict, charged, settlement, at
     from answers where account_id = $1 and operation = $2 and id < $3 order by id desc limit $4",
);
/// Sorts after every id.
const AFTER_ALL: &str = "~";

/// An answer as it is kept: what the ledger knows of it stays in the ledger, under `settlement`.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: String,
    pub operation: Operation,
    pub question_hash: String,
    pub question: String,
    pub answer: String,
    pub verdict: String,
    pub charged: Credits,
    pub settlement: String,
    pub at: Timestamp,
}

/// The write that keeps an answer, for the commit that settles its hold.
pub fn keep_answer(kept: &Kept, account: AccountId, request: &str, key: Option<KeyId>) -> Statement {
    let args = vec![
        kept.id.as_str().into(),
        account.to_string().into(),
        request.into(),
        kept.operation.name().into(),
        kept.question_hash.as_str().into(),
        kept.question.as_str().into(),
        kept.answer.as_str().into(),
        kept.verdict.as_str().into(),
        kept.charged.get().into(),
        kept.settlement.as_str().into(),
        key.map(|key| key.to_string()).into(),
        kept.at.millis().into(),
    ];
    Statement::new(INSERT, args)
}

pub async fn answer_of_request(
    database: &Database,
    account: AccountId,
    request: &str,
) -> Result<Option<Kept>, StoreError> {
    let args = vec![account.to_string().into(), request.into()];
    database.fetch_one(BY_REQUEST, args).await?.as_ref().map(read).transpose()
}

pub async fn answer_of_id(database: &Database, account: AccountId, id: &str) -> Result<Option<Kept>, StoreError> {
    let args = vec![account.to_string().into(), id.into()];
    database.fetch_one(BY_ID, args).await?.as_ref().map(read).transpose()
}

pub async fn answers(
    database: &Database,
    account: AccountId,
    operation: Operation,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Kept>, StoreError> {
    let before = before.unwrap_or(AFTER_ALL);
    let args = vec![account.to_string().into(), operation.name().into(), before.into(), limit.into()];
    database.fetch(LIST, args).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        id: row.text(0)?,
        operation: row.parsed(1)?,
        question_hash: row.text(2)?,
        question: row.text(3)?,
        answer: row.text(4)?,
        verdict: row.text(5)?,
        charged: Credits::new(row.int(6)?).ok_or_else(|| StoreError::Corrupt("a charge is out of range".into()))?,
        settlement: row.text(7)?,
        at: Timestamp::from_millis(row.int(8)?),
    })
}
