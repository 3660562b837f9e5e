//! The SQL of purchases, Stripe's events and customers. Decides nothing.

mod cards;
mod events;
mod intake;

pub(super) use cards::{forget_card, remember_card, save_card};

use self::intake::{Intake, NotStored};
use super::inbox::EventState;
use super::promotion::Terms;
use super::purchase::money_back::Returned;
use super::purchase::{Failure, Mismatch, News, PaymentEvent, Purchase, Step};
use super::stripe::SavedCard;
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Value, claim_request};
use crate::ledger::{AccountId, Cents, Credits, PurchaseId, Timestamp};

pub(super) use events::{NewEvent, insert_event};

/// Purchases read at once; a customer makes a few dozen.
const PURCHASES_MAX: i64 = 500;
/// What a request key of the account's is claimed for in the ledger, so that it cannot pay for work beside a purchase.
pub(super) const CLAIM: &str = "purchase";

/// One column list for every read of a purchase, in the order of [`read_purchase`].
macro_rules! purchase_columns {
    ($rest:literal) => {
        concat!(
            "select id, account, request, way, package, credits, amount, grant_id, email, state, state_at, ",
            "failure_code, failure, created_at, paid_at, stripe_session, stripe_intent, checkout_url, payment_method, ",
            "discount, tax, money_back, credits_back, money_looks, late_failure_told, mismatch ",
            "from purchases ",
            $rest
        )
    };
}
pub(super) use purchase_columns;

/// A customer's Stripe side.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    pub customer: Option<String>,
    pub email: Option<String>,
    pub card: Option<SavedCard>,
    pub revision: i64,
}

/// What Stripe calls the parts of a purchase; absent parts stay as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Links<'a> {
    pub session: Option<&'a str>,
    pub intent: Option<&'a str>,
    pub checkout_url: Option<&'a str>,
}

/// A stored event that waits to be worked off.
pub(super) struct WaitingEvent {
    pub id: String,
    /// Stripe's name of its type.
    pub kind: String,
    pub payload: String,
}

#[derive(Clone)]
pub(super) struct PaymentStore {
    pub database: Database,
    intake: Intake,
}

impl PaymentStore {
    /// The store over a database, with what takes events in.
    pub fn new(database: Database) -> Self {
        Self { intake: Intake::start(database.clone()), database }
    }

    /// Writes a purchase down unless its request already has one, and reads whichever stands. None when the request key
    /// has done something else.
    pub async fn create(&self, purchase: &Purchase) -> Result<Option<Purchase>, StoreError> {
        let known = self.by_request(purchase.account, &purchase.request).await?;
        if known.is_some() {
            return Ok(known);
        }
        let mut transaction = self.database.begin().await?;
        let (account, now) = (purchase.account, purchase.created_at);
        if !claim_request(&mut transaction, account, &purchase.request, CLAIM, now).await? {
            return Ok(None);
        }
        transaction.execute(insert_purchase(purchase)).await?;
        transaction.commit().await?;
        self.by_request(account, &purchase.request).await
    }

    pub async fn by_request(&self, account: AccountId, request: &str) -> Result<Option<Purchase>, StoreError> {
        let sql = Sql::both(purchase_columns!("where account = $1 and request = $2"));
        self.one(sql, vec![account.to_string().into(), request.into()]).await
    }

    pub async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        self.one(Sql::both(purchase_columns!("where id = $1")), vec![id.to_string().into()]).await
    }

    /// The purchase that a session or intent of ours belongs to.
    pub async fn by_stripe(&self, session: Option<&str>, intent: Option<&str>) -> Result<Option<Purchase>, StoreError> {
        let sql = Sql::both(purchase_columns!("where stripe_session = $1 or stripe_intent = $2 order by id limit 1"));
        self.one(sql, vec![session.map(str::to_owned).into(), intent.map(str::to_owned).into()]).await
    }

    /// Those older than `before`, newest first; at most 500.
    pub async fn purchases(
        &self,
        account: AccountId,
        before: Option<PurchaseId>,
        limit: i64,
    ) -> Result<Vec<Purchase>, StoreError> {
        let sql = Sql::both(purchase_columns!("where account = $1 and ($2 = '' or id < $2) order by id desc limit $3"));
        let before = before.map_or_else(String::new, |id| id.to_string());
        let args = vec![account.to_string().into(), before.into(), limit.clamp(1, PURCHASES_MAX).into()];
        self.database.fetch(sql, args).await?.iter().map(read_purchase).collect()
    }

    async fn one(&self, sql: Sql, args: Vec<Value>) -> Result<Option<Purchase>, StoreError> {
        self.database.fetch_one(sql, args).await?.as_ref().map(read_purchase).transpose()
    }

    /// Stores an event once; a second delivery of the same id changes nothing.
    pub async fn store_event(&self, event: NewEvent<'_>) -> Result<(), NotStored> {
        self.intake.write(event.id, insert_event(event)).await
    }

    /// Events to work off, oldest first, from `after` (receipt time and id of the last one seen) on.
    pub async fn waiting(
        &self,
        after: &(i64, String),
        limit: i64,
    ) -> Result<Vec<((i64, String), WaitingEvent)>, StoreError> {
        let sql = Sql::both(
            "select id, type, payload, received_at from stripe_events \
             where state = 'stored' and (received_at > $1 or (received_at = $1 and id > $2)) \
             order by received_at, id limit $3",
        );
        let rows = self.database.fetch(sql, vec![after.0.into(), after.1.as_str().into(), limit.into()]).await?;
        rows.iter()
            .map(|row| {
                let event = WaitingEvent { id: row.text(0)?, kind: row.text(1)?, payload: row.text(2)? };
                Ok(((row.int(3)?, event.id.clone()), event))
            })
            .collect()
    }

    pub async fn write(&self, statements: Vec<Statement>) -> Result<(), StoreError> {
        self.database.write(statements).await.map(|_| ())
    }

    pub async fn customer(&self, account: AccountId) -> Result<Option<Customer>, StoreError> {
        let sql = Sql::both(
            "select customer, email, payment_method, brand, last4, revision from stripe_customers where account = $1",
        );
        let row = self.database.fetch_one(sql, vec![account.to_string().into()]).await?;
        row.as_ref().map(read_customer).transpose()
    }
}

