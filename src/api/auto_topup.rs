//! Automatic purchases: read and set the account's rule.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::{CapCents, ThresholdCredits};
use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::fields::Moment;
use super::idempotency::RequestKey;
use super::problem::Problem;
use crate::identity::Actor;
use crate::ledger::{AccountId, Cents, Credits, Timestamp};
use crate::payments::{TopUp, TopUpError, TopUpSettings};
use crate::server::state::App;

/// When to buy what, and how much it may cost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAutoTopUp)]
pub struct AutoTopUpBody {
    /// Whether to buy at all.
    #[serde(default = "switched_on")]
    #[schema(default = true)]
    enabled: bool,
    /// Buys when fewer credits than this are left.
    threshold: ThresholdCredits,
    /// What to buy; it must bring at least the threshold. Matched without case.
    #[schema(example = "Professional")]
    package_name: String,
    /// The most it may cost in a UTC month, in US cents.
    monthly_cap: CapCents,
}

fn switched_on() -> bool {
    true
}

/// The rule as it stands; without one, `enabled` is false and the rest null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoTopUp)]
pub struct AutoTopUpAnswer {
    account_id: String,
    enabled: bool,
    threshold: Option<i64>,
    package_name: Option<String>,
    /// In US cents.
    monthly_cap: Option<i64>,
    /// What it cost this UTC month, payments under way included, in US cents.
    spent_this_month: i64,
    /// Why nothing is bought any more, until another card is saved or the rule is set again; null while it works.
    #[schema(example = "card_declined")]
    stopped: Option<String>,
    /// The same as a sentence.
    reason: Option<String>,
    /// The purchase under way, or the one that has to be confirmed.
    purchase_id: Option<String>,
    /// After a failure or at the month's limit: nothing is tried before.
    not_before: Option<Moment>,
}

/// Reads the rule for automatic purchases.
#[utoipa::path(get, path = "/api/billing/auto-topup/{account_id}", operation_id = "read_auto_topup", tag = "purchases",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = AutoTopUpAnswer, description = "The rule")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<AutoTopUpAnswer>, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let rule = app.payments.top_up(account).await?;
    answer(&app, account, rule).await
}

/// Sets the rule for automatic purchases with the saved card, or switches it off.
#[utoipa::path(put, path = "/api/billing/auto-topup/{account_id}", operation_id = "set_auto_topup", tag = "purchases",
    params(("account_id" = String, Path, description = "The account")), request_body = AutoTopUpBody,
    responses((status = 200, body = AutoTopUpAnswer, description = "The rule from now on")))]
pub async fn set(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path(account): Path<String>,
    Json(body): Json<AutoTopUpBody>,
) -> Result<JsonAnswer<AutoTopUpAnswer>, Problem> {
    let account = key.account(&account)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let settings = TopUpSettings {
        enabled: body.enabled,
        threshold: Credits::new(body.threshold.0).unwrap_or(Credits::ZERO),
        package: body.package_name,
        monthly_cap: Cents::new(body.monthly_cap.0).unwrap_or(Cents::ZERO),
    };
    let line = app.identity.audit(&Actor::Key(key.id()), account, "top_up_set", settings.to_string());
    let rule = app.payments.set_top_up(account, settings, vec![line]).await?;
    answer(&app, account, Some(rule)).await
}

async fn answer(app: &App, account: AccountId, rule: Option<TopUp>) -> Result<JsonAnswer<AutoTopUpAnswer>, Problem> {
    let now = app.kernel.now();
    let waits = |until: Timestamp| (until > now).then_some(Moment(until));
    let settings = rule.as_ref().map(|rule| &rule.settings);
    Ok(JsonAnswer(AutoTopUpAnswer {
        account_id: account.to_string(),
        enabled: settings.is_some_and(|settings| settings.enabled),
        threshold: settings.map(|settings| settings.threshold.get()),
        package_name: settings.map(|settings| settings.package.clone()),
        monthly_cap: settings.map(|settings| settings.monthly_cap.get()),
        spent_this_month: app.payments.topped_up_this_month(account).await?.get(),
        stopped: rule.as_ref().and_then(|rule| rule.halted).map(|halt| halt.to_string()),
        reason: rule.as_ref().and_then(|rule| rule.halted).map(|halt| halt.sentence().to_owned()),
        purchase_id: rule.as_ref().and_then(|rule| rule.attempt).map(|attempt| attempt.to_string()),
        not_before: rule.as_ref().filter(|rule| rule.attempt.is_none()).and_then(|rule| waits(rule.wait_until)),
    }))
}

impl From<TopUpError> for Problem {
    fn from(error: TopUpError) -> Self {
        let sentence = error.to_string();
        match error {
            TopUpError::NoSuchPackage => Self::package_not_found(),
            TopUpError::ThresholdTooSmall | TopUpError::PackageTooSmall { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), sentence).with("field", "threshold")
            }
            TopUpError::CapTooSmall { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), sentence).with("field", "monthly_cap")
            }
            TopUpError::Payment(error) => error.into(),
        }
    }
}
