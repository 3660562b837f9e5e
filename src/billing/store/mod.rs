//! Where the ledger is kept: the only place with ledger SQL, and the database that the other rooms' stores use.

mod alerts;
mod answers;
mod arranged;
mod budgets;
mod checks;
mod customers;
mod database;
mod dump;
mod evidence;
mod faults;
mod gather;
mod granted;
mod halving;
mod holds;
mod ledger;
mod migrate;
mod once;
mod postgres;
mod prices;
mod quotes;
mod reads;
mod recurring;
mod reports;
mod rows;
mod sealing;
mod signing;
mod sqlite;
mod sqlite_statement;
mod suspensions;
mod tables;
#[cfg(test)]
pub mod testing;
mod together;
mod topups;
mod value;

pub(super) use alerts::{ExpiringGrant, alert_figures, episodes, expiring, write_alert_settings, write_change};
pub(super) use answers::{Kept, answer_of_id, answer_of_request, answers, keep_answer};
pub(super) use budgets::key_budgets;
pub(super) use checks::{
    EntryAt, KeptAnswer, Reader, account_rows, answers_page, answers_to, charges_to_check, entries_at,
    entries_to_check, refunds_of, slots_between,
};
pub(super) use customers::{accounts_found, rename_account};
pub use database::{Database, Transaction};
pub(super) use dump::{Section, accounts_in, sections};
pub(super) use evidence::*;
pub use faults::{Failure, FaultPlan, Step, When};
pub use gather::{Gather, Unanswered};
pub(super) use granted::granted_by;
pub(super) use holds::{hold, is_placed, place_hold};
pub use ledger::claim_request;
pub(super) use ledger::{Changes, Loaded, Named, RequestRow, UsageRow, load, save, whole_account};
pub(super) use once::{claim_write, keep_first_answer, release_write};
pub(super) use prices::{keep_price_book, price_book};
pub(super) use quotes::{forget_quotes, quote_by_id, quote_by_request, write_quote};
pub(super) use reads::*;
pub(super) use recurring::{
    advance_recurring, end_recurring, recurring, recurring_by_id, recurring_by_request, recurring_due, write_recurring,
};
pub(super) use reports::*;
pub use sealing::SealedColumn;
pub(super) use sealing::{keep_sealing_seed, kept_sealing_seed, otherwise_sealed, sealed_anew};
pub use signing::PublicKeyRow;
pub(super) use signing::{keep, kept_seed, note, public_keys};
pub(super) use suspensions::{last_suspension, write_suspension};
pub use topups::accounts_to_top_up;
pub use value::{Row, Sql, Statement, StoreError, Value};
