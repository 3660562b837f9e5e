//! What is kept about people and keys, and the statements that change it. Decides nothing.

mod audit;
mod keys;
mod operators;
mod own;
mod passkeys;
mod shares;
mod team;
mod tries;

pub use audit::*;
pub use keys::*;
pub use operators::*;
pub use own::*;
pub use passkeys::*;
pub use shares::*;
pub use team::*;
pub use tries::*;

use super::token;
use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, SessionId, Timestamp, UserId};

const USER: Sql = Sql::both(
    "SELECT id, name, email, email_key, password_hash, account_id, confirmed_at FROM users WHERE email_key = $1",
);
const ADD_USER: Sql = Sql::both(
    "INSERT INTO users (id, name, email, email_key, password_hash, account_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const SIGN_UP_AGAIN: Sql =
    Sql::both("UPDATE users SET name = $1, password_hash = $2 WHERE id = $3 AND confirmed_at IS NULL");
const CONFIRM: Sql = Sql::both(
    "UPDATE users SET name = $1, password_hash = $2, confirmed_at = $3 WHERE id = $4 AND confirmed_at IS NULL",
);
const SET_PASSWORD: Sql = Sql::both("UPDATE users SET password_hash = $1 WHERE id = $2");
const ADD_MEMBER: Sql = Sql::both(
    "INSERT INTO members (account_id, user_id, role, created_at) VALUES ($1, $2, 'owner', $3)
     ON CONFLICT (account_id, user_id) DO NOTHING",
);

/// Those who look after the money.
const MEMBERS: Sql = Sql::both(
    "SELECT u.name, u.email FROM members m JOIN users u ON u.id = m.user_id
     WHERE m.account_id = $1 AND m.role IN ('owner', 'admin', 'billing') AND u.confirmed_at IS NOT NULL ORDER BY u.id",
);
const LINK: Sql = Sql::both(
    "SELECT u.id, coalesce(l.name, u.name), u.email, u.email_key, coalesce(l.password_hash, u.password_hash),
       u.account_id, u.confirmed_at
     FROM links l JOIN users u ON u.id = l.user_id
     WHERE l.token_hash = $1 AND l.purpose = $2 AND l.expires_at > $3",
);
const ADD_LINK: Sql = Sql::both(
    "INSERT INTO links (token_hash, purpose, user_id, name, password_hash, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const LINKS_SINCE: Sql = Sql::both("SELECT cast(count(*) AS bigint) FROM links WHERE user_id = $1 AND created_at > $2");
const USE_LINK: Sql = Sql::both("DELETE FROM links WHERE token_hash = $1");
const DROP_LINKS: Sql = Sql::both("DELETE FROM links WHERE user_id = $1");
const SWEEP_LINKS: Sql = Sql::both("DELETE FROM links WHERE expires_at < $1");

const CLAIM_FREE: Sql = Sql::both(
    "INSERT INTO free_grants (person_key, account_id, claimed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
);
const FREE_CLAIM: Sql = Sql::both("SELECT account_id FROM free_grants WHERE person_key = $1");

const ADD_SESSION: Sql = Sql::both(
    "INSERT INTO sessions (token_hash, id, user_id, account_id, created_at, expires_at, agent, way)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
const SWEEP_SESSIONS: Sql =
    Sql::both("DELETE FROM sessions WHERE user_id = $1 AND (expires_at <= $2 OR coalesce(seen_at, created_at) <= $3)");
const SESSION: Sql = Sql::both(
    "SELECT u.id, u.name, u.email, m.account_id, u.confirmed_at, s.id, m.role, o.user_id, s.seeing_account, s.seeing_until,
       s.seen_at, s.way
     FROM sessions s JOIN users u ON u.id = s.user_id
     JOIN members m ON m.user_id = s.user_id AND m.account_id = s.account_id
     LEFT JOIN operators o ON o.user_id = s.user_id
     WHERE s.token_hash = $1 AND s.expires_at > $2 AND coalesce(s.seen_at, s.created_at) > $3",
);
const END_SESSION: Sql = Sql::both("DELETE FROM sessions WHERE token_hash = $1");
const END_SESSIONS: Sql = Sql::both("DELETE FROM sessions WHERE user_id = $1");

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms the address.
    Confirm,
    /// Chooses a new password.
    Reset,
    /// Nothing: it makes an unknown address as much work as a known one.
    Decoy,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
            Self::Decoy => "decoy",
        }
    }
}

/// A person as kept.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
    pub account: AccountId,
    pub confirmed: bool,
}

impl User {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parsed(0)?,
            name: row.text(1)?,
            email: row.text(2)?,
            email_key: row.text(3)?,
            password_hash: row.text(4)?,
            account: row.parsed(5)?,
            confirmed: row.maybe_int(6)?.is_some(),
        })
    }
}

/// A link about to be mailed.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    pub token_hash: String,
    pub purpose: Purpose,
    pub user: Option<UserId>,
    /// The name and password hash that a confirmation puts in force.
    pub carries: Option<(&'a str, &'a str)>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub async fn user(database: &Database, email_key: &str) -> Result<Option<User>, StoreError> {
    database.fetch_one(USER, vec![email_key.into()]).await?.as_ref().map(User::read).transpose()
}

