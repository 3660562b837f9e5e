//! The rows of subscriptions. Decides nothing.

use super::{Stage, Standing, Subscription};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Value};
use crate::ledger::{AccountId, SubscriptionId, Timestamp};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select id, account_id, created_at, checkout_url, stripe_subscription, status, paid_until, failed_until, ",
            "cancels, cancels_at, invoice_url, tier_held, tier_changes, revision from subscriptions ",
            $rest
        )
    };
}

const BY_ID: Sql = Sql::both(columns!("where id = $1"));
const BY_STRIPE: Sql = Sql::both(columns!("where stripe_subscription = $1"));
const NEWEST: Sql = Sql::both(columns!("where account_id = $1 order by over, id desc limit 1"));
/// Those whose entitlement may have to be given or taken.
const WATCHED: Sql =
    Sql::both(columns!("where (tier_held = 1 or (over = 0 and paid_until > 0)) and id > $1 order by id limit $2"));
const ADD: Sql = Sql::both(
    "insert into subscriptions (id, account_id, request, created_at, status) values ($1, $2, $3, $4, 'open')
     on conflict do nothing",
);
const OPENED: Sql = Sql::both(
    "update subscriptions set stripe_session = $2, checkout_url = $3 where id = $1 and stripe_session is null",
);
const MOVE: Sql = Sql::both(
    "update subscriptions set status = $3, status_at = $4, paid_until = $5, failed_until = $6, cancels = $7,
       cancels_at = $8, over = $9, stripe_subscription = coalesce(stripe_subscription, $10),
       invoice_url = coalesce($11, invoice_url), revision = revision + 1
     where id = $1 and revision = $2",
);
const TIER: Sql = Sql::both(
    "update subscriptions set tier_held = $3, tier_changes = tier_changes + 1 where id = $1 and tier_changes = $2",
);

pub async fn by_id(database: &Database, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
    one(database, BY_ID, id.to_string()).await
}

pub async fn by_stripe(database: &Database, id: &str) -> Result<Option<Subscription>, StoreError> {
    one(database, BY_STRIPE, id.to_owned()).await
}

/// The account's present subscription, or else its last one.
pub async fn newest(database: &Database, account: AccountId) -> Result<Option<Subscription>, StoreError> {
    one(database, NEWEST, account.to_string()).await
}

async fn one(database: &Database, sql: Sql, arg: String) -> Result<Option<Subscription>, StoreError> {
    database.fetch_one(sql, vec![arg.into()]).await?.as_ref().map(read).transpose()
}

pub async fn watched(database: &Database, after: &str, limit: i64) -> Result<Vec<Subscription>, StoreError> {
    database.fetch(WATCHED, vec![after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Writes a new one down unless the account has one that is not over.
pub fn add(id: SubscriptionId, account: AccountId, request: &str, now: Timestamp) -> Statement {
    let args = vec![id.to_string().into(), account.to_string().into(), request.into(), now.millis().into()];
    Statement::new(ADD, args)
}

pub fn opened(id: SubscriptionId, session: &str, url: &str) -> Statement {
    Statement::new(OPENED, vec![id.to_string().into(), session.into(), url.into()])
}

/// Moves a subscription on, if nobody has meanwhile.
pub fn advance(
    row: &Subscription,
    next: &Standing,
    at: i64,
    stripe: Option<&str>,
    invoice_url: Option<&str>,
) -> Statement {
    let args = vec![
        row.id.to_string().into(),
        row.revision.into(),
        next.stage.name().into(),
        at.into(),
        next.paid_until.into(),
        next.failed_until.into(),
        i64::from(next.cancels).into(),
        next.cancels_at.into(),
        i64::from(next.stage.is_over()).into(),
        stripe.map(str::to_owned).into(),
        invoice_url.map(str::to_owned).into(),
    ];
    Statement::new(MOVE, args)
}

/// Notes whether the account has its tier from here, once for each change.
pub fn tier(row: &Subscription, held: bool) -> Statement {
    let args: Vec<Value> = vec![row.id.to_string().into(), row.tier_changes.into(), i64::from(held).into()];
    Statement::new(TIER, args)
}

fn read(row: &Row) -> Result<Subscription, StoreError> {
    let name = row.text(5)?;
    let stage = Stage::ALL.into_iter().find(|stage| stage.name() == name);
    Ok(Subscription {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        created_at: Timestamp::from_millis(row.int(2)?),
        checkout_url: row.maybe_text(3)?,
        stripe_subscription: row.maybe_text(4)?,
        standing: Standing {
            stage: stage.ok_or_else(|| StoreError::Corrupt(format!("column 5 holds {name:?}")))?,
            paid_until: row.int(6)?,
            failed_until: row.int(7)?,
            cancels: row.int(8)? != 0,
            cancels_at: row.int(9)?,
        },
        invoice_url: row.maybe_text(10)?,
        tier_held: row.int(11)? != 0,
        tier_changes: row.int(12)?,
        revision: row.int(13)?,
    })
}
