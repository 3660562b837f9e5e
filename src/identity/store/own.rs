//! A person's own matters: sessions, password, address, one-time codes, and right passwords that wait for one.

use super::super::token;
use super::User;
use crate::billing::store::{Database, Row, SealedColumn, Sql, Statement, StoreError, Transaction};
use crate::ledger::{AccountId, SessionId, Timestamp, UserId};

const USER_BY_ID: Sql =
    Sql::both("SELECT id, name, email, email_key, password_hash, account_id, confirmed_at FROM users WHERE id = $1");
const HOME: Sql = Sql::both(
    "SELECT account_id FROM members WHERE user_id = $1
     ORDER BY CASE WHEN account_id = $2 THEN 0 ELSE 1 END, created_at, account_id LIMIT 1",
);
const SESSIONS: Sql = Sql::both(
    "SELECT id, created_at, seen_at, agent, way FROM sessions
     WHERE user_id = $1 AND expires_at > $2 AND coalesce(seen_at, created_at) > $3
     ORDER BY created_at DESC, id DESC LIMIT $4",
);
const END_ONE: Sql = Sql::both("DELETE FROM sessions WHERE id = $1 AND user_id = $2");
const END_OTHERS: Sql = Sql::both("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
const SEEN: Sql = Sql::both("UPDATE sessions SET seen_at = $1 WHERE id = $2");
const KNOWN_DEVICE: Sql = Sql::both(
    "SELECT u.id FROM known_devices d JOIN users u ON u.id = d.user_id WHERE d.device_hash = $1 AND u.email_key = $2",
);
const REMEMBER_DEVICE: Sql = Sql::both(
    "INSERT INTO known_devices (device_hash, user_id, last_at) VALUES ($1, $2, $3)
     ON CONFLICT (device_hash, user_id) DO UPDATE SET last_at = excluded.last_at",
);
const FORGET_DEVICES: Sql = Sql::both("DELETE FROM known_devices WHERE user_id = $1");
const DROP_STEPS: Sql = Sql::both("DELETE FROM second_steps WHERE user_id = $1");

const CHANGES_SINCE: Sql =
    Sql::both("SELECT cast(count(*) AS bigint) FROM email_changes WHERE user_id = $1 AND created_at > $2");
const ADD_CHANGE: Sql = Sql::both(
    "INSERT INTO email_changes (token_hash, user_id, email, email_key, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)",
);
const CHANGE: Sql = Sql::both(
    "SELECT u.id, u.name, u.email, c.email, c.email_key FROM email_changes c JOIN users u ON u.id = c.user_id
     WHERE c.token_hash = $1 AND c.expires_at > $2",
);
const USE_CHANGE: Sql = Sql::both("DELETE FROM email_changes WHERE token_hash = $1");
const DROP_CHANGES: Sql = Sql::both("DELETE FROM email_changes WHERE user_id = $1");
const SET_EMAIL: Sql = Sql::both("UPDATE users SET email = $1, email_key = $2 WHERE id = $3");

const CODES: Sql = Sql::both("SELECT secret, confirmed_at, last_step FROM one_time_codes WHERE user_id = $1");
const START_CODES: Sql = Sql::both(
    "INSERT INTO one_time_codes (user_id, secret, last_step, created_at) VALUES ($1, $2, 0, $3)
     ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0, created_at = excluded.created_at
     WHERE one_time_codes.confirmed_at IS NULL",
);
/// The column that holds the sealed secrets of one-time codes.
pub const SEALED_CODES: SealedColumn = SealedColumn {
    read: Sql::both(
        "SELECT user_id, secret FROM one_time_codes WHERE user_id > $1 AND secret NOT LIKE $2
         ORDER BY user_id LIMIT cast($3 AS bigint)",
    ),
    write: Sql::both("UPDATE one_time_codes SET secret = $1 WHERE user_id = $2 AND secret = $3"),
};
const TAKE_STEP: Sql = Sql::both("UPDATE one_time_codes SET last_step = $1 WHERE user_id = $2 AND last_step < $1");
const CONFIRM_CODES: Sql =
    Sql::both("UPDATE one_time_codes SET confirmed_at = $1 WHERE user_id = $2 AND confirmed_at IS NULL");
const DROP_CODES: Sql = Sql::both("DELETE FROM one_time_codes WHERE user_id = $1");
const ADD_RECOVERY: Sql = Sql::both("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)");
const USE_RECOVERY: Sql =
    Sql::both("UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND code_hash = $3 AND used_at IS NULL");
const DROP_RECOVERY: Sql = Sql::both("DELETE FROM recovery_codes WHERE user_id = $1");
const RECOVERY_LEFT: Sql =
    Sql::both("SELECT cast(count(*) AS bigint) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL");

const ADD_STEP: Sql =
    Sql::both("INSERT INTO second_steps (token_hash, user_id, wrong, expires_at) VALUES ($1, $2, 0, $3)");
const STEP: Sql = Sql::both("SELECT user_id, wrong FROM second_steps WHERE token_hash = $1 AND expires_at > $2");
const STEP_WRONG: Sql = Sql::both("UPDATE second_steps SET wrong = wrong + 1 WHERE token_hash = $1");
const USE_STEP: Sql = Sql::both("DELETE FROM second_steps WHERE token_hash = $1");
const SWEEP_STEPS: Sql = Sql::both("DELETE FROM second_steps WHERE expires_at <= $1");

pub async fn user_by_id(database: &Database, user: UserId) -> Result<Option<User>, StoreError> {
    database.fetch_one(USER_BY_ID, vec![user.to_string().into()]).await?.as_ref().map(User::read).transpose()
}

/// The account a person works in when they come in: their own, or the one they have been in longest.
pub async fn home(database: &Database, user: UserId, own: AccountId) -> Result<Option<AccountId>, StoreError> {
    let row = database.fetch_one(HOME, vec![user.to_string().into(), own.to_string().into()]).await?;
    row.map(|row| row.parsed(0)).transpose()
}

/// The sessions of a person that have not ended and were used after `idle_since`.
pub async fn sessions(
    database: &Database,
    user: UserId,
    (now, idle_since): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let args = vec![user.to_string().into(), now.millis().into(), idle_since.millis().into(), limit.into()];
    database.fetch(SESSIONS, args).await
}

pub fn end_one_session(session: SessionId, user: UserId) -> Statement {
    Statement::new(END_ONE, vec![session.to_string().into(), user.to_string().into()])
}

pub fn end_other_sessions(user: UserId, but: SessionId) -> Statement {
    Statement::new(END_OTHERS, vec![user.to_string().into(), but.to_string().into()])
}

pub fn session_seen(session: SessionId, now: Timestamp) -> Statement {
    Statement::new(SEEN, vec![now.millis().into(), session.to_string().into()])
}

/// What goes with the old password: every session, every browser known by it, and every sign-in that is half done.
pub fn end_everything(user: UserId) -> Vec<Statement> {
    let id = user.to_string();
    [super::END_SESSIONS, FORGET_DEVICES, DROP_STEPS, super::DROP_LINKS]
        .into_iter()
        .map(|sql| Statement::new(sql, vec![id.as_str().into()]))
        .collect()
}

pub fn set_password(user: UserId, password_hash: &str) -> Statement {
    Statement::new(super::SET_PASSWORD, vec![password_hash.into(), user.to_string().into()])
}

pub async fn changes_since(database: &Database, user: UserId, since: Timestamp) -> Result<i64, StoreError> {
    let row = database.fetch_one(CHANGES_SINCE, vec![user.to_string().into(), since.millis().into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// A link to a new address; without an address it leads nowhere and only counts.
pub fn add_change(
    secret: &str,
    user: UserId,
    (email, email_key): (&str, &str),
    now: Timestamp,
    until: Timestamp,
) -> Statement {
    let args = vec![
        token::hash(secret).into(),
        user.to_string().into(),
        email.into(),
        email_key.into(),
        now.millis().into(),
        until.millis().into(),
    ];
    Statement::new(ADD_CHANGE, args)
}

/// Who changes to which address: id, name, old address, new address and its key.
pub async fn change(database: &Database, secret: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    database.fetch_one(CHANGE, vec![token::hash(secret).into(), now.millis().into()]).await
}

/// Puts a new address in force and carries out what follows; false when the link was used a moment ago. A unique
/// violation when the address is somebody's by now.
pub async fn use_change(
    database: &Database,
    secret: &str,
    user: UserId,
    (email, email_key): (&str, &str),
    follows: Vec<Statement>,
) -> Result<bool, StoreError> {
    let id = user.to_string();
    let mut transaction = database.begin().await?;
    if transaction.execute(Statement::new(USE_CHANGE, vec![token::hash(secret).into()])).await? == 0 {
        return Ok(false);
    }
    let set = Statement::new(SET_EMAIL, vec![email.into(), email_key.into(), id.as_str().into()]);
    // A link to the old address that chooses a new password would be a way back in for whoever reads mail there.
    let drop_links = Statement::new(super::DROP_LINKS, vec![id.as_str().into()]);
    let drop_changes = Statement::new(DROP_CHANGES, vec![id.into()]);
    for statement in [vec![set, drop_links, drop_changes], follows].concat() {
        transaction.execute(statement).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// Secret, when it was confirmed, and the last step that was taken.
pub async fn codes(database: &Database, user: UserId) -> Result<Option<Row>, StoreError> {
    database.fetch_one(CODES, vec![user.to_string().into()]).await
}

/// Keeps a new sealed secret, unless one is in force.
pub fn start_codes(user: UserId, sealed: &str, now: Timestamp) -> Statement {
    Statement::new(START_CODES, vec![user.to_string().into(), sealed.into(), now.millis().into()])
}

/// What became of a code that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was good, and what follows is written.
    Yes,
    /// There is no such code, or it was taken before.
    WrongCode,
    /// It is good, but the right password that it belongs to was used up meanwhile: the code is not.
    StepOver,
}

/// Takes the code of a half minute, with the step that waits for it, and carries out what follows; nothing of it when
/// the code, or a later one, was taken before.
pub async fn take_step(
    database: &Database,
    (user, step): (UserId, i64),
    waiting: Option<&str>,
    follows: Vec<Statement>,
) -> Result<Taken, StoreError> {
    let take = Statement::new(TAKE_STEP, vec![step.into(), user.to_string().into()]);
    take_code(database.begin().await?, take, waiting, follows).await
}

/// Uses a recovery code up, with the step that waits for it, and carries out what follows; nothing of it when there is
/// no such code left.
pub async fn take_recovery(
    database: &Database,
    (user, code): (UserId, &str),
    waiting: &str,
    follows: Vec<Statement>,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let args = vec![now.millis().into(), user.to_string().into(), token::hash(code).into()];
    take_code(database.begin().await?, Statement::new(USE_RECOVERY, args), Some(waiting), follows).await
}

async fn take_code(
    mut transaction: Transaction,
    take: Statement,
    waiting: Option<&str>,
    follows: Vec<Statement>,
) -> Result<Taken, StoreError> {
    if transaction.execute(take).await? == 0 {
        return Ok(Taken::WrongCode);
    }
    if let Some(waiting) = waiting
        && transaction.execute(use_step(waiting)).await? == 0
    {
        return Ok(Taken::StepOver);
    }
    for statement in follows {
        transaction.execute(statement).await?;
    }
    transaction.commit().await?;
    Ok(Taken::Yes)
}

pub fn confirm_codes(user: UserId, now: Timestamp) -> Statement {
    Statement::new(CONFIRM_CODES, vec![now.millis().into(), user.to_string().into()])
}

/// Ends one-time codes, and the codes that stand in for them.
pub fn drop_codes(user: UserId) -> Vec<Statement> {
    [DROP_CODES, DROP_RECOVERY].into_iter().map(|sql| Statement::new(sql, vec![user.to_string().into()])).collect()
}

/// Replaces the recovery codes.
pub fn set_recovery(user: UserId, codes: &[String]) -> Vec<Statement> {
    let drop = Statement::new(DROP_RECOVERY, vec![user.to_string().into()]);
    let add =
        codes.iter().map(|code| Statement::new(ADD_RECOVERY, vec![user.to_string().into(), token::hash(code).into()]));
    std::iter::once(drop).chain(add).collect()
}

pub async fn recovery_left(database: &Database, user: UserId) -> Result<i64, StoreError> {
    let row = database.fetch_one(RECOVERY_LEFT, vec![user.to_string().into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

pub fn add_step(secret: &str, user: UserId, now: Timestamp, until: Timestamp) -> Vec<Statement> {
    let add = vec![token::hash(secret).into(), user.to_string().into(), until.millis().into()];
    vec![Statement::new(SWEEP_STEPS, vec![now.millis().into()]), Statement::new(ADD_STEP, add)]
}

/// Who gave a right password, and how many wrong codes since.
pub async fn step(database: &Database, secret: &str, now: Timestamp) -> Result<Option<(UserId, i64)>, StoreError> {
    let row = database.fetch_one(STEP, vec![token::hash(secret).into(), now.millis().into()]).await?;
    row.map(|row| Ok((row.parsed(0)?, row.int(1)?))).transpose()
}

pub fn step_wrong(secret: &str) -> Statement {
    Statement::new(STEP_WRONG, vec![token::hash(secret).into()])
}

fn use_step(secret: &str) -> Statement {
    Statement::new(USE_STEP, vec![token::hash(secret).into()])
}

/// Whether this browser has signed in the person of this address before.
pub async fn is_known_device(database: &Database, device_hash: &str, email_key: &str) -> Result<bool, StoreError> {
    Ok(database.fetch_one(KNOWN_DEVICE, vec![device_hash.into(), email_key.into()]).await?.is_some())
}

pub fn remember_device(device_hash: &str, user: UserId, now: Timestamp) -> Statement {
    Statement::new(REMEMBER_DEVICE, vec![device_hash.into(), user.to_string().into(), now.millis().into()])
}
