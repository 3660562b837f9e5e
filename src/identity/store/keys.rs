//! API keys and the secrets they had before.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, KeyId, Timestamp};

const ADD_KEY: Sql = Sql::both(
    "INSERT INTO api_keys
       (id, kind, account_id, name, prefix, secret_hash, created_by, created_at, scopes, expires_at, fingerprint)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
);
const LIVE_KEYS: Sql = Sql::both(
    "SELECT cast(count(*) AS bigint) FROM api_keys
     WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
);
/// One column list for every read, in the order of `ApiKey::read`.
macro_rules! key_columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, prefix, created_at, last_used_at, revoked_at, scopes, expires_at, fingerprint,
               (SELECT max(f.expires_at) FROM former_secrets f WHERE f.key_id = api_keys.id)
             FROM api_keys ",
            $rest
        )
    };
}
const KEYS: Sql = Sql::both(key_columns!(
    "WHERE account_id = $1 AND ($3 = '' OR (created_at, id) <
       (SELECT c.created_at, c.id FROM api_keys c WHERE c.account_id = $1 AND c.id = $3))
     ORDER BY created_at DESC, id DESC LIMIT $2"
));
const ONE_KEY: Sql = Sql::both(key_columns!("WHERE account_id = $1 AND id = $2"));
const OPERATOR_KEYS: Sql =
    Sql::both(key_columns!("WHERE account_id IS NULL ORDER BY created_at DESC, id DESC LIMIT $1"));
/// By the secret that a key has, or had before its rotation: one statement.
const KEY_BY_SECRET: Sql = Sql::both(
    "SELECT secret_hash, id, account_id, last_used_at, scopes, expires_at, cast(NULL AS bigint) FROM api_keys
     WHERE secret_hash = $1 AND revoked_at IS NULL
     UNION ALL
     SELECT f.secret_hash, k.id, k.account_id, k.last_used_at, k.scopes, k.expires_at, f.expires_at
     FROM former_secrets f JOIN api_keys k ON k.id = f.key_id
     WHERE f.secret_hash = $1 AND k.revoked_at IS NULL",
);
const KEYS_BY_SECRET: Sql = Sql::each(
    "SELECT secret_hash, id, account_id, last_used_at, scopes, expires_at, cast(NULL AS bigint) FROM api_keys
     WHERE secret_hash IN (SELECT value FROM json_each($1)) AND revoked_at IS NULL
     UNION ALL
     SELECT f.secret_hash, k.id, k.account_id, k.last_used_at, k.scopes, k.expires_at, f.expires_at
     FROM former_secrets f JOIN api_keys k ON k.id = f.key_id
     WHERE f.secret_hash IN (SELECT value FROM json_each($1)) AND k.revoked_at IS NULL",
    "SELECT secret_hash, id, account_id, last_used_at, scopes, expires_at, cast(NULL AS bigint) FROM api_keys
     WHERE secret_hash = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AND revoked_at IS NULL
     UNION ALL
     SELECT f.secret_hash, k.id, k.account_id, k.last_used_at, k.scopes, k.expires_at, f.expires_at
     FROM former_secrets f JOIN api_keys k ON k.id = f.key_id
     WHERE f.secret_hash = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AND k.revoked_at IS NULL",
);
const KEEP_FORMER: Sql = Sql::both(
    "INSERT INTO former_secrets (secret_hash, key_id, expires_at)
     SELECT secret_hash, id, cast($1 AS bigint) FROM api_keys
     WHERE id = $2 AND account_id = $3 AND revoked_at IS NULL AND rotation <> $4",
);
/// A secret that was rotated twice ends with the time it was given then, or at once if that is sooner.
const SHORTEN_FORMER: Sql =
    Sql::both("UPDATE former_secrets SET expires_at = $1 WHERE key_id = $2 AND expires_at > $1");
/// No maker's text is a star.
const ROTATE: Sql = Sql::both(
    "UPDATE api_keys SET secret_hash = $1, prefix = $2, rotation = $3,
       created_by = CASE WHEN coalesce(created_by, '*') = $6 THEN created_by ELSE '' END
     WHERE id = $4 AND account_id = $5 AND revoked_at IS NULL AND rotation <> $3",
);
const REVOKE_KEY: Sql =
    Sql::both("UPDATE api_keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND account_id = $3");
const REVOKE_OPERATOR_KEY: Sql =
    Sql::both("UPDATE api_keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND account_id IS NULL");
/// For whom a key acts, what they are called, and what they are to the account now.
const KEY_MAKER: Sql = Sql::both(
    "SELECT k.created_by, u.name, m.role FROM api_keys k
     LEFT JOIN users u ON u.id = k.created_by
     LEFT JOIN members m ON m.user_id = k.created_by AND m.account_id = $2
     WHERE k.id = $1 AND k.account_id = $2",
);
const KEY_USED: Sql =
    Sql::both("UPDATE api_keys SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)");

