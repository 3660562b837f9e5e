//! Public links to answers, and the statements that make and end them.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, Timestamp};

const END: Sql =
    Sql::both("UPDATE shares SET ended_at = $1 WHERE account_id = $2 AND subject_id = $3 AND ended_at IS NULL");
const ADD: Sql = Sql::both(
    "INSERT INTO shares (token_hash, account_id, subject_id, request_key, made_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (account_id, request_key) DO NOTHING",
);
const OF_REQUEST: Sql = Sql::both("SELECT subject_id FROM shares WHERE account_id = $1 AND request_key = $2");
const OF_SUBJECT: Sql = Sql::both(
    "SELECT subject_id, made_at FROM shares WHERE account_id = $1 AND subject_id = $2 AND ended_at IS NULL
     ORDER BY made_at DESC LIMIT 1",
);
const LIST: Sql = Sql::both(
    "SELECT subject_id, made_at FROM shares WHERE account_id = $1 AND ended_at IS NULL
       AND ($3 = '' OR (made_at, subject_id) < (SELECT max(c.made_at), c.subject_id FROM shares c
         WHERE c.account_id = $1 AND c.subject_id = $3 GROUP BY c.subject_id))
     ORDER BY made_at DESC, subject_id DESC LIMIT $2",
);
const OPENED: Sql = Sql::both("SELECT account_id, subject_id FROM shares WHERE token_hash = $1 AND ended_at IS NULL");

/// A link about to be made.
#[derive(Clone, Debug)]
pub struct NewShare<'a> {
    pub token_hash: String,
    pub account: AccountId,
    pub subject: &'a str,
    pub request: &'a str,
    pub at: Timestamp,
}

/// Makes a link in the place of the one there was, with its line of the log; false when the same request made one before.
pub async fn add_share(database: &Database, share: &NewShare<'_>, line: Statement) -> Result<bool, StoreError> {
    let account = share.account.to_string();
    let mut transaction = database.begin().await?;
    transaction.execute(end(share.account, share.subject, share.at)).await?;
    let args = vec![
        share.token_hash.as_str().into(),
        account.into(),
        share.subject.into(),
        share.request.into(),
        share.at.millis().into(),
    ];
    // Left uncommitted, a replay ends nothing.
    if transaction.execute(Statement::new(ADD, args)).await? == 0 {
        return Ok(false);
    }
    transaction.execute(line).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends an answer's link, with its line of the log; false when there is none.
pub async fn end_share(
    database: &Database,
    account: AccountId,
    subject: &str,
    at: Timestamp,
    line: Statement,
) -> Result<bool, StoreError> {
    let mut transaction = database.begin().await?;
    if transaction.execute(end(account, subject, at)).await? == 0 {
        return Ok(false);
    }
    transaction.execute(line).await?;
    transaction.commit().await?;
    Ok(true)
}

fn end(account: AccountId, subject: &str, at: Timestamp) -> Statement {
    Statement::new(END, vec![at.millis().into(), account.to_string().into(), subject.into()])
}

/// What a request made a link to, whether or not that has ended.
pub async fn shared_by_request(
    database: &Database,
    account: AccountId,
    request: &str,
) -> Result<Option<String>, StoreError> {
    let args = vec![account.to_string().into(), request.into()];
    database.fetch_one(OF_REQUEST, args).await?.map(|row| row.text(0)).transpose()
}

pub async fn share_of(database: &Database, account: AccountId, subject: &str) -> Result<Option<Row>, StoreError> {
    database.fetch_one(OF_SUBJECT, vec![account.to_string().into(), subject.into()]).await
}

/// The links of an account, the latest first; those made before the one of `before` where that is given.
pub async fn shares(
    database: &Database,
    account: AccountId,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    database.fetch(LIST, vec![account.to_string().into(), limit.into(), before.unwrap_or_default().into()]).await
}

/// Whose answer a link opens, and which.
pub async fn shared(database: &Database, token_hash: &str) -> Result<Option<Row>, StoreError> {
    database.fetch_one(OPENED, vec![token_hash.into()]).await
}
