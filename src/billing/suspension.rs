//! Suspending an account: it may read and be given credits, but not spend. The reason is kept beside the ledger.

use super::kernel::{Kernel, unavailable};
use super::order::{KernelError, Order, Receipt};
use super::store::{self, Statement, StoreError};
use crate::ledger::{AccountId, Command, KeyId, Timestamp};

/// Whether an account may spend, since when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Whether it may not.
    pub suspended: bool,
    /// What the operator wrote.
    pub reason: String,
    /// When the operator wrote it.
    pub at: Timestamp,
}

impl Kernel {
    /// Suspends an account or reopens it, and keeps the reason in the same commit, with other rooms' rows `along`.
    ///
    /// # Errors
    /// As [`Kernel::submit`].
    pub async fn suspend(
        &self,
        account: AccountId,
        suspended: bool,
        reason: String,
        request: String,
        key: Option<KeyId>,
        along: Vec<Statement>,
    ) -> Result<Receipt, KernelError> {
        let what = Suspension { suspended, reason: reason.clone(), at: self.now() };
        let row = store::write_suspension(account, &request, &what, key);
        let order = Order::new(account, request, Command::SetSuspended { suspended, reason }).with_key(key);
        self.submit(order.along([along, vec![row]].concat())).await
    }

    /// The last change by an operator; none when there never was one.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn suspension(&self, account: AccountId) -> Result<Option<Suspension>, KernelError> {
        let read = |row: store::Row| -> Result<_, StoreError> {
            Ok(Suspension {
                suspended: row.int(0)? != 0,
                reason: row.text(1)?,
                at: Timestamp::from_millis(row.int(2)?),
            })
        };
        let row = store::last_suspension(self.database(), account).await.map_err(unavailable)?;
        row.map(read).transpose().map_err(unavailable)
    }
}
