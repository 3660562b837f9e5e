//! Files that a signed-in person downloads: what the REST API gives to a key, given to a session.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::context::session_of;
use super::limits::{Verdict, with_state};
use super::permissions::{Denied, Effect, admit, page};
use super::state::App;
use crate::app::format::query_value;
use crate::billing::StatementError;
use crate::ledger::{AccountId, Month, PurchaseId};
use crate::paper::{self, ReceiptData};
use crate::payments::PaymentError;

/// The signed statement of a month of the visitor's account.
pub(super) async fn statement(
    State(app): State<App>,
    Path(month): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let account = visitor(&app, &headers, &format!("/statements/{month}")).await?;
    let month: Month = month.parse().map_err(|_| not_found())?;
    let signed = app.kernel.signed_statement(&app.signer, account, month).await.map_err(refused)?;
    Ok(named(Json(signed).into_response(), &format!("aethel-{account}-{month}.json")))
}

/// The same month as a PDF.
pub(super) async fn statement_pdf(
    State(app): State<App>,
    Path(month): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let account = visitor(&app, &headers, &format!("/statements/{month}")).await?;
    let month: Month = month.parse().map_err(|_| not_found())?;
    let statement = app.kernel.statement(account, month).await.map_err(refused)?;
    Ok(pdf(paper::statement(&statement), &format!("aethel-{account}-{month}.pdf")))
}

/// The receipt of a purchase of the visitor's account, as a PDF.
pub(super) async fn receipt_pdf(
    State(app): State<App>,
    Path(purchase): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let account = visitor(&app, &headers, &format!("/purchases/{purchase}/receipt")).await?;
    let id: PurchaseId = purchase.parse().map_err(|_| not_found())?;
    let unavailable = |_: PaymentError| StatusCode::SERVICE_UNAVAILABLE.into_response();
    let purchase = app.payments.purchase(account, id).await.map_err(unavailable)?.ok_or_else(not_found)?;
    let paid = app.payments.money_of(&purchase).await.map_err(unavailable)?.ok_or_else(not_found)?;
    let summary = app.kernel.account(account).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())?;
    let customer = summary.map(|summary| summary.name).unwrap_or_default();
    let data = ReceiptData { customer: &customer, site: &app.config.public_url, purchase: &purchase, paid: &paid };
    Ok(pdf(paper::receipt(&data), &format!("aethel-receipt-{id}.pdf")))
}

/// The account of whoever asks, if they may see the page that the file belongs to; else what they are told.
async fn visitor(app: &App, headers: &HeaderMap, belongs_to: &str) -> Result<AccountId, Response> {
    let sign_in = || Redirect::to(&format!("/signin?next={}", query_value(belongs_to))).into_response();
    let who = session_of(app, headers).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())?;
    let need = page(belongs_to).ok_or_else(not_found)?;
    match (admit(need, Effect::Reads, who.as_ref()), who) {
        (Ok(()), Some(who)) => match app.limits.account(who.account) {
            Verdict::Refused(spent) => Err(with_state(StatusCode::TOO_MANY_REQUESTS.into_response(), Some(&spent))),
            _ => Ok(who.account),
        },
        (Ok(()) | Err(Denied::SignedOut), _) => Err(sign_in()),
        (Err(Denied::Role | Denied::Weak), _) => Err(StatusCode::FORBIDDEN.into_response()),
        (Err(Denied::Hidden | Denied::Looking), _) => Err(not_found()),
    }
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

fn refused(error: StatementError) -> Response {
    let status = match error {
        StatementError::NotFound => StatusCode::NOT_FOUND,
        StatementError::TooLong => StatusCode::CONFLICT,
        StatementError::Kernel(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, error.to_string()).into_response()
}

fn pdf(file: Vec<u8>, name: &str) -> Response {
    named(([(header::CONTENT_TYPE, "application/pdf")], file).into_response(), name)
}

/// Has the browser keep the file under a name.
fn named(mut response: Response, name: &str) -> Response {
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
