//! Charges: credits spent at once, for any of the eight operations.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::Key;
use super::document::ProblemBody;
use super::fields::{OperationName, Quantity};
use super::idempotency::{Answer, RequestKey};
use super::metadata::Metadata;
use super::problem::Problem;
use super::quotes;
use super::receipt::ReceiptAnswer;
use crate::billing::{Order, Quoted, Receipt};
use crate::ledger::Command;
use crate::server::state::App;

/// What to charge for. A field that is not known is refused: a misspelt quantity must not charge for one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCharge)]
pub struct ChargeBody {
    #[schema(example = "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    account_id: String,
    operation: OperationName,
    #[serde(default)]
    #[schema(default = 1)]
    quantity: Quantity,
    #[serde(default)]
    metadata: Metadata,
    /// A price promised before: the charge costs no more.
    quote_id: Option<String>,
}

/// What was charged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Charge)]
pub struct ChargeAnswer {
    success: bool,
    transaction_id: Option<String>,
    account_id: String,
    operation: OperationName,
    quantity: i64,
    credits_charged: i64,
    credits_remaining: i64,
    #[schema(example = "Charged 1 credits. Remaining: 99")]
    message: String,
    receipt: ReceiptAnswer,
    /// Whether this is the first answer to the same Idempotency-Key again.
    replayed: bool,
}

/// Charges an operation at the account's price.
#[utoipa::path(post, path = "/api/billing/charges", operation_id = "charge", tag = "charges",
    request_body = ChargeBody,
    responses((status = 200, body = ChargeAnswer, description = "Charged"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json",
            description = "Too few credits; nothing moved")))]
pub async fn charge(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<ChargeBody>,
) -> Result<Answer<ChargeAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let (operation, quantity, request) = (body.operation.0, body.quantity.0, request.scoped());
    let quoted = Quoted { account, operation, quantity, request: &request };
    let at_most = quotes::cap(&app, body.quote_id.as_deref(), quoted).await?;
    let command = Command::Charge { operation, quantity, at_most, metadata: body.metadata.0.clone() };
    let order = Order::new(account, request, command).with_key(Some(key.id()));
    let receipt = app.kernel.submit(order).await?;
    Ok(Answer { body: answer(&body, &receipt), replayed: receipt.replayed })
}

fn answer(body: &ChargeBody, receipt: &Receipt) -> ChargeAnswer {
    let (charged, remaining) = (receipt.amount.get(), receipt.available.get());
    ChargeAnswer {
        success: true,
        transaction_id: receipt.transaction.map(|id| id.to_string()),
        account_id: receipt.account.to_string(),
        operation: body.operation,
        quantity: body.quantity.0,
        credits_charged: charged,
        credits_remaining: remaining,
        message: format!("Charged {charged} credits. Remaining: {remaining}"),
        receipt: receipt.into(),
        replayed: receipt.replayed,
    }
}
