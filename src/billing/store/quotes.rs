//! Promised prices.

use super::{Database, Row, Sql, Statement, StoreError};
use crate::billing::Quote;
use crate::ledger::{AccountId, QuoteId, Timestamp};

/// The first quote of a request stays.
const ADD: Sql = Sql::both(
    "insert into quotes
       (id, account_id, request, operation, quantity, unit_price, credits, price_book, quoted_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (account_id, request) do nothing",
);

const FORGET: Sql = Sql::both("delete from quotes where expires_at < $1");

const BY_ID: Sql = Sql::both(
    "select id, account_id, operation, quantity, unit_price, credits, price_book, expires_at from quotes where id = $1",
);

const BY_REQUEST: Sql = Sql::both(
    "select id, account_id, operation, quantity, unit_price, credits, price_book, expires_at from quotes
     where account_id = $1 and request = $2",
);

/// Keeps a quote, unless its request has one already.
pub fn write_quote(quote: &Quote, request: &str, now: Timestamp) -> Statement {
    let args = vec![
        quote.id.to_string().into(),
        quote.account.to_string().into(),
        request.into(),
        quote.operation.name().into(),
        quote.quantity.into(),
        quote.unit_price.get().into(),
        quote.credits.get().into(),
        i64::from(quote.price_book).into(),
        now.millis().into(),
        quote.expires_at.millis().into(),
    ];
    Statement::new(ADD, args)
}

/// Forgets quotes that expired before the given moment.
pub fn forget_quotes(before: Timestamp) -> Statement {
    Statement::new(FORGET, vec![before.millis().into()])
}

/// A quote, whoever's it is.
pub async fn quote_by_id(database: &Database, id: QuoteId) -> Result<Option<Quote>, StoreError> {
    database.fetch_one(BY_ID, vec![id.to_string().into()]).await?.as_ref().map(read).transpose()
}

/// The quote that a request was given.
pub async fn quote_by_request(
    database: &Database,
    account: AccountId,
    request: &str,
) -> Result<Option<Quote>, StoreError> {
    let args = vec![account.to_string().into(), request.into()];
    database.fetch_one(BY_REQUEST, args).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Quote, StoreError> {
    Ok(Quote {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        operation: row.parsed(2)?,
        quantity: row.int(3)?,
        unit_price: row.amount(4)?,
        credits: row.amount(5)?,
        price_book: row.amount(6)?,
        expires_at: Timestamp::from_millis(row.int(7)?),
    })
}
