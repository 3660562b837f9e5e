//! The HTTP edge of `/v1`: key, version, parameters, idempotency key; then one answer with Stripe's headers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method as HttpMethod, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::dispatch::{self, Method};
use super::error::ApiError;
use super::idempotency::{Answer, Fingerprint, KEY_LENGTH_MAX};
use super::params::Params;
use super::state::{API_VERSION, Desk, Origin, new_id};
use super::{Shared, auth, form};

/// What is told about a request besides its body.
struct Envelope {
    answer: Answer,
    version: String,
    idempotency_key: Option<String>,
    /// The request that first gave this answer, when it is given again.
    replayed_from: Option<String>,
}

/// Answers everything below `/v1`.
pub async fn serve(
    State(shared): State<Arc<Shared>>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = new_id("req_");
    let outcome = handle(&shared, &method, &uri, &headers, &body, &request);
    let envelope = outcome.unwrap_or_else(|error| Envelope {
        answer: Answer { status: error.status, body: error.body(), request: request.clone() },
        version: API_VERSION.to_owned(),
        idempotency_key: None,
        replayed_from: None,
    });
    respond(envelope, &request)
}

fn handle(
    shared: &Shared,
    method: &HttpMethod,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
    request: &str,
) -> Result<Envelope, ApiError> {
    auth::check(headers, shared.secret_key.as_deref())?;
    let version = version(headers)?;
    let path = uri.path().to_owned();
    let method = match *method {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        HttpMethod::DELETE => Method::Delete,
        _ => return Err(ApiError::unknown_path(method.as_str(), &path)),
    };
    let fields = fields(uri, headers, body)?;
    let key = match method {
        Method::Post => idempotency_key(headers)?,
        Method::Get | Method::Delete => None,
    };
    let origin = Origin { request: Some(request.to_owned()), idempotency_key: key.clone() };
    let work = |desk: &mut Desk| answer(desk, method, path, fields, key.as_deref());
    let outcome = if method == Method::Get { shared.look(origin, work) } else { shared.work(origin, work) };
    let (answer, replayed_from) = outcome?;
    Ok(Envelope { answer, version, idempotency_key: key, replayed_from })
}

/// The first answer again, or the work.
fn answer(
    desk: &mut Desk,
    method: Method,
    path: String,
    fields: Map<String, Value>,
    key: Option<&str>,
) -> Result<(Answer, Option<String>), ApiError> {
    let fingerprint = Fingerprint { path, fields };
    if let Some(key) = key
        && let Some(first) = desk.store.replays.find(key, &fingerprint)?
    {
        let first_request = first.request.clone();
        return Ok((first, Some(first_request)));
    }
    let request = desk.origin.request.clone().unwrap_or_default();
    let params = Params::new(fingerprint.fields.clone());
    let (status, body, is_kept) = match dispatch::run(desk, method, &fingerprint.path, params) {
        Ok(value) => (200, value, true),
        Err(error) => (error.status, error.body(), error.is_kept_for_replay()),
    };
    let answer = Answer { status, body, request };
    if let (Some(key), true) = (key, is_kept) {
        desk.store.replays.keep(key, fingerprint, answer.clone(), desk.now);
    }
    Ok((answer, None))
}

/// A request may pin another version of the API; its name must at least look like one.
fn version(headers: &HeaderMap) -> Result<String, ApiError> {
    let Some(value) = headers.get("stripe-version") else {
        return Ok(API_VERSION.to_owned());
    };
    let text = value.to_str().unwrap_or_default();
    let (date, name) = text.split_once('.').unwrap_or((text, ""));
    let looks_right = date.len() == 10
        && date.bytes().enumerate().all(
            |(at, byte)| {
                if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
            },
        )
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if looks_right {
        return Ok(text.to_owned());
    }
    Err(ApiError::invalid(format!("Invalid Stripe API version: {}", text.chars().take(40).collect::<String>())))
}

fn fields(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Map<String, Value>, ApiError> {
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if is_json && !body.is_empty() {
        return Err(ApiError::invalid(
            "Invalid request: the body must be form encoded (application/x-www-form-urlencoded), not JSON.",
        ));
    }
    let body = std::str::from_utf8(body).map_err(|_| ApiError::invalid("Invalid request: the body is not UTF-8."))?;
    let query = uri.query().unwrap_or_default();
    let both = match (query, body) {
        (query, "") => query.to_owned(),
        ("", body) => body.to_owned(),
        (query, body) => format!("{query}&{body}"),
    };
    form::parse(&both).map_err(|error| ApiError::invalid(error.to_string()))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if key.len() <= KEY_LENGTH_MAX => Ok((!key.is_empty()).then(|| key.to_owned())),
        _ => Err(ApiError::idempotency(format!("Idempotency keys can have up to {KEY_LENGTH_MAX} plain characters."))),
    }
}

fn respond(envelope: Envelope, request: &str) -> Response {
    let status = StatusCode::from_u16(envelope.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec_pretty(&envelope.answer.body).unwrap_or_default();
    let mut response = (status, body).into_response();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    put("content-type", "application/json");
    put("cache-control", "no-cache, no-store");
    put("request-id", request);
    put("stripe-version", &envelope.version);
    if let Some(key) = &envelope.idempotency_key {
        put("idempotency-key", key);
        put("original-request", envelope.replayed_from.as_deref().unwrap_or(request));
    }
    if envelope.replayed_from.is_some() {
        put("idempotent-replayed", "true");
    }
    if status == StatusCode::UNAUTHORIZED {
        put("www-authenticate", "Basic realm=\"Stripe sandbox\"");
    }
    response
}
