//! Quotes: what something would cost, promised for a quarter of an hour.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::Key;
use super::fields::{Moment, OperationName, Quantity};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use crate::billing::{QuoteError, Quoted};
use crate::ledger::{Promise, QuoteId};
use crate::server::state::App;

/// What to promise a price for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewQuote)]
pub struct QuoteBody {
    account_id: String,
    operation: OperationName,
    #[serde(default)]
    #[schema(default = 1)]
    quantity: Quantity,
}

/// A promised price. What is charged or held with it costs no more, and less when it got cheaper meanwhile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub struct QuoteAnswer {
    #[schema(example = "QUO_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    quote_id: String,
    account_id: String,
    operation: OperationName,
    quantity: i64,
    /// What all of it costs at most.
    credits: i64,
    unit_price: i64,
    /// The version of the price book that it was read from.
    price_book: u32,
    expires_at: Moment,
    replayed: bool,
}

/// Promises the account's present price for a quarter of an hour. Moves nothing.
#[utoipa::path(post, path = "/api/billing/quotes", operation_id = "quote", tag = "charges",
    request_body = QuoteBody, responses((status = 200, body = QuoteAnswer, description = "The promise")))]
pub async fn quote(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<QuoteBody>,
) -> Result<Answer<QuoteAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let (operation, quantity) = (body.operation.0, body.quantity.0);
    let (quote, replayed) = app.kernel.quote(account, operation, quantity, &request.scoped()).await?;
    let answer = QuoteAnswer {
        quote_id: quote.id.to_string(),
        account_id: quote.account.to_string(),
        operation: OperationName(quote.operation),
        quantity: quote.quantity,
        credits: quote.credits.get(),
        unit_price: quote.unit_price.get(),
        price_book: quote.price_book,
        expires_at: Moment(quote.expires_at),
        replayed,
    };
    Ok(Answer { body: answer, replayed })
}

/// What a charge under the named quote may cost at most; anything without one.
///
/// # Errors
/// 404 when it is not the account's, 409 when it is for something else or has expired.
pub async fn cap(app: &App, quote: Option<&str>, charge: Quoted<'_>) -> Result<Option<Promise>, Problem> {
    let Some(quote) = quote else { return Ok(None) };
    let id = quote.parse::<QuoteId>().map_err(|_| QuoteError::NotFound)?;
    Ok(Some(app.kernel.promised(id, charge).await?))
}

/// The budget that the named quote is for one piece of work of its operation; none without one.
///
/// # Errors
/// As [`cap`].
pub async fn budget(app: &App, quote: Option<&str>, charge: Quoted<'_>) -> Result<Option<Promise>, Problem> {
    let Some(quote) = quote else { return Ok(None) };
    let id = quote.parse::<QuoteId>().map_err(|_| QuoteError::NotFound)?;
    Ok(Some(app.kernel.promised_budget(id, charge).await?))
}

impl From<QuoteError> for Problem {
    fn from(error: QuoteError) -> Self {
        let sentence = error.to_string();
        match error {
            QuoteError::NotFound => Self::new(StatusCode::NOT_FOUND, "quote_not_found", sentence),
            QuoteError::ForSomethingElse { .. } => Self::new(StatusCode::CONFLICT, "quote_mismatch", sentence),
            QuoteError::Expired => Self::new(StatusCode::CONFLICT, "quote_expired", sentence),
            QuoteError::Kernel(error) => error.into(),
        }
    }
}
