//! Counts, by address, the forms that anybody may send: passwords are not guessed in bulk, and nobody's post box is filled.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::error::FromServerFnError;

use super::limits::{Spent, Verdict, with_state};
use super::permissions::{Effect, Need, function};
use super::state::App;
use crate::app::error::AppError;

/// Lets a request in, or says when it may come again.
pub async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(endpoint) = request.uri().path().strip_prefix("/fn/") else { return next.run(request).await };
    let is_door = function(endpoint).is_some_and(|one| one.need == Need::Anyone && one.effect == Effect::Writes);
    let admitted = match (is_door, request.method() == Method::POST) {
        (true, _) => app.limits.door(&request),
        (false, true) => app.limits.address(&request),
        (false, false) => Verdict::Admitted(None),
    };
    match admitted {
        Verdict::Admitted(_) => next.run(request).await,
        Verdict::Refused(spent) => with_state(refusal(&request, &spent), Some(&spent)),
    }
}

fn refusal(request: &Request, spent: &Spent) -> Response {
    let error = AppError::Refused { code: "too_many_tries".into() };
    let by_person = request.headers().get(ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if by_person {
        let sentence = format!("{} Try again in {} seconds.", error.sentence(), spent.retry_after_seconds.max(1));
        return (StatusCode::TOO_MANY_REQUESTS, sentence).into_response();
    }
    let answer = error.ser();
    (StatusCode::TOO_MANY_REQUESTS, [(CONTENT_TYPE, answer.content_type)], answer.body).into_response()
}
