//! What was sent to a webhook endpoint, what came back, and sending it once more.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::caller::Key;
use super::endpoints::named;
use super::fields::Moment;
use super::idempotency::RequestKey;
use super::problem::Problem;
use super::query::Parameters;
use crate::hooks::{Attempt, Delivery, HookError};
use crate::ledger::EventId;
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryItem {
    #[schema(example = "EVT_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    event_id: String,
    #[serde(rename = "type")]
    #[schema(example = "balance.low")]
    kind: &'static str,
    happened_at: Moment,
    /// `waiting`, `delivered` or `failed`.
    #[schema(example = "delivered")]
    state: String,
    attempts: i64,
    /// When it is tried next; null when it does not wait.
    next_attempt_at: Option<Moment>,
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDeliveries)]
pub struct DeliveriesAnswer {
    webhook_id: String,
    deliveries: Vec<DeliveryItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// One attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct AttemptItem {
    /// Counts from 1.
    number: i64,
    at: Moment,
    took_ms: i64,
    /// The answer's status; null when no answer came.
    status: Option<u16>,
    /// How the answer began, at most 1,024 bytes of it.
    answer: String,
    /// What went wrong; empty when nothing did.
    failure: String,
}

/// A delivery with the body that is sent and every attempt, the latest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryDetail)]
pub struct DeliveryAnswer {
    delivery: DeliveryItem,
    /// The body, as it is signed and sent.
    #[schema(value_type = Object)]
    payload: Value,
    attempts: Vec<AttemptItem>,
}

/// A test event that is on its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookTest)]
pub struct TestAnswer {
    event_id: String,
}

/// Sends a test event to the endpoint, whatever it wants to be told of.
#[utoipa::path(post, path = "/api/webhooks/{account_id}/{webhook_id}/test", operation_id = "test_webhook",
    tag = "webhooks", params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints")),
    responses((status = 200, body = TestAnswer, description = "It is on its way")))]
pub async fn test(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path((account, endpoint)): Path<(String, String)>,
) -> Result<JsonAnswer<TestAnswer>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    let event = app.hooks.test(account, id, &request.scoped()).await?;
    Ok(JsonAnswer(TestAnswer { event_id: event.to_string() }))
}

/// Reads what was sent to an endpoint in the last thirty days, newest first.
#[utoipa::path(get, path = "/api/webhooks/{account_id}/{webhook_id}/deliveries", operation_id = "list_webhook_deliveries",
    tag = "webhooks", params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = DeliveriesAnswer, description = "A page of deliveries")))]
pub async fn list(
    State(app): State<App>,
    key: Key,
    Path((account, endpoint)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<JsonAnswer<DeliveriesAnswer>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    let before: Option<EventId> = parameters.read("cursor", "cursor must be the next_cursor of an earlier page")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    // One more than shown tells whether there is a next page.
    let found = app.hooks.deliveries(account, id, before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    let deliveries: Vec<DeliveryItem> = found.into_iter().take(shown).map(DeliveryItem::from).collect();
    let next_cursor = deliveries.last().filter(|_| more).map(|last| last.event_id.clone());
    Ok(JsonAnswer(DeliveriesAnswer { webhook_id: id.to_string(), deliveries, next_cursor }))
}

/// Reads one delivery with its body and its attempts.
#[utoipa::path(get, path = "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}",
    operation_id = "read_webhook_delivery", tag = "webhooks",
    params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints"),
        ("event_id" = String, Path, description = "An event that was sent there")),
    responses((status = 200, body = DeliveryAnswer, description = "The delivery")))]
pub async fn read(
    State(app): State<App>,
    key: Key,
    Path((account, endpoint, event)): Path<(String, String, String)>,
) -> Result<JsonAnswer<DeliveryAnswer>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    let (delivery, event, attempts) = app.hooks.delivery(account, id, event_named(&event)?).await?;
    let payload = serde_json::from_str(&event.payload).unwrap_or(Value::Null);
    let attempts = attempts.into_iter().map(AttemptItem::from).collect();
    Ok(JsonAnswer(DeliveryAnswer { delivery: delivery.into(), payload, attempts }))
}

/// Sends an event of the last thirty days to the endpoint once more.
#[utoipa::path(post, path = "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}/replay",
    operation_id = "replay_webhook_delivery", tag = "webhooks",
    params(("account_id" = String, Path, description = "The account"),
        ("webhook_id" = String, Path, description = "One of its endpoints"),
        ("event_id" = String, Path, description = "An event of the account")),
    responses((status = 200, body = DeliveryItem, description = "It is on its way again")))]
pub async fn replay(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path((account, endpoint, event)): Path<(String, String, String)>,
) -> Result<JsonAnswer<DeliveryItem>, Problem> {
    let (account, id) = named(&key, &account, &endpoint)?;
    Ok(JsonAnswer(app.hooks.replay(account, id, event_named(&event)?, &request.scoped()).await?.into()))
}

fn event_named(text: &str) -> Result<EventId, Problem> {
    text.parse().map_err(|_| HookError::NotFound.into())
}

impl From<Delivery> for DeliveryItem {
    fn from(delivery: Delivery) -> Self {
        let waits = delivery.state == "waiting";
        Self {
            event_id: delivery.event.to_string(),
            kind: delivery.kind.name(),
            happened_at: Moment(delivery.at),
            state: delivery.state,
            attempts: delivery.attempts,
            next_attempt_at: waits.then_some(Moment(delivery.next_at)),
        }
    }
}

impl From<Attempt> for AttemptItem {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            at: Moment(attempt.at),
            took_ms: attempt.took_millis,
            status: attempt.status,
            answer: attempt.answer,
            failure: attempt.failure,
        }
    }
}
