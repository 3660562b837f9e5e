//! Entity tags on what is read: whoever polls sends the tag of what it has, and gets 304 while that is still so.
//!
//! A layer around every route: each whole JSON answer to a GET is tagged by the hash of its bytes, so that a tag changes if
//! and only if the answer does. What is written out as it is read, such as an export, has none.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// Larger answers are not what one polls.
const TAGGED_BYTES_MAX: u64 = 256 * 1024;
/// Half of a SHA-256 tells any two answers of one address apart.
const TAG_BYTES: usize = 16;

/// Tags the answer, or says that it is still the one that the caller has.
pub async fn layer(request: Request, next: Next) -> Response {
    if *request.method() != Method::GET {
        return next.run(request).await;
    }
    let known: Vec<HeaderValue> = request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    if !is_tagged(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let limit = usize::try_from(TAGGED_BYTES_MAX).unwrap_or(usize::MAX);
    let Ok(bytes) = axum::body::to_bytes(body, limit).await else { return Problem::unavailable().into_response() };
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&bytes).get(..TAG_BYTES).unwrap_or_default()));
    let is_same = known.iter().any(|value| names(value, &tag));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        head.headers.insert(ETAG, value);
    }
    if !is_same {
        return Response::from_parts(head, Body::from(bytes));
    }
    head.status = StatusCode::NOT_MODIFIED;
    forget_body(&mut head.headers);
    Response::from_parts(head, Body::empty())
}

fn is_tagged(response: &Response) -> bool {
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let is_small = response.body().size_hint().exact().is_some_and(|bytes| bytes <= TAGGED_BYTES_MAX);
    response.status() == StatusCode::OK && is_json && is_small && !response.headers().contains_key(ETAG)
}

fn forget_body(headers: &mut HeaderMap) {
    headers.remove(CONTENT_TYPE);
    headers.remove(CONTENT_LENGTH);
}

/// Whether an `If-None-Match` names the tag: as one of a list, weak or not, or by the star that is any.
fn names(value: &HeaderValue, tag: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use proptest::prelude::*;
    use tower::ServiceExt;

    use super::*;

    async fn ask(known: Option<&str>) -> (StatusCode, HeaderMap, usize) {
        let routes = Router::new()
            .route("/", get(|| async { axum::Json(serde_json::json!({"balance": 7})) }))
            .layer(axum::middleware::from_fn(layer));
        let mut request = Request::get("/");
        if let Some(known) = known {
            request = request.header(IF_NONE_MATCH, known);
        }
        let response = routes.oneshot(request.body(Body::empty()).expect("request")).await.expect("infallible");
        let (head, body) = response.into_parts();
        (head.status, head.headers, axum::body::to_bytes(body, 1_000).await.expect("small").len())
    }

    #[tokio::test]
    async fn what_is_still_so_is_not_sent_again() {
        let (status, headers, length) = ask(None).await;
        let tag = headers[ETAG].to_str().expect("text").to_owned();
        assert!(status == StatusCode::OK && length == 13 && tag.len() == 34, "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let (status, headers, length) = ask(Some(&known)).await;
            assert_eq!((status, length), (StatusCode::NOT_MODIFIED, 0), "{known}");
            assert_eq!(headers[ETAG], tag.as_str());
        }
        for other in ["\"other\"", "", &tag[1..], "nonsense"] {
            assert_eq!(ask(Some(other)).await.0, StatusCode::OK, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fall(text in "[\\x20-\\x7e]{0,60}") {
            let _named = names(&HeaderValue::from_str(&text).expect("ascii"), "\"0\"");
        }
    }
}
