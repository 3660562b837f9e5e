//! The parts pages are made of: pure functions of what they are given. They load nothing.

mod audit;
mod brand;
mod burn_down;
mod chart;
mod code;
mod copy;
mod drift_chart;
mod entries;
mod feedback;
mod form;
mod frame;
mod grants;
mod keys;
mod metric_chart;
mod money_back;
mod number;
mod office_frame;
mod packages;
mod passkeys;
mod share;
mod verdict;
mod work;

pub use audit::AuditTable;
pub use brand::{Brand, PublicFrame, TestMode};
pub use burn_down::BurnDown;
pub use chart::{UsageChart, UsageTable};
pub use code::CodeBlock;
pub use copy::CopyButton;
pub use drift_chart::DriftChart;
pub use entries::EntryTable;
pub use feedback::{
    Chip, EmptyState, EventChip, Failure, MonitorChip, Notice, PurchaseChip, Tone, VerdictChip, verdict_words,
};
pub use form::{Choice, Field, SubmitButton};
pub use frame::{Frame, Looking};
pub use grants::{Downloads, GrantSection, GrantTable};
pub use keys::{KeyFacts, key_state};
pub use metric_chart::MetricChart;
pub use money_back::{Owed, RefundForm, WentBack};
pub use number::Balance;
pub use office_frame::OfficeFrame;
pub use packages::PackageFacts;
pub use passkeys::{PasskeySection, PasskeySignIn};
pub use share::{AskedBeside, SharePanel};
pub use verdict::VerdictPanel;
pub use work::{TABLES, TABLES_AND_JSON, ValueTable, WorkCost, WorkRefused, WorkSide, WorkText};