impl PaymentStore {
    /// The account of a Stripe customer.
    pub async fn account_of(&self, customer: &str) -> Result<Option<AccountId>, StoreError> {
        let sql = Sql::both("select account from stripe_customers where customer = $1");
        self.database.fetch_one(sql, vec![customer.into()]).await?.map(|row| row.parsed(0)).transpose()
    }
}

/// Writes a new purchase down, unless its request has one.
pub(super) fn insert_purchase(purchase: &Purchase) -> Statement {
    Statement::new(
        Sql::both(
            "insert into purchases (id, account, request, way, package, credits, amount, grant_id, email, state, \
             state_at, created_at, payment_method) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing",
        ),
        vec![
            purchase.id.to_string().into(),
            purchase.account.to_string().into(),
            purchase.request.as_str().into(),
            purchase.way.name().into(),
            purchase.package.as_str().into(),
            purchase.credits.get().into(),
            purchase.amount.get().into(),
            purchase.grant.to_string().into(),
            purchase.email.clone().into(),
            purchase.state.name().into(),
            purchase.state_at.into(),
            purchase.created_at.millis().into(),
            purchase.payment_method.clone().into(),
        ],
    )
}

/// Closes an event that still waits; one that another server closed stays as it is.
pub(super) fn mark(event: &str, state: EventState, note: &str) -> Statement {
    Statement::new(
        Sql::both(
            "update stripe_events set state = $2, note = $3, attempts = attempts + 1 where id = $1 and state = 'stored'",
        ),
        vec![event.into(), state.name().into(), note.into()],
    )
}

/// Notes a try that has to be repeated.
pub(super) fn note_attempt(event: &str, note: &str) -> Statement {
    Statement::new(
        Sql::both("update stripe_events set note = $2, attempts = attempts + 1 where id = $1 and state = 'stored'"),
        vec![event.into(), note.into()],
    )
}

/// Closes a purchase whose card cannot be charged and frees its request key for another one. The row stays: an attempt
/// whose answer was lost may have been charged, and its announcement must find it. No caller's key has a space.
pub(super) fn close(purchase: &Purchase) -> Statement {
    Statement::new(
        Sql::both(
            "update purchases set state = 'failed', failure_code = 'card_missing', \
             failure = 'The saved card is not known any more.', request = $2 where id = $1 and state = 'created'",
        ),
        vec![purchase.id.to_string().into(), format!("{} closed {}", purchase.request, purchase.id).into()],
    )
}

/// Moves a purchase by `step` if it still stands where the step was decided (compare and set). `told` is whether the
/// customer knows of a late failure by now.
pub(super) fn take_step(
    purchase: &Purchase,
    step: Step,
    event: &PaymentEvent,
    links: Links<'_>,
    told: bool,
) -> Statement {
    let failure = match &event.news {
        News::AttemptFailed(failure) if step.next != purchase.state || step.next_at != purchase.state_at => {
            Some(failure)
        }
        _ => None,
    };
    Statement::new(
        Sql::both(
            "update purchases set state = $4, state_at = $5, failure_code = coalesce($6, failure_code), \
             failure = coalesce($7, failure), stripe_session = coalesce(stripe_session, $8), \
             stripe_intent = coalesce(stripe_intent, $9), checkout_url = coalesce(checkout_url, $10), \
             late_failure_told = $12 \
             where id = $1 and state = $2 and state_at = $3 and late_failure_told = $11",
        ),
        vec![
            purchase.id.to_string().into(),
            purchase.state.name().into(),
            purchase.state_at.into(),
            step.next.name().into(),
            step.next_at.into(),
            failure.map(|failure| failure.code.clone()).into(),
            failure.map(|failure| failure.message.clone()).into(),
            links.session.map(str::to_owned).into(),
            links.intent.map(str::to_owned).into(),
            links.checkout_url.map(str::to_owned).into(),
            i64::from(purchase.late_failure_told).into(),
            i64::from(told).into(),
        ],
    )
}

