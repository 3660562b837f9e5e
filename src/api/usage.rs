//! Usage: what an account spent, on what, over the last days.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::fields::TierName;
use super::problem::Problem;
use super::query::Parameters;
use crate::billing::UsageReport;
use crate::server::state::App;

/// As in the guide.
const DAYS_DEFAULT: i64 = 30;
/// A leap year, so that "last year" can be asked.
const DAYS_MAX: i64 = 366;

/// What was spent on one operation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationTotal {
    /// How many charges: one a call, whatever its quantity.
    count: i64,
    /// How many units were charged for.
    quantity: i64,
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
        ("days" = Option<i64>, Query, minimum = 1, maximum = 366, description = "How many days back; 30 when not given")),
    responses((status = 200, body = UsageAnswer, description = "The report")))]
pub async fn report(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<UsageAnswer>, Problem> {
    let days = parameters.number("days", 1, DAYS_MAX)?.unwrap_or(DAYS_DEFAULT);
    let report = app.kernel.usage(account, days).await?.ok_or_else(Problem::account_not_found)?;
    Ok(Json(answer(report)))
}

fn answer(report: UsageReport) -> UsageAnswer {
    let by_operation = report.usage_by_operation.into_iter().map(|(operation, usage)| {
        let total = OperationTotal { count: usage.charges, quantity: usage.count, credits: usage.credits };
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
fn hundredths(amount: i64) -> Number {
    let (whole, rest) = (amount / 100, amount.unsigned_abs() % 100);
    format!("{whole}.{rest:02}").parse().unwrap_or_else(|_| Number::from(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_written_with_its_decimals() {
        for (amount, text) in [(0, "0.0"), (5, "0.05"), (833, "8.33"), (250, "2.5"), (7_856_700, "78567.0")] {
            assert_eq!(hundredths(amount).to_string(), text);
        }
    }
}
