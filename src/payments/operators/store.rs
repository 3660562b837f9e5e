//! The SQL of what operators list. Decides nothing.
//!
//! Each combination of filters has a statement of its own, so that each is a walk along one index.

use super::{EventFilter, PurchaseFilter, StoredEvent};
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Value};
use crate::ledger::{PurchaseId, Timestamp};
use crate::payments::promotion::Terms;
use crate::payments::purchase::Purchase;
use crate::payments::store::{purchase_columns, read_purchase};

/// One column list for every read of an event, in the order of [`read_event`].
macro_rules! event_columns {
    ($more:literal, $rest:expr) => {
        concat!(
            "select id, type, api_version, received_at, state, attempts, coalesce(note, ''), purchase, intent, replays, ",
            "replayed_at",
            $more,
            " from stripe_events ",
            $rest
        )
    };
}

/// A page of events before a place; `$1` to `$3` are the place and the length.
macro_rules! page_of_events {
    ($filter:literal) => {
        Sql::both(event_columns!(
            "",
            concat!("where (received_at, id) < ($1, $2) ", $filter, " order by received_at desc, id desc limit $3")
        ))
    };
}

/// Behind every event there is: the first page.
const END: (i64, &str) = (i64::MAX, "");

pub async fn events(
    database: &Database,
    filter: &EventFilter,
    before: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let (millis, id) = before.unwrap_or(END);
    let mut args: Vec<Value> = vec![millis.into(), id.into(), limit.into()];
    args.extend(filter.state.map(|state| state.name().into()));
    args.extend(filter.kind.as_deref().map(Value::from));
    let sql = match (filter.state, &filter.kind) {
        (None, None) => ALL,
        (Some(_), None) => OF_STATE,
        (None, Some(_)) => OF_TYPE,
        (Some(_), Some(_)) => OF_STATE_AND_TYPE,
    };
    database.fetch(sql, args).await?.iter().map(read_event).collect()
}

const ALL: Sql = page_of_events!("");
const OF_STATE: Sql = page_of_events!("and state = $4");
const OF_TYPE: Sql = page_of_events!("and type = $4");
const OF_STATE_AND_TYPE: Sql = page_of_events!("and state = $4 and type = $5");

/// One event and its payload.
pub async fn event(database: &Database, id: &str) -> Result<Option<(StoredEvent, String)>, StoreError> {
    let sql = Sql::both(event_columns!(", payload", "where id = $1"));
    let row = database.fetch_one(sql, vec![id.into()]).await?;
    row.map(|row| Ok((read_event(&row)?, row.text(11)?))).transpose()
}

/// Events that name the purchase or its payment intent.
pub async fn events_about(
    database: &Database,
    purchase: PurchaseId,
    intent: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let sql =
        Sql::both(event_columns!("", "where purchase = $1 or intent = $2 order by received_at desc, id desc limit $3"));
    let args = vec![purchase.to_string().into(), intent.map(str::to_owned).into(), limit.into()];
    database.fetch(sql, args).await?.iter().map(read_event).collect()
}

/// Lets an event wait again, unless it is done.
pub fn reopen(id: &str, now: Timestamp) -> Statement {
    Statement::new(
        Sql::both(
            "update stripe_events set state = 'stored', replays = replays + 1, replayed_at = $2 \
             where id = $1 and state <> 'done'",
        ),
        vec![id.into(), now.millis().into()],
    )
}

fn read_event(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        id: row.text(0)?,
        kind: row.text(1)?,
        api_version: row.maybe_text(2)?,
        received_at: Timestamp::from_millis(row.int(3)?),
        state: row.parsed(4)?,
        attempts: row.int(5)?,
        note: row.text(6)?,
        purchase: row.maybe_text(7)?,
        intent: row.maybe_text(8)?,
        replays: row.int(9)?,
        replayed_at: row.maybe_int(10)?.map(Timestamp::from_millis),
    })
}

const PURCHASES: Sql = Sql::both(purchase_columns!("where id < $1 order by id desc limit $2"));
const PURCHASES_OF_STATE: Sql = Sql::both(purchase_columns!("where id < $1 and state = $3 order by id desc limit $2"));
const PURCHASES_OF_ACCOUNT: Sql =
    Sql::both(purchase_columns!("where id < $1 and account = $3 order by id desc limit $2"));
const PURCHASES_OF_BOTH: Sql =
    Sql::both(purchase_columns!("where id < $1 and state = $3 and account = $4 order by id desc limit $2"));
/// Behind every id there is: letters come after digits and capitals.
const LAST_ID: &str = "PURz";

pub async fn purchases(
    database: &Database,
    filter: PurchaseFilter,
    before: Option<PurchaseId>,
    limit: i64,
) -> Result<Vec<Purchase>, StoreError> {
    let before = before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string());
    let mut args: Vec<Value> = vec![before.into(), limit.into()];
    args.extend(filter.state.map(|state| state.name().into()));
    args.extend(filter.account.map(|account| account.to_string().into()));
    let sql = match (filter.state, filter.account) {
        (None, None) => PURCHASES,
        (Some(_), None) => PURCHASES_OF_STATE,
        (None, Some(_)) => PURCHASES_OF_ACCOUNT,
        (Some(_), Some(_)) => PURCHASES_OF_BOTH,
    };
    database.fetch(sql, args).await?.iter().map(read_purchase).collect()
}

/// What the payment differed from the price by.
pub async fn terms(database: &Database, id: PurchaseId) -> Result<Option<Terms>, StoreError> {
    let sql = Sql::both("select amount, discount, tax, promotion_code from purchases where id = $1");
    let row = database.fetch_one(sql, vec![id.to_string().into()]).await?;
    let read = |row: Row| {
        Ok(Terms { subtotal: row.int(0)?, discount: row.int(1)?, tax: row.int(2)?, promotion: row.maybe_text(3)? })
    };
    row.map(read).transpose()
}
