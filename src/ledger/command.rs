//! What can be asked of the till.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cents, Credits, GrantId, Hash, HoldId, KeyId, Operation, PurchaseId, Tier, Timestamp, TransactionId};

/// Who asked, and under which idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The idempotency key: one effect for each, however often it is sent.
    pub id: String,
    /// The API key that asked, if one did.
    pub key: Option<KeyId>,
}

/// What something may cost at most: a quote's word, under whichever price book it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// A lower price is taken, a higher one is not.
    pub credits: Credits,
    /// The version of the price book that it was read from.
    pub price_book: u32,
}

/// One thing to do to one account. Ids are made by the caller, so that `apply` needs no chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Opens the account. A tier comes with it.
    Open {
        /// What the customer is called.
        name: String,
        /// What it pays by.
        tier: Tier,
        /// Free credits that come with it, and the grant that keeps them.
        free: Option<(GrantId, Credits)>,
    },
    /// Brings in the credits of a paid purchase; the first makes a free account a developer's.
    Purchase {
        /// The grant that keeps them.
        grant: GrantId,
        /// What was bought.
        purchase: PurchaseId,
        /// How many credits.
        credits: Credits,
        /// What was paid.
        paid: Cents,
    },
    /// Brings in given credits.
    Grant {
        /// The grant that keeps them.
        grant: GrantId,
        /// How many credits.
        credits: Credits,
        /// Why.
        reason: String,
        /// When what is left of them is lost.
        expires_at: Option<Timestamp>,
    },
    /// Spends credits at once.
    Charge {
        /// On what.
        operation: Operation,
        /// How many units.
        quantity: i64,
        /// What it may cost at most.
        at_most: Option<Promise>,
        /// The caller's own JSON, kept as given.
        metadata: String,
    },
    /// Sets credits aside for work under way.
    Hold {
        /// Names the hold.
        hold: HoldId,
        /// For what.
        operation: Operation,
        /// How many units.
        quantity: i64,
        /// What it may cost at most.
        at_most: Option<Promise>,
        /// When it releases itself.
        expires_at: Timestamp,
        /// The caller's own JSON, kept as given.
        metadata: String,
    },
    /// Spends what a hold set aside; the rest of it goes back.
    Capture {
        /// Which hold.
        hold: HoldId,
        /// How much of it; all of it when not said.
        amount: Option<Credits>,
        /// The caller's own JSON, kept as given.
        metadata: String,
    },
    /// Gives back what a hold set aside.
    Release {
        /// Which hold.
        hold: HoldId,
        /// Why.
        reason: String,
    },
    /// Gives spent credits back into the grants they came from.
    Refund {
        /// The entry of the charge or capture.
        charge: TransactionId,
        /// How many; all that were not refunded before when not said.
        credits: Option<Credits>,
        /// Why.
        reason: String,
    },
    /// Takes back a purchase's credits because its money was: unspent ones leave, spent ones become owed.
    Reverse {
        /// Which purchase.
        purchase: PurchaseId,
        /// How many of its credits.
        credits: Credits,
        /// Why.
        reason: String,
    },
    /// Restores what was taken back because its money came again.
    Reinstate {
        /// Which purchase.
        purchase: PurchaseId,
        /// How many of its credits.
        credits: Credits,
        /// Why.
        reason: String,
    },
    /// An operator puts something right: credits come in.
    Add {
        /// The grant that keeps them.
        grant: GrantId,
        /// How many.
        credits: Credits,
        /// Why.
        reason: String,
    },
    /// An operator puts something right: credits that can be spent are taken out.
    Take {
        /// How many.
        credits: Credits,
        /// Why.
        reason: String,
    },
    /// An operator writes off what is owed for a purchase.
    Forgive {
        /// Which purchase.
        purchase: PurchaseId,
        /// How many credits of what is owed.
        credits: Credits,
        /// Why.
        reason: String,
    },
    /// Sets what the account pays by.
    SetTier {
        /// The tier from now on.
        tier: Tier,
    },
    /// Lets the account spend, or not. It may read and be given credits either way.
    SetSuspended {
        /// Whether it may not spend.
        suspended: bool,
        /// Why.
        reason: String,
    },
    /// Sets how much the account may spend.
    SetBudgets {
        /// In a UTC day; anything when not set.
        day: Option<Credits>,
        /// In a UTC month; anything when not set.
        month: Option<Credits>,
    },
    /// Sets how much one of the account's API keys may spend.
    SetKeyBudget {
        /// Which key.
        key: KeyId,
        /// In a UTC month; anything when not set.
        month: Option<Credits>,
        /// What it has spent this month, for a key that had no budget so far.
        used: Credits,
    },
    /// Posts what time alone has done: holds and grants that are over.
    Settle,
}

