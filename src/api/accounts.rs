//! Accounts: opening one, and what one has.

use axum::Json as JsonAnswer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Operator, OwnAccount};
use super::fields::{Line, TierName};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use crate::billing::NewAccount;
use crate::server::state::App;

/// Who the account is for. An account without a tier is a developer's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount)]
pub struct NewAccountBody {
    #[schema(example = "Acme Finance")]
    customer_name: Line,
    #[serde(default)]
    #[schema(example = "developer")]
    tier: TierName,
}

/// The account as it was opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountAnswer {
    #[schema(example = "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    account_id: String,
    customer_name: String,
    tier: TierName,
    #[schema(example = 0)]
    credit_balance: i64,
}

/// Opens an account. Operators only; a free account starts with 10 credits.
#[utoipa::path(post, path = "/api/billing/account", operation_id = "open_account", tag = "accounts",
    request_body = NewAccountBody, responses((status = 200, body = AccountAnswer, description = "The account")))]
pub async fn open(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<NewAccountBody>,
) -> Result<Answer<AccountAnswer>, Problem> {
    let new = NewAccount::by_operator(body.customer_name.0.clone(), body.tier.0);
    let receipt = app.kernel.open(new, &request.scoped_to(key), Some(key)).await?;
    let account_id = receipt.account.to_string();
    let credit_balance = receipt.available.get();
    let answer = AccountAnswer { account_id, customer_name: body.customer_name.0, tier: body.tier, credit_balance };
    Ok(Answer { body: answer, replayed: receipt.replayed })
}

/// What can be spent now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Balance)]
pub struct BalanceAnswer {
    account_id: String,
    #[schema(example = 100)]
    balance: i64,
}

/// Reads the credits that can be spent now.
#[utoipa::path(get, path = "/api/billing/balance/{account_id}", operation_id = "read_balance", tag = "accounts",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = BalanceAnswer, description = "The balance")))]
pub async fn balance(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<BalanceAnswer>, Problem> {
    let summary = app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(JsonAnswer(BalanceAnswer { account_id: account.to_string(), balance: summary.available.get() }))
}
