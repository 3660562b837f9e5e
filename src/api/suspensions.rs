//! Suspensions: an account that may read but not spend.

use axum::Json as JsonAnswer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Operator, OwnAccount};
use super::fields::{Line, Moment};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use crate::identity::Actor;
use crate::ledger::AccountId;
use crate::server::state::App;

/// Whether the account may spend from now on, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSuspension)]
pub struct SuspensionBody {
    account_id: String,
    suspended: bool,
    /// Shown to the customer.
    #[schema(example = "Payment disputed")]
    reason: Line,
}

/// Whether the account may spend.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suspension)]
pub struct SuspensionAnswer {
    account_id: String,
    suspended: bool,
    /// Null when no operator ever wrote one.
    reason: Option<String>,
    /// Since when; null when no operator ever changed it.
    at: Option<Moment>,
}

/// Suspends an account, or reopens it. Operators only. A suspended one is read and given credits, but does not spend.
#[utoipa::path(post, path = "/api/billing/suspensions", operation_id = "suspend", tag = "corrections",
    request_body = SuspensionBody, responses((status = 200, body = SuspensionAnswer, description = "Set")))]
pub async fn suspend(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<SuspensionBody>,
) -> Result<Answer<SuspensionAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let SuspensionBody { suspended, reason: Line(reason), .. } = body;
    let action = if suspended { "account_suspended" } else { "account_reopened" };
    let line = vec![app.identity.audit(&Actor::Key(key), account, action, reason.clone())];
    let receipt = app.kernel.suspend(account, suspended, reason.clone(), request.scoped(), Some(key), line).await?;
    let answer = SuspensionAnswer {
        account_id: account.to_string(),
        suspended,
        reason: Some(reason),
        at: Some(Moment(receipt.at)),
    };
    Ok(Answer { body: answer, replayed: receipt.replayed })
}

/// Reads whether an account may spend, and what the operator wrote.
#[utoipa::path(get, path = "/api/billing/suspensions/{account_id}", operation_id = "read_suspension",
    tag = "corrections", params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = SuspensionAnswer, description = "Whether it may spend")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<SuspensionAnswer>, Problem> {
    let summary = app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let last = app.kernel.suspension(account).await?;
    Ok(JsonAnswer(SuspensionAnswer {
        account_id: account.to_string(),
        suspended: summary.suspended,
        at: last.as_ref().map(|last| Moment(last.at)),
        reason: last.map(|last| last.reason),
    }))
}
