//! Endpoints.

use crate::billing::store::{Database, Row, SealedColumn, Sql, Statement, StoreError};
use crate::hooks::endpoint::{Endpoint, EndpointState, Kinds};
use crate::ledger::{AccountId, EndpointId, Timestamp};

const ADD: Sql = Sql::both(
    "INSERT INTO webhook_endpoints (id, account_id, url, description, kinds, secret, state, fingerprint, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'on', $7, $8) ON CONFLICT (id) DO NOTHING",
);
const COUNT: Sql = Sql::both("SELECT cast(count(*) AS bigint) FROM webhook_endpoints WHERE account_id = $1");
const LIST: Sql = Sql::both(
    "SELECT id, account_id, url, description, kinds, state, former_until, failing_since, created_at, stopped_at,
       fingerprint
     FROM webhook_endpoints WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
);
const ONE: Sql = Sql::both(
    "SELECT id, account_id, url, description, kinds, state, former_until, failing_since, created_at, stopped_at,
       fingerprint
     FROM webhook_endpoints WHERE account_id = $1 AND id = $2",
);
/// Turned on again, it begins anew: neither stopped nor failing.
const CHANGE: Sql = Sql::both(
    "UPDATE webhook_endpoints SET url = $1, description = $2, kinds = $3, state = $4,
       failing_since = CASE WHEN state = $4 THEN failing_since ELSE NULL END,
       stopped_at = CASE WHEN state = $4 THEN stopped_at ELSE NULL END,
       stop_told_at = CASE WHEN state = $4 THEN stop_told_at ELSE NULL END
     WHERE account_id = $5 AND id = $6",
);
const ROTATE: Sql = Sql::both(
    "UPDATE webhook_endpoints SET former_secret = secret, former_until = $1, secret = $2, rotation = $5
     WHERE account_id = $3 AND id = $4 AND rotation <> $5",
);
const REMOVE: Sql = Sql::both("DELETE FROM webhook_endpoints WHERE account_id = $1 AND id = $2");
const REMOVE_DELIVERIES: Sql = Sql::both("DELETE FROM webhook_deliveries WHERE endpoint_id = $1");
const REMOVE_ATTEMPTS: Sql = Sql::both("DELETE FROM webhook_attempts WHERE endpoint_id = $1");
const SUCCEEDED: Sql =
    Sql::both("UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL");
const FAILED: Sql =
    Sql::both("UPDATE webhook_endpoints SET failing_since = $1 WHERE id = $2 AND failing_since IS NULL");
const STOP: Sql = Sql::both(
    "UPDATE webhook_endpoints SET state = 'stopped', stopped_at = $1
     WHERE id = $2 AND state = 'on' AND failing_since <= $3",
);
const UNTOLD: Sql = Sql::both(
    "SELECT id, account_id, url, description, kinds, state, former_until, failing_since, created_at, stopped_at,
       fingerprint
     FROM webhook_endpoints WHERE state = 'stopped' AND stop_told_at IS NULL ORDER BY id LIMIT 100",
);
const TOLD: Sql = Sql::both(
    "UPDATE webhook_endpoints SET stop_told_at = $1 WHERE id = $2 AND stop_told_at IS NULL AND state = 'stopped'",
);

const FORGET_FORMER: Sql =
    Sql::both("UPDATE webhook_endpoints SET former_secret = NULL, former_until = NULL WHERE former_until <= $1");
/// The two columns that hold signing secrets.
pub const SEALED: [SealedColumn; 2] = [
    SealedColumn {
        read: Sql::both(
            "SELECT id, secret FROM webhook_endpoints WHERE id > $1 AND secret NOT LIKE $2
             ORDER BY id LIMIT cast($3 AS bigint)",
        ),
        write: Sql::both("UPDATE webhook_endpoints SET secret = $1 WHERE id = $2 AND secret = $3"),
    },
    SealedColumn {
        read: Sql::both(
            "SELECT id, former_secret FROM webhook_endpoints
             WHERE id > $1 AND former_secret IS NOT NULL AND former_secret NOT LIKE $2
             ORDER BY id LIMIT cast($3 AS bigint)",
        ),
        write: Sql::both("UPDATE webhook_endpoints SET former_secret = $1 WHERE id = $2 AND former_secret = $3"),
    },
];

