//! What belongs to one request and its answer: the request id, and the idempotency key that is echoed.
//!
//! A layer around every route of the API. Handlers and extractors answer a [`Problem`] without knowing the
//! request id; it is written here, once. Knows nothing of accounts or keys.

use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::problem::Problem;

/// Set on every request by the server's own layer, before this one.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where an extractor leaves the idempotency key of this request, so that even a refusal echoes it.
#[derive(Clone, Default)]
pub struct Echo(Arc<OnceLock<HeaderValue>>);

impl Echo {
    pub fn remember(&self, key: HeaderValue) {
        // One request has one key; a second extractor would have read the same header.
        let _ = self.0.set(key);
    }
}

/// Names the request in its problems and echoes its idempotency key.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let request_id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let echo = Echo::default();
    request.extensions_mut().insert(echo.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = named(problem, response, request_id.as_deref());
    }
    if let Some(key) = echo.0.get() {
        response.headers_mut().insert(IDEMPOTENCY_KEY, key.clone());
    }
    response
}

/// Writes the problem again with its request id; headers that others added, such as `Allow`, stay.
fn named(problem: Problem, before: Response, request_id: Option<&str>) -> Response {
    let mut response = problem.respond(request_id);
    for (name, value) in before.headers() {
        if name != axum::http::header::CONTENT_LENGTH && !response.headers().contains_key(name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt;

    async fn answer(router: Router, request: Request) -> (StatusCode, axum::http::HeaderMap, serde_json::Value) {
        let response = router.layer(axum::middleware::from_fn(layer)).oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 65_536).await.expect("small body");
        (parts.status, parts.headers, serde_json::from_slice(&bytes).expect("json"))
    }

    #[tokio::test]
    async fn a_problem_is_given_the_id_of_its_request() {
        let router = Router::new().route("/", get(|| async { Problem::account_not_found() }));
        let request = Request::get("/").header("x-request-id", "r-7").body(Body::empty()).expect("request");
        let (status, headers, document) = answer(router, request).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(document["request_id"], "r-7");
        assert_eq!(document["detail"], "Account not found");
    }

    #[tokio::test]
    async fn a_wrong_method_keeps_its_allow_header() {
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .method_not_allowed_fallback(|| async { Problem::method_not_allowed() });
        let request = Request::delete("/").body(Body::empty()).expect("request");
        let (status, headers, document) = answer(router, request).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(headers["allow"], "GET,HEAD");
        assert_eq!(document["code"], "method_not_allowed");
    }

    #[tokio::test]
    async fn a_refused_write_still_echoes_its_key() {
        let handler = |axum::Extension(echo): axum::Extension<Echo>| async move {
            echo.remember(HeaderValue::from_static("once-1"));
            Problem::busy()
        };
        let request = Request::get("/").body(Body::empty()).expect("request");
        let (status, headers, _) = answer(Router::new().route("/", get(handler)), request).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(headers["idempotency-key"], "once-1");
    }
}
