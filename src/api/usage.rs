//! Usage: what an account spent, on what, over the last days, by the days of the caller's time zone.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::csv::Cell;
use super::export::Exported;
use super::fields::{OperationName, TierName};
use super::problem::Problem;
use super::query::Parameters;
use crate::billing::{KeyFilter, KeyUsage, REPORT_DAYS_MAX, UsageQuery, UsageReport, Zone};
use crate::ledger::{KeyId, Operation};
use crate::server::state::App;

/// As in the guide.
const DAYS_DEFAULT: i64 = 30;
/// Asks for what no API key spent.
const NO_KEY: &str = "none";

/// What was spent on one operation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationTotal {
    /// How many charges: one a call, whatever its quantity.
    count: i64,
    /// How many credits.
    credits: i64,
}

/// Spending over the period, by operation; operations without spending are left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageAnswer {
    account_id: String,
    customer_name: String,
    tier: TierName,
    current_balance: i64,
    period_days: i64,
    total_credits_spent: i64,
    usage_by_operation: BTreeMap<String, OperationTotal>,
    transaction_count: i64,
    /// Credits a day, to two decimals.
    #[schema(value_type = f64, example = 8.33)]
    average_daily_spend: Number,
}

/// Reads what was spent in the last days.
#[utoipa::path(get, path = "/api/billing/usage/{account_id}", operation_id = "read_usage", tag = "usage",
    params(("account_id" = String, Path, description = "The account"),
        ("days" = Option<i64>, Query, minimum = 1, maximum = 366, description = "How many days back; 30 when not given"),
        ("zone" = Option<String>, Query, description = "Whose days: an IANA time zone; UTC when not given")),
    responses((status = 200, body = UsageAnswer, description = "The report")))]
pub async fn report(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<UsageAnswer>, Problem> {
    let query = UsageQuery { zone: zone(&parameters)?, ..UsageQuery::last(days(&parameters)?) };
    let report = app.kernel.usage_report(account, &query).await?.ok_or_else(Problem::account_not_found)?;
    Ok(Json(answer(report)))
}

fn days(parameters: &Parameters) -> Result<i64, Problem> {
    Ok(parameters.number("days", 1, REPORT_DAYS_MAX)?.unwrap_or(DAYS_DEFAULT))
}

fn zone(parameters: &Parameters) -> Result<Zone, Problem> {
    let sentence = "zone must be an IANA time zone such as Europe/Berlin";
    Ok(parameters.read("zone", sentence)?.unwrap_or(Zone::UTC))
}

/// The period, zone, operation and key that the parameters ask for.
///
/// # Errors
/// 422 for a parameter that is none of what it may be.
pub fn usage_query(parameters: &Parameters) -> Result<UsageQuery, Problem> {
    let operations = Operation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>().join(", ");
    let operation = parameters.read("operation", &format!("operation must be one of {operations}"))?;
    let key = parameters.read("key", "key must be the id of an API key, KEY_…, or none")?;
    let key = key.map_or(KeyFilter::Any, |KeyName(key)| key);
    Ok(UsageQuery { days: days(parameters)?, zone: zone(parameters)?, operation, key })
}

/// A key's id, or the word for what no key spent.
struct KeyName(KeyFilter);

impl std::str::FromStr for KeyName {
    type Err = crate::ledger::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == NO_KEY { Ok(Self(KeyFilter::NoKey)) } else { text.parse::<KeyId>().map(KeyFilter::Key).map(Self) }
    }
}

/// What one key spent on one operation on one day. Refunds are taken off, so a day can be below zero.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageRow)]
pub struct UsageRowAnswer {
    #[schema(example = "2026-11-23")]
    day: String,
    operation: OperationName,
    /// Null for what no API key spent.
    key_id: Option<String>,
    /// How many charges.
    charges: i64,
    /// How many units.
    quantity: i64,
    credits: i64,
}

