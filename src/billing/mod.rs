//! The billing kernel: one queue before one writer, group commit, reports and audits over the pure ledger.
//!
//! Knows no HTTP, no page and no Stripe. What credits are and may do is the ledger's to say.

mod alerting;
mod alerts;
mod audit;
mod budgets;
mod holds;
mod kernel;
mod meter;
mod order;
mod prices;
mod quotes;
mod recurring;
mod report;
pub mod store;
mod suspension;
#[cfg(test)]
mod tests;
mod windows;
mod writer;

pub use alerting::{AlertNews, AlertReport};
pub use alerts::{AlertSettings, ThresholdRule, Told};
pub use audit::AuditReport;
pub use budgets::{BudgetReport, BudgetState};
pub use holds::{HoldReport, NewHold};
pub use kernel::{AccountSummary, Kernel, NewAccount};
pub use meter::{Metered, Work};
pub use order::{KernelError, Order, Receipt, Together};
pub use prices::{PricesError, prices_from};
pub use quotes::{Quote, QuoteError, Quoted};
pub use recurring::{Every, NewRecurringGrant, RecurringError, RecurringGrant};
pub use report::{DayUsage, OperationUsage, UsageReport};
pub use suspension::Suspension;
pub use windows::date_of;
