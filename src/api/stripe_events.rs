//! Stripe's events for operators: what came, what became of it, and working one off again.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::caller::Operator;
use super::fields::Moment;
use super::idempotency::RequestKey;
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::{Actor, Subject};
use crate::ledger::PurchaseId;
use crate::payments::{EventCursor, EventFilter, Replay, StoredEvent, readable_payload};
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;
/// Stripe's types are some forty characters.
const TYPE_MAX: usize = 255;

/// An event of Stripe's as it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StripeEvent)]
pub struct EventItem {
    #[schema(example = "evt_1Q2w3E4r5T6y7U8i")]
    stripe_event_id: String,
    #[serde(rename = "type")]
    #[schema(example = "checkout.session.completed")]
    kind: String,
    api_version: Option<String>,
    received_at: Moment,
    /// `stored`, `done`, `ignored`, `undecodable`, `mismatch` or `failed`.
    #[schema(example = "done")]
    state: &'static str,
    /// How often it was worked off.
    attempts: i64,
    /// What came of it; empty when there is nothing to say.
    note: String,
    /// The purchase that it names; null when it names none.
    purchase_id: Option<String>,
    /// Stripe's payment intent that it is about; null when it names none.
    payment_intent: Option<String>,
    /// How often an operator had it worked off again.
    replays: i64,
    replayed_at: Option<Moment>,
}

impl From<StoredEvent> for EventItem {
    fn from(event: StoredEvent) -> Self {
        Self {
            stripe_event_id: event.id,
            kind: event.kind,
            api_version: event.api_version,
            received_at: Moment(event.received_at),
            state: event.state.name(),
            attempts: event.attempts,
            note: event.note,
            purchase_id: event.purchase,
            payment_intent: event.intent,
            replays: event.replays,
            replayed_at: event.replayed_at.map(Moment),
        }
    }
}

/// A page of events, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StripeEvents)]
pub struct EventsAnswer {
    events: Vec<EventItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// An event with its payload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StripeEventDetail)]
pub struct EventAnswer {
    event: EventItem,
    /// As Stripe sent it, but for client secrets.
    #[schema(value_type = Object)]
    payload: Value,
}

/// What became of a replay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StripeEventReplay)]
pub struct ReplayAnswer {
    /// False when the event was done already: then nothing was changed.
    replayed: bool,
    event: EventItem,
}

/// Reads Stripe's events, newest first. Operators only.
#[utoipa::path(get, path = "/api/office/events", operation_id = "list_stripe_events", tag = "office",
    params(("state" = Option<String>, Query, description = "Only those in this state: stored, done, ignored, undecodable, mismatch or failed"),
        ("type" = Option<String>, Query, description = "Only those of exactly this type"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = EventsAnswer, description = "A page of events")))]
pub async fn list(
    State(app): State<App>,
    Operator(_): Operator,
    parameters: Parameters,
) -> Result<Json<EventsAnswer>, Problem> {
    let states = "state must be stored, done, ignored, undecodable, mismatch or failed";
    let kind: Option<String> = parameters.read("type", "type must be one of Stripe's types")?;
    if kind.as_deref().is_some_and(|kind| !is_type(kind)) {
        return Err(Problem::field("type", "type must be one of Stripe's types, such as charge.refunded"));
    }
    let filter = EventFilter { state: parameters.read("state", states)?, kind };
    let before: Option<EventCursor> = parameters.read("cursor", "cursor must be the next_cursor of an earlier page")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    // One more than shown tells whether there is a next page.
    let mut found = app.payments.events(&filter, before.as_ref(), limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let next_cursor = found.last().filter(|_| more).map(|last| last.cursor().to_string());
    Ok(Json(EventsAnswer { events: found.into_iter().map(EventItem::from).collect(), next_cursor }))
}

/// Reads one event with its payload. Operators only.
#[utoipa::path(get, path = "/api/office/events/{stripe_event_id}", operation_id = "read_stripe_event", tag = "office",
    params(("stripe_event_id" = String, Path, description = "Stripe's id of the event")),
    responses((status = 200, body = EventAnswer, description = "The event")))]
pub async fn read(
    State(app): State<App>,
    Operator(_): Operator,
    Path(id): Path<String>,
) -> Result<Json<EventAnswer>, Problem> {
    let (event, payload) = app.payments.event(&id).await?.ok_or_else(not_found)?;
    Ok(Json(EventAnswer { event: event.into(), payload: readable_payload(&payload) }))
}

/// Works an event off again, by the same road as the first time. Nothing that it did is done twice, and one that is done
/// stays as it is, so any number of replays is safe. Operators only.
#[utoipa::path(post, path = "/api/office/events/{stripe_event_id}/replay", operation_id = "replay_stripe_event",
    tag = "office", params(("stripe_event_id" = String, Path, description = "Stripe's id of the event")),
    responses((status = 200, body = ReplayAnswer, description = "The event as it stands now")))]
pub async fn replay(
    State(app): State<App>,
    Operator(key): Operator,
    _request: RequestKey,
    Path(id): Path<String>,
) -> Result<Json<ReplayAnswer>, Problem> {
    let (event, _) = app.payments.event(&id).await?.ok_or_else(not_found)?;
    let purchase = event.purchase.as_deref().and_then(|text| text.parse::<PurchaseId>().ok());
    let purchase = match purchase {
        Some(purchase) => app.payments.any_purchase(purchase).await?,
        None => None,
    };
    let subject = Subject { account: purchase.map(|purchase| purchase.account), user: None };
    let line = app.identity.audit(&Actor::Key(key), subject, "stripe_event_replayed", format!("{id} {}", event.kind));
    let answer = match app.payments.replay(&id, line).await?.ok_or_else(not_found)? {
        Replay::Again(event) => ReplayAnswer { replayed: true, event: event.into() },
        Replay::AlreadyDone(event) => ReplayAnswer { replayed: false, event: event.into() },
    };
    Ok(Json(answer))
}

fn is_type(text: &str) -> bool {
    (1..=TYPE_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "stripe_event_not_found", "Event not found")
}