impl Command {
    /// What the caller asked for, without the ids that are made anew for each attempt: a retry has the same
    /// fingerprint, another wish under the same idempotency key has not.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        let most = |at_most: &Option<Promise>| at_most.map(|promise| promise.credits);
        let text = match self {
            Self::Open { name, tier, free } => json!(["open", name, tier, free.map(|(_, credits)| credits)]),
            Self::Purchase { purchase, credits, paid, .. } => json!(["purchase", purchase, credits, paid]),
            Self::Grant { credits, reason, expires_at, .. } => json!(["grant", credits, reason, expires_at]),
            Self::Charge { operation, quantity, at_most, metadata } => {
                json!(["charge", operation, quantity, most(at_most), metadata])
            }
            Self::Hold { operation, quantity, at_most, metadata, .. } => {
                json!(["hold", operation, quantity, most(at_most), metadata])
            }
            Self::Capture { hold, amount, metadata } => json!(["capture", hold, amount, metadata]),
            Self::Release { hold, reason } => json!(["release", hold, reason]),
            Self::Refund { charge, credits, reason } => json!(["refund", charge, credits, reason]),
            Self::Reverse { purchase, credits, reason } => json!(["reverse", purchase, credits, reason]),
            Self::Reinstate { purchase, credits, reason } => json!(["reinstate", purchase, credits, reason]),
            Self::Add { credits, reason, .. } => json!(["add", credits, reason]),
            Self::Take { credits, reason } => json!(["take", credits, reason]),
            Self::Forgive { purchase, credits, reason } => json!(["forgive", purchase, credits, reason]),
            Self::SetTier { tier } => json!(["set_tier", tier]),
            Self::SetSuspended { suspended, reason } => json!(["set_suspended", suspended, reason]),
            Self::SetBudgets { day, month } => json!(["set_budgets", day, month]),
            Self::SetKeyBudget { key, month, .. } => json!(["set_key_budget", key, month]),
            Self::Settle => json!(["settle"]),
        };
        Hash::of(text.to_string().as_bytes())
    }

    /// The hold it names.
    #[must_use]
    pub const fn hold(&self) -> Option<HoldId> {
        match self {
            Self::Hold { hold, .. } | Self::Capture { hold, .. } | Self::Release { hold, .. } => Some(*hold),
            _ => None,
        }
    }

    /// The purchase it names.
    #[must_use]
    pub const fn purchase(&self) -> Option<PurchaseId> {
        match self {
            Self::Purchase { purchase, .. }
            | Self::Reverse { purchase, .. }
            | Self::Reinstate { purchase, .. }
            | Self::Forgive { purchase, .. } => Some(*purchase),
            _ => None,
        }
    }

    /// The charge it would refund.
    #[must_use]
    pub const fn charge(&self) -> Option<TransactionId> {
        match self {
            Self::Refund { charge, .. } => Some(*charge),
            _ => None,
        }
    }

    /// The grant it brings in.
    #[must_use]
    pub const fn grant(&self) -> Option<GrantId> {
        match self {
            Self::Purchase { grant, .. } | Self::Grant { grant, .. } | Self::Add { grant, .. } => Some(*grant),
            Self::Open { free: Some((grant, _)), .. } => Some(*grant),
            _ => None,
        }
    }
}
