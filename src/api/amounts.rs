//! Whole numbers of one field each, refused at the edge with the range they must be in.

use serde::de::{Deserialize, Deserializer, Error};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::fields::{GRANT_CREDITS_MAX, WholeNumber, whole_number_schema};
use crate::ledger::Credits;

/// Longer than any work one holds credits for; what lasts longer is better charged in parts.
const TTL_SECONDS_MAX: i64 = 30 * 86_400;
/// A quarter of an hour: most work is over, and a caller that crashed does not miss its credits for long.
const TTL_SECONDS_DEFAULT: i64 = 900;
/// Ten years: what is to last longer lasts for ever.
const DAYS_MAX: i64 = 3_650;

macro_rules! whole_field {
    ($(#[$doc:meta])* $name:ident, $field:literal, $least:expr, $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub i64);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(WholeNumber { name: $field, least: $least, most: $most }).map(Self)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                whole_number_schema($least, $most)
            }
        }

        impl ToSchema for $name {}
    };
}

whole_field! {
    /// In how many seconds a hold releases itself.
    TtlSeconds, "ttl_seconds", 1, TTL_SECONDS_MAX
}

whole_field! {
    /// The most credits that may be spent in a window; 0 is to spend nothing.
    LimitCredits, "limit", 0, GRANT_CREDITS_MAX
}

whole_field! {
    /// Below how many credits something is bought.
    ThresholdCredits, "threshold", 1, GRANT_CREDITS_MAX
}

whole_field! {
    /// The most that may be paid in a month, in cents.
    CapCents, "monthly_cap", 1, GRANT_CREDITS_MAX
}

whole_field! {
    /// How much money goes back, in cents.
    RefundCents, "amount", 1, GRANT_CREDITS_MAX
}

whole_field! {
    /// How many days something lasts.
    Days, "expires_after_days", 1, DAYS_MAX
}

impl Default for TtlSeconds {
    fn default() -> Self {
        Self(TTL_SECONDS_DEFAULT)
    }
}

/// How many credits an adjustment brings in, or takes out when it is below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedCredits(pub Credits);

impl<'de> Deserialize<'de> for SignedCredits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let range = WholeNumber { name: "credits", least: -GRANT_CREDITS_MAX, most: GRANT_CREDITS_MAX };
        let number = deserializer.deserialize_any(range)?;
        if number == 0 {
            return Err(D::Error::custom("credits must not be 0: bring some in, or take some out with a minus sign"));
        }
        Credits::new(number).map(Self).ok_or_else(|| D::Error::custom("credits is larger than an account can hold"))
    }
}

impl PartialSchema for SignedCredits {
    fn schema() -> RefOr<Schema> {
        whole_number_schema(-GRANT_CREDITS_MAX, GRANT_CREDITS_MAX)
    }
}

impl ToSchema for SignedCredits {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::from_str;

    #[test]
    fn a_time_to_live_is_from_a_second_to_thirty_days() {
        for (text, seconds) in [("1", 1), ("2592000", 2_592_000)] {
            assert_eq!(from_str::<TtlSeconds>(text).ok(), Some(TtlSeconds(seconds)));
        }
        for text in ["0", "-1", "2592001", "1.5", "1e3", "\"60\"", "null", "99999999999999999999"] {
            let error = from_str::<TtlSeconds>(text).expect_err(text).to_string();
            assert!(error.starts_with("ttl_seconds must be a whole number from 1 to 2,592,000"), "{error}");
        }
    }

    #[test]
    fn an_adjustment_has_a_sign_and_is_not_nothing() {
        let read = |text: &str| from_str::<SignedCredits>(text).map(|credits| credits.0.get());
        assert_eq!((read("-5").ok(), read("5").ok()), (Some(-5), Some(5)));
        assert!(read("0").expect_err("nothing").to_string().starts_with("credits must not be 0"));
        for text in ["-9007199254740992", "9007199254740992", "-0.5", "\"-5\"", "null"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
