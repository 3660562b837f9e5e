//! Budgets: how much may be spent in a UTC day or month, by the account and by each of its API keys.
//!
//! What is held counts as spent until it is given back, so that work under way cannot run past a budget.

use serde::{Deserialize, Serialize};

use super::{Credits, KeyId, Refusal, Timestamp};

const DAY_MILLIS: i64 = 86_400_000;

/// A limit, and what was spent of it in the window that is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The most that may be spent in one window; anything when not set.
    pub limit: Option<Credits>,
    /// Which window is counted: days since 1970, or months since 1970 began.
    pub window: i64,
    /// What was spent or is held in it.
    pub used: Credits,
}

impl Budget {
    /// What was spent or is held in the given window.
    #[must_use]
    pub fn used_in(&self, window: i64) -> Credits {
        if self.window == window { self.used } else { Credits::ZERO }
    }

    fn spend(&mut self, window: i64, name: BudgetName, required: Credits) -> Result<(), Refusal> {
        // A clock that is set back, or a server whose clock is behind, does not open a budget anew.
        let window = window.max(self.window);
        let before = self.used_in(window);
        let used = before.checked_add(required).ok_or(Refusal::AmountTooLarge)?;
        match self.limit {
            Some(limit) if used > limit => Err(Refusal::BudgetExceeded { budget: name, limit, used: before, required }),
            _ => {
                (self.window, self.used) = (window, used);
                Ok(())
            }
        }
    }

    fn unspend(&mut self, window: i64, amount: Credits) {
        if self.window == window {
            self.used = self.used.checked_sub(amount).unwrap_or(Credits::ZERO).max(Credits::ZERO);
        }
    }
}

/// Which budget a refusal speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetName {
    /// The account's for one UTC day.
    Day,
    /// The account's for one UTC month.
    Month,
    /// The API key's for one UTC month.
    KeyMonth,
}

impl BudgetName {
    /// How a sentence names it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Day => "daily budget of the account",
            Self::Month => "monthly budget of the account",
            Self::KeyMonth => "monthly budget of the API key",
        }
    }
}

/// An API key's monthly budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyBudget {
    /// Whose.
    pub key: KeyId,
    /// How much, and what was spent of it.
    pub month: Budget,
}

/// All budgets of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    /// For a UTC day.
    pub day: Budget,
    /// For a UTC month.
    pub month: Budget,
    /// For the keys that have one.
    pub keys: Vec<KeyBudget>,
}

impl Budgets {
    pub(super) fn set(&mut self, day: Option<Credits>, month: Option<Credits>, now: Timestamp) -> Result<(), Refusal> {
        if let Some(limit) = [day, month].into_iter().flatten().find(|limit| *limit < Credits::ZERO) {
            return Err(Refusal::AmountNotPositive { amount: limit });
        }
        (self.day.limit, self.month.limit) = (day, month);
        self.roll(now);
        Ok(())
    }

    pub(super) fn set_key(
        &mut self,
        key: KeyId,
        limit: Option<Credits>,
        used: Credits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if let Some(amount) = limit.filter(|limit| *limit < Credits::ZERO) {
            return Err(Refusal::AmountNotPositive { amount });
        }
        match self.keys.iter_mut().find(|known| known.key == key) {
            // It has counted by itself since it was first set, work under way included.
            Some(known) => known.month.limit = limit,
            None => self.keys.push(KeyBudget { key, month: Budget { limit, window: month_of(now), used } }),
        }
        Ok(())
    }

    fn roll(&mut self, now: Timestamp) {
        for (budget, window) in [(&mut self.day, day_of(now)), (&mut self.month, month_of(now))] {
            let window = window.max(budget.window);
            *budget = Budget { limit: budget.limit, window, used: budget.used_in(window) };
        }
    }

    /// Counts an amount, or refuses when a limit does not cover it. After a refusal nothing must be kept.
    pub(super) fn spend(&mut self, key: Option<KeyId>, amount: Credits, now: Timestamp) -> Result<(), Refusal> {
        self.day.spend(day_of(now), BudgetName::Day, amount)?;
        self.month.spend(month_of(now), BudgetName::Month, amount)?;
        match self.keys.iter_mut().find(|known| Some(known.key) == key) {
            Some(known) => known.month.spend(month_of(now), BudgetName::KeyMonth, amount),
            None => Ok(()),
        }
    }

    /// Gives an amount back that was spent at `then`, where its window is still the one counted.
    pub(super) fn unspend(&mut self, key: Option<KeyId>, amount: Credits, then: Timestamp, now: Timestamp) {
        self.roll(now);
        self.day.unspend(day_of(then), amount);
        self.month.unspend(month_of(then), amount);
        if let Some(known) = self.keys.iter_mut().find(|known| Some(known.key) == key) {
            known.month.unspend(month_of(then), amount);
        }
    }
}

/// Days since 1970-01-01 UTC.
#[must_use]
pub const fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MILLIS)
}

/// Months since January 1970, UTC, by the proleptic Gregorian calendar.
#[must_use]
pub const fn month_of(at: Timestamp) -> i64 {
    // Counted from 0000-03-01, a year has its leap day last: the well-known way to a date without tables.
    let days = day_of(at) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    (era * 400 + year_of_era - 1_970) * 12 + march_month + 2
}

#[cfg(test)]
mod tests;
