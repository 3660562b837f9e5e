//! Where the ledger is kept: the only place with ledger SQL, and the database that the other rooms' stores use.

mod database;
mod holds;
mod ledger;
mod migrate;
mod reads;
mod rows;
mod suspensions;
mod tables;
#[cfg(test)]
pub mod testing;
mod value;

pub use database::{Database, Transaction};
pub(super) use holds::{hold, is_placed, place_hold};
pub(super) use ledger::{Changes, Loaded, Named, RequestRow, UsageRow, charges_named, load, save, whole_account};
pub(super) use reads::*;
pub(super) use suspensions::{last_suspension, write_suspension};
pub use value::{Row, Sql, Statement, StoreError, Value};
