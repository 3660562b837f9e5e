//! Paying through Stripe: its checkout page, its payment form, and saving a card for later.

use axum::Json as JsonAnswer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::Key;
use super::document::ProblemBody;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::purchases::PackageOrder;
use crate::identity::Actor;
use crate::server::state::App;

/// Stripe's ids have about thirty; ours is part of an idempotency key there.
const PAYMENT_METHOD_MAX_CHARACTERS: usize = 64;

/// Where to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Checkout)]
pub struct CheckoutAnswer {
    purchase_id: String,
    checkout_url: String,
    /// In US cents.
    amount: i64,
    credits: i64,
}

/// Starts a Stripe checkout. The credits come once Stripe says that it is paid.
#[utoipa::path(post, path = "/api/billing/checkout", operation_id = "start_checkout", tag = "purchases",
    request_body = PackageOrder, responses((status = 200, body = CheckoutAnswer, description = "Where to pay")))]
pub async fn start(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<PackageOrder>,
) -> Result<Answer<CheckoutAnswer>, Problem> {
    let (account, package) = body.resolve(&app, &key).await?;
    let checkout = app.payments.checkout(account, None, package, &request.scoped()).await?;
    let body = CheckoutAnswer {
        purchase_id: checkout.purchase.to_string(),
        checkout_url: checkout.url,
        amount: checkout.amount.get(),
        credits: checkout.credits.get(),
    };
    Ok(Answer { body, replayed: checkout.replayed })
}

/// What a payment form needs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentIntent)]
pub struct IntentAnswer {
    /// For Stripe's own payment form; shown to the paying customer only.
    client_secret: String,
    /// In US cents.
    amount: i64,
    credits: i64,
    purchase_id: String,
}

/// Starts a payment that your own page finishes with Stripe's form.
#[utoipa::path(post, path = "/api/billing/payment-intents", operation_id = "start_payment", tag = "purchases",
    request_body = PackageOrder, responses((status = 200, body = IntentAnswer, description = "What the form needs")))]
pub async fn payment_intent(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<PackageOrder>,
) -> Result<Answer<IntentAnswer>, Problem> {
    let (account, package) = body.resolve(&app, &key).await?;
    let intent = app.payments.payment_intent(account, package, &request.scoped()).await?;
    let body = IntentAnswer {
        client_secret: intent.client_secret,
        amount: intent.amount.get(),
        credits: intent.credits.get(),
        purchase_id: intent.purchase.to_string(),
    };
    Ok(Answer { body, replayed: intent.replayed })
}

/// A card that Stripe keeps, by its id there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPaymentMethod)]
pub struct PaymentMethodBody {
    account_id: String,
    /// In test mode Stripe's test ones too.
    #[schema(example = "pm_card_visa")]
    payment_method: String,
}

/// The card that is charged from now on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub struct PaymentMethodAnswer {
    success: bool,
    account_id: String,
    payment_method: String,
    #[schema(example = "visa")]
    brand: String,
    #[schema(example = "4242")]
    last4: String,
}

/// Saves a card. Saving the same one again changes nothing.
#[utoipa::path(post, path = "/api/billing/payment-methods", operation_id = "save_payment_method", tag = "purchases",
    request_body = PaymentMethodBody,
    responses((status = 200, body = PaymentMethodAnswer, description = "The saved card"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json",
            description = "The bank refuses the card")))]
pub async fn payment_method(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Json(body): Json<PaymentMethodBody>,
) -> Result<JsonAnswer<PaymentMethodAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let name = &body.payment_method;
    let is_sound = name.len() <= PAYMENT_METHOD_MAX_CHARACTERS
        && name.starts_with("pm_")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_sound {
        return Err(Problem::field("payment_method", "payment_method must be the id of a Stripe payment method, pm_…"));
    }
    let line = app.identity.audit(&Actor::Key(key.id()), account, "card_saved", name.as_str());
    let card = app.payments.attach_payment_method(account, name, vec![line]).await?;
    Ok(JsonAnswer(PaymentMethodAnswer {
        success: true,
        account_id: account.to_string(),
        payment_method: card.payment_method,
        brand: card.brand,
        last4: card.last4,
    }))
}
