//! The billing kernel: one queue before one writer, group commit, reports and audits over the pure ledger.
//!
//! Knows no HTTP, no page and no Stripe. What credits are and may do is the ledger's to say.

mod alerting;
mod alerts;
mod audit;
mod budgets;
mod customers;
mod desk;
mod evidence;
mod export;
mod forecast;
mod granted;
mod grants;
mod holds;
mod kernel;
mod meter;
mod moving;
mod once;
mod order;
mod prices;
mod quotes;
mod recurring;
mod report;
mod sealing;
mod signing;
pub mod store;
mod strict;
mod suspension;
#[cfg(test)]
mod tests;
mod verify;
mod watch;
mod windows;
mod writer;
mod zone;

pub use alerting::{AlertNews, AlertReport};
pub use alerts::{AlertSettings, ThresholdRule, Told};
pub use audit::{AuditReport, Pace};
pub use budgets::{BudgetReport, BudgetState};
pub use desk::{Answered, Desk, DeskError, Outcome, PaidBy, Question, question_hash};
pub use evidence::{STATEMENT_ENTRIES_MAX, StatementError};
pub use export::EntryPages;
pub use forecast::AccountForecast;
pub use granted::GrantedCredits;
pub use grants::{BalanceAt, GrantPage, RankedGrant};
pub use holds::{HoldReport, NewHold};
pub use kernel::{AccountSummary, Kernel, NewAccount};
pub use meter::{Metered, Work};
pub use moving::{Counts, MoveError, Moved, export, import, import_foreign, is_export};
pub use once::{Claim, Claimed, FirstAnswer, Incoming, Whose};
pub use order::{KernelError, Order, Receipt, Together};
pub use prices::{PricesError, PricesNotKept, prices_from};
pub use quotes::{Quote, QuoteError, Quoted};
pub use recurring::{Every, NewRecurringGrant, RecurringError, RecurringGrant};
pub use report::{DayUsage, KeyFilter, KeyUsage, OperationUsage, UsagePages, UsageQuery, UsageReport};
pub use sealing::{NoSealer, NoSealingKeys, Purpose, SealError, Sealer, SealingKeys};
pub use signing::{Document, Fill, PublicKey, Signer, SigningSeed};
pub use suspension::Suspension;
pub use verify::{Verdict, verify_statement};
pub use watch::{LawState, Overall, Round, Watch, WatchReport};
pub use windows::date_of;
pub use zone::{LocalDay, REPORT_DAYS_MAX, UnknownZone, Zone};
