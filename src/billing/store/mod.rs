//! Where the ledger is kept: the only place with ledger SQL, and the database that the other rooms' stores use.

mod database;
mod gather;
mod dump;
mod faults;
mod ledger;
mod migrate;
mod reads;
mod reports;
mod rows;
mod tables;
#[cfg(test)]
pub mod testing;
mod together;
mod value;

pub use database::{Database, Transaction};
pub use gather::{Gather, Unanswered};
pub use ledger::claim_request;
pub(super) use dump::{Section, accounts_in, sections};
pub use faults::{Failure, FaultPlan, Step, When};
pub(super) use ledger::{Changes, Loaded, Named, RequestRow, UsageRow, charges_named, load, save, whole_account};
pub(super) use reads::*;
pub(super) use reports::*;
pub use value::{Row, Sql, Statement, StoreError, Value};
