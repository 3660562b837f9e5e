//! The SQL of money that goes back. Decides nothing.

use crate::billing::store::{Database, Row, Sql, Statement, StoreError};
use crate::ledger::{AccountId, Cents, PurchaseId, RefundId, Timestamp};
use crate::payments::purchase::Purchase;
use crate::payments::purchase::money_back::Standing;

const BOOK: Sql = Sql::both(
    "update purchases set state = $3, money_back = $4, credits_back = $5, money_looks = money_looks + 1 \
     where id = $1 and money_looks = $2 and paid_at is not null",
);
const ADD: Sql = Sql::both(
    "insert into money_refunds (id, account_id, purchase_id, request, amount, asked, reason, state, created_at, \
       stripe_intent) \
     values ($1, $2, $3, $4, $5, $6, $7, 'asked', $8, $9) on conflict do nothing",
);
const BY_REQUEST: Sql = Sql::both(
    "select id, account_id, purchase_id, amount, asked, reason, state, failure, created_at, stripe_intent \
     from money_refunds where account_id = $1 and request = $2",
);
/// Their server has been gone for a while, or Stripe was.
const UNANSWERED: Sql = Sql::both(
    "select id, account_id, purchase_id, amount, asked, reason, state, failure, created_at, stripe_intent \
     from money_refunds where state = 'asked' and created_at < $1 order by created_at, id limit $2",
);
/// Payments of a purchase that brought no credits, as the inbox and the comparisons have found them.
const OTHER_PAYMENTS: Sql = Sql::both(
    "select intent from stripe_events where purchase = $1 and state = 'mismatch' and intent is not null \
     union \
     select intent from reconciliation_differences \
     where purchase = $1 and kind in ('paid_twice', 'other_amount') and intent is not null \
     order by 1 limit 100",
);
const MADE: Sql =
    Sql::both("update money_refunds set state = 'made', stripe_refund = $2 where id = $1 and state = 'asked'");
const REFUSED: Sql =
    Sql::both("update money_refunds set state = 'refused', failure = $2 where id = $1 and state = 'asked'");

/// Where an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Written down; Stripe was not asked yet, or its answer was lost.
    Asked,
    /// Stripe has taken it on.
    Made,
    /// Stripe has refused it, and why.
    Refused(String),
}

/// An operator's order as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub id: RefundId,
    pub account: AccountId,
    pub purchase: PurchaseId,
    pub amount: Cents,
    /// What the order asked for.
    pub asked: String,
    pub reason: String,
    /// The payment it is of, where that is not the one that brought the credits.
    pub payment: Option<String>,
    pub state: RefundState,
    pub created_at: Timestamp,
}

/// Books where a purchase stands, if nobody has since its row was read.
pub fn book(purchase: &Purchase, standing: &Standing) -> Statement {
    Statement::new(
        BOOK,
        vec![
            purchase.id.to_string().into(),
            purchase.returned.looks.into(),
            standing.state.name().into(),
            standing.money.get().into(),
            standing.credits.get().into(),
        ],
    )
}

/// Writes an order down unless its request has one.
pub fn add(ordered: &Ordered, request: &str) -> Statement {
    Statement::new(
        ADD,
        vec![
            ordered.id.to_string().into(),
            ordered.account.to_string().into(),
            ordered.purchase.to_string().into(),
            request.into(),
            ordered.amount.get().into(),
            ordered.asked.as_str().into(),
            ordered.reason.as_str().into(),
            ordered.created_at.millis().into(),
            ordered.payment.clone().into(),
        ],
    )
}

pub async fn by_request(database: &Database, account: AccountId, request: &str) -> Result<Option<Ordered>, StoreError> {
    let row = database.fetch_one(BY_REQUEST, vec![account.to_string().into(), request.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// Orders of before then whose answer is missing, the oldest first.
pub async fn unanswered(database: &Database, before: Timestamp, limit: i64) -> Result<Vec<Ordered>, StoreError> {
    database.fetch(UNANSWERED, vec![before.millis().into(), limit.into()]).await?.iter().map(read).collect()
}

/// The payments of a purchase that were found to bring no credits.
pub async fn other_payments(database: &Database, purchase: PurchaseId) -> Result<Vec<String>, StoreError> {
    let rows = database.fetch(OTHER_PAYMENTS, vec![purchase.to_string().into()]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

pub fn made(id: RefundId, stripe: &str) -> Statement {
    Statement::new(MADE, vec![id.to_string().into(), stripe.into()])
}

pub fn refused(id: RefundId, why: &str) -> Statement {
    Statement::new(REFUSED, vec![id.to_string().into(), why.into()])
}

fn read(row: &Row) -> Result<Ordered, StoreError> {
    let state = match row.text(6)?.as_str() {
        "asked" => RefundState::Asked,
        "made" => RefundState::Made,
        "refused" => RefundState::Refused(row.maybe_text(7)?.unwrap_or_default()),
        other => return Err(StoreError::Corrupt(format!("column 6 holds {other:?}"))),
    };
    Ok(Ordered {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        purchase: row.parsed(2)?,
        amount: Cents::new(row.int(3)?).ok_or_else(|| StoreError::Corrupt("column 3 is out of range".into()))?,
        asked: row.text(4)?,
        reason: row.text(5)?,
        state,
        created_at: Timestamp::from_millis(row.int(8)?),
        payment: row.maybe_text(9)?,
    })
}
