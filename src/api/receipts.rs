//! Signed receipts: what one entry says, with the till's signature.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;
use utoipa::ToSchema;

use super::caller::Key;
use super::problem::Problem;
use crate::billing::Document;
use crate::identity::Caller;
use crate::ledger::{TransactionId, receipt};
use crate::server::state::App;

/// What one entry says; `at` is in milliseconds since 1970.
#[derive(ToSchema)]
#[schema(as = SignedReceiptBody)]
#[expect(dead_code, reason = "describes the receipt, which is signed as the ledger writes it")]
pub struct ReceiptBody {
    account: String,
    transaction: String,
    seq: i64,
    at: i64,
    kind: String,
    amount: i64,
    balance: i64,
    operation: Option<String>,
    quantity: i64,
    refunds: Option<String>,
    price_book: i64,
    request: String,
    hash: String,
}

/// A receipt and its Ed25519 signature over `aethel receipt v1`, a line feed, and the canonical JSON of `receipt`.
#[derive(ToSchema)]
#[schema(as = SignedReceipt)]
#[expect(dead_code, reason = "describes the receipt, which is signed as the ledger writes it")]
pub struct ReceiptAnswer {
    receipt: ReceiptBody,
    key_id: String,
    public_key: String,
    signature: String,
}

/// Reads the signed receipt of an entry. The same entry has the same receipt for as long as the key signs.
#[utoipa::path(get, path = "/api/billing/receipts/{transaction_id}", operation_id = "get_receipt", tag = "evidence",
    params(("transaction_id" = String, Path, description = "The entry")),
    responses((status = 200, body = ReceiptAnswer, description = "The signed receipt")))]
pub async fn show(
    State(app): State<App>,
    Key(caller): Key,
    Path(transaction): Path<String>,
) -> Result<Json<Value>, Problem> {
    let account = match caller {
        Caller::Operator { .. } => None,
        Caller::Customer { account, .. } => Some(account),
    };
    let id = transaction.parse::<TransactionId>().map_err(|_| not_found())?;
    let entry = app.kernel.entry(account, id).await?.ok_or_else(not_found)?;
    Ok(Json(app.signer.sign(Document::Receipt, receipt(&entry)).await?))
}

fn not_found() -> Problem {
    Problem::new(axum::http::StatusCode::NOT_FOUND, "transaction_not_found", "Transaction not found")
}
