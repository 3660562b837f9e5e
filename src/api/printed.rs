//! What people print and file: receipts and statements as PDF. The files are plain ASCII.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::caller::Key;
use super::problem::Problem;
use super::statements::OwnMonth;
use crate::ledger::{PurchaseId, Refusal};
use crate::paper::{self, ReceiptData};
use crate::server::state::App;

/// Reads the receipt of a paid purchase, to print and to file.
#[utoipa::path(get, path = "/api/billing/purchases/{purchase_id}/receipt.pdf", operation_id = "get_purchase_receipt",
    tag = "purchases", params(("purchase_id" = String, Path, description = "The purchase")),
    responses((status = 200, body = String, content_type = "application/pdf", description = "The receipt")))]
pub async fn receipt(State(app): State<App>, key: Key, Path(purchase): Path<String>) -> Result<Response, Problem> {
    let id: PurchaseId = purchase.parse().map_err(|_| Refusal::NoSuchPurchase)?;
    let known = app.payments.any_purchase(id).await?.filter(|purchase| key.0.may_see(purchase.account));
    let purchase = known.ok_or(Refusal::NoSuchPurchase)?;
    let paid = app.payments.money_of(&purchase).await?.ok_or(Refusal::NoSuchPurchase)?;
    let summary = app.kernel.account(purchase.account).await?.ok_or_else(Problem::account_not_found)?;
    let data = ReceiptData { customer: &summary.name, site: &app.config.public_url, purchase: &purchase, paid: &paid };
    Ok(file(paper::receipt(&data), &format!("aethel-receipt-{id}.pdf")))
}

/// Reads the statement of a month, to print and to file. The signed file beside it says the same and proves it.
#[utoipa::path(get, path = "/api/billing/statements/{account_id}/{month}/statement.pdf",
    operation_id = "get_printed_statement", tag = "evidence",
    params(("account_id" = String, Path, description = "The account"),
        ("month" = String, Path, description = "The month in UTC, such as 2026-11")),
    responses((status = 200, body = String, content_type = "application/pdf", description = "The statement")))]
pub async fn statement(State(app): State<App>, OwnMonth(account, month): OwnMonth) -> Result<Response, Problem> {
    let statement = app.kernel.statement(account, month).await?;
    Ok(file(paper::statement(&statement), &format!("aethel-{account}-{month}.pdf")))
}

fn file(bytes: Vec<u8>, name: &str) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response();
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
