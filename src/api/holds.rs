//! Holds: credits set aside before the work, then captured or released; never both.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::TtlSeconds;
use super::body::Json;
use super::caller::Key;
use super::document::ProblemBody;
use super::fields::{GrantCredits, Line, Moment, OperationName, Quantity};
use super::idempotency::{Answer, RequestKey};
use super::metadata::Metadata;
use super::problem::Problem;
use super::quotes;
use super::receipt::ReceiptAnswer;
use crate::billing::{HoldReport, NewHold, Order, Quoted, Receipt};
use crate::identity::Caller;
use crate::ledger::{Command, HoldId, Refusal};
use crate::server::state::App;

/// What to set credits aside for, and for how long.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHold)]
pub struct HoldBody {
    account_id: String,
    operation: OperationName,
    #[serde(default)]
    #[schema(default = 1)]
    quantity: Quantity,
    /// When it releases itself; at most 30 days.
    #[serde(default)]
    #[schema(default = 900)]
    ttl_seconds: TtlSeconds,
    #[serde(default)]
    metadata: Metadata,
    /// A price promised before: the hold takes no more.
    quote_id: Option<String>,
}

/// How much of a hold to spend; all of it when not said. The rest goes back in the same step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCapture)]
pub struct CaptureBody {
    /// Only checked: the hold knows its account.
    account_id: Option<String>,
    credits: Option<GrantCredits>,
    #[serde(default)]
    metadata: Metadata,
}

/// Why a hold is given back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRelease)]
pub struct ReleaseBody {
    /// Only checked: the hold knows its account.
    account_id: Option<String>,
    #[schema(example = "The job failed")]
    reason: Line,
}

/// A hold as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub struct HoldAnswer {
    #[schema(example = "HLD_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    hold_id: String,
    account_id: String,
    /// `open`, `captured`, `released` or `expired`.
    #[schema(example = "open")]
    state: &'static str,
    operation: OperationName,
    quantity: i64,
    unit_price: i64,
    /// How many credits were set aside.
    credits: i64,
    /// How many of them were spent.
    credits_captured: i64,
    held_at: Moment,
    expires_at: Moment,
}

/// Credits were set aside.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoldPlaced)]
pub struct PlacedAnswer {
    success: bool,
    hold_id: String,
    account_id: String,
    operation: OperationName,
    quantity: i64,
    credits_held: i64,
    credits_remaining: i64,
    expires_at: Moment,
    receipt: ReceiptAnswer,
    /// Whether this is the first answer to the same Idempotency-Key again.
    replayed: bool,
}

/// A hold was captured or released.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoldSettled)]
pub struct SettledAnswer {
    success: bool,
    hold_id: String,
    account_id: String,
    credits_charged: i64,
    /// How many went back.
    credits_released: i64,
    credits_remaining: i64,
    receipt: ReceiptAnswer,
    replayed: bool,
}

/// Sets credits aside at the account's price.
#[utoipa::path(post, path = "/api/billing/holds", operation_id = "place_hold", tag = "holds",
    request_body = HoldBody,
    responses((status = 200, body = PlacedAnswer, description = "Set aside"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json",
            description = "Too few credits or budget; nothing moved")))]
pub async fn place(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<HoldBody>,
) -> Result<Answer<PlacedAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let (operation, quantity, request) = (body.operation.0, body.quantity.0, request.scoped());
    let quoted = Quoted { account, operation, quantity, request: &request };
    let at_most = quotes::cap(&app, body.quote_id.as_deref(), quoted).await?;
    let (ttl_seconds, metadata, key) = (body.ttl_seconds.0, body.metadata.0, Some(key.id()));
    let new = NewHold { account, operation, quantity, at_most, ttl_seconds, metadata, request, key };
    let receipt = app.kernel.place_hold(new).await?;
    let id = receipt.hold.ok_or_else(Problem::unavailable)?;
    let report = app.kernel.hold(id).await?.ok_or_else(Problem::unavailable)?;
    let answer = PlacedAnswer {
        success: true,
        hold_id: id.to_string(),
        account_id: report.account.to_string(),
        operation: OperationName(report.hold.operation),
        quantity: report.hold.quantity,
        credits_held: receipt.amount.get(),
        credits_remaining: receipt.available.get(),
        expires_at: Moment(report.hold.expires_at),
        receipt: (&receipt).into(),
        replayed: receipt.replayed,
    };
    Ok(Answer { body: answer, replayed: receipt.replayed })
}

/// Reads a hold.
#[utoipa::path(get, path = "/api/billing/holds/{hold_id}", operation_id = "read_hold", tag = "holds",
    params(("hold_id" = String, Path, description = "The hold")),
    responses((status = 200, body = HoldAnswer, description = "The hold")))]
