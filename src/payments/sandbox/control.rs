//! The sandbox's remote control, `/_control`: its clock, mischief with webhooks, and what banks and card holders do.
//!
//! Asked with the secret key and form fields, answered in JSON, like the rest. The panel's buttons end here too.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::ApiError;
use super::objects::{come_due, dispute, payment, payment_intent, refund};
use super::outbox::{Chaos, Parcel};
use super::params::Params;
use super::state::{Desk, Event, Object, Origin, new_id};
use super::{Shared, auth, form, lock};

const DAY_SECONDS: i64 = 86_400;
/// The clock never goes further at once.
const ADVANCE_SECONDS_MAX: i64 = 366 * DAY_SECONDS;
const DELAY_SECONDS_MAX: i64 = 3_600;
/// How long an old secret signs on after a roll, if not told otherwise; also Stripe's longest.
const OVERLAP_SECONDS: i64 = DAY_SECONDS;

pub async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let allowed = auth::check(&headers, shared.secret_key.as_deref());
    respond(allowed.map(|()| shared.look(Origin::default(), |desk| state(desk, &shared))))
}

pub async fn act(
    State(shared): State<Arc<Shared>>,
    Path(action): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(auth::check(&headers, shared.secret_key.as_deref()).and_then(|()| run(&shared, &action, &body)))
}

fn respond(outcome: Result<Value, ApiError>) -> Response {
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(error.body())).into_response()
        }
    }
}

/// How things stand.
fn state(desk: &Desk, shared: &Shared) -> Value {
    let chaos = desk.store.chaos;
    json!({
        "now": desk.now,
        "clock_shift": desk.store.clock_shift,
        "webhook_url": shared.webhook_url(),
        "secrets": lock(&shared.secrets).texts(shared.now()),
        "waiting": desk.store.outbox.waiting(),
        "undelivered": desk.store.events.newest_first().filter(|event| is_undelivered(event)).count(),
        "chaos": {
            "duplicates": chaos.duplicates,
            "disorder": chaos.disorder,
            "delay_seconds": chaos.delay_seconds,
            "loss": chaos.loss,
            "hold": chaos.hold,
            "fail_refunds": chaos.fail_refunds,
        },
    })
}

pub fn is_undelivered(event: &Event) -> bool {
    event.body["pending_webhooks"] != 0
}

/// Does one thing and answers with what it made, or with how things stand.
///
/// # Errors
/// Refuses unknown actions and parameters, and what cannot be done to an object as it is.
pub fn run(shared: &Shared, action: &str, body: &[u8]) -> Result<Value, ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| ApiError::invalid("Invalid request: the body is not UTF-8."))?;
    let mut params = Params::new(form::parse(text).map_err(|error| ApiError::invalid(error.to_string()))?);
    match action {
        "deliver" => {
            params.finish()?;
            send_again(shared, is_undelivered, true);
        }
        "resend" => {
            let id = params.required("event")?;
            params.finish()?;
            if send_again(shared, |event| event.id == id, false) == 0 {
                return Err(ApiError::no_such_reference("event", &id, "event"));
            }
        }
        "secret" => roll_secret(shared, params)?,
        _ => {
            let made = shared.work(Origin::default(), |desk| on_desk(desk, action, params))?;
            if !made.is_null() {
                return Ok(made);
            }
        }
    }
    Ok(shared.work(Origin::default(), |desk| state(desk, shared)))
}

