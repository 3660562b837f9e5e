//! Webhook endpoints: where an account's own servers are told what happens on it.

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
use crate::hooks::{Endpoint, EventKind, HookError, Kinds, Made, OVERLAP_HOURS_MAX, Wanted};
use crate::identity::Actor;
use crate::ledger::{AccountId, EndpointId};
use crate::server::state::App;

/// A new endpoint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub struct NewEndpointBody {
    account_id: String,
    /// An https address on the public internet.
    #[schema(example = "https://hooks.example.com/aethel", max_length = 2000)]
    url: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 200)]
    description: String,
    /// What to be told of; left out or empty is everything.
    #[serde(default)]
    events: Vec<KindName>,
}

/// An endpoint as it shall be from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookChange)]
pub struct EndpointBody {
    #[schema(example = "https://hooks.example.com/aethel", max_length = 2000)]
    url: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    description: String,
    /// What to be told of; left out or empty is everything.
    #[serde(default)]
    events: Vec<KindName>,
    /// Whether anything is sent; left out, it stays as it is.
    enabled: Option<bool>,
}

/// How long the former secret goes on signing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookRotation)]
pub struct RotationBody {
    /// 24 when left out; 0 is not at all.
    #[schema(minimum = 0, maximum = 168, default = 24)]
    overlap_hours: Option<i64>,
}

/// The name of a kind of event.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = EventType)]
pub enum KindName {
    #[serde(rename = "balance.low")]
    BalanceLow,
    #[serde(rename = "budget.reached")]
    BudgetReached,
    #[serde(rename = "credits.expiring")]
    CreditsExpiring,
    #[serde(rename = "top_up.stopped")]
    TopUpStopped,
    #[serde(rename = "purchase.paid")]
    PurchasePaid,
    #[serde(rename = "purchase.reversed")]
    PurchaseReversed,
    #[serde(rename = "purchase.reinstated")]
    PurchaseReinstated,
    #[serde(rename = "monitor.alert")]
    MonitorAlert,
    #[serde(rename = "endpoint.test")]
    Test,
}

impl From<KindName> for EventKind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::BalanceLow => Self::BalanceLow,
            KindName::BudgetReached => Self::BudgetReached,
            KindName::CreditsExpiring => Self::CreditsExpiring,
            KindName::TopUpStopped => Self::TopUpStopped,
            KindName::PurchasePaid => Self::PurchasePaid,
            KindName::PurchaseReversed => Self::PurchaseReversed,
            KindName::PurchaseReinstated => Self::PurchaseReinstated,
            KindName::MonitorAlert => Self::MonitorAlert,
            KindName::Test => Self::Test,
        }
    }
}

/// A webhook endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct EndpointAnswer {
    #[schema(example = "WHE_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    webhook_id: String,
    account_id: String,
    url: String,
    description: String,
    /// What it is told of; empty is everything.
    events: Vec<&'static str>,
    /// `on`, `off` by its owner, or `stopped` by us after days without an answer.
    #[schema(example = "on")]
    state: &'static str,
    created_at: Moment,
    /// Since when nothing has reached it.
    failing_since: Option<Moment>,
    stopped_at: Option<Moment>,
    /// Until when a rotated secret signs beside the new one.
    former_secret_until: Option<Moment>,
}

/// An endpoint and its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookMade)]
pub struct MadeAnswer {
    webhook: EndpointAnswer,
    /// What its events are signed with, shown this once; null in a replay.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
    replayed: bool,
}

/// The account's endpoints, newest first. There are never more than twenty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhooks)]
pub struct EndpointsAnswer {
    account_id: String,
    webhooks: Vec<EndpointAnswer>,
}

/// Makes an endpoint, and shows its secret this once.
#[utoipa::path(post, path = "/api/webhooks", operation_id = "create_webhook", tag = "webhooks",
    request_body = NewEndpointBody, responses((status = 200, body = MadeAnswer, description = "The endpoint")))]
pub async fn create(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<NewEndpointBody>,
) -> Result<Answer<MadeAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "webhook_created", body.url.as_str());
    let wanted = wanted(body.url, body.description, body.events);
    made(app.hooks.create(account, wanted, &request.scoped(), vec![line]).await?)
}

/// Reads the account's endpoints.
#[utoipa::path(get, path = "/api/webhooks/{account_id}", operation_id = "list_webhooks", tag = "webhooks",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = EndpointsAnswer, description = "The endpoints")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
) -> Result<JsonAnswer<EndpointsAnswer>, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let webhooks = app.hooks.endpoints(account).await?.into_iter().map(Into::into).collect();
    Ok(JsonAnswer(EndpointsAnswer { account_id: account.to_string(), webhooks }))
}

/// Reads one endpoint.
#[utoipa::path(get, path = "/api/webhooks/{account_id}/{webhook_id}", operation_id = "read_webhook", tag = "webhooks",
    params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints")),
    responses((status = 200, body = EndpointAnswer, description = "The endpoint")))]
