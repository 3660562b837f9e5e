//! The whole ledger of an account, oldest entry first, a page at a time: any size in constant memory.

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use crate::ledger::{AccountId, Entry};

/// Entries read at a time: about half a megabyte with usual metadata.
const PAGE: i64 = 500;

/// What is left to read of an account's entries.
///
/// Ends with the entry that was the last when the reading began. What is there never changes, so the pages fit
/// together without a transaction that a slow reader would keep open.
pub struct EntryPages {
    kernel: Kernel,
    id: AccountId,
    after: i64,
    last: i64,
}

impl Kernel {
    /// Begins to read the entries of an account; `None` when there is no such account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn entry_pages(&self, id: AccountId) -> Result<Option<EntryPages>, KernelError> {
        let account = store::account(self.database(), id).await.map_err(unavailable)?;
        Ok(account.map(|account| EntryPages { kernel: self.clone(), id, after: 0, last: account.seq }))
    }
}

impl EntryPages {
    /// The next page, oldest first; `None` after the last.
    ///
    /// # Errors
    /// When the store is out of reach, or entries are missing: what is cut short must not look whole.
    pub async fn next(&mut self) -> Result<Option<Vec<Entry>>, KernelError> {
        if self.after >= self.last {
            return Ok(None);
        }
        let database = self.kernel.database();
        let page = store::entries_up_to(database, self.id, (self.after, self.last), PAGE).await.map_err(unavailable)?;
        let seqs = (self.after.saturating_add(1)..).zip(&page);
        match page.last() {
            Some(end) if seqs.into_iter().all(|(seq, entry)| entry.seq == seq) => self.after = end.seq,
            _ => {
                tracing::error!(account = %self.id, after = self.after, "entries are missing; `aethel audit` names them");
                return Err(KernelError::Unavailable);
            }
        }
        Ok(Some(page))
    }
}
