//! Purchases: buying with the saved card at once, and the list of what was bought.

use axum::Json as JsonAnswer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::document::ProblemBody;
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use crate::ledger::{AccountId, Package, PurchaseId};
use crate::payments::{Charged, Checkout, PaymentError, Purchase};
use crate::server::state::App;

/// Purchases on one page.
const LIMIT_MAX: i64 = 200;
const LIMIT_DEFAULT: i64 = 50;
const NO_CARD: &str = "No saved card; pay at the checkout_url, or save a card and buy again with a new Idempotency-Key";

/// Who buys what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PackageOrder)]
pub struct PackageOrder {
    account_id: String,
    /// Matched without case.
    #[schema(example = "Starter")]
    package_name: String,
}

impl PackageOrder {
    /// The account if the caller may act on it, and the package if there is one of that name.
    ///
    /// # Errors
    /// 404 "Account not found" first, then 400 "Package not found".
    pub async fn resolve<'app>(&self, app: &'app App, key: &Key) -> Result<(AccountId, &'app Package), Problem> {
        let account = key.account(&self.account_id)?;
        app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
        let package = app.kernel.price_book().package(&self.package_name).ok_or_else(Problem::package_not_found)?;
        Ok((account, package))
    }
}

/// The credits are there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseMade)]
pub struct PurchaseAnswer {
    success: bool,
    #[schema(example = "Added 100 credits to account")]
    message: String,
    new_balance: i64,
}

/// The payment is on its way; the credits come with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseUnderWay)]
pub struct ProcessingAnswer {
    success: bool,
    message: &'static str,
    purchase_id: String,
}

/// Nothing was paid, and where it can be.
#[derive(Serialize, ToSchema)]
#[schema(as = PurchaseUnpaid)]
pub struct UnpaidBody {
    #[serde(flatten)]
    problem: ProblemBody,
    success: bool,
    message: String,
    /// Unless the card was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_url: Option<String>,
    /// The purchase that is paid there.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_id: Option<String>,
}

/// Buys a package with the saved card. Without one, 402 with a `checkout_url`.
#[utoipa::path(post, path = "/api/billing/purchase", operation_id = "buy_package", tag = "purchases",
    request_body = PackageOrder,
    responses((status = 200, body = PurchaseAnswer, description = "Paid, and the credits added"),
        (status = 202, body = ProcessingAnswer, description = "The payment is still under way"),
        (status = 402, body = UnpaidBody, content_type = "application/problem+json",
            description = "No saved card, or it was declined; with `success`, `message` and `checkout_url`")))]
pub async fn buy(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<PackageOrder>,
) -> Result<Response, Problem> {
    let (account, package) = body.resolve(&app, &key).await?;
    let request = request.scoped();
    match app.payments.charge_saved_card(account, package, &request).await? {
        Charged::Paid { credits, balance, replayed, .. } => {
            let body = PurchaseAnswer {
                success: true,
                message: format!("Added {} credits to account", credits.get()),
                new_balance: balance.get(),
            };
            Ok(Answer { body, replayed }.into_response())
        }
        Charged::Processing { purchase, replayed } => {
            let message = "Payment is processing; the credits are added once it has arrived";
            let body = ProcessingAnswer { success: false, message, purchase_id: purchase.to_string() };
            Ok((StatusCode::ACCEPTED, Answer { body, replayed }).into_response())
        }
        Charged::Declined { message, replayed: false } => Err(unpaid("card_declined", message)),
        Charged::Declined { message, replayed: true } => Err(unpaid(
            "card_declined",
            format!("{message} The card is not tried again; to try it, buy again with a new Idempotency-Key"),
        )),
        Charged::NoCard => {
            let checkout = app.payments.checkout(account, None, package, &request).await?;
            Err(pay_there(NO_CARD, checkout))
        }
        // The request has its purchase already; a key derived from it makes every retry the same second one.
        Charged::ActionRequired { purchase } => {
            let checkout = app.payments.checkout(account, None, package, &format!("confirm:{purchase}")).await?;
            Err(pay_there("The bank asks the card's owner to confirm; pay at the checkout_url", checkout))
        }
    }
}

fn unpaid(code: &'static str, message: impl Into<String>) -> Problem {
    let message = message.into();
    Problem::new(StatusCode::PAYMENT_REQUIRED, code, message.clone()).with("success", false).with("message", message)
}

fn pay_there(sentence: &str, checkout: Checkout) -> Problem {
    unpaid("payment_required", sentence)
        .with("checkout_url", checkout.url)
        .with("purchase_id", checkout.purchase.to_string())
}

