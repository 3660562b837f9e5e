//! Passkeys, and what browsers were asked to sign.

use super::super::token;
use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{PasskeyId, Timestamp, UserId};

const PASSKEYS: Sql = Sql::both(
    "SELECT id, name, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY created_at, id LIMIT $2",
);
const CREDENTIALS: Sql = Sql::both("SELECT passkey FROM passkeys WHERE user_id = $1");
const PASSKEY: Sql = Sql::both("SELECT id, user_id, passkey FROM passkeys WHERE credential_id = $1");
const ADD: Sql = Sql::both(
    "INSERT INTO passkeys (id, user_id, credential_id, name, passkey, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
);
const REMOVE: Sql = Sql::both("DELETE FROM passkeys WHERE user_id = $1 AND id = $2");
const RENAME: Sql = Sql::both("UPDATE passkeys SET name = $1 WHERE user_id = $2 AND id = $3");
const USED: Sql = Sql::both("UPDATE passkeys SET passkey = $1, last_used_at = $2 WHERE id = $3");

const ADD_CHALLENGE: Sql =
    Sql::both("INSERT INTO challenges (token_hash, purpose, user_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)");
const SWEEP: Sql = Sql::both("DELETE FROM challenges WHERE expires_at <= $1");
const CHALLENGE: Sql =
    Sql::both("SELECT user_id, state FROM challenges WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3");
const TAKE: Sql = Sql::both("DELETE FROM challenges WHERE token_hash = $1");

pub async fn passkeys(database: &Database, user: UserId, limit: i64) -> Result<Vec<Row>, StoreError> {
    database.fetch(PASSKEYS, vec![user.to_string().into(), limit.into()]).await
}

/// The public keys of a person's passkeys, as the library writes them.
pub async fn credentials(database: &Database, user: UserId) -> Result<Vec<Row>, StoreError> {
    database.fetch(CREDENTIALS, vec![user.to_string().into()]).await
}

/// A passkey by its credential: id, owner, and public key.
pub async fn passkey(database: &Database, credential: &str) -> Result<Option<Row>, StoreError> {
    database.fetch_one(PASSKEY, vec![credential.into()]).await
}

/// A passkey about to be kept.
#[derive(Clone, Debug)]
pub struct NewPasskey<'a> {
    pub id: PasskeyId,
    pub user: UserId,
    pub credential: String,
    pub name: &'a str,
    pub passkey: String,
    pub created_at: Timestamp,
}

pub fn add_passkey(new: &NewPasskey<'_>) -> Statement {
    let args = vec![
        new.id.to_string().into(),
        new.user.to_string().into(),
        new.credential.as_str().into(),
        new.name.into(),
        new.passkey.as_str().into(),
        new.created_at.millis().into(),
    ];
    Statement::new(ADD, args)
}

pub fn remove_passkey(user: UserId, id: PasskeyId) -> Statement {
    Statement::new(REMOVE, vec![user.to_string().into(), id.to_string().into()])
}

pub fn rename_passkey(user: UserId, id: PasskeyId, name: &str) -> Statement {
    Statement::new(RENAME, vec![name.into(), user.to_string().into(), id.to_string().into()])
}

/// Notes a use, with the counter that came with it.
pub fn passkey_used(id: PasskeyId, passkey: &str, now: Timestamp) -> Statement {
    Statement::new(USED, vec![passkey.into(), now.millis().into(), id.to_string().into()])
}

/// A challenge about to be kept.
#[derive(Clone, Debug)]
pub struct NewChallenge<'a> {
    pub secret: &'a str,
    pub purpose: &'static str,
    pub user: Option<UserId>,
    pub state: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

/// The rows of a challenge; those whose time is over go.
pub fn add_challenge(new: &NewChallenge<'_>) -> Vec<Statement> {
    let add = vec![
        token::hash(new.secret).into(),
        new.purpose.into(),
        new.user.map(|user| user.to_string()).into(),
        new.state.into(),
        new.expires_at.millis().into(),
    ];
    vec![Statement::new(SWEEP, vec![new.now.millis().into()]), Statement::new(ADD_CHALLENGE, add)]
}

/// Takes a challenge out: whose it is, and its state. None when it is unknown, over, or was taken a moment ago.
pub async fn take_challenge(
    database: &Database,
    purpose: &str,
    secret: &str,
    now: Timestamp,
) -> Result<Option<(Option<UserId>, String)>, StoreError> {
    let hash = token::hash(secret);
    let mut transaction = database.begin().await?;
    let args = vec![hash.as_str().into(), purpose.into(), now.millis().into()];
    let rows = transaction.fetch(CHALLENGE, args).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    if transaction.execute(Statement::new(TAKE, vec![hash.into()])).await? == 0 {
        return Ok(None);
    }
    transaction.commit().await?;
    let user = row.maybe_text(0)?.map(|_| row.parsed(0)).transpose()?;
    Ok(Some((user, row.text(1)?)))
}
