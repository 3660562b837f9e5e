//! The laws of the ledger by name: what an audit checks, in words that people read.

use serde::{Deserialize, Serialize};

/// A law that every ledger obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Nothing was changed, removed or put in between.
    Chain,
    /// Credits move, they do not appear or vanish.
    Conservation,
    /// Every credit belongs to a grant.
    Grants,
    /// A payment brings its credits once.
    Purchases,
    /// A request that was sent twice had one effect.
    Requests,
    /// A refund gives back what was taken, and no more.
    Refunds,
    /// What is shown is what the entries make.
    Balances,
    /// What reports say was spent was spent.
    Usage,
}

impl Law {
    /// Each of them, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Chain,
        Self::Conservation,
        Self::Grants,
        Self::Purchases,
        Self::Requests,
        Self::Refunds,
        Self::Balances,
        Self::Usage,
    ];

    /// The name used over REST and in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Conservation => "conservation",
            Self::Grants => "grants",
            Self::Purchases => "purchases",
            Self::Requests => "requests",
            Self::Refunds => "refunds",
            Self::Balances => "balances",
            Self::Usage => "usage",
        }
    }

    /// The name people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Chain => "Chain",
            Self::Conservation => "Conservation",
            Self::Grants => "Grants",
            Self::Purchases => "Purchases",
            Self::Requests => "Requests",
            Self::Refunds => "Refunds",
            Self::Balances => "Balances",
            Self::Usage => "Usage",
        }
    }

    /// The law in one sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Chain => {
                "Every entry carries the hash of the one before it; none is missing, changed or out of order."
            }
            Self::Conservation => "Credits only move from one bucket to another: the seven buckets always sum to zero.",
            Self::Grants => {
                "What the grants hold is what is available and held, and no grant gives more than it brought."
            }
            Self::Purchases => "A purchase brings its credits at most once.",
            Self::Requests => "The same request sent twice is one effect.",
            Self::Refunds => "All refunds of a charge together give back no more than it took.",
            Self::Balances => "The balances that are shown are the sums of the entries.",
            Self::Usage => "The usage reports sum to what the ledger says was spent.",
        }
    }
}
