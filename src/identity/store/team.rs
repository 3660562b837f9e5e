//! Members and invitations.

use super::super::roles::Role;
use super::super::token;
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Transaction};
use crate::ledger::{AccountId, InvitationId, SessionId, Timestamp, UserId};

const MEMBERSHIPS: Sql =
    Sql::both("SELECT account_id, role FROM members WHERE user_id = $1 ORDER BY created_at, account_id LIMIT $2");
const JOIN: Sql = Sql::both(
    "INSERT INTO members (account_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id, user_id) DO NOTHING",
);
const SWITCH: Sql = Sql::both(
    "UPDATE sessions SET account_id = $1 WHERE id = $2 AND user_id = $3
       AND EXISTS (SELECT 1 FROM members WHERE account_id = $1 AND user_id = $3)",
);
/// Two owners who let each other go at once would leave none: whoever comes second waits here.
const LOCK_OWNERS: Sql = Sql::both("UPDATE members SET role = role WHERE account_id = $1 AND role = 'owner'");
const SET_ROLE: Sql = Sql::both(
    "UPDATE members SET role = $1 WHERE account_id = $2 AND user_id = $3 AND (role <> 'owner' OR $1 = 'owner'
       OR EXISTS (SELECT 1 FROM members o WHERE o.account_id = $2 AND o.role = 'owner' AND o.user_id <> $3))",
);
const LEAVE: Sql = Sql::both(
    "DELETE FROM members WHERE account_id = $1 AND user_id = $2 AND (role <> 'owner'
       OR EXISTS (SELECT 1 FROM members o WHERE o.account_id = $1 AND o.role = 'owner' AND o.user_id <> $2))",
);
/// A session that was in the account goes to another of the person's; without one it is nobody's.
const MOVE_SESSIONS: Sql = Sql::both(
    "UPDATE sessions SET account_id = coalesce(
       (SELECT m.account_id FROM members m WHERE m.user_id = $2 ORDER BY m.created_at, m.account_id LIMIT 1), account_id)
     WHERE user_id = $2 AND account_id = $1",
);

/// One column list for every read, in the order of `Invitation::read`.
macro_rules! invitation_columns {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.account_id, i.email, i.email_key, i.role, coalesce(u.name, ''), i.created_at, i.expires_at ",
            "FROM invitations i LEFT JOIN users u ON u.id = i.invited_by WHERE ",
            $rest
        )
    };
}

