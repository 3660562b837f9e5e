//! The billing kernel: one queue before one writer, group commit, reports and audits over the pure ledger.
//!
//! Knows no HTTP, no page and no Stripe. What credits are and may do is the ledger's to say.

mod audit;
mod evidence;
mod kernel;
mod meter;
mod order;
mod prices;
mod report;
mod signing;
pub mod store;
mod strict;
#[cfg(test)]
mod tests;
mod verify;
mod watch;
mod writer;

pub use audit::{AuditReport, Pace};
pub use evidence::{STATEMENT_ENTRIES_MAX, StatementError};
pub use kernel::{AccountSummary, Kernel, NewAccount};
pub use meter::{Metered, Work};
pub use order::{KernelError, Order, Receipt, Together};
pub use prices::{PricesError, prices_from};
pub use report::{DayUsage, OperationUsage, UsageReport};
pub use signing::{Document, Fill, PublicKey, Signer, SigningSeed};
pub use verify::{Verdict, verify_statement};
pub use watch::{LawState, Round, Watch, WatchReport};
