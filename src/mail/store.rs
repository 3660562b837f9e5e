//! The rows of mails and what changes them. Decides nothing.

use super::{MailState, MemberLetter, StoredMail};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, MailId, Timestamp};

const ADD: Sql = Sql::both(
    "INSERT INTO mails (id, recipient, subject, body, state, created_at, next_at, attempts)
     VALUES ($1, $2, $3, $4, $5, $6, $6, 0)",
);
const RECENT: Sql = Sql::both(
    "SELECT id, recipient, subject, body, created_at, state, next_at, attempts FROM mails ORDER BY id DESC LIMIT $1",
);
const DUE: Sql = Sql::both(
    "SELECT id, recipient, subject, body, created_at, state, next_at, attempts FROM mails
     WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT $2",
);
/// Only one worker finds the row as it was read.
const CLAIM: Sql = Sql::both(
    "UPDATE mails SET next_at = $1, attempts = attempts + 1 WHERE id = $2 AND state = 'waiting' AND next_at = $3
       AND attempts = $4",
);
const SENT: Sql = Sql::both("UPDATE mails SET state = 'sent', body = '', sent_at = $1 WHERE id = $2");
const RETRY: Sql = Sql::both("UPDATE mails SET next_at = $1, failure = $2 WHERE id = $3");
const GIVE_UP: Sql = Sql::both("UPDATE mails SET state = 'failed', body = '', failure = $1 WHERE id = $2");

const ADD_LETTER: Sql =
    Sql::both("INSERT INTO member_letters (id, account_id, subject, body, created_at) VALUES ($1, $2, $3, $4, $5)");
const LETTERS: Sql = Sql::both("SELECT id, account_id, subject, body FROM member_letters ORDER BY id LIMIT $1");
const TAKE_LETTER: Sql = Sql::both("DELETE FROM member_letters WHERE id = $1");

/// A mail whose time has come.
#[derive(Clone, Debug)]
pub struct DueMail {
    pub mail: StoredMail,
    pub next_at: Timestamp,
    /// How often it was tried before.
    pub attempts: i64,
}

pub fn add(mail: &StoredMail) -> Statement {
    let args = vec![
        mail.id.to_string().into(),
        mail.to.as_str().into(),
        mail.subject.as_str().into(),
        mail.text.as_str().into(),
        mail.state.name().into(),
        mail.at.millis().into(),
    ];
    Statement::new(ADD, args)
}

pub async fn recent(database: &Database, limit: i64) -> Result<Vec<StoredMail>, StoreError> {
    database.fetch(RECENT, vec![limit.into()]).await?.iter().map(read).collect()
}

pub async fn due(database: &Database, now: Timestamp, limit: i64) -> Result<Vec<DueMail>, StoreError> {
    let rows = database.fetch(DUE, vec![now.millis().into(), limit.into()]).await?;
    let mails = rows.iter().map(|row| {
        Ok(DueMail { mail: read(row)?, next_at: Timestamp::from_millis(row.int(6)?), attempts: row.int(7)? })
    });
    mails.collect()
}

/// Takes a mail until the given moment; false when another worker was faster.
pub async fn claim(database: &Database, due: &DueMail, until: Timestamp) -> Result<bool, StoreError> {
    let args =
        vec![until.millis().into(), due.mail.id.to_string().into(), due.next_at.millis().into(), due.attempts.into()];
    let touched = database.write(vec![Statement::new(CLAIM, args)]).await?;
    Ok(touched == [1])
}

pub fn sent(id: MailId, now: Timestamp) -> Statement {
    Statement::new(SENT, vec![now.millis().into(), id.to_string().into()])
}

pub fn retry(id: MailId, at: Timestamp, failure: &str) -> Statement {
    Statement::new(RETRY, vec![at.millis().into(), failure.into(), id.to_string().into()])
}

pub fn give_up(id: MailId, failure: &str) -> Statement {
    Statement::new(GIVE_UP, vec![failure.into(), id.to_string().into()])
}

pub fn add_letter(id: MailId, account: AccountId, subject: &str, text: &str, now: Timestamp) -> Statement {
    let args =
        vec![id.to_string().into(), account.to_string().into(), subject.into(), text.into(), now.millis().into()];
    Statement::new(ADD_LETTER, args)
}

pub async fn letters(database: &Database, limit: i64) -> Result<Vec<MemberLetter>, StoreError> {
    let read = |row: &Row| -> Result<_, StoreError> {
        Ok(MemberLetter { id: row.parsed(0)?, account: row.parsed(1)?, subject: row.text(2)?, text: row.text(3)? })
    };
    database.fetch(LETTERS, vec![limit.into()]).await?.iter().map(read).collect()
}

pub fn take_letter(id: MailId) -> Statement {
    Statement::new(TAKE_LETTER, vec![id.to_string().into()])
}

fn read(row: &Row) -> Result<StoredMail, StoreError> {
    let state: MailState = row.parsed(5)?;
    Ok(StoredMail {
        id: row.parsed(0)?,
        to: row.text(1)?,
        subject: row.text(2)?,
        text: row.text(3)?,
        at: Timestamp::from_millis(row.int(4)?),
        state,
    })
}
