//! The law of the till: credits, prices, grants, holds, entries and the hash chain.
//!
//! Knows no clock, no chance, no SQL, no HTTP and no page: every function here gives the same answer
//! for the same arguments, on the server and in the visitor's browser.

mod account;
mod apply;
mod audit;
mod budget;
mod canonical;
mod chain;
mod charge;
mod command;
mod entry;
mod forecast;
mod grant;
mod hold;
mod id;
mod law;
mod money;
mod month;
mod pricebook;
mod receipt;
mod refusal;
mod statement;
pub mod testing;
mod time;

pub use account::{Account, Balances, Bucket};
pub use apply::apply;
pub use audit::{Fault, Faults, Replay, audit};
pub use budget::{Budget, BudgetName, Budgets, KeyBudget, day_of, month_of};
pub use canonical::canonical;
pub use chain::{Hash, canonical_bytes, seal};
pub use charge::Charge;
pub use command::{Command, Promise, Request};
pub use entry::{Entry, EntryKind, GrantPart};
pub use forecast::{Forecast, Loss};
pub use grant::{Grant, GrantKind};
pub use hold::{Hold, HoldState};
pub use id::{
    AccountId, AuditId, BatchId, EndpointId, EventId, GrantId, HoldId, IdError, IdSource, InvitationId, KeyId, MailId,
    MonitorId, PasskeyId, PurchaseId, QueryId, QuoteId, ReconciliationId, RecurringGrantId, RefundId, SessionId,
    SigningKeyId, SubscriptionId, TransactionId, UserId, VerificationId,
};
pub use law::Law;
pub use money::{Cents, Credits};
pub use month::Month;
pub use pricebook::{Operation, Package, PriceBook, PriceBookError, QUANTITY_MAX, Tier, UnknownName};
pub use receipt::receipt;
pub use refusal::Refusal;
pub use statement::{
    KindTotal, Line, Lot, OperationTotal, Rewind, Standing, Statement, StatementGrant, StatementParts, Totals,
};
pub use time::{Clock, Timestamp};
