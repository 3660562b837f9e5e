//! Accounts: opening one, and what one has.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Key, Operator, OwnAccount};
use super::document::ProblemBody;
use super::fields::{Line, Moment, TierName};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use crate::billing::NewAccount;
use crate::identity::{Actor, IdentityError};
use crate::ledger::AccountId;
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

/// The account.
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
    let detail = format!("{}, {}", new.name, new.tier);
    let line = |account| vec![app.identity.audit(&Actor::Key(key), account, "account_opened", detail)];
    let receipt = app.kernel.open_along(new, &request.scoped_to(key), Some(key), line).await?;
    let account_id = receipt.account.to_string();
    let credit_balance = receipt.available.get();
    let answer = AccountAnswer { account_id, customer_name: body.customer_name.0, tier: body.tier, credit_balance };
    Ok(Answer { body: answer, replayed: receipt.replayed })
}

/// What the account shall be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange)]
pub struct RenameBody {
    /// At most 100 characters.
    #[schema(example = "Acme Holding")]
    customer_name: Line,
}

/// Reads the account.
#[utoipa::path(get, path = "/api/billing/account/{account_id}", operation_id = "read_account", tag = "accounts",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = FullAccountAnswer, description = "The account")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<FullAccountAnswer>, Problem> {
    account_answer(&app, account).await.map(JsonAnswer)
}

/// Calls the account something else. Entries and signed statements stay as they are.
#[utoipa::path(put, path = "/api/billing/account/{account_id}", operation_id = "rename_account", tag = "accounts",
    params(("account_id" = String, Path, description = "The account")), request_body = RenameBody,
    responses((status = 200, body = FullAccountAnswer, description = "The account from now on"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json",
            description = "The key lacks the scope, or whom it acts for may not do this")))]
pub async fn rename(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path(account): Path<String>,
    Json(body): Json<RenameBody>,
) -> Result<JsonAnswer<FullAccountAnswer>, Problem> {
    let account = key.account(&account)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let host = app.identity.host(key.0, account).await?;
    match app.identity.rename_account(host, &body.customer_name.0).await {
        Err(error @ IdentityError::NameInvalid { .. }) => Err(Problem::field("customer_name", error.to_string())),
        Err(IdentityError::NotFound) => Err(Problem::account_not_found()),
        Err(error) => Err(error.into()),
        Ok(()) => account_answer(&app, account).await.map(JsonAnswer),
    }
}

/// The account as it stands, with its buckets.
///
/// # Errors
/// 404 when there is none.
pub async fn account_answer(app: &App, account: AccountId) -> Result<FullAccountAnswer, Problem> {
    let summary = app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(FullAccountAnswer {
        account_id: account.to_string(),
        customer_name: summary.name,
        tier: TierName(summary.tier),
        credit_balance: summary.available.get(),
        held: summary.held.get(),
        spent: summary.spent.get(),
        expired: summary.expired.get(),
        reversed: summary.reversed.get(),
        owed: summary.owed.get(),
        issued: summary.issued.get(),
        suspended: summary.suspended,
        opened_at: Moment(summary.opened_at),
    })
}

/// The account with its seven buckets, which sum to zero.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountInFull)]
pub struct FullAccountAnswer {
    #[schema(example = "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    account_id: String,
    customer_name: String,
    tier: TierName,
    /// What can be spent now.
    #[schema(example = 75)]
    credit_balance: i64,
    /// What is set aside for work under way.
    #[schema(example = 0)]
    held: i64,
    /// What was ever spent, less refunds.
    #[schema(example = 25)]
    spent: i64,
    /// What ran out of time.
    #[schema(example = 0)]
    expired: i64,
    /// What was taken back because its money was.
    #[schema(example = 0)]
    reversed: i64,
    /// What was taken back but spent before, counted downwards: 0, or less.
    #[schema(example = 0)]
    owed: i64,
    /// What was ever brought in, counted downwards: 0, or less.
    #[schema(example = -100)]
    issued: i64,
    /// May read, but not spend.
    suspended: bool,
    opened_at: Moment,
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
