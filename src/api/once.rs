//! Each of these writes is done once for each `Idempotency-Key`, and the first answer is shown again to whoever sends
//! the same again.
//!
//! A layer around the routes below: those that move no credits, and so have no row among the ledger's orders. The other
//! writes keep their key with what they make. Without a key in the request there is nothing to keep. A secret in an
//! answer is shown once and not kept: a replay has `null` in its place.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::body::{BODY_MAX_BYTES, read};
use super::caller::Key;
use super::exchange::IDEMPOTENCY_KEY;
use super::idempotency::{REPLAYED, RequestKey};
use super::problem::Problem;
use crate::billing::{Claim, Claimed, FirstAnswer, Incoming, Whose};
use crate::identity::Caller;
use crate::server::state::App;

/// Far more than any of these answers has.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The writes that are kept here.
const KEPT: &[(Method, &str)] = &[
    (Method::PUT, "/api/billing/account/{account_id}"),
    (Method::PUT, "/api/billing/alerts/{account_id}"),
    (Method::PUT, "/api/billing/auto-topup/{account_id}"),
    (Method::POST, "/api/billing/payment-methods"),
    (Method::POST, "/api/billing/payment-methods/setup"),
    (Method::PUT, "/api/billing/payment-methods/{account_id}/default"),
    (Method::DELETE, "/api/billing/payment-methods/{account_id}/{payment_method}"),
    (Method::POST, "/api/billing/portal"),
    (Method::DELETE, "/api/billing/recurring-grants/{account_id}/{recurring_grant_id}"),
    (Method::POST, "/api/billing/subscriptions"),
    (Method::POST, "/api/billing/subscriptions/{account_id}/cancel"),
    (Method::POST, "/api/billing/subscriptions/{account_id}/resume"),
    (Method::DELETE, "/api/invitations/{account_id}/{invitation_id}"),
    (Method::DELETE, "/api/keys/{account_id}/{key_id}"),
    (Method::POST, "/api/keys/{account_id}/{key_id}/rotate"),
    (Method::DELETE, "/api/members/{account_id}/{user_id}"),
    (Method::PUT, "/api/members/{account_id}/{user_id}"),
    (Method::POST, "/api/monitors/{account_id}/{monitor_id}/stop"),
    (Method::POST, "/api/office/events/{stripe_event_id}/replay"),
    (Method::POST, "/api/office/reconciliations/{reconciliation_id}/differences/{number}/repair"),
    (Method::DELETE, "/api/shares/{account_id}/{answer_id}"),
    (Method::DELETE, "/api/webhooks/{account_id}/{webhook_id}"),
    (Method::PUT, "/api/webhooks/{account_id}/{webhook_id}"),
    (Method::POST, "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}/replay"),
    (Method::POST, "/api/webhooks/{account_id}/{webhook_id}/rotate"),
    (Method::POST, "/api/webhooks/{account_id}/{webhook_id}/test"),
];

/// Lets a write through the first time, and answers it as then the next times.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_kept = KEPT.iter().any(|(method, at)| *at == path && method == request.method());
    if !is_kept || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    once(app, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn once(app: App, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut head, body) = request.into_parts();
    let key = RequestKey::from_request_parts(&mut head, &app).await?;
    let whose = match Key::from_request_parts(&mut head, &app).await?.0 {
        Caller::Customer { account, .. } => Whose::Account(account),
        Caller::Operator { key } => Whose::Operator(key),
    };
    let body = read(body, BODY_MAX_BYTES).await?;
    let fingerprint = fingerprint(&head.method, head.uri.path(), &body);
    let claimed = match app.kernel.claim_write(&Incoming { whose, request: key.scoped(), fingerprint }).await? {
        Claim::First(claimed) => claimed,
        Claim::Answered(first) => return Ok(again(first)),
        Claim::InProgress => return Err(Problem::in_progress()),
        Claim::Conflict => return Err(Problem::idempotency_conflict()),
    };
    // By itself: a client that goes away leaves no claim behind whose work was cut off.
    let work = async move {
        let answer = next.run(Request::from_parts(head, Body::from(body))).await;
        keep(&app, &claimed, answer).await
    };
    match tokio::spawn(work.in_current_span()).await {
        Ok(answer) => Ok(answer),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Problem::unavailable()),
    }
}

/// Keeps what was done, and lets the key of what was refused go.
async fn keep(app: &App, claimed: &Claimed, answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let bytes = match to_bytes(body, ANSWER_BYTES_MAX).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(%error, "an answer could not be read");
            return Problem::unavailable().into_response();
        }
    };
    let kept = if head.status.is_success() {
        let first = FirstAnswer { status: head.status.as_u16(), body: without_secret(&bytes) };
        app.kernel.keep_first_answer(claimed, &first).await
    } else {
        app.kernel.release_write(claimed).await
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "the first answer to a write was not kept; a retry does it again");
    }
    Response::from_parts(head, Body::from(bytes))
}

