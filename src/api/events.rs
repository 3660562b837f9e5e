//! What happens on an account, as it happens: a stream of server-sent events for programs with a key and for signed-in
//! pages.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::Stream;
use serde_json::json;

use super::caller::{Key, bearer};
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::Caller;
use crate::ledger::{AccountId, EventId};
use crate::server::context::{session_of, session_token_in};
use crate::server::live::{Feed, Pass, Told};
use crate::server::state::App;

/// A proxy between us gives up what is silent for longer.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// When to come again after the connection has ended.
const RETRY: Duration = Duration::from_secs(2);
const LAST_EVENT_ID: &str = "last-event-id";

/// The stream of a signed-in page, beside the REST API but with a session instead of a key.
pub fn router() -> Router<App> {
    Router::new().route("/live", get(live))
}

/// Tells the account's balance whenever it changes, and its events as they happen.
///
/// The events `balance` carry what can be spent and what is held; the others are those that webhooks carry, each with its
/// id: sent back as `Last-Event-ID`, what happened since is told first. The connection ends after a quarter of an hour.
#[utoipa::path(get, path = "/api/events", operation_id = "stream_events", tag = "webhooks",
    params(("account_id" = Option<String>, Query, description = "The account; a customer's key may leave it out"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "The stream")))]
pub async fn stream(
    State(app): State<App>,
    key: Key,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let named: Option<String> = parameters.read("account_id", "account_id must be an account")?;
    let account = match (named, key.0) {
        (Some(named), _) => key.account(&named)?,
        (None, Caller::Customer { account, .. }) => account,
        (None, Caller::Operator { .. }) => return Err(Problem::field("account_id", "account_id must be given")),
    };
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let secret = bearer(&headers).ok_or_else(Problem::unauthorized)?.to_owned();
    let last = last_event(&headers)?;
    open(app, account, Pass::Key(secret), last)
}

/// The same for the pages of whoever is signed in.
async fn live(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let signed_in = session_of(&app, &headers).await.map_err(|_| Problem::unavailable())?;
    let (Some(signed_in), Some(token)) = (signed_in, session_token_in(&app, &headers)) else {
        // A browser that gets this answer does not come again by itself.
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    open(app, signed_in.account, Pass::Session(token), last_event(&headers)?)
}

fn open(app: App, account: AccountId, pass: Pass, last: Option<EventId>) -> Result<Response, Problem> {
    let place = app.live.enter().ok_or_else(Problem::busy)?;
    let feed = Feed::new(app, account, pass, place, last);
    let stream = events(feed);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response())
}

fn events(feed: Feed) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    futures::stream::unfold(feed, |mut feed| async move {
        let told = feed.next().await?;
        Some((Ok(written(&told)), feed))
    })
}

fn written(told: &Told) -> Event {
    match told {
        Told::Balance { available, held } => {
            let data = json!({"available": available, "held": held}).to_string();
            Event::default().event("balance").retry(RETRY).data(data)
        }
        Told::Event(event) => {
            Event::default().event(event.kind.name()).id(event.id.to_string()).data(event.payload.clone())
        }
    }
}

/// The event that was seen last, if the caller names one.
fn last_event(headers: &HeaderMap) -> Result<Option<EventId>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let text = value.to_str().unwrap_or("?");
    if text.is_empty() {
        return Ok(None);
    }
    let sentence = "Last-Event-ID must be the id of an event of this stream";
    text.parse().map(Some).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "invalid_last_event_id", sentence))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_an_events_id_is_taken_and_nothing_makes_it_fall(text in "(EVT_)?[\\x20-\\x7e]{0,40}") {
            let headers: HeaderMap =
                [(axum::http::HeaderName::from_static(LAST_EVENT_ID), HeaderValue::from_str(&text).expect("ascii"))]
                    .into_iter()
                    .collect();
            match last_event(&headers) {
                Ok(Some(id)) => prop_assert_eq!(id.to_string(), text),
                Ok(None) => prop_assert!(text.is_empty()),
                Err(problem) => prop_assert_eq!(problem.code, "invalid_last_event_id"),
            }
        }
    }
}
