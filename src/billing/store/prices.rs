//! The price books that were ever in force, each under its version, as text.

use super::tables::{Table, int, table, text};
use super::{Database, Sql, Statement, StoreError};
use crate::ledger::Timestamp;

use std::sync::LazyLock;

// One ledger moves into another's database beside its books: the same version is the same book there.
table!(PRICE_BOOKS, "price_books", [int("version"), text("book"), int("since")], "on conflict (version) do nothing");

const KEEP: Sql =
    Sql::both("insert into price_books (version, book, since) values ($1, $2, $3) on conflict (version) do nothing");

const OF_VERSION: Sql = Sql::both("select book from price_books where version = $1");

/// Keeps a book, unless its version is kept already, and answers the one that is.
pub async fn keep_price_book(
    database: &Database,
    version: u32,
    book: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let args = vec![i64::from(version).into(), book.into(), now.millis().into()];
    database.write(vec![Statement::new(KEEP, args)]).await?;
    price_book(database, version).await
}

/// The book of a version, if it was ever in force.
pub async fn price_book(database: &Database, version: u32) -> Result<Option<String>, StoreError> {
    let row = database.fetch_one(OF_VERSION, vec![i64::from(version).into()]).await?;
    row.map(|row| row.text(0)).transpose()
}
