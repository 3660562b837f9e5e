//! Stripe's test cards and test bank accounts: what each number or test id is, and how the bank behind it answers.
//!
//! Knows no state: whether a card was set up before is told by the caller.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::ApiError;

/// What the bank says to a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Succeeds,
    Declines(Decline),
    /// Asks for 3-D Secure until the card has been saved for later use.
    AuthenticatesOnce,
    /// Asks for 3-D Secure every time, so an off-session charge is declined.
    AuthenticatesAlways,
    /// A debit of a bank account: whether there was money is known days later.
    SettlesLater {
        succeeds: bool,
    },
}

/// What happens to a payment after it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    Nothing,
    /// The holder disputes it at once, for one of Stripe's reasons.
    Dispute(&'static str),
    /// A refund looks made and comes back.
    RefundFails,
    /// A refund is pending before it is made.
    RefundWaits,
}

/// Why the bank says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decline {
    Generic,
    InsufficientFunds,
    Lost,
    Stolen,
    Expired,
    IncorrectCvc,
    ProcessingError,
    AuthenticationRequired,
    /// The bank account behind a debit was empty.
    EmptyAccount,
}

impl Decline {
    /// `code`, `decline_code`, `message` and `advice_code` as Stripe pairs them.
    fn words(self) -> (&'static str, Option<&'static str>, &'static str, Option<&'static str>) {
        let declined = "Your card was declined.";
        match self {
            Self::Generic => ("card_declined", Some("generic_decline"), declined, Some("try_again_later")),
            Self::InsufficientFunds => (
                "card_declined",
                Some("insufficient_funds"),
                "Your card has insufficient funds.",
                Some("try_again_later"),
            ),
            Self::Lost => ("card_declined", Some("lost_card"), declined, Some("do_not_try_again")),
            Self::Stolen => ("card_declined", Some("stolen_card"), declined, Some("do_not_try_again")),
            Self::Expired => ("expired_card", None, "Your card has expired.", Some("do_not_try_again")),
            Self::IncorrectCvc => ("incorrect_cvc", None, "Your card's security code is incorrect.", None),
            Self::ProcessingError => (
                "processing_error",
                None,
                "An error occurred while processing your card. Try again in a little bit.",
                Some("try_again_later"),
            ),
            Self::EmptyAccount => (
                "insufficient_funds",
                None,
                "The customer's account has insufficient funds to cover this payment.",
                None,
            ),
            Self::AuthenticationRequired => (
                "authentication_required",
                Some("authentication_required"),
                "Your card was declined. This transaction requires authentication.",
                None,
            ),
        }
    }

    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// What a charge's `outcome.reason` says.
    pub fn reason(self) -> &'static str {
        let (code, decline_code, ..) = self.words();
        decline_code.unwrap_or(code)
    }

    pub fn message(self) -> &'static str {
        self.words().2
    }

    pub fn error(self) -> ApiError {
        let (code, decline_code, message, advice_code) = self.words();
        let mut error = ApiError::card(message, code);
        if let Some(decline_code) = decline_code {
            error = error.with("decline_code", decline_code);
        }
        if let Some(advice_code) = advice_code {
            error = error.with("advice_code", advice_code);
        }
        if self == Self::IncorrectCvc {
            error = error.param("cvc");
        }
        error
    }
}

/// A test card, or a test account for debits. The number is written down here because it is public and worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestCard {
    pub number: &'static str,
    pub brand: &'static str,
    pub behaviour: Behaviour,
    pub later: Later,
    ids: &'static [&'static str],
}

