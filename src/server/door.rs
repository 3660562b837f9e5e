//! Counts, by address, what comes to the pages: the forms that anybody may send by a limit of their own, so that
//! passwords are not guessed in bulk and nobody's post box is filled; pages, their reads and downloads by the address's.
//! Whoever is signed in is counted by account too, once the guard has found out who it is.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::error::FromServerFnError;

use super::guard::Came;
use super::limits::{Spent, Verdict, with_state};
use super::permissions::{Effect, Need, function};
use super::security::is_built_file;
use super::state::App;
use crate::app::error::AppError;

/// Lets a request in, or says when it may come again.
pub async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !is_counted(path) {
        return next.run(request).await;
    }
    let admitted = match path.strip_prefix("/fn/").and_then(function) {
        Some(one) if one.need == Need::Anyone && one.effect == Effect::Writes => app.limits.door(&request),
        _ => app.limits.address(&request),
    };
    match admitted {
        Verdict::Admitted(_) => next.run(request).await,
        Verdict::Refused(spent) => refusal(request.headers(), request.uri().path(), &spent),
    }
}

/// Stands behind the guard: counts whoever it found to be signed in by the account they work in.
pub async fn account_door(State(app): State<App>, request: Request, next: Next) -> Response {
    let who = request.extensions().get::<Came>().and_then(|came| came.0.as_ref().ok()?.as_ref());
    match who.map(|who| app.limits.account(who.account)) {
        Some(Verdict::Refused(spent)) => refusal(request.headers(), request.uri().path(), &spent),
        Some(Verdict::Admitted(_)) | None => next.run(request).await,
    }
}

/// The API counts by itself, a probe of the house's health must not be turned away, and built files are a cache's.
fn is_counted(path: &str) -> bool {
    let below = |part: &str| path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !below("/api") && !below("/health") && !is_built_file(path)
}

fn refusal(headers: &HeaderMap, path: &str, spent: &Spent) -> Response {
    let error = AppError::Refused { code: "too_many_tries".into() };
    let by_person = headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    let answer = if by_person || !path.starts_with("/fn/") {
        let sentence = format!("{} Try again in {} seconds.", error.sentence(), spent.retry_after_seconds.max(1));
        (StatusCode::TOO_MANY_REQUESTS, sentence).into_response()
    } else {
        let answer = error.ser();
        (StatusCode::TOO_MANY_REQUESTS, [(CONTENT_TYPE, answer.content_type)], answer.body).into_response()
    };
    with_state(answer, Some(spent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_their_reads_and_downloads_count_and_nothing_else() {
        for path in
            ["/", "/keys", "/fn/keys", "/export/entries.csv", "/statements/2026-10/statement.json", "/apis", "/x"]
        {
            assert!(is_counted(path), "{path}");
        }
        for path in ["/api", "/api/status", "/health/live", "/pkg/aethel.wasm", "/favicon.svg"] {
            assert!(!is_counted(path), "{path}");
        }
    }
}