/// Usage by day, operation and key, in that order; what was not used is left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageBreakdown)]
pub struct BreakdownAnswer {
    account_id: String,
    #[schema(example = "Europe/Berlin")]
    zone: String,
    period_days: i64,
    #[schema(example = "2026-11-23")]
    first_day: String,
    rows: Vec<UsageRowAnswer>,
    total_charges: i64,
    total_quantity: i64,
    total_credits: i64,
}

/// Reads what was spent by day, operation and key.
#[utoipa::path(get, path = "/api/billing/usage/{account_id}/breakdown", operation_id = "read_usage_breakdown", tag = "usage",
    params(("account_id" = String, Path, description = "The account"),
        ("days" = Option<i64>, Query, minimum = 1, maximum = 366, description = "How many days back; 30 when not given"),
        ("zone" = Option<String>, Query, description = "Whose days: an IANA time zone; UTC when not given"),
        ("operation" = Option<OperationName>, Query, description = "This operation alone"),
        ("key" = Option<String>, Query, description = "This key's spending alone; `none` for what no key spent")),
    responses((status = 200, body = BreakdownAnswer, description = "The rows and their sums")))]
pub async fn breakdown(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<BreakdownAnswer>, Problem> {
    let query = usage_query(&parameters)?;
    let report = app.kernel.usage_report(account, &query).await?.ok_or_else(Problem::account_not_found)?;
    Ok(Json(BreakdownAnswer {
        account_id: account.to_string(),
        zone: report.zone,
        period_days: report.period_days,
        first_day: report.first_day,
        total_charges: report.transaction_count,
        total_quantity: report.by_key.iter().fold(0, |sum, row| sum.saturating_add(row.count)),
        total_credits: report.total_credits_spent,
        rows: report.by_key.into_iter().map(UsageRowAnswer::from).collect(),
    }))
}

impl From<KeyUsage> for UsageRowAnswer {
    fn from(row: KeyUsage) -> Self {
        Self {
            day: row.day,
            operation: OperationName(row.operation),
            key_id: row.key.map(|key| key.to_string()),
            charges: row.charges,
            quantity: row.count,
            credits: row.credits,
        }
    }
}

fn answer(report: UsageReport) -> UsageAnswer {
    let by_operation = report.usage_by_operation.into_iter().map(|(operation, usage)| {
        let total = OperationTotal { count: usage.charges, credits: usage.credits };
        (operation.name().to_owned(), total)
    });
    UsageAnswer {
        account_id: report.account_id.to_string(),
        customer_name: report.customer_name,
        tier: TierName(report.tier),
        current_balance: report.current_balance,
        period_days: report.period_days,
        total_credits_spent: report.total_credits_spent,
        usage_by_operation: by_operation.collect(),
        transaction_count: report.transaction_count,
        average_daily_spend: hundredths(report.average_daily_hundredths),
    }
}

/// A number with two decimals, made from its digits: no sum is ever rounded by a float.
pub fn hundredths(amount: i64) -> Number {
    let (sign, whole, rest) =
        (if amount < 0 { "-" } else { "" }, amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
    format!("{sign}{whole}.{rest:02}").parse().unwrap_or_else(|_| Number::from(amount / 100))
}

impl Exported for UsageRowAnswer {
    const COLUMNS: &'static [&'static str] = &["day", "operation", "key_id", "charges", "quantity", "credits"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            self.day.clone().into(),
            self.operation.0.name().into(),
            self.key_id.clone().into(),
            self.charges.into(),
            self.quantity.into(),
            self.credits.into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_written_with_its_decimals() {
        for (amount, text) in [
            (0, "0.0"),
            (5, "0.05"),
            (833, "8.33"),
            (250, "2.5"),
            (7_856_700, "78567.0"),
            (-50, "-0.5"),
            (-250, "-2.5"),
        ] {
            assert_eq!(hundredths(amount).to_string(), text);
        }
    }
}
