//! Saved cards: the list, Stripe's page for one more, which is charged, one fewer; Stripe's portal; and the payment that
//! its customer has to confirm.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::document::ProblemBody;
use super::idempotency::RequestKey;
use super::problem::Problem;
use crate::identity::Actor;
use crate::ledger::{AccountId, PurchaseId};
use crate::payments::{Confirmation, KeptCard};
use crate::server::state::App;

/// One saved card.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedPaymentMethod)]
pub struct CardItem {
    #[schema(example = "pm_1QK2v6Lkdrq0")]
    payment_method: String,
    #[schema(example = "visa")]
    brand: String,
    #[schema(example = "4242")]
    last4: String,
    exp_month: i64,
    exp_year: i64,
    /// Whether it is the one that is charged.
    default: bool,
}

/// The account's saved cards, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethods)]
pub struct CardsAnswer {
    account_id: String,
    payment_methods: Vec<CardItem>,
}

/// Reads the saved cards, as Stripe keeps them: at most 100.
#[utoipa::path(get, path = "/api/billing/payment-methods/{account_id}", operation_id = "list_payment_methods",
    tag = "purchases", params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = CardsAnswer, description = "The saved cards")))]
pub async fn list(State(app): State<App>, OwnAccount(account): OwnAccount) -> Result<JsonAnswer<CardsAnswer>, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let cards = app.payments.cards(account).await?;
    let payment_methods = cards.into_iter().map(CardItem::from).collect();
    Ok(JsonAnswer(CardsAnswer { account_id: account.to_string(), payment_methods }))
}

/// Removes a saved card. If it was the default, no card is charged until another one is chosen.
#[utoipa::path(delete, path = "/api/billing/payment-methods/{account_id}/{payment_method}",
    operation_id = "remove_payment_method", tag = "purchases",
    params(("account_id" = String, Path, description = "The account"),
        ("payment_method" = String, Path, description = "One of its cards")),
    responses((status = 200, body = CardsAnswer, description = "The cards that are left")))]
pub async fn remove(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, card)): Path<(String, String)>,
) -> Result<JsonAnswer<CardsAnswer>, Problem> {
    let account = key.account(&account)?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "card_removed", card.as_str());
    app.payments.remove_card(account, &card, vec![line]).await?;
    list(State(app), OwnAccount(account)).await
}

/// Which card to charge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDefaultPaymentMethod)]
pub struct DefaultBody {
    payment_method: String,
}

/// Has one of the saved cards charged from now on.
#[utoipa::path(put, path = "/api/billing/payment-methods/{account_id}/default",
    operation_id = "set_default_payment_method", tag = "purchases", request_body = DefaultBody,
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = CardItem, description = "The card that is charged")))]
pub async fn set_default(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path(account): Path<String>,
    Json(body): Json<DefaultBody>,
) -> Result<JsonAnswer<CardItem>, Problem> {
    let account = key.account(&account)?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "card_chosen", body.payment_method.as_str());
    Ok(JsonAnswer(app.payments.make_default(account, &body.payment_method, vec![line]).await?.into()))
}

/// Whose page to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PageOrder)]
pub struct PageBody {
    account_id: String,
}

/// A page of Stripe's, for the customer's browser.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub struct PageAnswer {
    account_id: String,
    url: String,
}

/// Opens Stripe's page for saving a card; once it is saved it is the one that is charged.
#[utoipa::path(post, path = "/api/billing/payment-methods/setup", operation_id = "open_payment_method_page",
    tag = "purchases", request_body = PageBody,
    responses((status = 200, body = PageAnswer, description = "Where to save a card")))]
pub async fn setup(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<PageBody>,
) -> Result<JsonAnswer<PageAnswer>, Problem> {
    let account = known(&app, &key, &body.account_id).await?;
    let url = app.payments.add_card(account, None, &request.at_stripe()).await?;
    Ok(JsonAnswer(PageAnswer { account_id: account.to_string(), url }))
}

/// Opens Stripe's customer portal: invoices, cards and the subscription.
#[utoipa::path(post, path = "/api/billing/portal", operation_id = "open_portal", tag = "purchases",
    request_body = PageBody, responses((status = 200, body = PageAnswer, description = "Where the portal is")))]
pub async fn portal(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<PageBody>,
) -> Result<JsonAnswer<PageAnswer>, Problem> {
    let account = known(&app, &key, &body.account_id).await?;
    let url = app.payments.portal(account, None, &request.at_stripe()).await?;
    Ok(JsonAnswer(PageAnswer { account_id: account.to_string(), url }))
}

/// Which payment its customer confirms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmationOrder)]
pub struct ConfirmationBody {
    account_id: String,
    purchase_id: String,
}

/// How the payment goes on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Confirmation)]
pub struct ConfirmationAnswer {
    purchase_id: String,
    /// The bank's page for the customer's browser; null when nothing is left to confirm.
    confirm_url: Option<String>,
}

/// Where the customer confirms a payment by saved card that the bank wants confirmed (3-D Secure). The same payment goes
/// on; there is never a second one beside it.
#[utoipa::path(post, path = "/api/billing/purchase/confirm", operation_id = "confirm_purchase", tag = "purchases",
    request_body = ConfirmationBody,
    responses((status = 200, body = ConfirmationAnswer, description = "Where to confirm"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json",
            description = "The bank refuses the card")))]
pub async fn confirm(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<ConfirmationBody>,
) -> Result<JsonAnswer<ConfirmationAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let not_found = || Problem::new(StatusCode::NOT_FOUND, "purchase_not_found", "there is no such purchase here");
    let purchase: PurchaseId = body.purchase_id.parse().map_err(|_| not_found())?;
    let confirmation = app.payments.confirm(account, purchase, &request.at_stripe()).await?.ok_or_else(not_found)?;
    let confirm_url = match confirmation {
        Confirmation::BankPage(url) => Some(url),
        Confirmation::Done => None,
    };
    Ok(JsonAnswer(ConfirmationAnswer { purchase_id: purchase.to_string(), confirm_url }))
}

async fn known(app: &App, key: &Key, account: &str) -> Result<AccountId, Problem> {
    let account = key.account(account)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    Ok(account)
}

impl From<KeptCard> for CardItem {
    fn from(kept: KeptCard) -> Self {
        Self {
            payment_method: kept.card.payment_method,
            brand: kept.card.brand,
            last4: kept.card.last4,
            exp_month: kept.exp_month,
            exp_year: kept.exp_year,
            default: kept.is_default,
        }
    }
}
