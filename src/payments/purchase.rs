//! What a purchase is, and how news about its payment changes it.
//!
//! Pure: knows no clock, no SQL, no HTTP and nothing of Stripe's shapes. What leads to the states from `partly_refunded`
//! on, and back from them, is decided in [`money_back`].

use std::fmt;
use std::str::FromStr;

mod mismatch;
pub mod money_back;

pub use mismatch::Mismatch;

use super::promotion::{self, Terms};
use crate::ledger::{AccountId, Cents, Credits, GrantId, PurchaseId, Timestamp};

/// Everything is sold in one currency; a payment in another one is not ours.
pub const CURRENCY: &str = "usd";

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PurchaseState {
    /// Written down; Stripe was not asked yet, or its answer was lost.
    Created,
    /// Stripe knows it and waits for the customer.
    Pending,
    /// The customer has acted; a slow method has not moved the money yet.
    Processing,
    /// The money is there and the credits are granted.
    Paid,
    /// The last attempt to pay failed; another may still succeed.
    Failed,
    /// It can no longer be paid.
    Expired,
    /// A part of the money went back.
    PartlyRefunded,
    /// All of the money went back.
    Refunded,
    /// The customer's bank took the money while it looks into a complaint.
    Disputed,
    /// The bank gave the money back to us.
    Reinstated,
    /// The bank kept it for the customer.
    Lost,
}

impl PurchaseState {
    /// Every state, in the order of a purchase's life.
    pub const ALL: [PurchaseState; 11] = [
        PurchaseState::Created,
        PurchaseState::Pending,
        PurchaseState::Processing,
        PurchaseState::Paid,
        PurchaseState::Failed,
        PurchaseState::Expired,
        PurchaseState::PartlyRefunded,
        PurchaseState::Refunded,
        PurchaseState::Disputed,
        PurchaseState::Reinstated,
        PurchaseState::Lost,
    ];

    /// The name that is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PurchaseState::Created => "created",
            PurchaseState::Pending => "pending",
            PurchaseState::Processing => "processing",
            PurchaseState::Paid => "paid",
            PurchaseState::Failed => "failed",
            PurchaseState::Expired => "expired",
            PurchaseState::PartlyRefunded => "partly_refunded",
            PurchaseState::Refunded => "refunded",
            PurchaseState::Disputed => "disputed",
            PurchaseState::Reinstated => "reinstated",
            PurchaseState::Lost => "lost",
        }
    }

    /// How far along a state is: news never leads to a smaller one.
    fn finality(self) -> u8 {
        match self {
            PurchaseState::Created => 0,
            PurchaseState::Pending => 1,
            PurchaseState::Processing | PurchaseState::Failed => 2,
            PurchaseState::Expired => 3,
            // Money outranks everything: what arrives after an expiry was still paid.
            PurchaseState::Paid => 4,
            PurchaseState::PartlyRefunded
            | PurchaseState::Refunded
            | PurchaseState::Disputed
            | PurchaseState::Reinstated
            | PurchaseState::Lost => 5,
        }
    }

    /// Whether the credits of this purchase were granted at some time.
    #[must_use]
    pub fn was_paid(self) -> bool {
        self.finality() >= PurchaseState::Paid.finality()
    }
}

impl fmt::Display for PurchaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A stored name that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a name that a purchase uses")]
pub struct UnknownName(pub(super) String);

impl FromStr for PurchaseState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        PurchaseState::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// The way a purchase is paid, fixed when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Stripe's hosted checkout page.
    Checkout,
    /// A form of the customer's own, with the client secret of a payment intent.
    Form,
    /// The saved card, without the customer present.
    SavedCard,
}

impl Way {
    /// Every way.
    pub const ALL: [Way; 3] = [Way::Checkout, Way::Form, Way::SavedCard];

    /// The name that is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Way::Checkout => "checkout",
            Way::Form => "form",
            Way::SavedCard => "saved_card",
        }
    }
}

impl FromStr for Way {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Way::ALL.into_iter().find(|way| way.name() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// Why the last attempt failed, in Stripe's words for the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Stripe's stable word for it.
    pub code: String,
    /// A sentence for the customer.
    pub message: String,
}

/// One purchase, as our row tells it: the only source of credits and amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Names it; Stripe carries this id on session and payment intent.
    pub id: PurchaseId,
    /// Who gets the credits.
    pub account: AccountId,
    /// The idempotency key of the customer's request; one purchase each.
    pub request: String,
    /// How it is paid.
    pub way: Way,
    /// The name of what was bought.
    pub package: String,
    /// What the payment brings.
    pub credits: Credits,
    /// What must be paid.
    pub amount: Cents,
    /// The grant that the payment will make, chosen beforehand so that every announcement makes the same one.
    pub grant: GrantId,
    /// Where the receipt goes.
    pub email: Option<String>,
    /// Where it stands.
    pub state: PurchaseState,
    /// Stripe's time, in seconds, of the news that led to this state.
    pub state_at: i64,
    /// Why the last failed attempt failed.
    pub failure: Option<Failure>,
    /// What was really paid once it is paid: the price, less what a promotion code took off, with the tax on top.
    pub received: Cents,
    /// What of it has gone back.
    pub returned: money_back::Returned,
    /// Whether the customer was told that a slow payment has failed after all.
    pub late_failure_told: bool,
    /// Why a payment of it brought no credits; none when none did.
    pub mismatch: Option<Mismatch>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When the credits were granted.
    pub paid_at: Option<Timestamp>,
    /// Stripe's id of its checkout session.
    pub stripe_session: Option<String>,
    /// Stripe's id of its payment intent.
    pub stripe_intent: Option<String>,
    /// The hosted page where it can be paid.
    pub checkout_url: Option<String>,
    /// The saved card to charge; only for [`Way::SavedCard`].
    pub payment_method: Option<String>,
}

