//! The parts pages are made of: pure functions of what they are given. They load nothing.

mod audit;
mod brand;
mod burn_down;
mod chart;
mod code;
mod copy;
mod entries;
mod feedback;
mod form;
mod frame;
mod grants;
mod keys;
mod ledger_check;
mod number;
mod office_frame;
mod packages;
mod verdict;
mod zones;

pub use audit::AuditTable;
pub use brand::{Brand, PublicFrame, TestMode};
pub use burn_down::BurnDown;
pub use chart::{UsageChart, UsageTable};
pub use code::CodeBlock;
pub use copy::CopyButton;
pub use entries::EntryTable;
pub use feedback::{Chip, EmptyState, Failure, Notice, PurchaseChip, Tone, VerdictChip, verdict_words};
pub use form::{Choice, Field, PendingButton, Problems};
pub use frame::{Frame, Looking, Waiting};
pub use grants::{Downloads, GrantSection, GrantTable};
pub use keys::{KeyFacts, key_state};
pub use ledger_check::LedgerCheck;
pub use number::Balance;
pub use office_frame::OfficeFrame;
pub use packages::PackageFacts;
pub use verdict::VerdictPanel;
pub use zones::ZoneChoice;
