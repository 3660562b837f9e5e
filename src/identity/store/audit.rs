//! The audit log's rows: added and read, never changed.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, AuditId, Timestamp, UserId};

/// One column list for every read, in the order of `AuditLine::read`.
macro_rules! audit_columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, at, actor_kind, actor_id, actor_name, account_id, user_id, action, detail FROM audit_log ",
            $rest
        )
    };
}

const ADD: Sql = Sql::both(
    "INSERT INTO audit_log (id, at, actor_kind, actor_id, actor_name, account_id, user_id, action, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
const OF_ACCOUNT: Sql = Sql::both(audit_columns!("WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"));
const OF_USER: Sql = Sql::both(audit_columns!("WHERE user_id = $1 ORDER BY id DESC LIMIT $2"));
const OF_EVERYTHING: Sql = Sql::both(audit_columns!("WHERE id < $1 ORDER BY id DESC LIMIT $2"));

/// Greater than every id, in every collation: a ULID begins with 0 to 7.
const AFTER_ALL: &str = "AUD_8";

/// A line about to be written.
#[derive(Clone, Debug)]
pub struct NewAudit {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor_kind: &'static str,
    pub actor_id: Option<String>,
    pub actor_name: String,
    pub account: Option<AccountId>,
    pub user: Option<UserId>,
    pub action: String,
    pub detail: String,
}

pub fn add_audit(line: &NewAudit) -> Statement {
    let args = vec![
        line.id.to_string().into(),
        line.at.millis().into(),
        line.actor_kind.into(),
        line.actor_id.clone().into(),
        line.actor_name.as_str().into(),
        line.account.map(|account| account.to_string()).into(),
        line.user.map(|user| user.to_string()).into(),
        line.action.as_str().into(),
        line.detail.as_str().into(),
    ];
    Statement::new(ADD, args)
}

pub async fn audit_of_account(
    database: &Database,
    account: AccountId,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    database.fetch(OF_ACCOUNT, vec![account.to_string().into(), bound(before).into(), limit.into()]).await
}

pub async fn audit_of_user(database: &Database, user: UserId, limit: i64) -> Result<Vec<Row>, StoreError> {
    database.fetch(OF_USER, vec![user.to_string().into(), limit.into()]).await
}

pub async fn audit_of_everything(
    database: &Database,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    database.fetch(OF_EVERYTHING, vec![bound(before).into(), limit.into()]).await
}

fn bound(before: Option<AuditId>) -> String {
    before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string())
}