impl Purchase {
    /// The ledger's request key of its one grant.
    pub(super) fn grant_request(&self) -> String {
        format!("purchase:{}", self.id)
    }
}

/// Something that Stripe told about a payment, by webhook or in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// Stripe's time, in seconds.
    pub at: i64,
    /// What it says.
    pub news: News,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A checkout session or payment intent exists and can be paid.
    Opened,
    /// The customer has acted, the money has not arrived.
    Processing,
    /// The money has arrived.
    Succeeded {
        /// In the currency's smallest unit.
        amount: i64,
        /// Lower-case, as Stripe writes it.
        currency: String,
        /// Stripe's payment intent that moved it, where it is named.
        intent: Option<String>,
        /// What the amount differs from the price by; none when it is the price.
        terms: Option<Terms>,
    },
    /// An attempt to pay failed.
    AttemptFailed(Failure),
    /// It can no longer be paid.
    Closed,
}

/// What has to happen beside the change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    GrantCredits {
        credits: Credits,
        paid: Cents,
    },
    /// Other money than asked for, or the right money twice: nothing is granted, somebody has to look.
    ReportMismatch(Mismatch),
}

/// The decision about one piece of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state from now on.
    pub next: PurchaseState,
    /// Stripe's time of the news that leads there.
    pub next_at: i64,
    /// What else has to happen.
    pub effect: Option<Effect>,
}

/// Decides what `event` does to `purchase`.
///
/// Monotone and repeatable: the state is the largest of all news heard so far, ordered by finality, then by Stripe's
/// time, so any order, repetition and subset of the same news ends in the same state and grants at most once.
pub fn advance(purchase: &Purchase, event: &PaymentEvent) -> Step {
    let unchanged = Step { next: purchase.state, next_at: purchase.state_at, effect: None };
    let heard = match &event.news {
        News::Opened => PurchaseState::Pending,
        News::Processing => PurchaseState::Processing,
        News::AttemptFailed(_) => PurchaseState::Failed,
        News::Closed => PurchaseState::Expired,
        News::Succeeded { amount, currency, intent, terms } => {
            let other_money = !promotion::pays(purchase.amount.get(), *amount, terms.as_ref()) || currency != CURRENCY;
            let mismatch = match (is_second_payment(purchase, intent.as_deref()), other_money) {
                (true, _) => Some(Mismatch::PaidTwice),
                (false, true) if *amount == 0 => Some(Mismatch::NothingPaid),
                (false, true) => Some(Mismatch::OtherAmount),
                (false, false) => None,
            };
            if let Some(mismatch) = mismatch {
                return Step { effect: Some(Effect::ReportMismatch(mismatch)), ..unchanged };
            }
            PurchaseState::Paid
        }
    };
    if order(heard, event.at) <= order(purchase.state, purchase.state_at) {
        return unchanged;
    }
    let effect = (heard == PurchaseState::Paid && !purchase.state.was_paid())
        .then(|| Effect::GrantCredits { credits: purchase.credits, paid: paid_for_credits(purchase, &event.news) });
    Step { next: heard, next_at: event.at, effect }
}

/// Stripe's word on a checkout whose slow payment has failed; [`super::event`] writes it.
pub const FAILED_LATER: &str = "async_payment_failed";

/// Whether `event` is the first word of a slow payment's failure, when the customer has long left the page. A checkout
/// tells it twice, in any order: as its payment's failure and as its own.
pub fn has_failed_late(purchase: &Purchase, step: Step, event: &PaymentEvent) -> bool {
    let News::AttemptFailed(failure) = &event.news else { return false };
    let was_on_its_way = purchase.state == PurchaseState::Processing && step.next == PurchaseState::Failed;
    let is_of_a_checkout = failure.code == FAILED_LATER && !purchase.state.was_paid() && !purchase.late_failure_told;
    was_on_its_way || is_of_a_checkout
}

/// What was paid for the credits themselves: the price without what a promotion code took off, and never the tax.
fn paid_for_credits(purchase: &Purchase, news: &News) -> Cents {
    let discount = match news {
        News::Succeeded { terms: Some(terms), .. } => terms.discount,
        _ => 0,
    };
    Cents::new(discount).and_then(|discount| purchase.amount.checked_sub(discount)).unwrap_or(purchase.amount)
}

/// Whether a paid purchase hears of another payment than the one that paid it.
fn is_second_payment(purchase: &Purchase, intent: Option<&str>) -> bool {
    let first = purchase.stripe_intent.as_deref();
    purchase.state.was_paid() && first.zip(intent).is_some_and(|(first, intent)| first != intent)
}

/// Total order of what was heard. The last part decides between a failure and a processing of the same second:
/// the failure is the end of an attempt, so it came later.
fn order(state: PurchaseState, at: i64) -> (u8, i64, bool) {
    (state.finality(), at, state == PurchaseState::Failed)
}

#[cfg(test)]
pub(super) mod tests;