/// A key about to be kept.
#[derive(Clone, Debug)]
pub struct KeyRow<'a> {
    pub id: KeyId,
    /// The customer's account; an operator's key has none.
    pub account: Option<AccountId>,
    pub name: &'a str,
    pub prefix: &'a str,
    pub secret_hash: &'a str,
    /// The maker, as it is kept.
    pub by: Option<String>,
    pub created_at: Timestamp,
    pub scopes: &'a str,
    pub expires_at: Option<Timestamp>,
    pub fingerprint: &'a str,
}

/// A key's new secret, and until when its former one is good.
#[derive(Clone, Debug)]
pub struct Rotation<'a> {
    pub account: AccountId,
    pub key: KeyId,
    pub secret_hash: String,
    pub prefix: String,
    pub until: Timestamp,
    pub request: &'a str,
    /// Who rotates it, as a maker is kept.
    pub by: Option<String>,
}

/// Keeps a key with what is written along; false when one of this id is kept already.
pub async fn add_key(database: &Database, key: &KeyRow<'_>, along: Vec<Statement>) -> Result<bool, StoreError> {
    let kind = if key.account.is_some() { "customer" } else { "operator" };
    let args = vec![
        key.id.to_string().into(),
        kind.into(),
        key.account.map(|account| account.to_string()).into(),
        key.name.into(),
        key.prefix.into(),
        key.secret_hash.into(),
        key.by.clone().into(),
        key.created_at.millis().into(),
        key.scopes.into(),
        key.expires_at.map(Timestamp::millis).into(),
        key.fingerprint.into(),
    ];
    database.write_if(Statement::new(ADD_KEY, args), along).await
}

/// Puts a new secret in force; false when the same request did, or there is no such key in force.
pub async fn rotate_key(
    database: &Database,
    rotation: &Rotation<'_>,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let (key, account) = (rotation.key.to_string(), rotation.account.to_string());
    let until = rotation.until.millis();
    let keep = vec![until.into(), key.as_str().into(), account.as_str().into(), rotation.request.into()];
    let rotate = vec![
        rotation.secret_hash.as_str().into(),
        rotation.prefix.as_str().into(),
        rotation.request.into(),
        key.as_str().into(),
        account.into(),
        rotation.by.as_deref().unwrap_or("*").into(),
    ];
    let mut rows = vec![Statement::new(SHORTEN_FORMER, vec![until.into(), key.into()]), Statement::new(ROTATE, rotate)];
    rows.extend(along);
    database.write_if(Statement::new(KEEP_FORMER, keep), rows).await
}

pub async fn live_keys(database: &Database, account: AccountId, now: Timestamp) -> Result<i64, StoreError> {
    let row = database.fetch_one(LIVE_KEYS, vec![account.to_string().into(), now.millis().into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// An account's keys, newest first; those behind `before` where that is given.
pub async fn keys(
    database: &Database,
    account: AccountId,
    before: Option<KeyId>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    database.fetch(KEYS, vec![account.to_string().into(), limit.into(), before.into()]).await
}

pub async fn key(database: &Database, account: AccountId, key: KeyId) -> Result<Option<Row>, StoreError> {
    database.fetch_one(ONE_KEY, vec![account.to_string().into(), key.to_string().into()]).await
}

pub async fn operator_keys(database: &Database, limit: i64) -> Result<Vec<Row>, StoreError> {
    database.fetch(OPERATOR_KEYS, vec![limit.into()]).await
}

/// The keys in force among those with these hashes of their secrets.
pub async fn keys_by_secret(database: &Database, hashes: &[String]) -> Result<Vec<Row>, StoreError> {
    match hashes {
        [one] => database.fetch(KEY_BY_SECRET, vec![one.as_str().into()]).await,
        several => database.fetch(KEYS_BY_SECRET, vec![serde_json::json!(several).to_string().into()]).await,
    }
}

/// Revokes a key of this account; false when it has no such key. Revoking twice keeps the first moment.
pub async fn revoke_key(
    database: &Database,
    account: AccountId,
    key: KeyId,
    now: Timestamp,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let args = vec![now.millis().into(), key.to_string().into(), account.to_string().into()];
    database.write_if(Statement::new(REVOKE_KEY, args), along).await
}

/// Revokes an operator's key; false when there is no such one. Revoking twice keeps the first moment.
pub async fn revoke_operator_key(database: &Database, key: KeyId, now: Timestamp) -> Result<bool, StoreError> {
    let args = vec![now.millis().into(), key.to_string().into()];
    let touched = database.write(vec![Statement::new(REVOKE_OPERATOR_KEY, args)]).await?;
    Ok(touched.first().is_some_and(|rows| *rows > 0))
}

/// A key's maker as it is kept, and their name and role, if they are a member still.
pub async fn key_maker(database: &Database, key: KeyId, account: AccountId) -> Result<Option<Row>, StoreError> {
    database.fetch_one(KEY_MAKER, vec![key.to_string().into(), account.to_string().into()]).await
}

pub fn key_used(key: KeyId, now: Timestamp) -> Statement {
    Statement::new(KEY_USED, vec![now.millis().into(), key.to_string().into()])
}
