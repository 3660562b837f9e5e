//! Which currencies and amounts the sandbox takes, and how an amount is written for a person.
//!
//! Amounts are whole cents; there are no floats anywhere in the sandbox.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::ApiError;

/// Stripe's limit of eight digits.
pub const AMOUNT_MAX: i64 = 99_999_999;

/// Code, sign and the least amount Stripe charges, all with two decimals.
const CURRENCIES: [(&str, &str, i64); 5] =
    [("usd", "$", 50), ("eur", "€", 50), ("gbp", "£", 30), ("cad", "CA$", 50), ("aud", "A$", 50)];

/// A currency the sandbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    pub code: &'static str,
    sign: &'static str,
    minimum: i64,
}

impl Currency {
    /// # Errors
    /// Refuses a currency that the sandbox does not play.
    pub fn parse(text: &str, param: &str) -> Result<Self, ApiError> {
        let lower = text.to_ascii_lowercase();
        match CURRENCIES.iter().find(|(code, ..)| *code == lower) {
            Some(&(code, sign, minimum)) => Ok(Self { code, sign, minimum }),
            None => Err(ApiError::invalid(format!(
                "Invalid currency: {lower}. The Stripe sandbox supports these currencies: {}",
                CURRENCIES.map(|(code, ..)| code).join(", ")
            ))
            .param(param)),
        }
    }

    /// The least that Stripe charges.
    pub fn minimum(self) -> i64 {
        self.minimum
    }

    /// `$1,234.50`, exactly.
    pub fn display(self, cents: i64) -> String {
        let minus = if cents < 0 { "−" } else { "" };
        let cents = cents.unsigned_abs();
        let whole = (cents / 100).to_string();
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{minus}{}{grouped}.{:02}", self.sign, cents % 100)
    }

    /// # Errors
    /// Refuses an amount that is too small or too large for a charge.
    pub fn check(self, amount: i64, param: &str) -> Result<i64, ApiError> {
        if amount < 1 {
            return Err(ApiError::invalid("This value must be greater than or equal to 1.")
                .code("parameter_invalid_integer")
                .param(param));
        }
        if amount < self.minimum {
            let message = format!("Amount must be at least {} {}", self.display(self.minimum), self.code);
            return Err(ApiError::invalid(message).code("amount_too_small").param(param));
        }
        self.check_maximum(amount, param)
    }

    /// # Errors
    /// Refuses what has more than Stripe's eight digits.
    pub fn check_maximum(self, amount: i64, param: &str) -> Result<i64, ApiError> {
        if amount > AMOUNT_MAX {
            let message = format!("Amount must be no more than {}", self.display(AMOUNT_MAX));
            return Err(ApiError::invalid(message).code("amount_too_large").param(param));
        }
        Ok(amount)
    }
}

/// What is kept of a currency is its code.
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code, "currency").map_err(|error| D::Error::custom(error.field("message")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        Currency::parse("USD", "currency").expect("a currency")
    }

    #[test]
    fn amounts_are_written_exactly() {
        for (cents, text) in [
            (0, "$0.00"),
            (5, "$0.05"),
            (1_000, "$10.00"),
            (123_456, "$1,234.56"),
            (99_999_999, "$999,999.99"),
            (-600_000, "−$6,000.00"),
        ] {
            assert_eq!(usd().display(cents), text);
        }
    }

    #[test]
    fn amounts_outside_stripes_limits_are_refused() {
        assert_eq!(usd().check(50, "amount"), Ok(50));
        assert_eq!(usd().check(99_999_999, "amount"), Ok(99_999_999));
        for (amount, code) in [
            (0, "parameter_invalid_integer"),
            (-5, "parameter_invalid_integer"),
            (49, "amount_too_small"),
            (100_000_000, "amount_too_large"),
        ] {
            assert_eq!(usd().check(amount, "amount").unwrap_err().field("code"), code);
        }
    }

    #[test]
    fn an_unknown_currency_is_refused() {
        assert!(Currency::parse("xyz", "currency").is_err());
    }
}
