//! What goes wrong on our side is a problem like any other: a handler that falls over is 500, one that takes too long 504.
//!
//! Inside [`super::exchange`], which gives both the id of their request. The server's own layers do the same for pages.

use std::any::Any;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Less than the server gives any answer, so that the API's own is sent. What is streamed begins at once.
const ANSWER_SECONDS: u64 = 55;

/// Answers 504 where a handler takes too long.
pub async fn in_time(request: Request, next: Next) -> Response {
    within(Duration::from_secs(ANSWER_SECONDS), next.run(request)).await
}

async fn within(limit: Duration, work: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, work).await {
        Ok(answer) => answer,
        Err(_elapsed) => Problem::timed_out().into_response(),
    }
}

/// The answer of a handler that fell over.
pub fn fallen(panic: Box<dyn Any + Send>) -> Response {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast::<&str>().map(|text| (*text).to_owned()).unwrap_or_default(),
    };
    tracing::error!(panic = %text, "a handler fell over");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn answered(router: Router) -> (u16, String, Value) {
        let router = router.layer(CatchPanicLayer::custom(fallen)).layer(from_fn(super::super::exchange::layer));
        let request = Request::get("/").header("x-request-id", "r-7").body(Body::empty()).expect("request");
        let (head, body) = router.oneshot(request).await.expect("infallible").into_parts();
        let kind = head.headers["content-type"].to_str().expect("text").to_owned();
        let bytes = to_bytes(body, 65_536).await.expect("small");
        (head.status.as_u16(), kind, serde_json::from_slice(&bytes).expect("json"))
    }

    #[tokio::test]
    async fn a_handler_that_falls_over_is_a_problem_with_the_requests_id() {
        async fn falls() -> &'static str {
            panic!("on purpose")
        }
        let (status, kind, document) = answered(Router::new().route("/", get(falls))).await;
        assert_eq!((status, kind.as_str()), (500, "application/problem+json"));
        assert_eq!((&document["code"], &document["request_id"]), (&"internal".into(), &"r-7".into()));
        assert!(!document.to_string().contains("on purpose"), "what it was is the log's: {document}");
    }

    #[tokio::test]
    async fn one_that_takes_too_long_is_a_problem_that_says_when_to_come_again() {
        async fn never() -> &'static str {
            std::future::pending().await
        }
        async fn soon(request: Request, next: Next) -> Response {
            within(Duration::from_millis(5), next.run(request)).await
        }
        let (status, kind, document) = answered(Router::new().route("/", get(never)).layer(from_fn(soon))).await;
        assert_eq!((status, kind.as_str()), (504, "application/problem+json"));
        assert_eq!((&document["code"], &document["request_id"]), (&"timed_out".into(), &"r-7".into()));
    }
}
