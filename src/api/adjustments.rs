//! Adjustments: an operator puts something right, with a reason that stays in the ledger.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::SignedCredits;
use super::body::Json;
use super::caller::Operator;
use super::document::ProblemBody;
use super::fields::{GrantCredits, Line};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::receipt::ReceiptAnswer;
use crate::billing::{Order, Receipt};
use crate::identity::Actor;
use crate::ledger::{AccountId, Command, Credits, PurchaseId, Refusal};
use crate::server::state::App;

/// How many credits come in, or go out when below zero, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAdjustment)]
pub struct AdjustmentBody {
    account_id: String,
    #[schema(example = -5)]
    credits: SignedCredits,
    /// Shown to the customer in the ledger.
    reason: Line,
}

/// How much of what is owed for a purchase is written off, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWriteOff)]
pub struct WriteOffBody {
    account_id: String,
    /// The purchase whose money went back.
    #[schema(example = "PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    purchase_id: String,
    credits: GrantCredits,
    /// Shown to the customer in the ledger.
    reason: Line,
}

/// What was put right.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Adjustment)]
pub struct AdjustmentAnswer {
    success: bool,
    transaction_id: Option<String>,
    /// The grant that keeps the credits that came in.
    grant_id: Option<String>,
    account_id: String,
    /// As it was asked for, with its sign.
    credits: i64,
    new_balance: i64,
    receipt: ReceiptAnswer,
    replayed: bool,
}

/// Brings credits in or takes them out. Operators only; never below zero.
#[utoipa::path(post, path = "/api/billing/adjustments", operation_id = "adjust", tag = "corrections",
    request_body = AdjustmentBody, responses(
        (status = 200, body = AdjustmentAnswer, description = "Put right"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json",
            description = "More would be taken out than can be spent"),
    ))]
pub async fn adjust(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<AdjustmentBody>,
) -> Result<Answer<AdjustmentAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let (credits, reason) = (body.credits.0, body.reason.0);
    let detail = format!("{} credits: {reason}", credits.get());
    let command = match Credits::ZERO.checked_sub(credits) {
        Some(credits) if credits.is_positive() => Command::Take { credits, reason },
        _ => Command::Add { grant: app.kernel.next_grant(), credits, reason },
    };
    let line = app.identity.audit(&Actor::Key(key), account, "credits_adjusted", detail);
    let order = Order::new(account, request.scoped(), command).with_key(Some(key)).along(vec![line]);
    Ok(answer(&app.kernel.submit(order).await?, credits.get()))
}

/// Writes off what is owed for a purchase. Operators only.
#[utoipa::path(post, path = "/api/billing/write-offs", operation_id = "write_off", tag = "corrections",
    request_body = WriteOffBody, responses((status = 200, body = AdjustmentAnswer, description = "Written off")))]
pub async fn write_off(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<WriteOffBody>,
) -> Result<Answer<AdjustmentAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let purchase = body.purchase_id.parse::<PurchaseId>().map_err(|_| Refusal::NoSuchPurchase)?;
    let detail = format!("{} credits owed for {purchase}: {}", body.credits.0.get(), body.reason.0);
    let line = app.identity.audit(&Actor::Key(key), account, "debt_written_off", detail);
    let command = Command::Forgive { purchase, credits: body.credits.0, reason: body.reason.0 };
    let order = Order::new(account, request.scoped(), command).with_key(Some(key)).along(vec![line]);
    let receipt = app.kernel.submit(order).await?;
    Ok(answer(&receipt, receipt.amount.get()))
}

fn answer(receipt: &Receipt, credits: i64) -> Answer<AdjustmentAnswer> {
    let body = AdjustmentAnswer {
        success: true,
        transaction_id: receipt.transaction.map(|id| id.to_string()),
        grant_id: receipt.grant.map(|id| id.to_string()),
        account_id: receipt.account.to_string(),
        credits,
        new_balance: receipt.available.get(),
        receipt: receipt.into(),
        replayed: receipt.replayed,
    };
    Answer { body, replayed: receipt.replayed }
}
