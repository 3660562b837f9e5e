//! The server functions: each authenticates, reads its arguments, calls one use case, and answers or redirects.
//!
//! Reads are `get_…` and answer a finished view. Writes redirect, also with JavaScript, so that both ways show the same.

pub mod access;
pub mod audit;
pub mod billing;
pub mod buying;
pub mod docs;
pub mod evidence;
pub mod judge;
pub mod keys;
pub mod ledger;
pub mod office;
pub mod office_payments;
pub mod overview;
pub mod own;
pub mod passkeys;
pub mod public;
pub mod reconciliation;
pub mod sentinel;
pub mod session;
pub mod settings;
pub mod shares;
pub mod team;
pub mod webhooks;
pub mod work;
