//! Exact decimals, of the length that people write, never rounded: amounts, balances, observations.

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// More digits than any currency or sensor needs, few enough to stay fast.
pub const DECIMAL_DIGITS_MAX: usize = 60;

/// An exact decimal number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Decimal(BigRational);

/// Why a text is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a decimal number such as 12 or 0.05, with at most 60 digits")]
pub struct DecimalError;

impl Decimal {
    /// The number itself.
    #[must_use]
    pub const fn value(&self) -> &BigRational {
        &self.0
    }

    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }

    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Whether it leaves what is stored for a balance: 64 bits, as in the language.
    #[must_use]
    pub fn leaves_64_bits(&self) -> bool {
        let edge = |edge: i64| BigRational::from_integer(BigInt::from(edge));
        self.0 < edge(i64::MIN) || self.0 > edge(i64::MAX)
    }

    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(&self.0 + &other.0)
    }

    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, size) = match text.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, text),
        };
        let (whole, fraction) = size.split_once('.').unwrap_or((size, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() > DECIMAL_DIGITS_MAX {
            return Err(DecimalError);
        }
        let numerator = BigInt::from_str(&format!("{whole}{fraction}")).map_err(|_| DecimalError)?;
        let places = u32::try_from(fraction.len()).map_err(|_| DecimalError)?;
        let value = BigRational::new(numerator, BigInt::from(10).pow(places));
        Ok(Self(if negative { -value } else { value }))
    }
}

impl fmt::Display for Decimal {
    /// As a decimal, with as many places as it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places = 0_usize;
        let (mut scaled, ten) = (self.0.clone(), BigRational::from_integer(BigInt::from(10)));
        // Sums of decimals are decimals: their denominators divide a power of ten no longer than the longest of them.
        while !scaled.is_integer() && places <= DECIMAL_DIGITS_MAX {
            scaled *= &ten;
            places += 1;
        }
        let digits = scaled.to_integer().abs().to_string();
        let sign = if self.0.is_negative() { "-" } else { "" };
        if places == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Exact;

        impl Visitor<'_> for Exact {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a decimal number as text such as \"0.05\"")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
                Ok(Decimal(BigRational::from_integer(BigInt::from(number))))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
                Ok(Decimal(BigRational::from_integer(BigInt::from(number))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Exact)
    }
}

impl Decimal {
    /// Nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_written_exactly() {
        for (text, written) in [
            ("12", "12"),
            ("0.05", "0.05"),
            ("-3.50", "-3.5"),
            ("007", "7"),
            ("0.10", "0.1"),
            ("1000000.000001", "1000000.000001"),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), written);
        }
        let tenth: Decimal = "0.1".parse().unwrap();
        let sum = (0..10).fold(Decimal::zero(), |sum, _| sum.plus(&tenth));
        assert_eq!(sum.to_string(), "1");
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "-", ".", "1.", ".5", "1e3", "0x1", "1,000", " 1", "½", "--1", &"1".repeat(61)] {
            assert!(text.parse::<Decimal>().is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<Decimal>("0.5").is_err(), "a float is not exact");
        assert_eq!(serde_json::from_str::<Decimal>("\"0.5\"").unwrap().to_string(), "0.5");
        assert_eq!(serde_json::from_str::<Decimal>("5").unwrap().to_string(), "5");
    }
}
