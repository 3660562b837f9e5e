//! Purchases: Stripe takes the money, the ledger keeps the credits.
//!
//! A purchase row is written first; Stripe is asked afterwards, never inside a database transaction, and always with an
//! idempotency key made of the row's id. What Stripe then tells, by webhook or in an answer, goes through the one pure
//! [`purchase::advance`], and its effect commits together with the mark that it happened.
//!
//! Deliberately absent: any way to grant credits without a row of ours, and any amount taken from metadata.

mod about;
mod buying;
mod cards;
mod confirming;
mod customer_event;
mod event;
mod inbox;
mod money_back;
mod operators;
mod promotion;
mod purchase;
mod receipt;
mod reconcile;
pub mod sandbox;
mod settle;
mod store;
mod stripe;
mod subscription;
mod topup;
mod webhook;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::Notify;

pub use buying::{Charged, Checkout, IntentCreated};
pub use cards::KeptCard;
pub use confirming::Confirmation;
pub use inbox::EventState;
pub use money_back::{RefundError, RefundOrder, RefundStep, RefundTold, Refunded};
pub use operators::{EventCursor, EventFilter, Paid, PurchaseFilter, Replay, StoredEvent, readable_payload};
pub use purchase::money_back::Returned;
pub use purchase::{Failure, Mismatch, Purchase, PurchaseState, Way};
pub use reconcile::{
    Difference, FINDINGS_KEPT_MAX, Finding, KeptFinding, Reconciliation, RepairRefused, RepairTry, Repaired, RunState,
    Totals, WINDOW_DAYS,
};
pub use stripe::SavedCard;
pub use subscription::{Stage, Standing, Started, Subscription, SubscriptionError};
pub use topup::{Halt, TopUp, TopUpError, TopUpSettings};
pub use webhook::{WebhookError, WebhookSecrets};

use self::store::PaymentStore;
use self::stripe::{CallError, Stripe};
use crate::billing::store::{Database, StoreError};
use crate::billing::{Kernel, KernelError};
use crate::ledger::{AccountId, Clock, IdSource, PurchaseId};
use crate::mail::Mail;

/// Whether money is real. Events of the other kind are kept and never acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Test keys, or the sandbox.
    Test,
    /// Live keys.
    Live,
}

/// What payments need to be told.
#[derive(Clone)]
pub struct PaymentsConfig {
    /// Stripe's `sk_…`, or the sandbox's.
    pub secret_key: String,
    /// Where Stripe's API is, if not at Stripe: the sandbox, or a mock.
    pub api_base: Option<String>,
    /// All that are valid now: two while a secret is rolled.
    pub webhook_secrets: WebhookSecrets,
    /// Where customers come back to, without a slash at the end.
    pub public_url: String,
    /// Whether Stripe puts tax on top on its own pages.
    pub tax: bool,
    /// Which of the two the key is for.
    pub mode: Mode,
}

/// Why a purchase could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// The bank said no.
    #[error("{message}")]
    CardDeclined {
        /// Why, for the customer.
        message: String,
    },
    /// No answer in time, or one that says "later".
    #[error("the payment provider does not answer; try again in a minute, nothing is charged twice")]
    Unreachable,
    /// Stripe does not do this.
    #[error("the payment provider refused the request: {message}")]
    Refused {
        /// Why, as Stripe says it.
        message: String,
    },
    /// Stripe does not take our key: nothing works until an operator sets another one.
    #[error("the payment provider refused the request: the payment provider refused our key")]
    KeyRefused,
    /// The account has no such card.
    #[error("this account has no such card")]
    NoSuchCard,
    /// The same request key was used for something else, or too long ago to continue.
    #[error("this request key was used for something else; start again with a new one")]
    Conflict,
    /// The purchase of this request can no longer be paid.
    #[error("this purchase can no longer be paid; start a new one")]
    Over,
    /// Our own store or ledger does not answer.
    #[error("purchases are not available at the moment; try again in a minute")]
    Unavailable,
}

impl PaymentError {
    /// A stable name for programs and pages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PaymentError::CardDeclined { .. } => "card_declined",
            PaymentError::Unreachable => "payment_provider_unreachable",
            PaymentError::Refused { .. } | PaymentError::KeyRefused => "payment_refused",
            PaymentError::NoSuchCard => "payment_method_not_found",
            PaymentError::Conflict => "idempotency_conflict",
            PaymentError::Over => "purchase_over",
            PaymentError::Unavailable => "unavailable",
        }
    }

    /// Whether the same again would come to the same: Stripe has answered, and not with "later".
    fn is_final(&self) -> bool {
        matches!(self, PaymentError::CardDeclined { .. } | PaymentError::Refused { .. } | PaymentError::NoSuchCard)
    }
}

impl From<StoreError> for PaymentError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the payments store failed");
        PaymentError::Unavailable
    }
}

impl From<KernelError> for PaymentError {
    fn from(error: KernelError) -> Self {
        tracing::error!(%error, "the billing kernel did not take a purchase");
        PaymentError::Unavailable
    }
}

impl From<CallError> for PaymentError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Declined { failure, .. } => PaymentError::CardDeclined { message: failure.message },
            CallError::Unreachable => PaymentError::Unreachable,
            CallError::KeyRefused => PaymentError::KeyRefused,
            CallError::Refused { message } | CallError::NotFound { message } => PaymentError::Refused { message },
            CallError::CustomerMissing | CallError::CardMissing => {
                PaymentError::Refused { message: "the payment provider does not know this card".into() }
            }
        }
    }
}

/// A setting that payments cannot work with.
#[derive(Debug, thiserror::Error)]
#[error("STRIPE_SECRET_KEY or STRIPE_API_BASE cannot be used: {0}")]
pub struct PaymentsConfigError(String);

/// The payments room; clones share one.
#[derive(Clone)]
pub struct Payments {
    inner: Arc<Inner>,
}

struct Inner {
    store: PaymentStore,
    kernel: Kernel,
    mail: Mail,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    stripe: Stripe,
    config: PaymentsConfig,
    /// Rung when an event about a payment was stored.
    arrived: Notify,
    /// Rung when one about money that goes back was.
    went_back: Notify,
}

impl Payments {
    /// The room over its neighbours; asks Stripe nothing yet.
    ///
    /// # Errors
    /// When the key or the base URL cannot be used at all.
    pub fn new(
        database: Database,
        kernel: Kernel,
        mail: Mail,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        config: PaymentsConfig,
    ) -> Result<Self, PaymentsConfigError> {
        let stripe = Stripe::new(&config.secret_key, config.api_base.as_deref()).map_err(PaymentsConfigError)?;
        let store = PaymentStore::new(database);
        let (arrived, went_back) = (Notify::new(), Notify::new());
        let inner = Inner { store, kernel, mail, clock, ids, stripe, config, arrived, went_back };
        Ok(Payments { inner: Arc::new(inner) })
    }

    /// One purchase of this account; another account's looks like none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn purchase(&self, account: AccountId, id: PurchaseId) -> Result<Option<Purchase>, PaymentError> {
        let purchase = self.inner.store.purchase(id).await?;
        Ok(purchase.filter(|purchase| purchase.account == account))
    }

    /// The account's purchases, newest first: `limit` of them (1 to 500), all older than `before` where that is given.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn purchases(
        &self,
        account: AccountId,
        before: Option<PurchaseId>,
        limit: i64,
    ) -> Result<Vec<Purchase>, PaymentError> {
        Ok(self.inner.store.purchases(account, before, limit).await?)
    }
}
