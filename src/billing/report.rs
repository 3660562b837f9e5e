//! What was spent on what, read from the roll-ups: the cost does not grow with the ledger.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use super::zone::{LocalDay, Zone};
use crate::ledger::{AccountId, KeyId, Operation, Tier};

/// Days read with one statement when usage is exported.
const EXPORT_DAYS: usize = 31;

/// Whose spending is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyFilter {
    /// Everybody's.
    #[default]
    Any,
    /// What no API key asked for: people on the pages, operators and the clock.
    NoKey,
    /// One key's.
    Key(KeyId),
}

impl KeyFilter {
    /// As the roll-ups write it; `None` for everybody's.
    pub(super) fn stored(self) -> Option<String> {
        match self {
            Self::Any => None,
            Self::NoKey => Some(String::new()),
            Self::Key(key) => Some(key.to_string()),
        }
    }
}

/// Which usage is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageQuery {
    /// How many days back, today included; from 1 to [`super::REPORT_DAYS_MAX`].
    pub days: i64,
    /// Whose midnights part the days.
    pub zone: Zone,
    /// One operation alone.
    pub operation: Option<Operation>,
    /// One key's spending alone.
    pub key: KeyFilter,
}

impl UsageQuery {
    /// Everything of the last so many UTC days.
    #[must_use]
    pub const fn last(days: i64) -> Self {
        Self { days, zone: Zone::UTC, operation: None, key: KeyFilter::Any }
    }
}

/// Charges, units and credits of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationUsage {
    /// How many charges, whatever the quantity of each.
    pub charges: i64,
    /// How many units, less those refunded.
    pub count: i64,
    /// How many credits, less those refunded; below zero where more was refunded than spent.
    pub credits: i64,
}

/// What one operation cost on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUsage {
    /// The day in the report's zone, as 2026-11-23.
    pub day: String,
    /// On what.
    pub operation: Operation,
    /// How many units, less those refunded.
    pub count: i64,
    /// How many credits, less those refunded; below zero where more was refunded than spent.
    pub credits: i64,
}

/// What one key spent on one operation on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// The day in the report's zone, as 2026-11-23.
    pub day: String,
    /// On what.
    pub operation: Operation,
    /// By which key; none for people on the pages, operators and the clock.
    pub key: Option<KeyId>,
    /// How many charges.
    pub charges: i64,
    /// How many units, less those refunded.
    pub count: i64,
    /// How many credits, less those refunded; below zero where more was refunded than spent.
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
    /// By day, operation and key, in that order; what was not used is left out.
    pub by_key: Vec<KeyUsage>,
    /// The first day the report covers, as 2026-11-23.
    pub first_day: String,
    /// The name of the zone that its days are those of.
    pub zone: String,
}

impl Kernel {
    /// What an account spent in the last `days` UTC days, today included.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn usage(&self, id: AccountId, days: i64) -> Result<Option<UsageReport>, KernelError> {
        self.usage_report(id, &UsageQuery::last(days)).await
    }

    /// What an account spent in a period, by the days of a zone; `None` when there is no such account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn usage_report(&self, id: AccountId, query: &UsageQuery) -> Result<Option<UsageReport>, KernelError> {
        let Some(account) = self.account(id).await? else { return Ok(None) };
        let days = query.zone.days(self.now(), query.days);
        let by_key = self.usage_on(id, query, &days).await?;
        let mut report = UsageReport {
            account_id: id,
            customer_name: account.name,
            tier: account.tier,
            current_balance: account.available.get(),
            period_days: i64::try_from(days.len()).unwrap_or(query.days),
            total_credits_spent: 0,
            usage_by_operation: BTreeMap::new(),
            transaction_count: 0,
            average_daily_hundredths: 0,
            by_day: Vec::with_capacity(by_key.len()),
            by_key,
            first_day: days.first().map_or_else(String::new, |day| day.name.clone()),
            zone: query.zone.name().to_owned(),
        };
        report.sum_up();
        Ok(Some(report))
    }

    /// The usage of a period in pieces of a month, oldest first, for whoever writes it out.
    #[must_use]
    pub fn usage_pages(&self, id: AccountId, query: UsageQuery) -> UsagePages {
        let days = query.zone.days(self.now(), query.days);
        UsagePages { kernel: self.clone(), id, query, days }
    }

    async fn usage_on(
        &self,
        id: AccountId,
        query: &UsageQuery,
        days: &[LocalDay],
    ) -> Result<Vec<KeyUsage>, KernelError> {
        let rows = store::usage_on(self.database(), id, days, query.operation, query.key.stored()).await;
        let read = |row: &store::Row| {
            let day = usize::try_from(row.int(0)?).ok().and_then(|place| days.get(place));
            let key = row.text(2)?;
            Ok(KeyUsage {
                day: day.map_or_else(String::new, |day| day.name.clone()),
                operation: row.parsed(1)?,
                key: if key.is_empty() { None } else { Some(row.parsed(2)?) },
                charges: row.int(3)?,
                count: row.int(4)?,
                credits: row.int(5)?,
            })
        };
        rows.and_then(|rows| rows.iter().map(read).collect()).map_err(unavailable)
    }
}

/// What is left to read of a period's usage.
pub struct UsagePages {
    kernel: Kernel,
    id: AccountId,
    query: UsageQuery,
    days: Vec<LocalDay>,
}

impl UsagePages {
    /// The next month's rows; `None` after the last.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn next(&mut self) -> Result<Option<Vec<KeyUsage>>, KernelError> {
        if self.days.is_empty() {
            return Ok(None);
        }
        let rest = self.days.split_off(self.days.len().min(EXPORT_DAYS));
        let days = std::mem::replace(&mut self.days, rest);
        self.kernel.usage_on(self.id, &self.query, &days).await.map(Some)
    }
}

impl UsageReport {
    /// Adds the rows up by day and operation, by operation, and in all.
    fn sum_up(&mut self) {
        for row in &self.by_key {
            let usage = self.usage_by_operation.entry(row.operation).or_default();
            usage.charges = usage.charges.saturating_add(row.charges);
            usage.count = usage.count.saturating_add(row.count);
            usage.credits = usage.credits.saturating_add(row.credits);
            self.transaction_count = self.transaction_count.saturating_add(row.charges);
            self.total_credits_spent = self.total_credits_spent.saturating_add(row.credits);
            match self.by_day.last_mut().filter(|day| day.day == row.day && day.operation == row.operation) {
                Some(day) => {
                    day.count = day.count.saturating_add(row.count);
                    day.credits = day.credits.saturating_add(row.credits);
                }
                None => self.by_day.push(DayUsage {
                    day: row.day.clone(),
                    operation: row.operation,
                    count: row.count,
                    credits: row.credits,
                }),
            }
        }
        let hundredths = self.total_credits_spent.saturating_mul(100);
        self.average_daily_hundredths = hundredths.div_euclid(self.period_days.max(1));
    }
}
