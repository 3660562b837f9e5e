//! The subscription to the fintech tier. An invoice that is paid entitles to the tier until its period ends; a payment
//! that fails leaves some days of grace; what ends at Stripe ends here.
//!
//! [`advance`] is pure and proof against order and repetition: each part of a standing only ever grows.

mod event;
mod store;
mod work;

use crate::ledger::{AccountId, Cents, SubscriptionId, Tier, Timestamp};

pub(super) use event::{METADATA_SUBSCRIPTION, SubscriptionNews, decode, is_about, is_known, read_invoice};
pub(super) use work::HELD_TIER;
pub use work::{Started, SubscriptionError};

/// The fintech tier costs this much a month: $5,000, before tax.
pub(super) const PRICE_CENTS: i64 = 500_000;
/// How long the tier stays after the paid period: Stripe takes about an hour to renew, and asks a card that failed again
/// for a few days.
pub const GRACE_SECONDS: i64 = 7 * 86_400;

/// How far a subscription has come at Stripe; never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its page is open; nothing was paid.
    Open,
    /// The page was left for too long.
    Abandoned,
    /// Stripe has begun it.
    Live,
    /// It is over.
    Ended,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Stage; 4] = [Stage::Open, Stage::Abandoned, Stage::Live, Stage::Ended];

    /// The name that is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::Abandoned => "abandoned",
            Stage::Live => "live",
            Stage::Ended => "ended",
        }
    }

    /// Whether another subscription may be begun beside it.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Stage::Abandoned | Stage::Ended)
    }
}

/// What is known of a subscription, in Stripe's seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub stage: Stage,
    /// The end of the last period that was paid; 0 before the first.
    pub paid_until: i64,
    /// The end of the last period whose payment failed; 0 when none did.
    pub failed_until: i64,
    /// Whether it ends with the paid period.
    pub cancels: bool,
    /// When that was said last.
    pub cancels_at: i64,
}

impl Standing {
    #[cfg(test)]
    const NEW: Standing =
        Standing { stage: Stage::Open, paid_until: 0, failed_until: 0, cancels: false, cancels_at: 0 };

    /// Until when the tier is the account's, in seconds, if nothing more is heard.
    #[must_use]
    pub fn entitled_until(&self) -> i64 {
        match (self.stage, self.paid_until) {
            (Stage::Ended, _) | (_, 0) => 0,
            (_, until) if self.cancels => until,
            (_, until) => until.saturating_add(GRACE_SECONDS),
        }
    }

    /// Whether the account is entitled to the tier now.
    #[must_use]
    pub fn is_entitled(&self, now: Timestamp) -> bool {
        now.millis().div_euclid(1_000) < self.entitled_until()
    }

    /// Whether the last payment failed.
    #[must_use]
    pub fn is_unpaid(&self) -> bool {
        self.stage == Stage::Live && self.failed_until > self.paid_until
    }

    /// Where it stands, as programs and pages name it.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.stage {
            Stage::Open => "awaiting_payment",
            Stage::Abandoned => "abandoned",
            Stage::Ended => "ended",
            Stage::Live if self.is_unpaid() => "past_due",
            Stage::Live if self.cancels => "canceling",
            Stage::Live if self.paid_until == 0 => "awaiting_payment",
            Stage::Live => "active",
        }
    }
}

/// A subscription as our row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Names it.
    pub id: SubscriptionId,
    /// Whose.
    pub account: AccountId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Stripe's page to pay it at, while it is open.
    pub checkout_url: Option<String>,
    /// What Stripe calls it.
    pub stripe_subscription: Option<String>,
    /// What is known of it.
    pub standing: Standing,
    /// Where an unpaid invoice can be paid.
    pub invoice_url: Option<String>,
    /// Whether the account has its tier from here.
    pub tier_held: bool,
    pub(super) tier_changes: i64,
    pub(super) revision: i64,
}

impl Subscription {
    /// What it costs a month, before tax.
    #[must_use]
    pub fn price() -> Cents {
        Cents::new(PRICE_CENTS).unwrap_or(Cents::ZERO)
    }

    /// What it entitles to.
    #[must_use]
    pub fn tier() -> Tier {
        HELD_TIER
    }
}

/// What was heard moves a standing; the same news in any order, repeated or not, ends in the same standing.
pub(super) fn advance(standing: &Standing, at: i64, news: &SubscriptionNews) -> Standing {
    let mut next = *standing;
    match news {
        SubscriptionNews::Begun => next.stage = next.stage.max(Stage::Live),
        SubscriptionNews::Abandoned => next.stage = next.stage.max(Stage::Abandoned),
        SubscriptionNews::Paid { until, .. } => {
            next.stage = next.stage.max(Stage::Live);
            next.paid_until = next.paid_until.max(*until);
        }
        SubscriptionNews::Unpaid { until, .. } => next.failed_until = next.failed_until.max(*until),
        SubscriptionNews::Told { cancels, ended } => {
            next.stage = next.stage.max(if *ended { Stage::Ended } else { Stage::Live });
            if (at, *cancels) > (next.cancels_at, next.cancels) {
                (next.cancels_at, next.cancels) = (at, *cancels);
            }
        }
    }
    next
}

#[cfg(test)]
mod tests;
