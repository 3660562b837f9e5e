//! Budgets as they stand: the limit, what is spent or held of it, and when its window ends.

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use super::windows::{day_end, month_end};
use crate::ledger::{AccountId, Budget, Credits, KeyId, Timestamp, day_of, month_of};

/// One budget as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// The most that may be spent in a window; anything when not set.
    pub limit: Option<Credits>,
    /// What is spent or held in the present one.
    pub used: Credits,
    /// When the present window ends.
    pub ends_at: Timestamp,
}

/// The budgets of an account and of those of its keys that ever had one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetReport {
    /// For the UTC day.
    pub day: BudgetState,
    /// For the UTC month.
    pub month: BudgetState,
    /// For the UTC month, by key.
    pub keys: Vec<(KeyId, BudgetState)>,
}

impl BudgetReport {
    /// Whether the key has a limit of its own.
    #[must_use]
    pub fn limits(&self, key: KeyId) -> bool {
        self.keys.iter().any(|(known, state)| *known == key && state.limit.is_some())
    }
}

impl Kernel {
    /// An account's budgets; none when there is no such account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn budgets(&self, id: AccountId) -> Result<Option<BudgetReport>, KernelError> {
        let Some(account) = store::account(self.database(), id).await.map_err(unavailable)? else { return Ok(None) };
        let keys = store::key_budgets(self.database(), id).await.map_err(unavailable)?;
        let now = self.now();
        let (day, month) = ((day_of(now), day_end(now)), (month_of(now), month_end(now)));
        let state = |budget: Budget, (window, ends_at): (i64, Timestamp)| BudgetState {
            limit: budget.limit,
            used: budget.used_in(window),
            ends_at,
        };
        Ok(Some(BudgetReport {
            day: state(account.budgets.day, day),
            month: state(account.budgets.month, month),
            keys: keys.into_iter().map(|budget| (budget.key, state(budget.month, month))).collect(),
        }))
    }
}
