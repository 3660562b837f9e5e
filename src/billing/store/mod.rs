//! Where the ledger is kept: the only place with ledger SQL, and the database that the other rooms' stores use.

mod database;
mod ledger;
mod migrate;
mod reads;
mod rows;
#[cfg(test)]
pub mod testing;
mod value;

pub use database::{Database, Transaction};
pub(super) use ledger::{Loaded, RequestRow, UsageRow, account_with_grants, load, save};
pub(super) use reads::*;
pub use value::{Row, Sql, Statement, StoreError, Value};