impl From<PaymentError> for Problem {
    fn from(error: PaymentError) -> Self {
        let sentence = error.to_string();
        match error {
            PaymentError::CardDeclined { message } => unpaid("card_declined", message),
            PaymentError::Refused { .. } | PaymentError::KeyRefused => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), sentence)
            }
            PaymentError::NoSuchCard => Self::new(StatusCode::NOT_FOUND, error.code(), sentence),
            PaymentError::Conflict => Self::idempotency_conflict(),
            PaymentError::Over => Self::new(StatusCode::CONFLICT, error.code(), sentence),
            PaymentError::Unreachable | PaymentError::Unavailable => Self::try_later(error.code(), sentence),
        }
    }
}

/// One purchase and where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Purchase)]
pub struct PurchaseItem {
    purchase_id: String,
    package_name: String,
    credits: i64,
    /// The price, in US cents.
    amount: i64,
    /// What was really paid, in US cents: the price, less by a promotion code, with tax on top. Null until it is paid.
    amount_paid: Option<i64>,
    /// What of it has gone back, by refunds or a dispute, in US cents.
    amount_back: i64,
    /// The credits that went back with it.
    credits_back: i64,
    #[schema(example = "paid")]
    state: String,
    /// Why a payment of it brought no credits: `other_amount`, `nothing_paid` or `paid_twice`. Null when none did.
    mismatch: Option<String>,
    created_at: Moment,
    paid_at: Option<Moment>,
    checkout_url: Option<String>,
}

/// A page of the account's purchases, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Purchases)]
pub struct PurchasesAnswer {
    account_id: String,
    purchases: Vec<PurchaseItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
    /// The same; its former name is `before`.
    next_before: Option<String>,
}

/// Reads the account's purchases.
#[utoipa::path(get, path = "/api/billing/purchases/{account_id}", operation_id = "list_purchases", tag = "purchases",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("before" = Option<String>, Query, description = "Only purchases older than this one, by its id: the same"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = PurchasesAnswer, description = "A page of purchases")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<JsonAnswer<PurchasesAnswer>, Problem> {
    let before: Option<PurchaseId> = parameters.id(parameters.turned_by())?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    // One more than shown tells whether there is a next page.
    let found = app.payments.purchases(account, before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    let purchases: Vec<PurchaseItem> = found.into_iter().take(shown).map(PurchaseItem::from).collect();
    let next_cursor = purchases.last().filter(|_| more).map(|last| last.purchase_id.clone());
    let (account_id, next_before) = (account.to_string(), next_cursor.clone());
    Ok(JsonAnswer(PurchasesAnswer { account_id, purchases, next_cursor, next_before }))
}

impl From<Purchase> for PurchaseItem {
    fn from(purchase: Purchase) -> Self {
        Self {
            purchase_id: purchase.id.to_string(),
            package_name: purchase.package,
            credits: purchase.credits.get(),
            amount: purchase.amount.get(),
            amount_paid: purchase.state.was_paid().then(|| purchase.received.get()),
            amount_back: purchase.returned.money.get(),
            credits_back: purchase.returned.credits.get(),
            state: purchase.state.to_string(),
            mismatch: purchase.mismatch.map(|mismatch| mismatch.to_string()),
            created_at: Moment(purchase.created_at),
            paid_at: purchase.paid_at.map(Moment),
            checkout_url: purchase.checkout_url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unpaid_purchase_keeps_the_guides_shape_and_says_where_to_pay() {
        let checkout = Checkout {
            purchase: crate::ledger::PurchaseId::from_ulid(ulid::Ulid::from_parts(1, 2)),
            url: "https://checkout.test/1".into(),
            amount: crate::ledger::Cents::new(1_000).expect("small"),
            credits: crate::ledger::Credits::new(100).expect("small"),
            replayed: false,
        };
        let document = pay_there("Pay", checkout).document(None);
        assert_eq!(document["status"], 402);
        assert_eq!(document["code"], "payment_required");
        assert_eq!(document["success"], false);
        assert_eq!(document["message"], "Pay");
        assert_eq!(document["checkout_url"], "https://checkout.test/1");
    }

    #[test]
    fn every_failed_payment_has_its_status() {
        let message = || "Your card was declined.".to_owned();
        let failures = [
            (PaymentError::CardDeclined { message: message() }, 402),
            (PaymentError::Refused { message: message() }, 422),
            (PaymentError::KeyRefused, 422),
            (PaymentError::Conflict, 409),
            (PaymentError::Over, 409),
            (PaymentError::Unreachable, 503),
            (PaymentError::Unavailable, 503),
        ];
        for (failure, status) in failures {
            assert_eq!(Problem::from(failure).status.as_u16(), status);
        }
    }
}
