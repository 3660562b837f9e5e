//! Metered work, the only way a paid service runs: hold the price, do the work, settle by what came of it.

use super::kernel::{Kernel, unavailable};
use super::order::{KernelError, Order, Receipt};
use super::store::{self, Statement};
use crate::ledger::{AccountId, Command, Credits, HoldId, HoldState, KeyId, Operation, Promise, Refusal};

/// How often work under one idempotency key may be tried anew after a crash gave its hold back.
const ATTEMPTS_MAX: u32 = 100;

/// A piece of paid work to be done.
#[derive(Clone, Debug)]
pub struct Work {
    /// Who pays.
    pub account: AccountId,
    /// What it is.
    pub operation: Operation,
    /// How many units of it.
    pub quantity: i64,
    /// The caller's idempotency key, without spaces.
    pub request: String,
    /// The API key that asked, if one did.
    pub key: Option<KeyId>,
    /// What it is about, as JSON; part of what makes a retry the same request.
    pub metadata: String,
    /// When the hold releases itself if nobody settles it. Longer than the work can take.
    pub ttl_seconds: i64,
}

/// Credits held for work under way. Dropping it gives them back.
pub struct Metered {
    kernel: Kernel,
    work: Work,
    hold: HoldId,
    cost: Credits,
    attempt: u32,
    settled: bool,
}

impl Kernel {
    /// Holds the price of some work.
    ///
    /// # Errors
    /// As [`Kernel::submit`]; [`KernelError::InProgress`] while the first request with this key still works.
    /// The caller looks up finished work of the same key first: here it could only be charged for again.
    pub async fn meter(&self, work: Work) -> Result<Metered, KernelError> {
        self.meter_at_most(work, None).await
    }

    /// The same, holding no more than a quote has promised.
    ///
    /// # Errors
    /// As [`Kernel::meter`].
    pub async fn meter_at_most(&self, work: Work, at_most: Option<Promise>) -> Result<Metered, KernelError> {
        for attempt in 0..ATTEMPTS_MAX {
            let command = Command::Hold {
                hold: self.next_hold(),
                operation: work.operation,
                quantity: work.quantity,
                at_most,
                expires_at: self.now().plus_seconds(work.ttl_seconds),
                metadata: work.metadata.clone(),
            };
            let hold = command.hold().ok_or(KernelError::Unavailable)?;
            // The first attempt stands under the caller's own key, so that the key cannot pay for anything else too.
            // Callers' keys have no spaces, so the later names can never meet one of theirs.
            let request = if attempt == 0 { work.request.clone() } else { format!("{} hold {attempt}", work.request) };
            let order = Order::new(work.account, request, command).with_key(work.key);
            // The guard is there before the hold is: a caller that goes away in between leaves nothing held.
            let kernel = self.clone();
            let mut metered =
                Metered { kernel, work: work.clone(), hold, cost: Credits::ZERO, attempt, settled: false };
            let receipt = match self.submit(order).await {
                Ok(receipt) => receipt,
                Err(error) => {
                    metered.settled = error != KernelError::Unavailable;
                    return Err(error);
                }
            };
            if receipt.hold == Some(hold) {
                metered.cost = receipt.amount;
                return Ok(metered);
            }
            metered.settled = true;
            let first = receipt.hold.ok_or(KernelError::IdempotencyConflict)?;
            match store::hold_state(self.database(), work.account, first).await.map_err(unavailable)? {
                Some(HoldState::Released | HoldState::Expired) => {}
                _ => return Err(KernelError::InProgress),
            }
        }
        Err(KernelError::InProgress)
    }
}

impl Metered {
    /// What is held.
    #[must_use]
    pub const fn cost(&self) -> Credits {
        self.cost
    }

    /// The idempotency key under which [`Metered::capture`] is kept, for [`Kernel::receipt`].
    #[must_use]
    pub fn capture_request(&self) -> String {
        self.request("capture")
    }

    /// The idempotency key under which [`Metered::release`] is kept, for [`Kernel::receipt`].
    #[must_use]
    pub fn release_request(&self) -> String {
        self.request("release")
    }

    fn request(&self, how: &str) -> String {
        format!("{} {how} {}", self.work.request, self.attempt)
    }

    /// Takes payment: the work had a result. The rows of another room are written in the same commit.
    ///
    /// # Errors
    /// As [`Kernel::submit`]; the hold is then given back when its time is over.
    pub async fn capture(mut self, metadata: String, along: Vec<Statement>) -> Result<Receipt, KernelError> {
        let command = Command::Capture { hold: self.hold, amount: None, metadata };
        self.settle("capture", command, along).await
    }

    /// Gives the credits back: the work had no result.
    ///
    /// # Errors
    /// As [`Kernel::submit`]; the hold is then given back when its time is over.
    pub async fn release(mut self, reason: &str, along: Vec<Statement>) -> Result<Receipt, KernelError> {
        let command = Command::Release { hold: self.hold, reason: reason.to_owned() };
        self.settle("release", command, along).await
    }

    async fn settle(&mut self, how: &str, command: Command, along: Vec<Statement>) -> Result<Receipt, KernelError> {
        let order = self.order(how, command).along(along);
        let receipt = self.kernel.submit(order).await?;
        self.settled = true;
        Ok(receipt)
    }

    fn order(&self, how: &str, command: Command) -> Order {
        Order::new(self.work.account, self.request(how), command).with_key(self.work.key)
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let command = Command::Release { hold: self.hold, reason: "the work was given up".into() };
        let (kernel, order) = (self.kernel.clone(), self.order("drop", command));
        // Outside a runtime there is nobody to send it: the hold then ends by its own time.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                match kernel.submit(order).await {
                    // The caller may have gone before the hold was made: then there is nothing to give back.
                    Ok(_) | Err(KernelError::Refused(Refusal::NoSuchHold)) => {}
                    Err(error) => tracing::warn!(%error, "a dropped hold waits for its time to be released"),
                }
            });
        }
    }
}