fn on_desk(desk: &mut Desk, action: &str, mut params: Params) -> Result<Value, ApiError> {
    match action {
        "chaos" => change_chaos(desk, params).map(|()| Value::Null),
        "clock" => advance(desk, params).map(|()| Value::Null),
        "dispute" => {
            let charge = params.required("charge")?;
            let reason = params.choice("reason", &dispute::REASONS)?.unwrap_or("fraudulent");
            params.finish()?;
            dispute::open(desk, &charge, reason)
        }
        "decide" => {
            let id = params.required("dispute")?;
            let outcome = params.choice("outcome", &["won", "lost"])?.ok_or_else(|| ApiError::missing("outcome"))?;
            params.finish()?;
            dispute::decide(desk, &id, outcome == "won")
        }
        "fail_refund" => {
            let id = params.required("refund")?;
            params.finish()?;
            refund::fail(desk, &id)
        }
        "settle" => {
            let id = params.required("payment_intent")?;
            let outcome = params.choice("outcome", &["succeeded", "failed"])?;
            let outcome = outcome.ok_or_else(|| ApiError::missing("outcome"))?;
            params.finish()?;
            payment::settle_debit(desk, &id, Some(outcome == "succeeded"))?;
            payment_intent::find(desk, &id).map(Object::render)
        }
        _ => Err(ApiError::unknown_path("POST", &format!("/_control/{action}"))),
    }
}

fn change_chaos(desk: &mut Desk, mut params: Params) -> Result<(), ApiError> {
    let mut chaos = if params.flag("calm")? == Some(true) { Chaos::default() } else { desk.store.chaos };
    for (name, flag) in [
        ("duplicates", &mut chaos.duplicates),
        ("disorder", &mut chaos.disorder),
        ("loss", &mut chaos.loss),
        ("hold", &mut chaos.hold),
        ("fail_refunds", &mut chaos.fail_refunds),
    ] {
        *flag = params.flag(name)?.unwrap_or(*flag);
    }
    if let Some(delay) = params.integer("delay_seconds")? {
        let within = u32::try_from(delay).ok().filter(|_| delay <= DELAY_SECONDS_MAX);
        chaos.delay_seconds =
            within.ok_or_else(|| ApiError::invalid("The delay is at most an hour.").param("delay_seconds"))?;
    }
    params.finish()?;
    desk.store.chaos = chaos;
    Ok(())
}

/// Moves the clock, day by day, so that everything comes due in its order.
fn advance(desk: &mut Desk, mut params: Params) -> Result<(), ApiError> {
    let seconds = params.integer("advance")?.ok_or_else(|| ApiError::missing("advance"))?;
    params.finish()?;
    if !(1..=ADVANCE_SECONDS_MAX).contains(&seconds) {
        let message = "The clock goes forward only, by a second to 366 days at once.";
        return Err(ApiError::invalid(message).param("advance"));
    }
    let mut left = seconds;
    while left > 0 {
        let step = left.min(DAY_SECONDS);
        desk.store.clock_shift += step;
        desk.now += step;
        left -= step;
        come_due(desk);
    }
    Ok(())
}

fn roll_secret(shared: &Shared, mut params: Params) -> Result<(), ApiError> {
    let secret = params.text("secret")?.unwrap_or_else(|| new_id("whsec_"));
    let overlap = params.integer("overlap_seconds")?.unwrap_or(OVERLAP_SECONDS);
    params.finish()?;
    if !secret.starts_with("whsec_") || secret.len() > 200 {
        return Err(ApiError::invalid("A signing secret begins with whsec_.").param("secret"));
    }
    if !(0..=OVERLAP_SECONDS).contains(&overlap) {
        return Err(ApiError::invalid("An old secret signs on for a day at most.").param("overlap_seconds"));
    }
    let rolled = lock(&shared.secrets).roll(&secret, shared.now(), overlap);
    rolled.map_err(|error| ApiError::invalid(error.to_string()).param("secret"))
}

/// Sends wanted events now, whatever the mischief; answers how many.
fn send_again(shared: &Shared, wanted: impl Fn(&Event) -> bool, instead_of_what_waits: bool) -> usize {
    let mut store = lock(&shared.store);
    let mut events: Vec<Event> = store.events.newest_first().filter(|event| wanted(event)).cloned().collect();
    events.reverse();
    let count = events.len();
    let time = shared.timeline(store.clock_shift);
    if instead_of_what_waits {
        store.outbox.clear();
    }
    for event in events {
        store.outbox.put(time, Parcel { event, attempt: 0 });
    }
    shared.posted.notify_one();
    shared.changed.notify_one();
    count
}