/// The same request has the same fingerprint, however its JSON is spaced.
fn fingerprint(method: &Method, path: &str, body: &Bytes) -> String {
    let value = serde_json::from_slice::<Value>(body).map(|value| value.to_string().into_bytes());
    let mut digest = Sha256::new();
    digest.update(format!("{method} {path}\n"));
    digest.update(value.as_deref().unwrap_or(body));
    hex::encode(digest.finalize())
}

/// What may be kept of an answer: all of it but a secret that is shown once.
fn without_secret(bytes: &Bytes) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(mut members)) if members.contains_key("secret") => {
            members.insert("secret".into(), Value::Null);
            members.insert("replayed".into(), true.into());
            Value::Object(members).to_string()
        }
        _ => text,
    }
}

fn again(first: FirstAnswer) -> Response {
    let is_json = !first.body.is_empty();
    let mut answer = Response::new(Body::from(first.body));
    *answer.status_mut() = StatusCode::from_u16(first.status).unwrap_or(StatusCode::OK);
    answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    if is_json {
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::super::access::{Need, TABLE};
    use super::*;

    /// The writes that keep their idempotency key with what they make.
    const THEIR_OWN: &[&str] = &[
        "/api/batches",
        "/api/billing/account",
        "/api/billing/adjustments",
        "/api/billing/budgets/{account_id}",
        "/api/billing/budgets/{account_id}/keys/{key_id}",
        "/api/billing/charges",
        // Each of its charges has a key of its own.
        "/api/billing/charges/batch",
        "/api/billing/checkout",
        "/api/billing/grants",
        "/api/billing/holds",
        "/api/billing/holds/{hold_id}/capture",
        "/api/billing/holds/{hold_id}/release",
        "/api/billing/payment-intents",
        "/api/billing/purchase",
        // Answers where the payment stands now.
        "/api/billing/purchase/confirm",
        "/api/billing/purchase-refunds",
        "/api/billing/quotes",
        "/api/billing/recurring-grants",
        "/api/billing/refunds",
        "/api/billing/suspensions",
        "/api/billing/write-offs",
        "/api/invitations",
        "/api/keys",
        "/api/monitors",
        "/api/monitors/{account_id}/{monitor_id}/extend",
        "/api/monitors/{account_id}/{monitor_id}/observations",
        // Answers how the run stands now.
        "/api/office/reconciliations",
        "/api/office/tiers",
        "/api/oracle",
        "/api/shares",
        "/api/verifications/{verification_id}/rerun",
        "/api/verify",
        "/api/webhooks",
    ];

    #[test]
    fn every_write_is_kept_here_or_keeps_its_key_itself() {
        let writes = TABLE.iter().filter(|(method, _, need)| *method != Method::GET && *need != Need::Signature);
        for (method, path, _) in writes {
            let kept = KEPT.iter().any(|(known, at)| at == path && known == method);
            let own = THEIR_OWN.contains(path) && *method != Method::DELETE;
            assert!(kept != own, "{method} {path}: say in src/api/once.rs where its idempotency key is kept");
        }
        for (method, path) in KEPT {
            assert!(TABLE.iter().any(|(known, at, _)| at == path && known == method), "no such write: {method} {path}");
        }
    }

    #[test]
    fn spaces_make_no_other_request_and_anything_else_does() {
        let of = |method: Method, path: &str, body: &'static str| fingerprint(&method, path, &Bytes::from(body));
        let first = of(Method::PUT, "/api/a", r#"{"a": 1}"#);
        assert_eq!(first, of(Method::PUT, "/api/a", r#"{"a":1}"#));
        for other in [
            of(Method::POST, "/api/a", r#"{"a":1}"#),
            of(Method::PUT, "/api/b", r#"{"a":1}"#),
            of(Method::PUT, "/api/a", r#"{"a":2}"#),
            of(Method::PUT, "/api/a", ""),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_secret_is_not_kept() {
        let kept = without_secret(&Bytes::from(r#"{"key":{"name":"ci"},"secret":"aethel_test_x","replayed":false}"#));
        let kept: Value = serde_json::from_str(&kept).expect("json");
        assert_eq!(kept, serde_json::json!({"key": {"name": "ci"}, "secret": null, "replayed": true}));
        assert_eq!(without_secret(&Bytes::from(r#"{"url": "x"}"#)), r#"{"url": "x"}"#);
    }
}
