//! What can be asked of the till.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cents, Credits, GrantId, Hash, HoldId, KeyId, Operation, PurchaseId, Tier, Timestamp};

/// Who asked, and under which idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The idempotency key: one effect for each, however often it is sent.
    pub id: String,
    /// The API key that asked, if one did.
    pub key: Option<KeyId>,
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
    /// Sets what the account pays by.
    SetTier {
        /// The tier from now on.
        tier: Tier,
    },
    /// Posts what time alone has done: holds and grants that are over.
    Settle,
}

impl Command {
    /// What the caller asked for, without the ids that are made anew for each attempt: a retry has the same
    /// fingerprint, another wish under the same idempotency key has not.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        let text = match self {
            Self::Open { name, tier, free } => json!(["open", name, tier, free.map(|(_, credits)| credits)]),
            Self::Purchase { purchase, credits, paid, .. } => json!(["purchase", purchase, credits, paid]),
            Self::Grant { credits, reason, expires_at, .. } => json!(["grant", credits, reason, expires_at]),
            Self::Charge { operation, quantity, metadata } => json!(["charge", operation, quantity, metadata]),
            Self::Hold { operation, quantity, metadata, .. } => json!(["hold", operation, quantity, metadata]),
            Self::Capture { hold, amount, metadata } => json!(["capture", hold, amount, metadata]),
            Self::Release { hold, reason } => json!(["release", hold, reason]),
            Self::SetTier { tier } => json!(["set_tier", tier]),
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
            Self::Purchase { purchase, .. } => Some(*purchase),
            _ => None,
        }
    }
}
