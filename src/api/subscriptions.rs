//! The subscription to the fintech tier: begun on Stripe's page, read, ended with its paid period, resumed.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use crate::identity::Actor;
use crate::ledger::{AccountId, Timestamp};
use crate::payments::{Subscription, SubscriptionError};
use crate::server::state::App;

/// Who subscribes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubscription)]
pub struct SubscriptionBody {
    account_id: String,
}

/// Where to pay for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionCheckout)]
pub struct StartedAnswer {
    subscription_id: String,
    checkout_url: String,
    /// In US cents a month, before tax.
    amount: i64,
}

/// A subscription and where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionItem {
    subscription_id: String,
    #[schema(example = "fintech")]
    tier: String,
    /// `awaiting_payment`, `active`, `past_due`, `canceling`, `ended` or `abandoned`.
    #[schema(example = "active")]
    state: String,
    /// In US cents a month, before tax.
    amount: i64,
    /// The end of the last paid period.
    paid_until: Option<Moment>,
    /// Until when the tier is the account's if nothing more is paid.
    tier_until: Option<Moment>,
    cancel_at_period_end: bool,
    /// While it awaits its first payment.
    checkout_url: Option<String>,
    /// Where an invoice that could not be charged can be paid.
    invoice_url: Option<String>,
}

/// The account's present subscription or its last one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountSubscription)]
pub struct SubscriptionAnswer {
    account_id: String,
    subscription: Option<SubscriptionItem>,
}

/// Opens Stripe's page for the fintech subscription, $5,000 a month. An open page is answered again.
#[utoipa::path(post, path = "/api/billing/subscriptions", operation_id = "start_subscription", tag = "purchases",
    request_body = SubscriptionBody,
    responses((status = 200, body = StartedAnswer, description = "Where to pay for it")))]
pub async fn start(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<SubscriptionBody>,
) -> Result<Answer<StartedAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "subscription_begun", "");
    let started = app.payments.subscribe(account, None, &request.scoped(), vec![line]).await?;
    let body = StartedAnswer {
        subscription_id: started.subscription.to_string(),
        checkout_url: started.url,
        amount: Subscription::price().get(),
    };
    Ok(Answer { body, replayed: started.replayed })
}

/// Reads the account's subscription.
#[utoipa::path(get, path = "/api/billing/subscriptions/{account_id}", operation_id = "read_subscription",
    tag = "purchases", params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = SubscriptionAnswer, description = "The subscription, if there is or was one")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<SubscriptionAnswer>, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let subscription = app.payments.subscription(account).await?;
    Ok(JsonAnswer(answer(account, subscription)))
}

/// Ends the subscription with the paid period. Until then the tier stays.
#[utoipa::path(post, path = "/api/billing/subscriptions/{account_id}/cancel", operation_id = "cancel_subscription",
    tag = "purchases", params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = SubscriptionAnswer, description = "It ends with the paid period")))]
pub async fn cancel(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path(account): Path<String>,
) -> Result<JsonAnswer<SubscriptionAnswer>, Problem> {
    set_end(&app, &key, &account, true).await
}

/// Has a subscription that was to end go on.
#[utoipa::path(post, path = "/api/billing/subscriptions/{account_id}/resume", operation_id = "resume_subscription",
    tag = "purchases", params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = SubscriptionAnswer, description = "It goes on")))]
pub async fn resume(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path(account): Path<String>,
) -> Result<JsonAnswer<SubscriptionAnswer>, Problem> {
    set_end(&app, &key, &account, false).await
}

async fn set_end(app: &App, key: &Key, account: &str, ends: bool) -> Result<JsonAnswer<SubscriptionAnswer>, Problem> {
    let account = key.account(account)?;
    let what = if ends { "subscription_canceled" } else { "subscription_resumed" };
    let line = app.identity.audit(&Actor::Key(key.id()), account, what, "");
    let subscription = app.payments.set_subscription_end(account, ends, vec![line]).await?;
    Ok(JsonAnswer(answer(account, Some(subscription))))
}

fn answer(account: AccountId, subscription: Option<Subscription>) -> SubscriptionAnswer {
    let item = |row: Subscription| SubscriptionItem {
        subscription_id: row.id.to_string(),
        tier: Subscription::tier().name().to_owned(),
        state: row.standing.state().to_owned(),
        amount: Subscription::price().get(),
        paid_until: moment(row.standing.paid_until),
        tier_until: moment(row.standing.entitled_until()),
        cancel_at_period_end: row.standing.cancels,
        checkout_url: row.checkout_url.filter(|_| row.standing.state() == "awaiting_payment"),
        invoice_url: row.invoice_url.filter(|_| row.standing.is_unpaid()),
    };
    SubscriptionAnswer { account_id: account.to_string(), subscription: subscription.map(item) }
}

fn moment(seconds: i64) -> Option<Moment> {
    (seconds > 0).then(|| Moment(Timestamp::from_millis(seconds.saturating_mul(1_000))))
}

impl From<SubscriptionError> for Problem {
    fn from(error: SubscriptionError) -> Self {
        let sentence = error.to_string();
        match error {
            SubscriptionError::Already | SubscriptionError::ByArrangement(_) | SubscriptionError::None => {
                Self::new(StatusCode::CONFLICT, error.code(), sentence)
            }
            SubscriptionError::Payment(error) => error.into(),
        }
    }
}