const ADD: Sql = Sql::both(
    "INSERT INTO invitations (id, token_hash, account_id, email, email_key, role, invited_by, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
const SINCE: Sql =
    Sql::both("SELECT cast(count(*) AS bigint) FROM invitations WHERE account_id = $1 AND created_at > $2");
const REPLACE: Sql = Sql::both(
    "UPDATE invitations SET outcome = 'revoked', ended_at = $1
     WHERE account_id = $2 AND email_key = $3 AND outcome IS NULL",
);
const OF_ACCOUNT: Sql = Sql::both(invitation_columns!(
    "i.outcome IS NULL AND i.account_id = $1 AND i.expires_at > $2 ORDER BY i.created_at DESC, i.id DESC LIMIT $3"
));
const FOR_EMAIL: Sql = Sql::both(invitation_columns!(
    "i.outcome IS NULL AND i.email_key = $1 AND i.expires_at > $2 ORDER BY i.created_at DESC, i.id DESC LIMIT $3"
));
const BY_TOKEN: Sql = Sql::both(invitation_columns!("i.outcome IS NULL AND i.token_hash = $1 AND i.expires_at > $2"));
const BY_ID: Sql = Sql::both(invitation_columns!("i.outcome IS NULL AND i.id = $1 AND i.expires_at > $2"));
const ANY_BY_ID: Sql = Sql::both(invitation_columns!("i.id = $1"));
const END: Sql = Sql::both(
    "UPDATE invitations SET outcome = $1, ended_at = $2 WHERE id = $3 AND outcome IS NULL AND expires_at > $2",
);

/// A person's accounts and what they are to each.
pub async fn memberships(database: &Database, user: UserId, limit: i64) -> Result<Vec<Row>, StoreError> {
    database.fetch(MEMBERSHIPS, vec![user.to_string().into(), limit.into()]).await
}

pub fn join(account: AccountId, user: UserId, role: Role, now: Timestamp) -> Statement {
    let args = vec![account.to_string().into(), user.to_string().into(), role.name().into(), now.millis().into()];
    Statement::new(JOIN, args)
}

/// Puts a session into another account of the person's; touches nothing when it is none of theirs.
pub fn switch(session: SessionId, user: UserId, account: AccountId) -> Statement {
    Statement::new(SWITCH, vec![account.to_string().into(), session.to_string().into(), user.to_string().into()])
}

/// Sets a member's role; false when they are the last owner, or no member.
pub async fn set_role(
    database: &Database,
    account: AccountId,
    user: UserId,
    role: Role,
    line: Statement,
) -> Result<bool, StoreError> {
    let args = vec![role.name().into(), account.to_string().into(), user.to_string().into()];
    if_touched(database, account, Statement::new(SET_ROLE, args), vec![line]).await
}

/// Takes a member out of an account, and their sessions with them; false when they are the last owner, or no member.
pub async fn leave(database: &Database, account: AccountId, user: UserId, line: Statement) -> Result<bool, StoreError> {
    let args = || vec![account.to_string().into(), user.to_string().into()];
    let move_sessions = Statement::new(MOVE_SESSIONS, args());
    if_touched(database, account, Statement::new(LEAVE, args()), vec![move_sessions, line]).await
}

async fn if_touched(
    database: &Database,
    account: AccountId,
    first: Statement,
    follows: Vec<Statement>,
) -> Result<bool, StoreError> {
    let mut transaction: Transaction = database.begin().await?;
    transaction.execute(Statement::new(LOCK_OWNERS, vec![account.to_string().into()])).await?;
    if transaction.execute(first).await? == 0 {
        return Ok(false);
    }
    for statement in follows {
        transaction.execute(statement).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// An invitation about to be mailed.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    pub id: InvitationId,
    pub secret: &'a str,
    pub account: AccountId,
    pub email: &'a str,
    pub email_key: &'a str,
    pub role: Role,
    /// The person or key.
    pub by: &'a str,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The rows of an invitation; an earlier one to the same address no longer counts.
pub fn add_invitation(new: &NewInvitation<'_>) -> Vec<Statement> {
    let replace = vec![new.created_at.millis().into(), new.account.to_string().into(), new.email_key.into()];
    let add = vec![
        new.id.to_string().into(),
        token::hash(new.secret).into(),
        new.account.to_string().into(),
        new.email.into(),
        new.email_key.into(),
        new.role.name().into(),
        new.by.into(),
        new.created_at.millis().into(),
        new.expires_at.millis().into(),
    ];
    vec![Statement::new(REPLACE, replace), Statement::new(ADD, add)]
}

pub async fn invitations_since(database: &Database, account: AccountId, since: Timestamp) -> Result<i64, StoreError> {
    let row = database.fetch_one(SINCE, vec![account.to_string().into(), since.millis().into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// The invitations that wait for an answer: an account's.
pub async fn invitations_of(
    database: &Database,
    account: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    database.fetch(OF_ACCOUNT, vec![account.to_string().into(), now.millis().into(), limit.into()]).await
}

/// The same, to an address.
pub async fn invitations_for(
    database: &Database,
    email_key: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    database.fetch(FOR_EMAIL, vec![email_key.into(), now.millis().into(), limit.into()]).await
}

pub async fn invitation_by_token(database: &Database, secret: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    database.fetch_one(BY_TOKEN, vec![token::hash(secret).into(), now.millis().into()]).await
}

pub async fn invitation(database: &Database, id: InvitationId, now: Timestamp) -> Result<Option<Row>, StoreError> {
    database.fetch_one(BY_ID, vec![id.to_string().into(), now.millis().into()]).await
}

/// The same, also when it is answered or over.
pub async fn any_invitation(database: &Database, id: InvitationId) -> Result<Option<Row>, StoreError> {
    database.fetch_one(ANY_BY_ID, vec![id.to_string().into()]).await
}

/// Ends an invitation and carries out what follows; false when it was ended before.
pub async fn end_invitation(
    database: &Database,
    id: InvitationId,
    outcome: &'static str,
    now: Timestamp,
    follows: Vec<Statement>,
) -> Result<bool, StoreError> {
    let mut transaction = database.begin().await?;
    let end = vec![outcome.into(), now.millis().into(), id.to_string().into()];
    if transaction.execute(Statement::new(END, end)).await? == 0 {
        return Ok(false);
    }
    for statement in follows {
        transaction.execute(statement).await?;
    }
    transaction.commit().await?;
    Ok(true)
}
