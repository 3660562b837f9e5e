//! Where the ledger is kept: the only place with ledger SQL, and the database that the other rooms' stores use.

mod database;
mod evidence;
mod ledger;
mod migrate;
mod reads;
mod rows;
mod signing;
mod tables;
#[cfg(test)]
pub mod testing;
mod value;

pub use database::{Database, Transaction};
pub(super) use evidence::*;
pub(super) use ledger::{Changes, Loaded, Named, RequestRow, UsageRow, charges_named, load, save, whole_account};
pub(super) use reads::*;
pub use signing::PublicKeyRow;
pub(super) use signing::{keep, kept_seed, note, public_keys};
pub use value::{Row, Sql, Statement, StoreError, Value};
