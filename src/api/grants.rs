//! Grants: credits that an operator gives.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::Operator;
use super::fields::{GrantCredits, Line, Moment};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::receipt::ReceiptAnswer;
use crate::billing::Order;
use crate::identity::Actor;
use crate::ledger::{AccountId, Command};
use crate::server::state::App;

/// How many credits, why, and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGrant)]
pub struct GrantBody {
    account_id: String,
    credits: GrantCredits,
    /// Shown to the customer in the ledger.
    #[schema(example = "Apology for yesterday's outage")]
    reason: Line,
    /// When what is left of them is lost; never, when not given.
    expires_at: Option<Moment>,
}

/// What was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub struct GrantAnswer {
    success: bool,
    grant_id: Option<String>,
    transaction_id: Option<String>,
    account_id: String,
    credits: i64,
    new_balance: i64,
    #[schema(example = "Added 100 credits to account")]
    message: String,
    receipt: ReceiptAnswer,
    replayed: bool,
}

/// Gives credits to an account. Operators only.
#[utoipa::path(post, path = "/api/billing/grants", operation_id = "grant", tag = "charges",
    request_body = GrantBody, responses((status = 200, body = GrantAnswer, description = "Given")))]
pub async fn grant(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<GrantBody>,
) -> Result<Answer<GrantAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let detail = format!("{} credits: {}", body.credits.0.get(), body.reason.0);
    let line = app.identity.audit(&Actor::Key(key), account, "credits_given", detail);
    let command = Command::Grant {
        grant: app.kernel.next_grant(),
        credits: body.credits.0,
        reason: body.reason.0,
        expires_at: body.expires_at.map(|moment| moment.0),
    };
    let order = Order::new(account, request.scoped(), command).with_key(Some(key)).along(vec![line]);
    let receipt = app.kernel.submit(order).await?;
    let answer = GrantAnswer {
        success: true,
        grant_id: receipt.grant.map(|id| id.to_string()),
        transaction_id: receipt.transaction.map(|id| id.to_string()),
        account_id: account.to_string(),
        credits: receipt.amount.get(),
        new_balance: receipt.available.get(),
        message: format!("Added {} credits to account", receipt.amount.get()),
        receipt: (&receipt).into(),
        replayed: receipt.replayed,
    };
    Ok(Answer { body: answer, replayed: receipt.replayed })
}
