//! What every answer carries and every write must: headers, request ids, and the same-origin rule.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos::server_fn::error::FromServerFnError;
use leptos_axum::ResponseOptions;

use super::state::App;
use crate::app::error::{AppError, FORM_BYTES_MAX};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
/// Whoever was given a link reads what is behind it; search engines are given none.
const SHARED: &str = "/shared/";
const SEC_FETCH_SITE: &str = "sec-fetch-site";
/// A page shows one person's account: the back button must not bring it back once that person has left.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");
/// Built files keep their names from build to build: a cache asks whether its copy is still the one.
const ASKED_ABOUT: HeaderValue = HeaderValue::from_static("no-cache");
/// What is no page needs nothing, and stands in nobody's frame.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
const YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Gives the page being rendered its content security policy, with the nonce of its scripts, and keeps it out of caches.
/// A built file, which is served without the services at hand, needs none.
pub fn provide_policy() {
    let Some(app) = use_context::<App>() else { return };
    let nonce = use_nonce().map_or_else(String::new, |nonce| format!(" 'nonce-{nonce}'"));
    let policy = policy(&nonce, &app.config.checkout_origin, app.config.reload_port);
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
        response.insert_header(CACHE_CONTROL, NOT_KEPT);
    }
}

fn policy(nonce: &str, checkout: &str, reload_port: Option<u16>) -> String {
    // Under `make dev` pages listen for a rebuild, by whichever name of this machine they were asked for.
    let reload = reload_port.map_or_else(String::new, |port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"));
    // A form's answer may lead to the checkout page, and browsers count that as the form's target.
    format!(
        "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{reload}; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' {checkout}"
    )
}

/// Numbers the request and adds the headers that every answer carries.
pub async fn seal(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = HeaderValue::from_str(&format!("req_{}", app.ids.next(app.clock.now())))
        .unwrap_or_else(|_| HeaderValue::from_static("req_"));
    // A number that the caller sent would let it write into our log: ours replaces it.
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let built = is_built_file(request.uri().path());
    let unlisted = request.uri().path().starts_with(SHARED);
    let mut response = next.run(request).await;
    if reads && response.status() == StatusCode::OK && response.headers().contains_key(LOCATION) {
        // Leptos leaves the status to scripts unless the caller asks for HTML by name; a redirect is one for all.
        *response.status_mut() = StatusCode::FOUND;
    }
    if response.status().is_server_error() {
        tracing::error!(request = ?id, status = %response.status(), "a request was not served");
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if unlisted {
        headers.insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
    }
    if built {
        headers.entry(CACHE_CONTROL).or_insert(ASKED_ABOUT);
    } else {
        headers.insert(CACHE_CONTROL, NOT_KEPT);
    }
    if let Some(strict) = transport(&app.config.public_url) {
        headers.insert(STRICT_TRANSPORT_SECURITY, strict);
    }
    response
}

/// Where the site is reached by https, browsers come by nothing else for a year.
fn transport(public_url: &str) -> Option<HeaderValue> {
    public_url.starts_with("https://").then_some(YEAR)
}

/// Whether a path names what the build made: the same for everybody. All else is somebody's own, or of the moment.
pub(super) fn is_built_file(path: &str) -> bool {
    ["/pkg/", "/fonts/"].iter().any(|below| path.starts_with(below))
        || ["/favicon.svg", "/robots.txt", "/page.js", "/passkeys.js", "/try.js", "/file-to-text.js"].contains(&path)
}

/// Refuses a write that a page of another site sent with our visitor's cookie. The REST API takes no cookie.
pub async fn same_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if harmless || is_rest(request.uri().path()) || is_own(request.headers(), &app.config.public_url) {
        return next.run(request).await;
    }
    let why = "this form was not sent from a page of this site; open the page again and send it from there";
    tracing::warn!(path = request.uri().path(), "a form from elsewhere was refused");
    (StatusCode::FORBIDDEN, why).into_response()
}

/// Refuses a form that is longer than any of ours, before a server function reads it: that would call it our fault.
pub async fn bounded_form(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/fn/") {
        return next.run(request).await;
    }
    let by_person = request.headers().get(ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, FORM_BYTES_MAX).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) if is_too_long(&error) && by_person => {
            (StatusCode::PAYLOAD_TOO_LARGE, AppError::TooLarge.sentence()).into_response()
        }
        Err(error) if is_too_long(&error) => {
            let refusal = AppError::TooLarge.ser();
            (refusal.status_code, [(CONTENT_TYPE, refusal.content_type)], refusal.body).into_response()
        }
        // The sender went away in the middle of it.
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<LengthLimitError>())
}

