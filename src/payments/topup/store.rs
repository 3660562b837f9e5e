//! The rows of automatic purchases. Decides nothing.

use super::{Decision, Halt, TopUp, TopUpSettings};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, Cents, Credits, Month, PurchaseId, Timestamp};

const READ: Sql = Sql::both(
    "select account_id, enabled, threshold, package, monthly_cap, episode, attempt, failures, failure_code, wait_until,
       halted, halted_card from auto_topups where account_id = $1",
);
/// A rule that waits for a confirmation keeps its attempt: beginning another one beside it could be paid twice. One whose
/// card was declined for good stays halted until another card is there: the bank wants no further attempt with this one.
const SET: Sql = Sql::both(
    "insert into auto_topups (account_id, enabled, threshold, package, monthly_cap, updated_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (account_id) do update set enabled = excluded.enabled, threshold = excluded.threshold,
       package = excluded.package, monthly_cap = excluded.monthly_cap, updated_at = excluded.updated_at,
       wait_until = case when auto_topups.attempt is null then 0 else auto_topups.wait_until end,
       failures = 0,
       failure_code = case when auto_topups.halted in ('confirmation_required', 'card_declined')
         then auto_topups.failure_code end,
       attempt = case when auto_topups.halted is null or auto_topups.halted in ('confirmation_required', 'card_declined')
         then auto_topups.attempt end,
       halted_card = case when auto_topups.halted in ('confirmation_required', 'card_declined')
         then auto_topups.halted_card end,
       halted = case when auto_topups.halted in ('confirmation_required', 'card_declined') then auto_topups.halted end",
);
const BEGIN: Sql = Sql::both(
    "update auto_topups set episode = episode + 1, attempt = $3, halted = null, halted_card = null, wait_until = $4
     where account_id = $1 and episode = $2 and enabled = 1 and attempt is not distinct from $5",
);
const LEASE: Sql =
    Sql::both("update auto_topups set wait_until = $3 where account_id = $1 and attempt = $2 and wait_until = $4");
const WAIT: Sql =
    Sql::both("update auto_topups set wait_until = $3 where account_id = $1 and episode = $2 and wait_until = $4");
const SUCCEEDED: Sql = Sql::both(
    "update auto_topups set attempt = null, failures = 0, failure_code = null, wait_until = 0, halted = null,
       halted_card = null where account_id = $1 and attempt = $2",
);
const BACK_OFF: Sql = Sql::both(
    "update auto_topups set attempt = null, failures = failures + 1, failure_code = $3, wait_until = $4
     where account_id = $1 and attempt = $2 and halted is null",
);
const HALT: Sql = Sql::both(
    "update auto_topups set halted = $3, halted_card = $4, failure_code = $5, wait_until = 0
     where account_id = $1 and episode = $2 and halted is null",
);
/// By another card than the present one, or by saving the rule, it goes on, as from any other halt.
const HALT_FOR_MONEY_BACK: Sql = Sql::both(
    "update auto_topups set halted = 'money_went_back', wait_until = 0,
       halted_card = coalesce((select payment_method from stripe_customers where account = $1), '')
     where account_id = $1 and enabled = 1 and halted is null",
);
const FORGIVE: Sql = Sql::both(
    "update auto_topups set wait_until = 0, failures = 0, failure_code = null
     where account_id = $1 and failures > 0 and attempt is null",
);
/// What the month's automatic purchases cost, those under way included, and the credits that are coming.
const MONEY: Sql = Sql::both(
    "select cast(coalesce(sum(case when request like 'topup:%' and created_at >= $2
         and state not in ('failed', 'expired') then amount else 0 end), 0) as bigint),
       cast(coalesce(sum(case when state = 'processing' then credits else 0 end), 0) as bigint)
     from purchases where account = $1",
);

/// The key of an episode's one purchase. No caller's key looks like it.
pub fn request_of(episode: i64) -> String {
    format!("topup:{episode}")
}

pub async fn read(database: &Database, account: AccountId) -> Result<Option<TopUp>, StoreError> {
    let row = database.fetch_one(READ, vec![account.to_string().into()]).await?;
    row.as_ref().map(rule).transpose()
}

