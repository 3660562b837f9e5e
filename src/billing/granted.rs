//! What the ledger keeps of purchases, by purchase: for whoever compares it with the money.

use std::collections::BTreeMap;

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use crate::ledger::{Cents, Credits, PurchaseId};

/// Purchases looked up in one statement.
const CHUNK: usize = 1_000;

/// What a purchase's grant says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantedCredits {
    /// How many credits were granted.
    pub size: Credits,
    /// How many of them were taken back, those that are owed included.
    pub reversed: Credits,
    /// What was paid for them.
    pub paid: Cents,
}

impl Kernel {
    /// The grants of these purchases; what is not there was never granted.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn granted_by(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<BTreeMap<PurchaseId, GrantedCredits>, KernelError> {
        let mut granted = BTreeMap::new();
        for chunk in purchases.chunks(CHUNK) {
            granted.extend(store::granted_by(self.database(), chunk).await.map_err(unavailable)?);
        }
        Ok(granted)
    }
}
