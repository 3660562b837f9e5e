//! What the settings page shows of budgets and alerts.

use serde::{Deserialize, Serialize};

/// A budget as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetView {
    /// None is no limit.
    pub limit: Option<i64>,
    pub used: i64,
    /// When its window ends.
    pub ends_at: String,
}

/// The account's budgets, and a key that makes pressing the button twice one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetsView {
    pub day: BudgetView,
    pub month: BudgetView,
    pub request: String,
}

/// What the account's members are told by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsView {
    /// Below how many credits; 0 is never.
    pub threshold: i64,
    /// Where that comes from: chosen, last_purchase or fixed.
    pub rule: String,
    pub budgets: bool,
    pub expiring: bool,
}