fn is_rest(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return false };
    // Loopback may be called by more than one name; then the host that was asked for decides.
    let own_host = text(HOST.as_str()).is_some_and(|host| origin == format!("http://{host}"));
    origin == public_url || (public_url.starts_with("http://") && own_host)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::DefaultBodyLimit;
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn pages_talk_to_nobody_else_but_to_the_rebuild_that_is_watched_for() {
        let strict = policy(" 'nonce-x'", "https://checkout.stripe.com", None);
        assert!(strict.contains("; connect-src 'self'; ") && !strict.contains("ws:"), "{strict}");
        assert!(strict.contains("script-src 'self' 'nonce-x' 'wasm-unsafe-eval';"), "{strict}");
        assert!(strict.ends_with("form-action 'self' https://checkout.stripe.com"), "{strict}");
        let watched = policy("", "", Some(3_001));
        assert!(watched.contains("; connect-src 'self' ws://127.0.0.1:3001 ws://localhost:3001; "), "{watched}");
    }

    #[test]
    fn browsers_stay_with_https_for_a_year_where_there_is_https() {
        let strict = transport("https://aethel.example").expect("a header");
        assert_eq!(strict, "max-age=31536000; includeSubDomains");
        assert_eq!(transport("http://127.0.0.1:3000"), None);
    }

    #[test]
    fn only_our_own_pages_may_write() {
        let own = "https://aethel.example";
        assert!(is_own(&headers(&[("sec-fetch-site", "same-origin")]), own));
        assert!(is_own(&headers(&[("origin", "https://aethel.example")]), own));
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://aethel.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://aethel.example"), ("host", "aethel.example")],
            &[("origin", "null")],
            &[],
        ] {
            assert!(!is_own(&headers(foreign), own), "{foreign:?}");
        }
    }

    #[test]
    fn only_built_files_may_be_kept_by_caches() {
        for built in ["/pkg/aethel.css", "/fonts/inter.woff2", "/favicon.svg", "/robots.txt", "/page.js"] {
            assert!(is_built_file(built), "{built}");
        }
        for own in
            ["/", "/keys", "/fn/keys", "/api/credits/balance", "/pkg", "/pkgs/x", "/favicon.svg/x", "/health/live"]
        {
            assert!(!is_built_file(own), "{own}");
        }
    }

    #[test]
    fn only_paths_below_api_are_rest() {
        assert!(is_rest("/api/verify"));
        assert!(!is_rest("/apiary"));
        assert!(!is_rest("/fn/sign_in"));
    }

    #[tokio::test]
    async fn a_form_that_is_too_long_is_refused_by_its_own_name() {
        let echo = Router::new()
            .route("/fn/echo", post(|body: String| async move { body.len().to_string() }))
            .layer(DefaultBodyLimit::disable())
            .layer(axum::middleware::from_fn(bounded_form));
        let send = async |length: usize, accept: &str| {
            let form = Request::post("/fn/echo").header(ACCEPT, accept).body(Body::from("x".repeat(length))).unwrap();
            let answer = echo.clone().oneshot(form).await.unwrap();
            let status = answer.status();
            (status, axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap())
        };
        let (status, body) = send(FORM_BYTES_MAX, "*/*").await;
        assert_eq!((status, &body[..]), (StatusCode::OK, FORM_BYTES_MAX.to_string().as_bytes()));
        let (status, body) = send(FORM_BYTES_MAX + 1, "*/*").await;
        assert_eq!((status, AppError::de(body)), (StatusCode::PAYLOAD_TOO_LARGE, AppError::TooLarge));
        let (status, body) = send(FORM_BYTES_MAX + 1, "text/html,*/*").await;
        assert_eq!((status, &body[..]), (StatusCode::PAYLOAD_TOO_LARGE, AppError::TooLarge.sentence().as_bytes()));
    }
}
