//! Why the till says no. Each refusal is a value with a stable code and one sentence.

use serde::{Deserialize, Serialize};

use super::{BudgetName, Credits, QUANTITY_MAX};

/// A command that was not carried out, and left nothing behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// No account of that id.
    #[error("Account not found")]
    NoSuchAccount,
    /// The account exists already.
    #[error("this account is open already")]
    AccountExists,
    /// The account may read but not spend.
    #[error("this account is suspended; write to support to have it reopened")]
    Suspended,
    /// Not enough credits that are neither spent nor held.
    #[error("Insufficient credits. Required: {}, Available: {}", required.get(), available.get())]
    InsufficientCredits {
        /// What the command costs.
        required: Credits,
        /// What the account could spend.
        available: Credits,
    },
    /// A budget does not cover it.
    #[error(
        "the {} is {} credits and {} of it are spent or held; {} more would pass it: raise the budget or wait",
        budget.title(), limit.get(), used.get(), required.get()
    )]
    BudgetExceeded {
        /// Which budget.
        budget: BudgetName,
        /// Its limit.
        limit: Credits,
        /// What is spent or held of it.
        used: Credits,
        /// What the command costs.
        required: Credits,
    },
    /// The quantity is not one the price book sells.
    #[error("the quantity must be a whole number from 1 to 1,000,000, not {quantity}")]
    QuantityOutOfRange {
        /// What was asked for.
        quantity: i64,
    },
    /// An amount of nothing, or of less.
    #[error("the amount must be at least 1 credit, not {}", amount.get())]
    AmountNotPositive {
        /// What was asked for.
        amount: Credits,
    },
    /// The amount would leave the range that is kept exactly.
    #[error("the amount is larger than an account can hold")]
    AmountTooLarge,
    /// An expiry that has already passed.
    #[error("the expiry must lie in the future")]
    ExpiryInThePast,
    /// No hold of that id on this account.
    #[error("there is no such hold on this account")]
    NoSuchHold,
    /// The hold was captured, released or has expired.
    #[error("this hold is settled already: {state}")]
    HoldSettled {
        /// How it ended.
        state: String,
    },
    /// More was to be captured than is held.
    #[error("{} credits cannot be captured from a hold of {}", amount.get(), held.get())]
    CaptureExceedsHold {
        /// What was to be captured.
        amount: Credits,
        /// What the hold still has.
        held: Credits,
    },
    /// A grant that the store should have brought along is missing.
    #[error("there is no such grant on this account")]
    NoSuchGrant,
    /// A refund would put more into a grant than it ever held: what was spent of it was written off and restored.
    #[error("these credits were written off and restored already; there is nothing left to refund")]
    GrantFull,
    /// No charge of that id on this account.
    #[error("there is no such charge on this account")]
    NoSuchCharge,
    /// More was to be refunded than was charged and not refunded before.
    #[error("{} credits cannot be refunded: {} of this charge are left", amount.get(), left.get())]
    RefundExceedsCharge {
        /// What was to be refunded.
        amount: Credits,
        /// What can still be refunded.
        left: Credits,
    },
    /// This account's ledger has no such purchase.
    #[error("there is no such purchase on this account")]
    NoSuchPurchase,
    /// More was to be taken back than the purchase brought.
    #[error("{} credits cannot be taken back: {} of this purchase are left", amount.get(), left.get())]
    ReversalExceedsPurchase {
        /// What was to be taken back.
        amount: Credits,
        /// What can still be taken back.
        left: Credits,
    },
    /// More was to be restored than was taken back.
    #[error("{} credits cannot be restored: {} of this purchase were taken back", amount.get(), reversed.get())]
    ReinstatementExceedsReversal {
        /// What was to be restored.
        amount: Credits,
        /// What is taken back.
        reversed: Credits,
    },
    /// More was to be written off than is owed.
    #[error("{} credits cannot be written off: {} are owed for this purchase", amount.get(), owed.get())]
    NotOwed {
        /// What was to be written off.
        amount: Credits,
        /// What is owed.
        owed: Credits,
    },
    /// This purchase has already brought its credits.
    #[error("the credits of this purchase were granted already")]
    AlreadyGranted,
}

impl Refusal {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchAccount => "account_not_found",
            Self::AccountExists => "account_exists",
            Self::Suspended => "account_suspended",
            Self::InsufficientCredits { .. } => "insufficient_credits",
            Self::BudgetExceeded { .. } => "budget_exceeded",
            Self::NoSuchGrant => "grant_not_found",
            Self::GrantFull => "grant_full",
            Self::NoSuchCharge => "charge_not_found",
            Self::RefundExceedsCharge { .. } => "refund_exceeds_charge",
            Self::NoSuchPurchase => "purchase_not_found",
            Self::ReversalExceedsPurchase { .. } => "reversal_exceeds_purchase",
            Self::ReinstatementExceedsReversal { .. } => "reinstatement_exceeds_reversal",
            Self::NotOwed { .. } => "not_owed",
            Self::QuantityOutOfRange { .. } => "quantity_out_of_range",
            Self::AmountNotPositive { .. } => "amount_not_positive",
            Self::AmountTooLarge => "amount_too_large",
            Self::ExpiryInThePast => "expiry_in_the_past",
            Self::NoSuchHold => "hold_not_found",
            Self::HoldSettled { .. } => "hold_settled",
            Self::CaptureExceedsHold { .. } => "capture_exceeds_hold",
            Self::AlreadyGranted => "already_granted",
        }
    }
}

// The sentence of `QuantityOutOfRange` names the bound in words; this keeps the two from drifting apart.
const _: () = assert!(QUANTITY_MAX == 1_000_000);