pub async fn read(
    State(app): State<App>,
    key: Key,
    Path(hold): Path<String>,
) -> Result<JsonAnswer<HoldAnswer>, Problem> {
    let HoldReport { account, hold, captured, .. } = own_hold(&app, &key, &hold, None).await?;
    Ok(JsonAnswer(HoldAnswer {
        hold_id: hold.id.to_string(),
        account_id: account.to_string(),
        state: hold.state.name(),
        operation: OperationName(hold.operation),
        quantity: hold.quantity,
        unit_price: hold.unit_price.get(),
        credits: hold.amount.get(),
        credits_captured: captured.get(),
        held_at: Moment(hold.held_at),
        expires_at: Moment(hold.expires_at),
    }))
}

/// Spends what a hold set aside, or less; the rest goes back in the same step.
#[utoipa::path(post, path = "/api/billing/holds/{hold_id}/capture", operation_id = "capture_hold", tag = "holds",
    params(("hold_id" = String, Path, description = "The hold")), request_body = CaptureBody,
    responses((status = 200, body = SettledAnswer, description = "Spent")))]
pub async fn capture(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path(hold): Path<String>,
    Json(body): Json<CaptureBody>,
) -> Result<Answer<SettledAnswer>, Problem> {
    let report = settleable(&app, &key, &hold, body.account_id.as_deref()).await?;
    let amount = body.credits.map(|credits| credits.0);
    let command = Command::Capture { hold: report.hold.id, amount, metadata: body.metadata.0 };
    let order = Order::new(report.account, request.scoped(), command).with_key(Some(key.id()));
    let receipt = app.kernel.submit(order).await?;
    Ok(settled(&report, &receipt, receipt.amount.get()))
}

/// Gives back what a hold set aside.
#[utoipa::path(post, path = "/api/billing/holds/{hold_id}/release", operation_id = "release_hold", tag = "holds",
    params(("hold_id" = String, Path, description = "The hold")), request_body = ReleaseBody,
    responses((status = 200, body = SettledAnswer, description = "Given back")))]
pub async fn release(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path(hold): Path<String>,
    Json(body): Json<ReleaseBody>,
) -> Result<Answer<SettledAnswer>, Problem> {
    let report = settleable(&app, &key, &hold, body.account_id.as_deref()).await?;
    let command = Command::Release { hold: report.hold.id, reason: body.reason.0 };
    let order = Order::new(report.account, request.scoped(), command).with_key(Some(key.id()));
    let receipt = app.kernel.submit(order).await?;
    Ok(settled(&report, &receipt, 0))
}

fn settled(report: &HoldReport, receipt: &Receipt, charged: i64) -> Answer<SettledAnswer> {
    let body = SettledAnswer {
        success: true,
        hold_id: report.hold.id.to_string(),
        account_id: report.account.to_string(),
        credits_charged: charged,
        credits_released: report.hold.amount.get().saturating_sub(charged),
        credits_remaining: receipt.available.get(),
        receipt: receipt.into(),
        replayed: receipt.replayed,
    };
    Answer { body, replayed: receipt.replayed }
}

/// The hold, if the caller may know of it; a foreign, an unknown and a malformed one look the same.
async fn own_hold(app: &App, key: &Key, hold: &str, account: Option<&str>) -> Result<HoldReport, Problem> {
    let not_found = || Problem::from(Refusal::NoSuchHold);
    let id = hold.parse::<HoldId>().map_err(|_| not_found())?;
    let report = app.kernel.hold(id).await?.ok_or_else(not_found)?;
    let named = account.is_none_or(|account| account == report.account.to_string());
    if named && key.0.may_see(report.account) { Ok(report) } else { Err(not_found()) }
}

/// The same, if its caller placed it: a service's hold is paid or given back by its verdict alone.
async fn settleable(app: &App, key: &Key, hold: &str, account: Option<&str>) -> Result<HoldReport, Problem> {
    let report = own_hold(app, key, hold, account).await?;
    if report.placed && is_of_other_kind(app, key, &report).await? {
        let sentence = "this hold was placed by an operator, who settles it";
        return Err(Problem::new(StatusCode::CONFLICT, "hold_of_operator", sentence));
    }
    if report.placed {
        return Ok(report);
    }
    let sentence = "this hold belongs to work under way; it settles itself when the work ends";
    Err(Problem::new(StatusCode::CONFLICT, "hold_of_service", sentence))
}

/// Whether a customer asks for a hold that no key of its account placed: work that an operator does is not called off by
/// the one who pays for it.
async fn is_of_other_kind(app: &App, key: &Key, report: &HoldReport) -> Result<bool, Problem> {
    match key.0 {
        Caller::Operator { .. } => Ok(false),
        Caller::Customer { key, .. } if report.hold.key == Some(key) => Ok(false),
        Caller::Customer { account, .. } => {
            let Some(placed_by) = report.hold.key else { return Ok(true) };
            let own = app.identity.key(account, placed_by).await.map_err(|_| Problem::unavailable())?;
            Ok(own.is_none())
        }
    }
}
