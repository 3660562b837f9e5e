//! Automatic purchases: when few credits are left, the saved card buys a package, once for each episode.
//!
//! [`decide`] is pure. What makes an episode one charge, also with two servers and across crashes: the rule's row counts
//! episodes, moves by compare-and-set together with the new purchase's row, and the purchase's id is the key at Stripe.
//! Nothing here is done inside a ledger transaction.

mod store;
mod work;

use std::fmt;
use std::str::FromStr;

use super::buying::{CARD_MISSING, NEEDS_OWNER};
use super::confirming::needs_owner;
use super::purchase::{Purchase, PurchaseState, UnknownName};
use crate::ledger::{AccountId, Cents, Credits, Month, PurchaseId, Timestamp};

pub(super) use store::{forgive, halt_for_money_back, read};
pub use work::TopUpError;

/// How long the server that began or continued an attempt may take before another one takes it up.
const LEASE_SECONDS: i64 = 60;
/// Stripe remembers a key for a day: an attempt whose answer was lost is not sent again later than this.
const CONTINUE_WITHIN_SECONDS: i64 = 20 * 3_600;
/// How long after a failure the next attempt is made. A failure after the last of these halts the rule.
const BACK_OFF_SECONDS: [i64; 2] = [3_600, 24 * 3_600];

/// Why a rule buys nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// There is no saved card, or Stripe does not know it any more.
    NoCard,
    /// The bank will not take this card again.
    Declined,
    /// The bank said no too often.
    DeclinedOften,
    /// The bank wants its customer to confirm.
    NeedsOwner,
    /// Whether the last attempt was charged was never heard.
    NoAnswer,
    /// Stripe does not do it.
    Refused,
    /// The package is not sold any more.
    NoPackage,
    /// A purchase's money went back: buying again at once would charge whoever was just refunded, or disputes.
    MoneyBack,
}

impl Halt {
    /// Every reason.
    pub const ALL: [Halt; 8] = [
        Halt::NoCard,
        Halt::Declined,
        Halt::DeclinedOften,
        Halt::NeedsOwner,
        Halt::NoAnswer,
        Halt::Refused,
        Halt::NoPackage,
        Halt::MoneyBack,
    ];

    /// The name that is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Halt::NoCard => "no_card",
            Halt::Declined => "card_declined",
            Halt::DeclinedOften => "card_declined_repeatedly",
            Halt::NeedsOwner => "confirmation_required",
            Halt::NoAnswer => "no_answer",
            Halt::Refused => "payment_refused",
            Halt::NoPackage => "package_not_found",
            Halt::MoneyBack => "money_went_back",
        }
    }

    /// Why, and what the customer can do, in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Halt::NoCard => "There is no saved card to charge; save one.",
            Halt::Declined => "The bank declined the card and will not take it again; save another card.",
            Halt::DeclinedOften => "The bank declined the card several times; save another card or ask the bank.",
            Halt::NeedsOwner => "The bank asks you to confirm the payment.",
            Halt::NoAnswer => "The payment provider never said whether the card was charged; we look into it.",
            Halt::Refused => "The payment provider refused the payment; save another card.",
            Halt::NoPackage => "The package is not sold any more; choose another one.",
            Halt::MoneyBack => "The money of a purchase went back; switch the automatic purchases on again.",
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Halt {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Halt::ALL.into_iter().find(|halt| halt.name() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// What a customer asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpSettings {
    /// Buys when fewer credits than this are left.
    pub threshold: Credits,
    /// The package's name.
    pub package: String,
    /// The most it may cost in a UTC month.
    pub monthly_cap: Cents,
    /// Whether it buys at all.
    pub enabled: bool,
}

/// As the audit log tells it.
impl fmt::Display for TopUpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threshold, package, monthly_cap, enabled } = self;
        let state = if *enabled { "on" } else { "off" };
        write!(f, "{state}: below {} buy {package}, at most {monthly_cap} a month", threshold.get())
    }
}

/// A rule as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// Whose.
    pub account: AccountId,
    /// What was asked for.
    pub settings: TopUpSettings,
    /// How many purchases it has begun.
    pub episode: i64,
    /// The purchase under way, or the one that halted it.
    pub attempt: Option<PurchaseId>,
    /// How many failed one after another.
    pub failures: i64,
    /// Why the last one failed: Stripe's stable word.
    pub failure_code: Option<String>,
    /// Nothing is tried before.
    pub wait_until: Timestamp,
    /// Why nothing is bought any more.
    pub halted: Option<Halt>,
    /// The card that was saved when it halted; empty when there was none.
    pub halted_card: Option<String>,
}

/// What a decision depends on beside the rule.
#[derive(Clone, Debug)]
pub(super) struct Figures<'a> {
    pub now: Timestamp,
    pub available: Credits,
    /// Credits whose money is under way by whatever purchase.
    pub coming: Credits,
    pub suspended: bool,
    /// What automatic purchases cost this month, those under way included.
    pub spent: Cents,
    pub card: Option<&'a str>,
    /// What the package costs; none when it is not sold.
    pub price: Option<Cents>,
    /// The purchase that the rule names.
    pub attempt: Option<&'a Purchase>,
}

