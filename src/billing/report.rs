//! What was spent on what, read from the roll-ups: the cost does not grow with the ledger.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use crate::ledger::{AccountId, Operation, Tier, Timestamp};

const DAY_MILLIS: i64 = 86_400_000;

/// Charges, units and credits of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationUsage {
    /// How many charges, whatever the quantity of each.
    pub charges: i64,
    /// How many units.
    pub count: i64,
    /// How many credits.
    pub credits: i64,
}

/// What one operation cost on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUsage {
    /// The UTC day, as 2026-11-23.
    pub day: String,
    /// On what.
    pub operation: Operation,
    /// How many units.
    pub count: i64,
    /// How many credits.
    pub credits: i64,
}

/// What an account spent in the last days, today included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageReport {
    /// Whose.
    pub account_id: AccountId,
    /// What the customer is called.
    pub customer_name: String,
    /// What it pays by.
    pub tier: Tier,
    /// What can be spent now.
    pub current_balance: i64,
    /// How many days the report covers.
    pub period_days: i64,
    /// What was spent in all of them.
    pub total_credits_spent: i64,
    /// By operation; those not used are left out.
    pub usage_by_operation: BTreeMap<Operation, OperationUsage>,
    /// How many charges there were.
    pub transaction_count: i64,
    /// Credits a day, in hundredths, rounded down.
    pub average_daily_hundredths: i64,
    /// By day and operation, oldest first; empty days are left out.
    pub by_day: Vec<DayUsage>,
    /// The first day the report covers, as 2026-11-23.
    pub first_day: String,
}

impl Kernel {
    /// What an account spent in the last `days` UTC days, today included.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn usage(&self, id: AccountId, days: i64) -> Result<Option<UsageReport>, KernelError> {
        let Some(account) = self.account(id).await? else { return Ok(None) };
        let days = days.max(1);
        let today = self.now().millis().div_euclid(DAY_MILLIS);
        let first = today.saturating_sub(days - 1);
        let since = Timestamp::from_millis(first.saturating_mul(DAY_MILLIS));
        let rows = store::usage_by_day(self.database(), id, since).await.map_err(unavailable)?;
        let mut report = UsageReport {
            account_id: id,
            customer_name: account.name,
            tier: account.tier,
            current_balance: account.available.get(),
            period_days: days,
            total_credits_spent: 0,
            usage_by_operation: BTreeMap::new(),
            transaction_count: 0,
            average_daily_hundredths: 0,
            by_day: Vec::with_capacity(rows.len()),
            first_day: day_name(first),
        };
        for row in &rows {
            let read = || -> Result<_, store::StoreError> {
                Ok((row.int(0)?, row.parsed::<Operation>(1)?, row.int(2)?, row.int(3)?, row.int(4)?))
            };
            let (day, operation, charges, count, credits) = read().map_err(unavailable)?;
            let usage = report.usage_by_operation.entry(operation).or_default();
            usage.charges = usage.charges.saturating_add(charges);
            usage.count = usage.count.saturating_add(count);
            usage.credits = usage.credits.saturating_add(credits);
            report.transaction_count = report.transaction_count.saturating_add(charges);
            report.total_credits_spent = report.total_credits_spent.saturating_add(credits);
            report.by_day.push(DayUsage { day: day_name(day), operation, count, credits });
        }
        report.average_daily_hundredths = report.total_credits_spent.saturating_mul(100) / days;
        Ok(Some(report))
    }
}

/// A day since 1970 as 2026-11-23.
fn day_name(day: i64) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let name = Span::new().try_days(day).ok().and_then(|span| epoch.checked_add(span).ok());
    name.map_or_else(|| day.to_string(), |date| date.to_string())
}
