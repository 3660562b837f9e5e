//! Refunds of money: an operator gives a purchase's money back, and its credits follow.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::RefundCents;
use super::body::Json;
use super::caller::Operator;
use super::document::ProblemBody;
use super::fields::Line;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::purchases::PurchaseItem;
use crate::identity::Actor;
use crate::ledger::{AccountId, Cents, PurchaseId, Refusal};
use crate::payments::{RefundError, RefundOrder, RefundTold};
use crate::server::state::App;

/// Which purchase's money goes back, how much of it, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPurchaseRefund)]
pub struct PurchaseRefundBody {
    account_id: String,
    #[schema(example = "PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    purchase_id: String,
    /// Stripe's name of a payment of the purchase that brought no credits, of another amount or a second one, as an event
    /// or a difference in the books names it. When not given, the payment that brought the credits.
    #[schema(example = "pi_3NirD82eZvKYlo2C")]
    payment_intent: Option<String>,
    /// In US cents; all that is left when not given.
    amount: Option<RefundCents>,
    /// Kept in the account's audit log.
    reason: Line,
}

/// The money is on its way back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseRefund)]
pub struct PurchaseRefundAnswer {
    success: bool,
    #[schema(example = "REF_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    refund_id: String,
    account_id: String,
    /// What goes back with it, in US cents.
    amount: i64,
    /// The purchase as it stands now.
    purchase: PurchaseItem,
    replayed: bool,
}

/// Gives a purchase's money back, never more than is left of it; the credits follow. Operators only.
#[utoipa::path(post, path = "/api/billing/purchase-refunds", operation_id = "refund_purchase", tag = "corrections",
    request_body = PurchaseRefundBody, responses(
        (status = 200, body = PurchaseRefundAnswer, description = "Ordered at Stripe"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "Not paid, all back already, disputed, or more than is left"),
    ))]
pub async fn refund(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<PurchaseRefundBody>,
) -> Result<Answer<PurchaseRefundAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let purchase = body.purchase_id.parse::<PurchaseId>().map_err(|_| Refusal::NoSuchPurchase)?;
    app.payments.purchase(account, purchase).await?.ok_or(Refusal::NoSuchPurchase)?;
    let amount = body.amount.map(|amount| Cents::new(amount.0).ok_or(Refusal::AmountTooLarge)).transpose()?;
    let request = request.scoped();
    let payment = body.payment_intent.as_deref();
    let order = RefundOrder { purchase, payment, amount, reason: &body.reason.0, request: &request };
    let line = |told: &RefundTold<'_>| app.identity.audit(&Actor::Key(key), told.account, told.action(), told.detail());
    let made = app.payments.refund(order, line).await?;
    let answer = PurchaseRefundAnswer {
        success: true,
        refund_id: made.refund.to_string(),
        account_id: account.to_string(),
        amount: made.amount.get(),
        purchase: made.purchase.into(),
        replayed: made.replayed,
    };
    Ok(Answer { body: answer, replayed: made.replayed })
}

impl From<RefundError> for Problem {
    fn from(error: RefundError) -> Self {
        let conflict = Self::new(StatusCode::CONFLICT, error.code(), error.to_string());
        match error {
            RefundError::NoSuchPurchase => Refusal::NoSuchPurchase.into(),
            RefundError::AmountNotPositive => Self::field("amount", error.to_string()),
            RefundError::TooMuch { left, .. } => conflict.with("left", left.get()),
            RefundError::NoSuchPayment => Self::new(StatusCode::NOT_FOUND, error.code(), error.to_string()),
            RefundError::NotPaid | RefundError::NothingLeft | RefundError::Disputed => conflict,
            RefundError::Payment(error) => error.into(),
        }
    }
}