pub fn add_user(user: &User, now: Timestamp) -> Statement {
    let args = vec![
        user.id.to_string().into(),
        user.name.as_str().into(),
        user.email.as_str().into(),
        user.email_key.as_str().into(),
        user.password_hash.as_str().into(),
        user.account.to_string().into(),
        now.millis().into(),
    ];
    Statement::new(ADD_USER, args)
}

pub fn sign_up_again(user: UserId, name: &str, password_hash: &str) -> Statement {
    Statement::new(SIGN_UP_AGAIN, vec![name.into(), password_hash.into(), user.to_string().into()])
}

/// The person a link was sent to, with the name and password hash that the link puts in force.
pub async fn link(
    database: &Database,
    token_hash: &str,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<User>, StoreError> {
    let args = vec![token_hash.into(), purpose.name().into(), now.millis().into()];
    database.fetch_one(LINK, args).await?.as_ref().map(User::read).transpose()
}

pub fn add_link(link: &NewLink<'_>) -> Statement {
    let args = vec![
        link.token_hash.as_str().into(),
        link.purpose.name().into(),
        link.user.map(|user| user.to_string()).into(),
        link.carries.map(|(name, _)| name.to_owned()).into(),
        link.carries.map(|(_, password_hash)| password_hash.to_owned()).into(),
        link.created_at.millis().into(),
        link.expires_at.millis().into(),
    ];
    Statement::new(ADD_LINK, args)
}

/// Forgets links that ended before the given moment.
pub fn sweep_links(before: Timestamp) -> Statement {
    Statement::new(SWEEP_LINKS, vec![before.millis().into()])
}

pub async fn links_since(database: &Database, user: UserId, since: Timestamp) -> Result<i64, StoreError> {
    let row = database.fetch_one(LINKS_SINCE, vec![user.to_string().into(), since.millis().into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Uses a link up for a confirmation and carries out what follows; false when somebody was faster.
pub async fn use_confirm_link(
    database: &Database,
    link_hash: &str,
    user: &User,
    entering: Vec<Statement>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let id = user.id.to_string();
    let confirm =
        vec![user.name.as_str().into(), user.password_hash.as_str().into(), now.millis().into(), id.as_str().into()];
    let member = vec![user.account.to_string().into(), id.as_str().into(), now.millis().into()];
    let follows = vec![
        Statement::new(CONFIRM, confirm),
        Statement::new(ADD_MEMBER, member),
        Statement::new(DROP_LINKS, vec![id.into()]),
    ];
    use_link(database, link_hash, [follows, entering].concat()).await
}

/// Uses a link up for a new password, which ends all sessions and links, and carries out what follows; false when
/// somebody was faster.
pub async fn use_reset_link(
    database: &Database,
    link_hash: &str,
    user: UserId,
    password_hash: &str,
    follows: Vec<Statement>,
) -> Result<bool, StoreError> {
    let set = vec![set_password(user, password_hash)];
    use_link(database, link_hash, [set, end_everything(user), follows].concat()).await
}

async fn use_link(database: &Database, link_hash: &str, follows: Vec<Statement>) -> Result<bool, StoreError> {
    let mut transaction = database.begin().await?;
    if transaction.execute(Statement::new(USE_LINK, vec![link_hash.into()])).await? == 0 {
        return Ok(false);
    }
    for statement in follows {
        transaction.execute(statement).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Name and address of the members who are told about the account's money.
pub async fn members(database: &Database, account: AccountId) -> Result<Vec<(String, String)>, StoreError> {
    let rows = database.fetch(MEMBERS, vec![account.to_string().into()]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// Claims a person's free credits for an account, and says whose they are.
pub async fn claim_free_credits(
    database: &Database,
    person_key: &str,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let claim = vec![person_key.into(), account.to_string().into(), now.millis().into()];
    database.write(vec![Statement::new(CLAIM_FREE, claim)]).await?;
    let row = database.fetch_one(FREE_CLAIM, vec![person_key.into()]).await?;
    row.map(|row| row.parsed(0)).transpose()
}

/// A session about to be kept.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub secret: &'a str,
    pub id: SessionId,
    pub user: UserId,
    pub account: AccountId,
    pub now: Timestamp,
    pub until: Timestamp,
    pub agent: &'a str,
    pub way: &'static str,
}

pub fn add_session(session: &NewSession<'_>) -> Statement {
    let args = vec![
        token::hash(session.secret).into(),
        session.id.to_string().into(),
        session.user.to_string().into(),
        session.account.to_string().into(),
        session.now.millis().into(),
        session.until.millis().into(),
        session.agent.into(),
        session.way.into(),
    ];
    Statement::new(ADD_SESSION, args)
}

pub fn sweep_sessions(user: UserId, now: Timestamp, idle_since: Timestamp) -> Statement {
    Statement::new(SWEEP_SESSIONS, vec![user.to_string().into(), now.millis().into(), idle_since.millis().into()])
}

/// The person behind a session that has not ended and was used after `idle_since`.
pub async fn session(
    database: &Database,
    secret: &str,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<Row>, StoreError> {
    let args = vec![token::hash(secret).into(), now.millis().into(), idle_since.millis().into()];
    database.fetch_one(SESSION, args).await
}

pub fn end_session(secret: &str) -> Statement {
    Statement::new(END_SESSION, vec![token::hash(secret).into()])
}