fn rule(row: &Row) -> Result<TopUp, StoreError> {
    Ok(TopUp {
        account: row.parsed(0)?,
        settings: TopUpSettings {
            enabled: row.int(1)? != 0,
            threshold: row.amount(2)?,
            package: row.text(3)?,
            monthly_cap: row.amount(4)?,
        },
        episode: row.int(5)?,
        attempt: row.maybe_text(6)?.map(|_| row.parsed(6)).transpose()?,
        failures: row.int(7)?,
        failure_code: row.maybe_text(8)?,
        wait_until: Timestamp::from_millis(row.int(9)?),
        halted: row.maybe_text(10)?.map(|_| row.parsed(10)).transpose()?,
        halted_card: row.maybe_text(11)?,
    })
}

/// What automatic purchases cost in the month of `now`, and the credits whose money is under way.
pub async fn money(database: &Database, account: AccountId, now: Timestamp) -> Result<(Cents, Credits), StoreError> {
    let args = vec![account.to_string().into(), Month::of(now).start().millis().into()];
    match database.fetch_one(MONEY, args).await? {
        Some(row) => Ok((row.amount(0)?, row.amount(1)?)),
        None => Ok((Cents::ZERO, Credits::ZERO)),
    }
}

pub fn set(account: AccountId, settings: &TopUpSettings, now: Timestamp) -> Statement {
    let args = vec![
        account.to_string().into(),
        i64::from(settings.enabled).into(),
        settings.threshold.get().into(),
        settings.package.as_str().into(),
        settings.monthly_cap.get().into(),
        now.millis().into(),
    ];
    Statement::new(SET, args)
}

/// Forgets what another card than the present one failed at: the next attempt need not wait.
pub fn forgive(account: AccountId) -> Statement {
    Statement::new(FORGIVE, vec![account.to_string().into()])
}

/// Halts a rule in the commit that takes credits back: the balance that is low afterwards must not be bought up again.
pub fn halt_for_money_back(account: AccountId) -> Statement {
    Statement::new(HALT_FOR_MONEY_BACK, vec![account.to_string().into()])
}

/// Begins the next episode with this purchase, if nobody has meanwhile.
pub fn begin(rule: &TopUp, purchase: PurchaseId, until: Timestamp) -> Statement {
    let args = vec![
        rule.account.to_string().into(),
        rule.episode.into(),
        purchase.to_string().into(),
        until.millis().into(),
        rule.attempt.map(|attempt| attempt.to_string()).into(),
    ];
    Statement::new(BEGIN, args)
}

/// Takes an attempt up until then, if no other server has meanwhile.
pub fn lease(rule: &TopUp, attempt: PurchaseId, until: Timestamp) -> Statement {
    let args = vec![
        rule.account.to_string().into(),
        attempt.to_string().into(),
        until.millis().into(),
        rule.wait_until.millis().into(),
    ];
    Statement::new(LEASE, args)
}

/// The change of the rule's row that a decision means; none when it changes nothing. It touches no row when another
/// server has decided meanwhile.
pub fn note(rule: &TopUp, decision: Decision, card: Option<&str>, code: Option<&str>) -> Option<Statement> {
    let account = || rule.account.to_string().into();
    let attempt = || rule.attempt.map(|attempt| attempt.to_string()).into();
    let code = || code.map(str::to_owned).into();
    match decision {
        Decision::Wait(until) | Decision::CapReached(until) => {
            let args = vec![account(), rule.episode.into(), until.millis().into(), rule.wait_until.millis().into()];
            Some(Statement::new(WAIT, args))
        }
        Decision::Succeeded => Some(Statement::new(SUCCEEDED, vec![account(), attempt()])),
        Decision::BackOff(until) => {
            Some(Statement::new(BACK_OFF, vec![account(), attempt(), code(), until.millis().into()]))
        }
        Decision::Stop(halt) => Some(halted(rule, halt, card, code())),
        Decision::Rest | Decision::Begin | Decision::Continue | Decision::GiveUpAttempt => None,
    }
}

fn halted(rule: &TopUp, halt: Halt, card: Option<&str>, code: crate::billing::store::Value) -> Statement {
    let args = vec![
        rule.account.to_string().into(),
        rule.episode.into(),
        halt.name().into(),
        card.unwrap_or_default().into(),
        code,
    ];
    Statement::new(HALT, args)
}
