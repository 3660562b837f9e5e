//! Operators, what they look for, and the customer one looks at for a while.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, SessionId, Timestamp, UserId};

const CONFIRMED: Sql = Sql::both("SELECT id, name FROM users WHERE email_key = $1 AND confirmed_at IS NOT NULL");
const ADD: Sql =
    Sql::both("INSERT INTO operators (user_id, created_at) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING");
const REMOVE: Sql = Sql::both("DELETE FROM operators WHERE user_id = $1");
const LIST: Sql = Sql::both(
    "SELECT u.id, u.name, u.email, o.created_at FROM operators o JOIN users u ON u.id = o.user_id ORDER BY u.email",
);
const ACCOUNTS_OF: Sql = Sql::both(
    "SELECT DISTINCT m.account_id FROM members m JOIN users u ON u.id = m.user_id
     WHERE u.email_key LIKE $1 ESCAPE '!' ORDER BY m.account_id DESC LIMIT $2",
);
const MEMBERS_OF: Sql = Sql::both(
    "SELECT u.id, u.name, u.email, m.role, m.created_at FROM members m JOIN users u ON u.id = m.user_id
     WHERE m.account_id = $1 ORDER BY m.created_at, u.id LIMIT $2",
);
const SEE: Sql = Sql::both("UPDATE sessions SET seeing_account = $1, seeing_until = $2 WHERE id = $3 AND user_id = $4");
const SEE_NOBODY: Sql =
    Sql::both("UPDATE sessions SET seeing_account = NULL, seeing_until = NULL WHERE id = $1 AND user_id = $2");

/// A confirmed person by the address they sign in with: id and name.
pub async fn confirmed(database: &Database, email_key: &str) -> Result<Option<Row>, StoreError> {
    database.fetch_one(CONFIRMED, vec![email_key.into()]).await
}

pub fn add_operator(user: UserId, now: Timestamp) -> Statement {
    Statement::new(ADD, vec![user.to_string().into(), now.millis().into()])
}

pub fn remove_operator(user: UserId) -> Statement {
    Statement::new(REMOVE, vec![user.to_string().into()])
}

pub async fn operators(database: &Database) -> Result<Vec<Row>, StoreError> {
    database.fetch(LIST, Vec::new()).await
}

/// The accounts of people whose address contains the text.
pub async fn accounts_of(database: &Database, text: &str, limit: i64) -> Result<Vec<AccountId>, StoreError> {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let rows = database.scan(ACCOUNTS_OF, vec![format!("%{escaped}%").into(), limit.into()]).await?;
    rows.iter().map(|row| row.parsed(0)).collect()
}

/// An account's members, the longest there first.
pub async fn members_of(database: &Database, account: AccountId, limit: i64) -> Result<Vec<Row>, StoreError> {
    database.fetch(MEMBERS_OF, vec![account.to_string().into(), limit.into()]).await
}

/// Lets a session see a customer's account until then.
pub fn see(session: SessionId, user: UserId, account: AccountId, until: Timestamp) -> Statement {
    let args =
        vec![account.to_string().into(), until.millis().into(), session.to_string().into(), user.to_string().into()];
    Statement::new(SEE, args)
}

pub fn see_nobody(session: SessionId, user: UserId) -> Statement {
    Statement::new(SEE_NOBODY, vec![session.to_string().into(), user.to_string().into()])
}
