//! Calendar months in UTC, which is what a statement covers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Timestamp, UnknownName, month_of};

const DAY_MILLIS: i64 = 86_400_000;
/// Years have four digits, so that a month is always written in seven characters.
const LAST_YEAR: i64 = 9_999;

/// A calendar month in UTC, written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i64);

impl Month {
    /// The month that a moment is in.
    #[must_use]
    pub const fn of(at: Timestamp) -> Self {
        Self(month_of(at))
    }

    /// Its first moment.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        // Counted from 0000-03-01, as in `month_of`, a year has its leap day last.
        let march = self.0 - 2;
        let year = 1_970 + march.div_euclid(12);
        let march_month = march.rem_euclid(12);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * march_month + 2) / 5;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Timestamp::from_millis((era * 146_097 + day_of_era - 719_468) * DAY_MILLIS)
    }

    /// The first moment after it.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.next().start()
    }

    /// The month after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> i64 {
        1_970 + self.0.div_euclid(12)
    }

    /// Its number in the year, January being 1.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0.rem_euclid(12) + 1
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let digits = |part: &str, count: usize| {
            let whole = part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
            whole.then(|| part.parse::<i64>().ok()).flatten()
        };
        let month = text.split_once('-').and_then(|(year, number)| {
            let (year, number) = (digits(year, 4)?, digits(number, 2)?);
            let known = (1_970..=LAST_YEAR).contains(&year) && (1..=12).contains(&number);
            known.then(|| Self((year - 1_970) * 12 + number - 1))
        });
        month.ok_or_else(|| UnknownName {
            kind: "month",
            given: text.chars().take(60).collect(),
            known: "1970-01 to 9999-12".into(),
        })
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
