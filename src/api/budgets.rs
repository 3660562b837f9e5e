//! Budgets: how much an account or one of its keys may spend in a UTC day or month. What is held counts.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::LimitCredits;
use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use crate::billing::{BudgetReport, BudgetState, Order};
use crate::identity::{Actor, Caller};
use crate::ledger::{AccountId, Command, Credits, KeyId};
use crate::server::state::App;

/// The account's budgets; one that is left out or null is no limit, and 0 is to spend nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBudgets)]
pub struct BudgetsBody {
    /// For a UTC day.
    day: Option<LimitCredits>,
    /// For a UTC month.
    month: Option<LimitCredits>,
}

/// A key's budget; left out or null is no limit, and 0 is to spend nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKeyBudget)]
pub struct KeyBudgetBody {
    /// For a UTC month.
    month: Option<LimitCredits>,
}

/// A budget and how much of it is gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Budget)]
pub struct BudgetAnswer {
    /// Null when there is no limit.
    limit: Option<i64>,
    /// What is spent or held in the present window.
    used: i64,
    /// When the window ends and counting starts again.
    ends_at: Moment,
}

/// A key's budget and how much of it is gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyBudget)]
pub struct KeyBudgetAnswer {
    #[schema(example = "KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    key_id: String,
    month: BudgetAnswer,
}

/// The budgets of an account and of its keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Budgets)]
pub struct BudgetsAnswer {
    account_id: String,
    day: BudgetAnswer,
    month: BudgetAnswer,
    /// The keys that ever had one.
    keys: Vec<KeyBudgetAnswer>,
}

/// Reads the budgets and what is spent or held of each.
#[utoipa::path(get, path = "/api/billing/budgets/{account_id}", operation_id = "read_budgets", tag = "budgets",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = BudgetsAnswer, description = "The budgets")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<BudgetsAnswer>, Problem> {
    let report = app.kernel.budgets(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(JsonAnswer(answer(account, report)))
}

/// Sets both budgets of the account.
#[utoipa::path(put, path = "/api/billing/budgets/{account_id}", operation_id = "set_budgets", tag = "budgets",
    params(("account_id" = String, Path, description = "The account")), request_body = BudgetsBody,
    responses((status = 200, body = BudgetsAnswer, description = "The budgets from now on")))]
pub async fn set(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path(account): Path<String>,
    Json(body): Json<BudgetsBody>,
) -> Result<Answer<BudgetsAnswer>, Problem> {
    let account = key.account(&account)?;
    let (day, month) = (limit(body.day), limit(body.month));
    let detail = format!("day {}, month {}", told(day), told(month));
    submit(&app, &key, account, &request, (Command::SetBudgets { day, month }, detail)).await
}

/// Sets the budget of one of the account's keys. What the key spent this month is counted from the start.
#[utoipa::path(put, path = "/api/billing/budgets/{account_id}/keys/{key_id}", operation_id = "set_key_budget",
    tag = "budgets", params(("account_id" = String, Path, description = "The account"),
        ("key_id" = String, Path, description = "One of its keys")), request_body = KeyBudgetBody,
    responses((status = 200, body = BudgetsAnswer, description = "The budgets from now on")))]
pub async fn set_key(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path((account, limited)): Path<(String, String)>,
    Json(body): Json<KeyBudgetBody>,
) -> Result<Answer<BudgetsAnswer>, Problem> {
    let account = key.account(&account)?;
    let not_found = || Problem::new(StatusCode::NOT_FOUND, "key_not_found", "there is no such key on this account");
    let limited = limited.parse::<KeyId>().map_err(|_| not_found())?;
    app.identity.key(account, limited).await.map_err(|_| Problem::unavailable())?.ok_or_else(not_found)?;
    // What it has used is counted by the kernel, behind the account's lock.
    let month = limit(body.month);
    let detail = format!("{limited}: month {}", told(month));
    let command = Command::SetKeyBudget { key: limited, month, used: Credits::ZERO };
    submit(&app, &key, account, &request, (command, detail)).await
}

fn limit(limit: Option<LimitCredits>) -> Option<Credits> {
    limit.and_then(|limit| Credits::new(limit.0))
}

/// A limit as the audit log tells it.
fn told(limit: Option<Credits>) -> String {
    limit.map_or_else(|| "without limit".to_owned(), |limit| limit.get().to_string())
}

async fn submit(
    app: &App,
    key: &Key,
    account: AccountId,
    request: &RequestKey,
    (command, detail): (Command, String),
) -> Result<Answer<BudgetsAnswer>, Problem> {
    let before = app.kernel.budgets(account).await?.ok_or_else(Problem::account_not_found)?;
    // A limit that its own key could lift would be none.
    if matches!(key.0, Caller::Customer { .. }) && before.limits(key.id()) {
        let sentence = "a key with a budget cannot change budgets; use another key or the settings page";
        return Err(Problem::new(StatusCode::FORBIDDEN, "key_has_budget", sentence));
    }
    let line = app.identity.audit(&Actor::Key(key.id()), account, "budgets_set", detail);
    let order = Order::new(account, request.scoped(), command).with_key(Some(key.id())).along(vec![line]);
    let receipt = app.kernel.submit(order).await?;
    let report = app.kernel.budgets(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(Answer { body: answer(account, report), replayed: receipt.replayed })
}

fn answer(account: AccountId, report: BudgetReport) -> BudgetsAnswer {
    let keys = report.keys.into_iter();
    BudgetsAnswer {
        account_id: account.to_string(),
        day: report.day.into(),
        month: report.month.into(),
        keys: keys.map(|(key, month)| KeyBudgetAnswer { key_id: key.to_string(), month: month.into() }).collect(),
    }
}

impl From<BudgetState> for BudgetAnswer {
    fn from(state: BudgetState) -> Self {
        Self { limit: state.limit.map(Credits::get), used: state.used.get(), ends_at: Moment(state.ends_at) }
    }
}
