//! Purchases of every account, for operators.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Operator;
use super::fields::Moment;
use super::problem::Problem;
use super::query::Parameters;
use super::stripe_events::EventItem;
use crate::ledger::PurchaseId;
use crate::payments::{Paid, Purchase, PurchaseFilter};
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// A purchase as operators see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnyPurchase)]
pub struct AnyPurchaseItem {
    purchase_id: String,
    account_id: String,
    package_name: String,
    credits: i64,
    /// The price, in US cents.
    amount: i64,
    #[schema(example = "paid")]
    state: &'static str,
    /// `checkout`, `form` or `saved_card`.
    #[schema(example = "checkout")]
    way: &'static str,
    created_at: Moment,
    paid_at: Option<Moment>,
    /// The grant that the payment makes, or made.
    grant_id: String,
    /// Stripe's checkout session.
    stripe_session: Option<String>,
    /// Stripe's payment intent.
    stripe_intent: Option<String>,
    /// Why the last attempt to pay failed; null when none did.
    failure: Option<String>,
}

impl From<Purchase> for AnyPurchaseItem {
    fn from(purchase: Purchase) -> Self {
        Self {
            purchase_id: purchase.id.to_string(),
            account_id: purchase.account.to_string(),
            package_name: purchase.package,
            credits: purchase.credits.get(),
            amount: purchase.amount.get(),
            state: purchase.state.name(),
            way: purchase.way.name(),
            created_at: Moment(purchase.created_at),
            paid_at: purchase.paid_at.map(Moment),
            grant_id: purchase.grant.to_string(),
            stripe_session: purchase.stripe_session,
            stripe_intent: purchase.stripe_intent,
            failure: purchase.failure.map(|failure| failure.message),
        }
    }
}

/// A page of purchases, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllPurchases)]
pub struct AllPurchasesAnswer {
    purchases: Vec<AnyPurchaseItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// What a paid purchase came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseMoney)]
pub struct PaidItem {
    /// Taken off by a promotion code, in US cents.
    discount: i64,
    /// Put on top as tax, in US cents.
    tax: i64,
    /// What the customer paid, in US cents.
    total: i64,
    promotion_code: Option<String>,
    /// The ledger's entry that granted the credits.
    transaction_id: Option<String>,
}

/// A purchase with what it came to and what Stripe said of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnyPurchaseDetail)]
pub struct AnyPurchaseAnswer {
    purchase: AnyPurchaseItem,
    /// Null while it is not paid.
    paid: Option<PaidItem>,
    /// The events about it, newest first, at most 100.
    events: Vec<EventItem>,
}

/// Reads purchases of every account, newest first. Operators only.
#[utoipa::path(get, path = "/api/office/purchases", operation_id = "list_all_purchases", tag = "office",
    params(("state" = Option<String>, Query, description = "Only those in this state"),
        ("account_id" = Option<String>, Query, description = "Only this account's"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = AllPurchasesAnswer, description = "A page of purchases")))]
pub async fn list(
    State(app): State<App>,
    Operator(_): Operator,
    parameters: Parameters,
) -> Result<Json<AllPurchasesAnswer>, Problem> {
    let filter = PurchaseFilter {
        state: parameters.read("state", "state must be a purchase's state, such as paid or failed")?,
        account: parameters.read("account_id", "account_id must be the id of an account")?,
    };
    let before: Option<PurchaseId> = parameters.id("cursor")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    // One more than shown tells whether there is a next page.
    let mut found = app.payments.all_purchases(filter, before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let next_cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(AllPurchasesAnswer { purchases: found.into_iter().map(AnyPurchaseItem::from).collect(), next_cursor }))
}

/// Reads one purchase, whosever it is. Operators only.
#[utoipa::path(get, path = "/api/office/purchases/{purchase_id}", operation_id = "read_any_purchase", tag = "office",
    params(("purchase_id" = String, Path, description = "The purchase")),
    responses((status = 200, body = AnyPurchaseAnswer, description = "The purchase")))]
pub async fn read(
    State(app): State<App>,
    Operator(_): Operator,
    Path(id): Path<String>,
) -> Result<Json<AnyPurchaseAnswer>, Problem> {
    let id: PurchaseId = id.parse().map_err(|_| not_found())?;
    let purchase = app.payments.any_purchase(id).await?.ok_or_else(not_found)?;
    let events = app.payments.events_about(&purchase).await?.into_iter().map(EventItem::from).collect();
    let paid = app.payments.money_of(&purchase).await?.map(|paid| paid_item(&purchase, paid));
    Ok(Json(AnyPurchaseAnswer { paid, events, purchase: purchase.into() }))
}

fn paid_item(purchase: &Purchase, paid: Paid) -> PaidItem {
    PaidItem {
        discount: paid.discount.get(),
        tax: paid.tax.get(),
        total: paid.total(purchase.amount).get(),
        transaction_id: paid.receipt.and_then(|receipt| receipt.transaction).map(|id| id.to_string()),
        promotion_code: paid.promotion,
    }
}

fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "purchase_not_found", "Purchase not found")
}