pub async fn read(
    State(app): State<App>,
    key: Key,
    Path((account, endpoint)): Path<(String, String)>,
) -> Result<JsonAnswer<EndpointAnswer>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    Ok(JsonAnswer(app.hooks.endpoint(account, id).await?.into()))
}

/// Sets an endpoint as a whole. Turning on what was stopped sends what waits.
#[utoipa::path(put, path = "/api/webhooks/{account_id}/{webhook_id}", operation_id = "set_webhook", tag = "webhooks",
    params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints")), request_body = EndpointBody,
    responses((status = 200, body = EndpointAnswer, description = "The endpoint from now on")))]
pub async fn set(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, endpoint)): Path<(String, String)>,
    Json(body): Json<EndpointBody>,
) -> Result<JsonAnswer<EndpointAnswer>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "webhook_set", format!("{id}: {}", body.url));
    let wanted = wanted(body.url, body.description, body.events);
    Ok(JsonAnswer(app.hooks.change(account, id, wanted, body.enabled, vec![line]).await?.into()))
}

/// Removes an endpoint. What waits for it is not sent.
#[utoipa::path(delete, path = "/api/webhooks/{account_id}/{webhook_id}", operation_id = "remove_webhook",
    tag = "webhooks", params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints")),
    responses((status = 204, description = "It is gone")))]
pub async fn remove(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, endpoint)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "webhook_removed", id.to_string());
    app.hooks.remove(account, id, vec![line]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a new secret in force, shown this once. Until the overlap is over, events carry a signature by each.
#[utoipa::path(post, path = "/api/webhooks/{account_id}/{webhook_id}/rotate", operation_id = "rotate_webhook_secret",
    tag = "webhooks", params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints")), request_body = RotationBody,
    responses((status = 200, body = MadeAnswer, description = "The endpoint and its new secret")))]
pub async fn rotate(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path((account, endpoint)): Path<(String, String)>,
    Json(body): Json<RotationBody>,
) -> Result<Answer<MadeAnswer>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    let hours = body.overlap_hours.unwrap_or(24);
    if !(0..=OVERLAP_HOURS_MAX).contains(&hours) {
        let sentence = format!("overlap_hours must be a whole number from 0 to {OVERLAP_HOURS_MAX}");
        return Err(Problem::field("overlap_hours", sentence));
    }
    let line = app.identity.audit(&Actor::Key(key.id()), account, "webhook_rotated", id.to_string());
    made(app.hooks.rotate(account, id, hours, &request.scoped(), vec![line]).await?)
}

/// The account and endpoint of a path, if the caller may know of them.
pub(super) fn named(key: &Key, account: &str, endpoint: &str) -> Result<(AccountId, EndpointId), Problem> {
    let account = key.account(account)?;
    let id = endpoint.parse().map_err(|_| Problem::from(HookError::NotFound))?;
    Ok((account, id))
}

fn wanted(url: String, description: String, events: Vec<KindName>) -> Wanted {
    Wanted { url, description, kinds: Kinds(events.into_iter().map(Into::into).collect()) }
}

fn made(made: Made) -> Result<Answer<MadeAnswer>, Problem> {
    let replayed = made.secret.is_none();
    let secret = made.secret.map(|secret| secret.reveal().to_owned());
    Ok(Answer { body: MadeAnswer { webhook: made.endpoint.into(), secret, replayed }, replayed })
}

impl From<Endpoint> for EndpointAnswer {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            webhook_id: endpoint.id.to_string(),
            account_id: endpoint.account.to_string(),
            url: endpoint.url,
            description: endpoint.description,
            events: endpoint.kinds.names(),
            state: endpoint.state.name(),
            created_at: Moment(endpoint.created_at),
            failing_since: endpoint.failing_since.map(Moment),
            stopped_at: endpoint.stopped_at.map(Moment),
            former_secret_until: endpoint.former_until.map(Moment),
        }
    }
}

impl From<HookError> for Problem {
    fn from(error: HookError) -> Self {
        let sentence = error.to_string();
        match error {
            HookError::NotFound => Self::new(StatusCode::NOT_FOUND, error.code(), sentence),
            HookError::Target(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), sentence).with("field", "url")
            }
            HookError::Description => Self::field("description", sentence),
            HookError::TooMany => Self::new(StatusCode::CONFLICT, error.code(), sentence),
            HookError::Conflict => Self::idempotency_conflict(),
            HookError::Unavailable => Self::unavailable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_name_here_that_it_has_on_the_wire() {
        for kind in EventKind::ALL {
            let name: KindName = serde_json::from_value(kind.name().into()).expect("known");
            assert_eq!(serde_json::to_value(&name).expect("text"), kind.name());
            assert_eq!(EventKind::from(name), kind);
        }
    }
}
