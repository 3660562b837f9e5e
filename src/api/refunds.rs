//! Refunds: spent credits go back into the grants they came from.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::Operator;
use super::fields::{GrantCredits, Line};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::receipt::ReceiptAnswer;
use crate::billing::Order;
use crate::identity::Actor;
use crate::ledger::{AccountId, Command, Refusal, TransactionId};
use crate::server::state::App;

/// Which charge to give back, how much of it, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRefund)]
pub struct RefundBody {
    account_id: String,
    /// The entry of a charge or of a capture.
    #[schema(example = "TXN_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    transaction_id: String,
    /// All that were not refunded before, when not given.
    credits: Option<GrantCredits>,
    /// Shown to the customer in the ledger.
    reason: Line,
}

/// What was given back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
pub struct RefundAnswer {
    success: bool,
    transaction_id: Option<String>,
    refunded_transaction_id: String,
    account_id: String,
    credits_refunded: i64,
    new_balance: i64,
    receipt: ReceiptAnswer,
    replayed: bool,
}

/// Gives spent credits back into the grants they came from. Operators only.
#[utoipa::path(post, path = "/api/billing/refunds", operation_id = "refund", tag = "corrections",
    request_body = RefundBody, responses((status = 200, body = RefundAnswer, description = "Given back")))]
pub async fn refund(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<RefundBody>,
) -> Result<Answer<RefundAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let charge = body.transaction_id.parse::<TransactionId>().map_err(|_| Refusal::NoSuchCharge)?;
    let credits = body.credits.map(|credits| credits.0);
    let line =
        app.identity.audit(&Actor::Key(key), account, "credits_refunded", format!("{charge}: {}", body.reason.0));
    let command = Command::Refund { charge, credits, reason: body.reason.0 };
    let order = Order::new(account, request.scoped(), command).with_key(Some(key)).along(vec![line]);
    let receipt = app.kernel.submit(order).await?;
    let answer = RefundAnswer {
        success: true,
        transaction_id: receipt.transaction.map(|id| id.to_string()),
        refunded_transaction_id: charge.to_string(),
        account_id: account.to_string(),
        credits_refunded: receipt.amount.get(),
        new_balance: receipt.available.get(),
        receipt: (&receipt).into(),
        replayed: receipt.replayed,
    };
    Ok(Answer { body: answer, replayed: receipt.replayed })
}
