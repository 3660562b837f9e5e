//! Sends a call, patiently: one idempotency key for all tries, pauses between them, and the answer as it comes.

use std::io::Write;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::Failure;
use super::call::{Body, Call};
use crate::ledger::{Clock, IdSource};
use crate::server::{SystemClock, SystemIds};

/// How often a call is tried again after a fault that another try may not meet.
const RETRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Nobody waits longer than this between two tries, whatever the server asks.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long a server may take to begin its answer.
const PATIENCE: Duration = Duration::from_secs(65);
/// The most of a refusal that is read.
const PROBLEM_BYTES_MAX: usize = 1 << 20;

/// What came of a call.
pub enum Answer {
    /// It succeeded, and the answer is on standard output.
    Success,
    /// It was refused.
    Problem { status: u16, problem: Value },
}

/// One server and one key.
pub struct Server {
    url: String,
    key: Option<String>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Server {
    /// # Errors
    /// When the address is none.
    pub fn new(url: &str, key: Option<String>) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').to_owned();
        let uri: Uri = url.parse().map_err(|error| format!("AETHEL_URL is {url:?}, which is no address: {error}"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.authority().is_none() {
            return Err(format!("AETHEL_URL is {url:?}; write it like https://aethel.example").into());
        }
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Ok(Self { url, key, client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Sends the call until it is answered or patience ends, and writes a success to standard output.
    pub async fn send(&self, call: &Call) -> Result<Answer, Failure> {
        let made = || format!("cli-{}", SystemIds.next(SystemClock.now()));
        let key = call.idempotent.then(|| call.idempotency_key.clone().unwrap_or_else(made));
        for tries in 0.. {
            let outcome =
                tokio::time::timeout(PATIENCE, self.client.request(self.request(call, key.as_deref())?)).await;
            let answer = match outcome {
                Ok(Ok(answer)) if answer.status().is_success() => return write_success(answer).await,
                Ok(Ok(answer)) if tries >= RETRIES || !may_come_right(&answer) => return problem(answer).await,
                Ok(Ok(answer)) => Some(answer),
                Ok(Err(error)) if tries >= RETRIES => {
                    return Err(format!("{} does not answer: {}", self.url, root(&error)).into());
                }
                Err(_) if tries >= RETRIES => return Err(format!("{} does not answer in time", self.url).into()),
                _ => None,
            };
            tokio::time::sleep(pause(answer.as_ref().map(Response::headers), tries)).await;
        }
        unreachable!("the last try returns")
    }

    fn request(&self, call: &Call, key: Option<&str>) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::builder().method(call.method.as_str()).uri(format!("{}{}", self.url, call.target));
        if let Some(bearer) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let (kind, body) = match &call.body {
            None => return Ok(request.body(Full::default())?),
            Some(Body::Json(value)) => ("application/json", serde_json::to_vec(value)?),
            Some(Body::Csv(text)) => ("text/csv", text.clone().into_bytes()),
        };
        Ok(request.header(header::CONTENT_TYPE, kind).body(Full::from(body))?)
    }
}

/// A conflict that says when to come back is a first try that is still being worked on.
fn may_come_right<B>(answer: &Response<B>) -> bool {
    let status = answer.status();
    let is_in_progress = status == StatusCode::CONFLICT && answer.headers().contains_key(header::RETRY_AFTER);
    matches!(status.as_u16(), 408 | 425 | 429) || status.is_server_error() || is_in_progress
}

fn pause(headers: Option<&HeaderMap>, tries: u32) -> Duration {
    let asked = headers.and_then(|headers| headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok());
    let wait = asked.map_or_else(|| FIRST_PAUSE * 2_u32.saturating_pow(tries), Duration::from_secs);
    wait.min(LONGEST_PAUSE)
}

/// The innermost reason: what the system said.
fn root(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// JSON is laid out for reading; everything else goes through as it comes, whatever its size.
async fn write_success(answer: Response<Incoming>) -> Result<Answer, Failure> {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = kind.starts_with("application/json");
    let mut body = answer.into_body();
    let mut out = std::io::stdout();
    if is_json {
        let whole = body.collect().await?.to_bytes();
        match serde_json::from_slice::<Value>(&whole) {
            Ok(value) => writeln!(out, "{value:#}")?,
            Err(_) => out.write_all(&whole)?,
        }
    } else {
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                out.write_all(&data)?;
                out.flush()?;
            }
        }
    }
    out.flush()?;
    Ok(Answer::Success)
}

async fn problem(answer: Response<Incoming>) -> Result<Answer, Failure> {
    let status = answer.status().as_u16();
    let body = http_body_util::Limited::new(answer.into_body(), PROBLEM_BYTES_MAX).collect().await;
    let bytes = body.map(|collected| collected.to_bytes()).unwrap_or_default();
    Ok(Answer::Problem { status, problem: serde_json::from_slice(&bytes).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_tried_again_and_what_stays_is_not() {
        let answer = |status: u16, retry_after: Option<&str>| {
            let answer = Response::builder().status(status);
            let answer = retry_after.into_iter().fold(answer, |answer, wait| answer.header(header::RETRY_AFTER, wait));
            answer.body(()).expect("an answer")
        };
        for (status, retry_after) in [(429, None), (500, None), (503, Some("1")), (504, None), (409, Some("1"))] {
            assert!(may_come_right(&answer(status, retry_after)), "{status}");
        }
        for status in [400, 401, 404, 409, 422] {
            assert!(!may_come_right(&answer(status, None)), "{status}");
        }
    }
}
