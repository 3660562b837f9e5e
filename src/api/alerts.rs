//! Alerts: what an account's members are told by mail, once each time it begins.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::LimitCredits;
use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::idempotency::RequestKey;
use super::problem::Problem;
use crate::billing::{AlertReport, AlertSettings};
use crate::identity::Actor;
use crate::ledger::{AccountId, Credits};
use crate::server::state::App;

/// What to tell. What is left out is as it is for a new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAlerts)]
pub struct AlertsBody {
    /// Below how many credits; 0 is never. By itself below a fifth of the last purchase, or below 10 credits where
    /// nothing was bought yet.
    low_balance: Option<LimitCredits>,
    /// When a budget is used to 80 % and to 100 %.
    #[serde(default = "yes")]
    #[schema(default = true)]
    budgets: bool,
    /// Seven days before credits expire.
    #[serde(default = "yes")]
    #[schema(default = true)]
    expiring: bool,
}

const fn yes() -> bool {
    true
}

/// What is told, and what is so at the moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alerts)]
pub struct AlertsAnswer {
    account_id: String,
    /// Below how many credits; 0 is never.
    low_balance: i64,
    /// `chosen`, `last_purchase` (a fifth of it) or `fixed` (10 credits, as nothing was bought yet).
    #[schema(example = "last_purchase")]
    low_balance_rule: &'static str,
    budgets: bool,
    expiring: bool,
    /// The alerts that began and are not over, such as `low_balance` or `budget_day_80`.
    lasting: Vec<String>,
}

/// Reads what the account's members are told.
#[utoipa::path(get, path = "/api/billing/alerts/{account_id}", operation_id = "read_alerts", tag = "budgets",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = AlertsAnswer, description = "What is told")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<AlertsAnswer>, Problem> {
    let report = app.kernel.alerts(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(JsonAnswer(answer(account, report)))
}

/// Sets what the account's members are told.
#[utoipa::path(put, path = "/api/billing/alerts/{account_id}", operation_id = "set_alerts", tag = "budgets",
    params(("account_id" = String, Path, description = "The account")), request_body = AlertsBody,
    responses((status = 200, body = AlertsAnswer, description = "What is told from now on")))]
pub async fn set(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path(account): Path<String>,
    Json(body): Json<AlertsBody>,
) -> Result<JsonAnswer<AlertsAnswer>, Problem> {
    let account = key.account(&account)?;
    let low_balance = body.low_balance.and_then(|limit| Credits::new(limit.0));
    let settings = AlertSettings { low_balance, budgets: body.budgets, expiring: body.expiring };
    let line = app.identity.audit(&Actor::Key(key.id()), account, "alerts_set", settings.to_string());
    app.kernel.set_alerts(account, settings, vec![line]).await?;
    let report = app.kernel.alerts(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(JsonAnswer(answer(account, report)))
}

fn answer(account: AccountId, report: AlertReport) -> AlertsAnswer {
    AlertsAnswer {
        account_id: account.to_string(),
        low_balance: report.threshold.get(),
        low_balance_rule: report.rule.name(),
        budgets: report.settings.budgets,
        expiring: report.settings.expiring,
        lasting: report.lasting,
    }
}
