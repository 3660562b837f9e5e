//! Credits and cents: whole numbers with checked arithmetic. There is no way in from a float.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest amount either side of zero: what a JSON reader of any language holds exactly (2^53 − 1).
const AMOUNT_MAX: i64 = 9_007_199_254_740_991;

macro_rules! amount_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// Takes a whole number, if it is small enough to stay exact in every JSON reader.
            #[must_use]
            pub const fn new(amount: i64) -> Option<Self> {
                if amount >= -AMOUNT_MAX && amount <= AMOUNT_MAX { Some(Self(amount)) } else { None }
            }

            /// The whole number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }

            /// The sum, or `None` past the largest amount.
            #[must_use]
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Self::new(sum),
                    None => None,
                }
            }

            /// The difference, or `None` past the largest amount.
            #[must_use]
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                match self.0.checked_sub(other.0) {
                    Some(difference) => Self::new(difference),
                    None => None,
                }
            }

            /// The product, or `None` past the largest amount.
            #[must_use]
            pub const fn checked_mul(self, factor: i64) -> Option<Self> {
                match self.0.checked_mul(factor) {
                    Some(product) => Self::new(product),
                    None => None,
                }
            }

            /// Whether this is more than nothing.
            #[must_use]
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = &'static str;

            fn try_from(amount: i64) -> Result<Self, Self::Error> {
                Self::new(amount).ok_or("the amount is beyond what can be kept exactly")
            }
        }

        impl From<$name> for i64 {
            fn from(amount: $name) -> Self {
                amount.0
            }
        }
    };
}

amount_type! {
    /// Credits, the unit that proofs and hours are paid in.
    Credits
}
amount_type! {
    /// US cents, the unit that Stripe takes payment in.
    Cents
}

/// Writes digits in groups of three with a real minus sign: `−1,250`.
fn grouped(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if amount < 0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grouped(self.0))
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let whole = i64::try_from(self.0.unsigned_abs() / 100).map_err(|_| fmt::Error)?;
        f.pad(&format!("{sign}${}.{:02}", grouped(whole), self.0.unsigned_abs() % 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_groups_of_three() {
        assert_eq!(Credits(0).to_string(), "0");
        assert_eq!(Credits(1_250).to_string(), "1,250");
        assert_eq!(Credits(-1_234_567).to_string(), "−1,234,567");
        assert_eq!(Cents(70_000).to_string(), "$700.00");
        assert_eq!(Cents(-1_205).to_string(), "−$12.05");
    }

    #[test]
    fn arithmetic_past_the_exact_range_is_refused() {
        let most = Credits(AMOUNT_MAX);
        assert_eq!(most.checked_add(Credits(1)), None);
        assert_eq!(Credits(i64::MAX / 4).checked_mul(5), None);
        assert!(serde_json::from_str::<Credits>("9007199254740992").is_err());
        assert!(serde_json::from_str::<Credits>("1.5").is_err());
    }
}
