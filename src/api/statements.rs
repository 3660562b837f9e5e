//! Monthly statements: the list of months, and the signed file of one.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Key, OwnAccount};
use super::problem::Problem;
use crate::billing::StatementError;
use crate::ledger::{AccountId, Month};
use crate::server::state::App;

/// One month that has a statement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementMonth)]
pub struct MonthAnswer {
    #[schema(example = "2026-11")]
    month: String,
    /// Whether it is over: the statement of the present month grows until then.
    complete: bool,
    /// Where its statement is.
    url: String,
}

/// The months of an account, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statements)]
pub struct StatementsAnswer {
    account_id: String,
    statements: Vec<MonthAnswer>,
}

/// A signed statement; `docs/ledger-format.md` describes every field of `statement`.
#[derive(ToSchema)]
#[schema(as = SignedStatement)]
#[expect(dead_code, reason = "describes the statement, which is signed as the ledger writes it")]
pub struct StatementAnswer {
    #[schema(value_type = Object)]
    statement: serde_json::Value,
    key_id: String,
    public_key: String,
    signature: String,
}

/// The account and the month in the path.
pub struct OwnMonth(pub AccountId, pub Month);

impl FromRequestParts<App> for OwnMonth {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let key = Key::from_request_parts(parts, app).await?;
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((account, month)) = path.map_err(|_| Problem::account_not_found())?;
        let account = key.account(&account)?;
        Ok(Self(account, month.parse().map_err(|_| Problem::from(StatementError::NotFound))?))
    }
}

/// Lists the months that an account has statements for.
#[utoipa::path(get, path = "/api/billing/statements/{account_id}", operation_id = "list_statements", tag = "evidence",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = StatementsAnswer, description = "The months, newest first")))]
pub async fn list(State(app): State<App>, OwnAccount(account): OwnAccount) -> Result<Json<StatementsAnswer>, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let now = app.clock.now();
    let statements = app.kernel.statement_months(account).await?.into_iter().map(|month| MonthAnswer {
        month: month.to_string(),
        complete: month.end() <= now,
        url: format!("/api/billing/statements/{account}/{month}"),
    });
    Ok(Json(StatementsAnswer { account_id: account.to_string(), statements: statements.collect() }))
}

/// Reads the signed statement of a month: the file that `aethel verify-statement` checks.
#[utoipa::path(get, path = "/api/billing/statements/{account_id}/{month}", operation_id = "get_statement",
    tag = "evidence", params(("account_id" = String, Path, description = "The account"),
        ("month" = String, Path, description = "The month in UTC, such as 2026-11")),
    responses((status = 200, body = StatementAnswer, description = "The signed statement")))]
pub async fn show(State(app): State<App>, OwnMonth(account, month): OwnMonth) -> Result<Response, Problem> {
    let signed = app.kernel.signed_statement(&app.signer, account, month).await?;
    let name = format!("attachment; filename=\"aethel-{account}-{month}.json\"");
    let mut response = Json(signed).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

impl From<StatementError> for Problem {
    fn from(error: StatementError) -> Self {
        let sentence = error.to_string();
        match error {
            StatementError::NotFound => Self::new(StatusCode::NOT_FOUND, "statement_not_found", sentence),
            StatementError::TooLong => Self::new(StatusCode::CONFLICT, "statement_too_long", sentence),
            StatementError::Kernel(error) => error.into(),
        }
    }
}
