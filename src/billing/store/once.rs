//! First answers to writes that are no orders, by their idempotency key.

use super::ledger::claim_request;
use super::{Database, Row, Sql, Statement, StoreError};
use crate::billing::once::{Claim, Claimed, FirstAnswer, Incoming, Whose};
use crate::ledger::Timestamp;

const FORGET: Sql = Sql::both("delete from write_answers where at <= $1");

/// Also takes up what was begun and never answered, once it cannot be under way any more.
const CLAIM: Sql = Sql::both(
    "insert into write_answers (scope, request, fingerprint, at) values ($1, $2, $3, $4)
     on conflict (scope, request) do update set at = excluded.at
       where write_answers.status is null and write_answers.at <= $5
         and write_answers.fingerprint = excluded.fingerprint",
);

const READ: Sql = Sql::both("select fingerprint, status, body from write_answers where scope = $1 and request = $2");

/// Only by the one that holds the claim: another may have taken it up since.
const KEEP: Sql = Sql::both(
    "update write_answers set status = $1, body = $2 where scope = $3 and request = $4 and at = $5 and status is null",
);

const RELEASE: Sql =
    Sql::both("delete from write_answers where scope = $1 and request = $2 and at = $3 and status is null");

/// An order's answer is never null.
const RELEASE_REQUEST: Sql =
    Sql::both("delete from requests where scope = $1 and request = $2 and fingerprint = $3 and outcome = 'null'");

/// Claims the key for a write, or says what became of it before. An account's key is claimed among those of its orders
/// too, so that it does one thing only.
pub async fn claim_write(
    database: &Database,
    incoming: &Incoming,
    now: Timestamp,
    (stale, forgotten): (Timestamp, Timestamp),
) -> Result<Claim, StoreError> {
    let Incoming { whose, request, fingerprint } = incoming;
    let mut transaction = database.begin().await?;
    transaction.execute(Statement::new(FORGET, vec![forgotten.millis().into()])).await?;
    if let Whose::Account(account) = whose
        && !claim_request(&mut transaction, *account, request, fingerprint, now).await?
    {
        return Ok(Claim::Conflict);
    }
    let (scope, request) = (whose.to_string(), request.as_str());
    let args = vec![
        scope.as_str().into(),
        request.into(),
        fingerprint.as_str().into(),
        now.millis().into(),
        stale.millis().into(),
    ];
    if transaction.execute(Statement::new(CLAIM, args)).await? > 0 {
        transaction.commit().await?;
        return Ok(Claim::First(Claimed { incoming: incoming.clone(), at: now }));
    }
    let rows = transaction.fetch(READ, vec![scope.into(), request.into()]).await?;
    rows.first().map_or(Ok(Claim::InProgress), |row| read(row, fingerprint))
}

fn read(row: &Row, fingerprint: &str) -> Result<Claim, StoreError> {
    if row.text(0)? != fingerprint {
        return Ok(Claim::Conflict);
    }
    let Some(status) = row.maybe_int(1)? else { return Ok(Claim::InProgress) };
    let status = u16::try_from(status).map_err(|_| StoreError::Corrupt(format!("an answer's status is {status}")))?;
    Ok(Claim::Answered(FirstAnswer { status, body: row.maybe_text(2)?.unwrap_or_default() }))
}

pub fn keep_first_answer(claimed: &Claimed, answer: &FirstAnswer) -> Statement {
    let Incoming { whose, request, .. } = &claimed.incoming;
    let args = vec![
        i64::from(answer.status).into(),
        answer.body.as_str().into(),
        whose.to_string().into(),
        request.as_str().into(),
        claimed.at.millis().into(),
    ];
    Statement::new(KEEP, args)
}

/// Lets go of a key whose write was refused.
pub async fn release_write(database: &Database, claimed: &Claimed) -> Result<(), StoreError> {
    let Incoming { whose, request, fingerprint } = &claimed.incoming;
    let place = || vec![whose.to_string().into(), request.as_str().into()];
    let (mut own, mut shared) = (place(), place());
    own.push(claimed.at.millis().into());
    shared.push(fingerprint.as_str().into());
    database.write_if(Statement::new(RELEASE, own), vec![Statement::new(RELEASE_REQUEST, shared)]).await?;
    Ok(())
}