/// Keeps an endpoint with its sealed secret and what is written along; false when one of this id is kept already.
pub async fn add_endpoint(
    database: &Database,
    endpoint: &Endpoint,
    sealed: &str,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let args = vec![
        endpoint.id.to_string().into(),
        endpoint.account.to_string().into(),
        endpoint.url.as_str().into(),
        endpoint.description.as_str().into(),
        endpoint.kinds.stored().into(),
        sealed.into(),
        endpoint.fingerprint.as_str().into(),
        endpoint.created_at.millis().into(),
    ];
    database.write_if(Statement::new(ADD, args), along).await
}

pub async fn count_endpoints(database: &Database, account: AccountId) -> Result<i64, StoreError> {
    let row = database.fetch_one(COUNT, vec![account.to_string().into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

pub async fn endpoints(database: &Database, account: AccountId, limit: i64) -> Result<Vec<Endpoint>, StoreError> {
    database.fetch(LIST, vec![account.to_string().into(), limit.into()]).await?.iter().map(read).collect()
}

pub async fn endpoint(database: &Database, account: AccountId, id: EndpointId) -> Result<Option<Endpoint>, StoreError> {
    database
        .fetch_one(ONE, vec![account.to_string().into(), id.to_string().into()])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Sets what the customer may set, with what is written along; false when the account has no such endpoint.
pub async fn change_endpoint(
    database: &Database,
    endpoint: &Endpoint,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let args = vec![
        endpoint.url.as_str().into(),
        endpoint.description.as_str().into(),
        endpoint.kinds.stored().into(),
        endpoint.state.name().into(),
        endpoint.account.to_string().into(),
        endpoint.id.to_string().into(),
    ];
    database.write_if(Statement::new(CHANGE, args), along).await
}

/// Puts a new sealed secret in force; the former one goes on signing until the given moment. False when the same request did.
pub async fn rotate(
    database: &Database,
    (account, id): (AccountId, EndpointId),
    (sealed, request): (&str, &str),
    former_until: Timestamp,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let args = vec![
        former_until.millis().into(),
        sealed.into(),
        account.to_string().into(),
        id.to_string().into(),
        request.into(),
    ];
    database.write_if(Statement::new(ROTATE, args), along).await
}

/// Forgets an endpoint with all that was sent to it; false when the account has none of this id.
pub async fn remove(
    database: &Database,
    account: AccountId,
    id: EndpointId,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let args = vec![account.to_string().into(), id.to_string().into()];
    let sent = [REMOVE_DELIVERIES, REMOVE_ATTEMPTS];
    let others = sent.map(|sql| Statement::new(sql, vec![id.to_string().into()])).into_iter().chain(along);
    database.write_if(Statement::new(REMOVE, args), others.collect()).await
}

/// Forgets former secrets that no longer sign.
pub fn forget_former(now: Timestamp) -> Statement {
    Statement::new(FORGET_FORMER, vec![now.millis().into()])
}

pub fn succeeded(id: EndpointId) -> Statement {
    Statement::new(SUCCEEDED, vec![id.to_string().into()])
}

pub fn failed(id: EndpointId, now: Timestamp) -> Statement {
    Statement::new(FAILED, vec![now.millis().into(), id.to_string().into()])
}

/// Stops an endpoint that nothing has reached since the given moment.
pub fn stop(id: EndpointId, now: Timestamp, failing_since: Timestamp) -> Statement {
    Statement::new(STOP, vec![now.millis().into(), id.to_string().into(), failing_since.millis().into()])
}

/// The endpoints that were stopped and whose owners were not told.
pub async fn stopped_untold(database: &Database) -> Result<Vec<Endpoint>, StoreError> {
    database.fetch(UNTOLD, Vec::new()).await?.iter().map(read).collect()
}

pub fn told(id: EndpointId, now: Timestamp) -> Statement {
    Statement::new(TOLD, vec![now.millis().into(), id.to_string().into()])
}

fn read(row: &Row) -> Result<Endpoint, StoreError> {
    let state: EndpointState = row.parsed(5)?;
    Ok(Endpoint {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        url: row.text(2)?,
        description: row.text(3)?,
        kinds: Kinds::from_stored(&row.text(4)?),
        state,
        former_until: row.maybe_int(6)?.map(Timestamp::from_millis),
        failing_since: row.maybe_int(7)?.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.int(8)?),
        stopped_at: row.maybe_int(9)?.map(Timestamp::from_millis),
        fingerprint: row.text(10)?,
    })
}
