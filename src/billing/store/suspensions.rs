//! Who was suspended when, and why.

use super::{Database, Row, Sql, Statement, StoreError};
use crate::billing::Suspension;
use crate::ledger::{AccountId, KeyId};

const ADD: Sql = Sql::both(
    "insert into suspensions (account_id, request, suspended, reason, key_id, at) values ($1, $2, $3, $4, $5, $6)",
);

const LAST: Sql =
    Sql::both("select suspended, reason, at from suspensions where account_id = $1 order by at desc, request limit 1");

/// The row that keeps one change and its reason.
pub fn write_suspension(account: AccountId, request: &str, what: &Suspension, key: Option<KeyId>) -> Statement {
    let args = vec![
        account.to_string().into(),
        request.into(),
        i64::from(what.suspended).into(),
        what.reason.as_str().into(),
        key.map(|key| key.to_string()).into(),
        what.at.millis().into(),
    ];
    Statement::new(ADD, args)
}

/// The last change: whether it suspended, why, and when.
pub async fn last_suspension(database: &Database, account: AccountId) -> Result<Option<Row>, StoreError> {
    database.fetch_one(LAST, vec![account.to_string().into()]).await
}