const fn visa(number: &'static str, behaviour: Behaviour, ids: &'static [&'static str]) -> TestCard {
    TestCard { number, brand: "visa", behaviour, later: Later::Nothing, ids }
}

const fn followed(number: &'static str, later: Later, ids: &'static [&'static str]) -> TestCard {
    TestCard { number, brand: "visa", behaviour: Behaviour::Succeeds, later, ids }
}

const fn account(number: &'static str, succeeds: bool, ids: &'static [&'static str]) -> TestCard {
    TestCard {
        number,
        brand: "us_bank_account",
        behaviour: Behaviour::SettlesLater { succeeds },
        later: Later::Nothing,
        ids,
    }
}

const CARDS: [TestCard; 23] = [
    visa("4242424242424242", Behaviour::Succeeds, &["pm_card_visa", "pm_card_us"]),
    visa("4000056655665556", Behaviour::Succeeds, &["pm_card_visa_debit"]),
    TestCard {
        number: "5555555555554444",
        brand: "mastercard",
        behaviour: Behaviour::Succeeds,
        later: Later::Nothing,
        ids: &["pm_card_mastercard"],
    },
    TestCard {
        number: "378282246310005",
        brand: "amex",
        behaviour: Behaviour::Succeeds,
        later: Later::Nothing,
        ids: &["pm_card_amex"],
    },
    TestCard {
        number: "6011111111111117",
        brand: "discover",
        behaviour: Behaviour::Succeeds,
        later: Later::Nothing,
        ids: &["pm_card_discover"],
    },
    visa(
        "4000000000000002",
        Behaviour::Declines(Decline::Generic),
        &["pm_card_visa_chargeDeclined", "pm_card_chargeDeclined"],
    ),
    visa("4000000000000341", Behaviour::Declines(Decline::Generic), &["pm_card_chargeCustomerFail"]),
    visa(
        "4000000000009995",
        Behaviour::Declines(Decline::InsufficientFunds),
        &["pm_card_visa_chargeDeclinedInsufficientFunds", "pm_card_chargeDeclinedInsufficientFunds"],
    ),
    visa("4000000000009987", Behaviour::Declines(Decline::Lost), &["pm_card_visa_chargeDeclinedLostCard"]),
    visa("4000000000009979", Behaviour::Declines(Decline::Stolen), &["pm_card_visa_chargeDeclinedStolenCard"]),
    visa(
        "4000000000000069",
        Behaviour::Declines(Decline::Expired),
        &["pm_card_chargeDeclinedExpiredCard", "pm_card_visa_chargeDeclinedExpiredCard"],
    ),
    visa(
        "4000000000000127",
        Behaviour::Declines(Decline::IncorrectCvc),
        &["pm_card_chargeDeclinedIncorrectCvc", "pm_card_visa_chargeDeclinedIncorrectCvc"],
    ),
    visa(
        "4000000000000119",
        Behaviour::Declines(Decline::ProcessingError),
        &["pm_card_chargeDeclinedProcessingError", "pm_card_visa_chargeDeclinedProcessingError"],
    ),
    visa("4000002500003155", Behaviour::AuthenticatesOnce, &["pm_card_authenticationRequiredOnSetup"]),
    visa("4000002760003184", Behaviour::AuthenticatesAlways, &["pm_card_authenticationRequired"]),
    visa("4000000000003220", Behaviour::AuthenticatesAlways, &["pm_card_threeDSecure2Required"]),
    followed("4000000000000259", Later::Dispute("fraudulent"), &["pm_card_createDispute"]),
    followed("4000000000002685", Later::Dispute("product_not_received"), &["pm_card_createDisputeProductNotReceived"]),
    followed("4000000000005126", Later::RefundFails, &["pm_card_refundFail"]),
    followed("4000000000007726", Later::RefundWaits, &["pm_card_pendingRefund"]),
    account("000123456789", true, &["pm_usBankAccount_success"]),
    account("000111111116", false, &["pm_usBankAccount_insufficientFunds"]),
    visa("4000000000003063", Behaviour::AuthenticatesAlways, &["pm_card_threeDSecureRequired"]),
];

impl TestCard {
    /// The card behind `pm_card_visa` and its like.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        CARDS.iter().find(|card| card.ids.contains(&id))
    }

    pub fn by_number(number: &str) -> Option<&'static Self> {
        CARDS.iter().find(|card| card.number == number)
    }

    /// Whether it is an account that is debited, and no card.
    pub fn is_account(&self) -> bool {
        matches!(self.behaviour, Behaviour::SettlesLater { .. })
    }

    pub fn last4(&self) -> &'static str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or(self.number)
    }
}

/// What is kept of a test card is its number.
pub mod by_number {
    use super::{Deserialize, Deserializer, Error, Serializer, TestCard};

    pub fn serialize<S: Serializer>(card: &TestCard, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(card.number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static TestCard, D::Error> {
        let number = String::deserialize(deserializer)?;
        TestCard::by_number(&number).ok_or_else(|| D::Error::custom(format!("{number} is no test card")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_card_has_its_own_ids() {
        for card in &CARDS {
            for id in card.ids {
                assert_eq!(TestCard::by_id(id), Some(card));
            }
        }
    }

    #[test]
    fn declines_carry_stripes_codes() {
        let error = Decline::InsufficientFunds.error();
        assert_eq!(error.status, 402);
        assert_eq!(error.field("code"), "card_declined");
        assert_eq!(error.field("decline_code"), "insufficient_funds");
        assert_eq!(Decline::Expired.error().field("decline_code"), &serde_json::Value::Null);
    }
}
