//! Accounts as an operator looks for them. The ledger's own order of ids is the order of their opening.

use super::kernel::{AccountSummary, Kernel, unavailable};
use super::order::KernelError;
use super::store::{self, Statement};
use crate::ledger::AccountId;

/// Accounts listed at once.
const PAGE_MAX: i64 = 200;

impl Kernel {
    /// Calls an account something else, with what is written along; false when there is none. The ledger's entries know
    /// their account by its id, so that no chain and no statement that was signed changes.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn rename(&self, account: AccountId, name: &str, along: Vec<Statement>) -> Result<bool, KernelError> {
        store::rename_account(self.database(), account, name, along).await.map_err(unavailable)
    }

    /// Accounts whose name contains `text`, whose id it is, or that are among `others`; the newest first, and all of them
    /// opened before `before` where that is given.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn find_accounts(
        &self,
        text: &str,
        others: &[AccountId],
        before: Option<AccountId>,
        limit: i64,
    ) -> Result<Vec<AccountSummary>, KernelError> {
        let limit = limit.clamp(1, PAGE_MAX);
        let ids = store::accounts_found(self.database(), text.trim(), others, before, limit).await;
        let accounts = store::accounts(self.database(), &ids.map_err(unavailable)?).await.map_err(unavailable)?;
        let mut found: Vec<AccountSummary> = accounts.into_iter().map(AccountSummary::of).collect();
        found.sort_by_key(|account| std::cmp::Reverse(account.id));
        Ok(found)
    }
}
