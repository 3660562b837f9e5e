//! Holds that a caller places, and later captures or releases by name.

use super::kernel::{Kernel, unavailable};
use super::order::{KernelError, Order, Receipt};
use super::store;
use crate::ledger::{AccountId, Command, Credits, Hold, HoldId, HoldState, KeyId, Operation, Promise};

/// A hold to place.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Who pays.
    pub account: AccountId,
    /// For what.
    pub operation: Operation,
    /// How many units of it.
    pub quantity: i64,
    /// What it may cost at most: a quote's promise.
    pub at_most: Option<Promise>,
    /// In how many seconds it releases itself. Another number under the same idempotency key is another request.
    pub ttl_seconds: i64,
    /// The caller's own JSON, kept as given.
    pub metadata: String,
    /// The idempotency key.
    pub request: String,
    /// The API key that asked, if one did.
    pub key: Option<KeyId>,
}

/// A hold as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldReport {
    /// Whose it is.
    pub account: AccountId,
    /// The hold. Expired as soon as its time is over, whether or not that has been posted.
    pub hold: Hold,
    /// How much of it was spent.
    pub captured: Credits,
    /// Whether a caller placed it and settles it; a service settles its own.
    pub placed: bool,
}

impl Kernel {
    /// Sets credits aside until the caller captures or releases them, or the time is over.
    ///
    /// # Errors
    /// As [`Kernel::submit`].
    pub async fn place_hold(&self, new: NewHold) -> Result<Receipt, KernelError> {
        let hold = self.next_hold();
        let command = Command::Hold {
            hold,
            operation: new.operation,
            quantity: new.quantity,
            at_most: new.at_most,
            expires_at: self.now().plus_seconds(new.ttl_seconds),
            metadata: new.metadata,
        };
        let order = Order::new(new.account, new.request, command)
            .with_key(new.key)
            .with_terms(format!("ttl {}", new.ttl_seconds))
            .along(vec![store::place_hold(new.account, hold)]);
        self.submit(order).await
    }

    /// A hold as it stands, whoever's it is: the caller decides who may know.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn hold(&self, id: HoldId) -> Result<Option<HoldReport>, KernelError> {
        let Some((account, mut hold)) = store::hold(self.database(), id).await.map_err(unavailable)? else {
            return Ok(None);
        };
        let placed = store::is_placed(self.database(), id).await.map_err(unavailable)?;
        if hold.state == HoldState::Open && hold.expires_at <= self.now() {
            hold.state = HoldState::Expired;
        }
        // What a captured hold still lists is what went back.
        let back = hold.parts.iter().try_fold(Credits::ZERO, |sum, part| sum.checked_add(part.amount));
        let captured = match hold.state {
            HoldState::Captured => back.and_then(|back| hold.amount.checked_sub(back)).unwrap_or(Credits::ZERO),
            _ => Credits::ZERO,
        };
        Ok(Some(HoldReport { account, hold, captured, placed }))
    }
}
