//! How long an account's credits last: the pure forecast over its real grants, at its own recent pace.

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::report::KeyFilter;
use super::store;
use super::zone::Zone;
use crate::ledger::{AccountId, Credits, Forecast, Timestamp};

/// The pace is the average of so many full days, today left out: a morning would look like a quiet day.
const PACE_DAYS: i64 = 7;

/// A forecast, what it was made from, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountForecast {
    /// The moment it was made for.
    pub at: Timestamp,
    /// What was spent in the last seven full UTC days.
    pub spent_week: i64,
    /// The pace in hundredths of credits a day, rounded down; never below zero.
    pub daily_hundredths: i64,
    /// What expires next and when, whether or not it is spent by then.
    pub next_expiry: Option<(Credits, Timestamp)>,
    /// What becomes of the credits at that pace.
    pub forecast: Forecast,
}

impl Kernel {
    /// What becomes of an account's credits when it goes on spending as in the last seven full days; `None` when
    /// there is no such account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn forecast(&self, id: AccountId) -> Result<Option<AccountForecast>, KernelError> {
        if self.account(id).await?.is_none() {
            return Ok(None);
        }
        let at = self.now();
        let mut days = Zone::UTC.days(at, PACE_DAYS + 1);
        days.pop();
        let rows = store::usage_on(self.database(), id, &days, None, KeyFilter::Any.stored()).await;
        let sum = |rows: Vec<store::Row>| {
            rows.iter().try_fold(0_i64, |sum, row| row.int(5).map(|credits| sum.saturating_add(credits)))
        };
        let spent_week = rows.and_then(sum).map_err(unavailable)?;
        let daily_hundredths = spent_week.saturating_mul(100).div_euclid(PACE_DAYS).max(0);
        let grants = self.grants_to_spend(id).await?;
        let forecast = Forecast::of(&grants, daily_hundredths, at)?;
        // The spending order begins with the soonest to expire.
        let next = grants.iter().find(|grant| grant.free().is_positive());
        let next_expiry = next.and_then(|grant| Some((grant.free(), grant.expires_at?)));
        Ok(Some(AccountForecast { at, spent_week, daily_hundredths, next_expiry, forecast }))
    }
}