/// What is to be done about one rule now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing.
    Rest,
    /// Nothing before this moment.
    Wait(Timestamp),
    /// Begin the next episode.
    Begin,
    /// Another card is there: cancel the attempt that waits for the customer's confirmation, then look again.
    GiveUpAttempt,
    /// The attempt's answer was lost: send it again, under the same key.
    Continue,
    /// The attempt was paid.
    Succeeded,
    /// The attempt failed and another one may follow after this moment.
    BackOff(Timestamp),
    Stop(Halt),
    /// The month's limit does not allow it; nothing before the month is over.
    CapReached(Timestamp),
}

/// Decides what to do about a rule that is switched on.
pub(super) fn decide(rule: &TopUp, figures: &Figures<'_>) -> Decision {
    if !rule.settings.enabled {
        return Decision::Rest;
    }
    let same_card = rule.halted_card.as_deref() == Some(figures.card.unwrap_or_default());
    match (figures.attempt, rule.halted) {
        (Some(attempt), _) if attempt.state.was_paid() => Decision::Succeeded,
        (_, Some(_)) if same_card => Decision::Rest,
        (Some(attempt), Some(_)) if can_still_be_paid(attempt) => Decision::GiveUpAttempt,
        (Some(attempt), None) => about(rule, attempt, figures.now),
        (_, _) => begin(rule, figures),
    }
}

/// Whether the customer could still pay this while another card is charged beside it.
fn can_still_be_paid(attempt: &Purchase) -> bool {
    attempt.state == PurchaseState::Pending || needs_owner(attempt)
}

fn begin(rule: &TopUp, figures: &Figures<'_>) -> Decision {
    let enough = figures.available.checked_add(figures.coming).is_none_or(|sum| sum >= rule.settings.threshold);
    if figures.suspended || enough || figures.now < rule.wait_until {
        return Decision::Rest;
    }
    let Some(price) = figures.price else { return Decision::Stop(Halt::NoPackage) };
    if figures.card.is_none() {
        return Decision::Stop(Halt::NoCard);
    }
    let affordable = figures.spent.checked_add(price).is_some_and(|sum| sum <= rule.settings.monthly_cap);
    if affordable { Decision::Begin } else { Decision::CapReached(Month::of(figures.now).end()) }
}

/// What an attempt has come to.
fn about(rule: &TopUp, attempt: &Purchase, now: Timestamp) -> Decision {
    match attempt.state {
        // Another server is at it.
        PurchaseState::Created | PurchaseState::Pending if now < rule.wait_until => Decision::Rest,
        PurchaseState::Created | PurchaseState::Pending => {
            let last = attempt.created_at.plus_seconds(CONTINUE_WITHIN_SECONDS);
            if now > last { Decision::Stop(Halt::NoAnswer) } else { Decision::Continue }
        }
        PurchaseState::Failed => {
            let code = attempt.failure.as_ref().map(|failure| failure.code.as_str()).unwrap_or_default();
            match setback(code) {
                Some(halt) => Decision::Stop(halt),
                None => back_off(rule, now),
            }
        }
        PurchaseState::Expired => back_off(rule, now),
        _ => Decision::Wait(now.plus_seconds(LEASE_SECONDS)),
    }
}

fn back_off(rule: &TopUp, now: Timestamp) -> Decision {
    let wait = usize::try_from(rule.failures).ok().and_then(|failures| BACK_OFF_SECONDS.get(failures));
    wait.map_or(Decision::Stop(Halt::DeclinedOften), |seconds| Decision::BackOff(now.plus_seconds(*seconds)))
}

/// Whether a failure with this word of Stripe's is final for the card; none when another attempt may succeed.
fn setback(code: &str) -> Option<Halt> {
    match code {
        NEEDS_OWNER | "payment_intent_authentication_failure" => Some(Halt::NeedsOwner),
        CARD_MISSING => Some(Halt::NoCard),
        _ if HARD_DECLINES.contains(&code) => Some(Halt::Declined),
        _ => None,
    }
}

/// The declines after which Stripe and the card networks want no further attempt with the same card.
const HARD_DECLINES: [&str; 28] = [
    "card_not_supported",
    "currency_not_supported",
    "do_not_try_again",
    "expired_card",
    "fraudulent",
    "incorrect_number",
    "invalid_account",
    "invalid_cvc",
    "incorrect_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
    "lost_card",
    "merchant_blacklist",
    "new_account_information_available",
    "no_action_taken",
    "not_permitted",
    "offline_pin_required",
    "pickup_card",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "security_violation",
    "service_not_allowed",
    "stolen_card",
    "stop_payment_order",
    "testmode_decline",
    "transaction_not_allowed",
];

#[cfg(test)]
mod tests;