/// Notes why a payment brought no credits, the first time that one did not. Money that came outranks none.
pub(super) fn note_mismatch(purchase: PurchaseId, mismatch: Mismatch) -> Statement {
    Statement::new(
        Sql::both(
            "update purchases set mismatch = $2 \
             where id = $1 and (mismatch is null or (mismatch = 'nothing_paid' and mismatch <> $2))",
        ),
        vec![purchase.to_string().into(), mismatch.name().into()],
    )
}

/// Makes a purchase paid, from whatever came before: it commits with the grant, which happens once. The session and
/// intent that paid replace those of earlier attempts.
pub(super) fn make_paid(purchase: &Purchase, step: Step, terms: &Terms, links: Links<'_>, now: Timestamp) -> Statement {
    Statement::new(
        Sql::both(
            "update purchases set state = $2, state_at = $3, paid_at = $4, \
             stripe_session = coalesce($5, stripe_session), stripe_intent = coalesce($6, stripe_intent), \
             discount = $7, tax = $8, promotion_code = $9 \
             where id = $1 and paid_at is null",
        ),
        vec![
            purchase.id.to_string().into(),
            step.next.name().into(),
            step.next_at.into(),
            now.millis().into(),
            links.session.map(str::to_owned).into(),
            links.intent.map(str::to_owned).into(),
            terms.discount.into(),
            terms.tax.into(),
            terms.promotion.clone().into(),
        ],
    )
}

/// Makes room for an account's Stripe side; its first known address stays, as the customer is created with it.
pub(super) fn reserve_customer(account: AccountId, email: Option<&str>, now: Timestamp) -> Statement {
    Statement::new(
        Sql::both(
            "insert into stripe_customers (account, email, created_at) values ($1, $2, $3) on conflict do nothing",
        ),
        vec![account.to_string().into(), email.map(str::to_owned).into(), now.millis().into()],
    )
}

pub(super) fn set_customer(account: AccountId, customer: &str) -> Statement {
    Statement::new(
        Sql::both("update stripe_customers set customer = $2 where account = $1 and customer is null"),
        vec![account.to_string().into(), customer.into()],
    )
}

/// Forgets a customer that Stripe does not know any more, with the card; only if it is still that one.
pub(super) fn forget_customer(account: AccountId, customer: &str) -> Statement {
    Statement::new(
        Sql::both(
            "update stripe_customers set customer = null, payment_method = null, brand = null, last4 = null, \
             revision = revision + 1 where account = $1 and customer = $2",
        ),
        vec![account.to_string().into(), customer.into()],
    )
}

pub(super) fn read_purchase(row: &Row) -> Result<Purchase, StoreError> {
    let failure = row.maybe_text(11)?.zip(row.maybe_text(12)?);
    Ok(Purchase {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        request: row.text(2)?,
        way: row.parsed(3)?,
        package: row.text(4)?,
        credits: Credits::new(row.int(5)?).ok_or_else(|| out_of_range("credits"))?,
        amount: Cents::new(row.int(6)?).ok_or_else(|| out_of_range("amount"))?,
        grant: row.parsed(7)?,
        email: row.maybe_text(8)?,
        state: row.parsed(9)?,
        state_at: row.int(10)?,
        failure: failure.map(|(code, message)| Failure { code, message }),
        created_at: Timestamp::from_millis(row.int(13)?),
        paid_at: row.maybe_int(14)?.map(Timestamp::from_millis),
        stripe_session: row.maybe_text(15)?,
        stripe_intent: row.maybe_text(16)?,
        checkout_url: row.maybe_text(17)?,
        payment_method: row.maybe_text(18)?,
        received: Cents::new(received(row)?).ok_or_else(|| out_of_range("amount"))?,
        returned: Returned {
            money: Cents::new(row.int(21)?).ok_or_else(|| out_of_range("money"))?,
            credits: Credits::new(row.int(22)?).ok_or_else(|| out_of_range("credits"))?,
            looks: row.int(23)?,
        },
        late_failure_told: row.int(24)? != 0,
        mismatch: row.maybe_text(25)?.map(|_| row.parsed(25)).transpose()?,
    })
}

/// The price, less the discount, with the tax.
fn received(row: &Row) -> Result<i64, StoreError> {
    let (price, discount, tax) = (row.int(6)?, row.int(19)?, row.int(20)?);
    price.checked_sub(discount).and_then(|rest| rest.checked_add(tax)).ok_or_else(|| out_of_range("amount"))
}

fn read_customer(row: &Row) -> Result<Customer, StoreError> {
    let (method, brand, last4) = (row.maybe_text(2)?, row.maybe_text(3)?, row.maybe_text(4)?);
    let card =
        method.zip(brand).zip(last4).map(|((payment_method, brand), last4)| SavedCard { brand, last4, payment_method });
    Ok(Customer { customer: row.maybe_text(0)?, email: row.maybe_text(1)?, card, revision: row.int(5)? })
}

fn out_of_range(what: &str) -> StoreError {
    StoreError::Corrupt(format!("the {what} of a purchase are out of range"))
}
