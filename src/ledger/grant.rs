//! Grants: each purchase or gift keeps its identity until its last credit is gone.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Cents, Credits, GrantId, PurchaseId, Timestamp, UnknownName};

/// How the credits came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// Given: free credits or a present by an operator.
    Gift,
    /// Paid for.
    Paid,
}

impl GrantKind {
    /// The name used in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gift => "gift",
            Self::Paid => "paid",
        }
    }
}

impl std::str::FromStr for GrantKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "gift" => Ok(Self::Gift),
            "paid" => Ok(Self::Paid),
            other => Err(UnknownName {
                kind: "kind of grant",
                given: other.chars().take(60).collect(),
                known: "gift, paid".into(),
            }),
        }
    }
}

/// Credits that came in together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Names the grant.
    pub id: GrantId,
    /// Given or paid for.
    pub kind: GrantKind,
    /// How many credits it brought.
    pub size: Credits,
    /// How many are neither spent, expired nor taken back; what is held counts as remaining.
    pub remaining: Credits,
    /// How many of the remaining ones are set aside by holds.
    pub held: Credits,
    /// How many were taken back because their money was.
    pub reversed: Credits,
    /// How many of those taken back were spent or held before, and so are owed.
    pub owed: Credits,
    /// What was paid for all of it.
    pub paid: Cents,
    /// The purchase that brought it.
    pub purchase: Option<PurchaseId>,
    /// When what is left of it is lost.
    pub expires_at: Option<Timestamp>,
    /// When it came in.
    pub granted_at: Timestamp,
}

impl Grant {
    /// What can be spent from it now.
    #[must_use]
    pub fn free(&self) -> Credits {
        self.remaining.checked_sub(self.held).unwrap_or(Credits::ZERO)
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expiry| expiry <= now)
    }

    /// The published spending order: soonest to expire, then gifts before paid, then oldest.
    #[must_use]
    pub fn spending_order(&self, other: &Self) -> Ordering {
        let never = Timestamp::from_millis(i64::MAX);
        let key = |grant: &Self| (grant.expires_at.unwrap_or(never), grant.kind, grant.granted_at, grant.id);
        key(self).cmp(&key(other))
    }
}
