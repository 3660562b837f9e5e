//! Errors as the wire shows them: RFC 9457 problems with a stable `code`.
//!
//! Knows no store and no wording of its own for refusals: the ledger's sentences pass through unchanged.
//! The `request_id` is filled in by [`super::exchange`], because only the exchange knows it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::billing::KernelError;
use crate::ledger::Refusal;

/// A queue that is full now has room again after about one group commit.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// What a header tells the client to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    SendKey,
    TryLater,
    /// After so many seconds.
    After(u64),
    /// With a key that has this scope.
    WithScope(&'static str),
}

impl Hint {
    fn header(self) -> (HeaderName, HeaderValue) {
        match self {
            Self::SendKey => (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Self::TryLater => (header::RETRY_AFTER, RETRY_AFTER_SECONDS),
            Self::After(seconds) => (header::RETRY_AFTER, HeaderValue::from(seconds)),
            Self::WithScope(scope) => {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                let value = HeaderValue::from_str(&challenge).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
                (header::WWW_AUTHENTICATE, value)
            }
        }
    }
}

/// One refused or failed request.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: String,
    /// Extension members of RFC 9457, such as `field`, `diagnostics` or the guide's `success`.
    pub members: Map<String, Value>,
    hint: Option<Hint>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), members: Map::new(), hint: None }
    }

    /// Adds an extension member.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    const fn hinting(mut self, hint: Hint) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The same answer for a missing, malformed, unknown and revoked key: it tells a guesser nothing.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Send a valid API key as Authorization: Bearer")
            .hinting(Hint::SendKey)
    }

    /// A good key, whose owner did not let it do this.
    pub fn insufficient_scope(scope: &'static str) -> Self {
        let sentence = format!("This needs a key with the scope {scope}, which this key does not have");
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", sentence)
            .with("scope", scope)
            .hinting(Hint::WithScope(scope))
    }

    /// When the same request may be sent again.
    pub const fn after(self, seconds: u64) -> Self {
        self.hinting(Hint::After(seconds))
    }

    /// Unknown and forbidden look the same.
    pub fn account_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "account_not_found", "Account not found")
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Nothing is here; /api/openapi.json lists every path")
    }

    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path does not take that method; the Allow header names those it takes",
        )
    }

    /// The guide fixes both the wording and the status.
    pub fn package_not_found() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "package_not_found", "Package not found")
    }

    /// A field or parameter of the right document with a value that cannot be taken.
    pub fn field(path: &str, sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", sentence).with("field", path)
    }

    /// A fault of ours; what it was stands in the log under the request's id.
    pub fn internal() -> Self {
        let sentence = "Something went wrong here; quote the request_id when asking for help";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", sentence)
    }

    /// The work may go on: with its key a write gets the outcome, and is not done twice.
    pub fn timed_out() -> Self {
        let sentence = "This took too long; send it again with the same Idempotency-Key";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timed_out", sentence).hinting(Hint::TryLater)
    }

    pub fn busy() -> Self {
        Self::try_later("busy", "The queue is full; nothing was charged, try again shortly")
    }

    pub fn unavailable() -> Self {
        Self::try_later("unavailable", "The store did not answer; try again with the same Idempotency-Key")
    }

    /// A fault of ours that a person has to mend; the log has what it is, under the request's id.
    pub fn corrupt() -> Self {
        let sentence = "The ledger holds a row that cannot be read; nothing was charged, it is in our log under this \
                        request_id, and trying again does not help";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", sentence)
    }

    /// Nothing is wrong with the request: 503, and when to send it again.
    pub fn try_later(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).hinting(Hint::TryLater)
    }

    pub fn idempotency_conflict() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "idempotency_conflict",
            "This Idempotency-Key was already used with a different request",
        )
    }

    /// The first request with this key has no answer yet; sent again later it gets that answer.
    pub fn in_progress() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "request_in_progress",
            "The first request with this Idempotency-Key is still being worked on; send it again shortly",
        )
        .hinting(Hint::TryLater)
    }

    /// The document of RFC 9457; extension members cannot replace the standard ones.
    pub fn document(&self, request_id: Option<&str>) -> Value {
        let mut document = self.members.clone();
        document.insert("type".into(), format!("urn:aethel:problem:{}", self.code).into());
        document.insert("title".into(), title(self.code).into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("detail".into(), self.detail.as_str().into());
        document.insert("code".into(), self.code.into());
        document.insert("request_id".into(), json!(request_id));
        Value::Object(document)
    }

    /// The whole answer, with the request id where one is known.
    pub fn respond(self, request_id: Option<&str>) -> Response {
        let body = Body::from(self.document(request_id).to_string());
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.hint.map(Hint::header) {
            headers.insert(name, value);
        }
        // The exchange finds the problem here and writes it again with its request id.
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.respond(None)
    }
}

impl From<KernelError> for Problem {
    fn from(error: KernelError) -> Self {
        match error {
            KernelError::Refused(refusal) => refusal.into(),
            KernelError::IdempotencyConflict => Self::idempotency_conflict(),
            KernelError::Undone => Self::new(StatusCode::CONFLICT, "undone", error.to_string()),
            KernelError::InProgress => Self::in_progress(),
            KernelError::Busy => Self::busy(),
            KernelError::Unavailable => Self::unavailable(),
            KernelError::Corrupt => Self::corrupt(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal_status(refusal.code()), refusal.code(), refusal.to_string());
        match refusal {
            Refusal::BudgetExceeded { budget, limit, used, required } => problem
                .with("budget", json!(budget))
                .with("limit", limit.get())
                .with("used", used.get())
                .with("required", required.get()),
            _ => problem,
        }
    }
}

/// What a refusal means in HTTP; a rule of the ledger that is not named here is a conflict with its state.
fn refusal_status(code: &str) -> StatusCode {
    match code {
        "insufficient_credits" | "budget_exceeded" => StatusCode::PAYMENT_REQUIRED,
        "account_not_found" | "charge_not_found" | "hold_not_found" | "purchase_not_found" => StatusCode::NOT_FOUND,
        "quantity_out_of_range" | "amount_not_positive" | "amount_too_large" | "expiry_in_the_past" => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ => StatusCode::CONFLICT,
    }
}

/// `insufficient_credits` reads "Insufficient credits".
fn title(code: &str) -> String {
    let mut title = code.replace('_', " ");
    if let Some(first) = title.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_carries_every_member_of_the_rfc_and_its_own() {
        let document = Problem::field("quantity", "no").document(Some("r-1"));
        assert_eq!(
            document,
            json!({
                "type": "urn:aethel:problem:invalid_field", "title": "Invalid field", "status": 422,
                "detail": "no", "code": "invalid_field", "request_id": "r-1", "field": "quantity",
            })
        );
    }

    #[test]
    fn an_extension_member_cannot_replace_a_standard_one() {
        let document = Problem::busy().with("status", 200).document(None);
        assert_eq!(document["status"], 503);
        assert_eq!(document["request_id"], Value::Null);
    }

    #[test]
    fn an_unknown_key_is_told_how_to_send_one() {
        let response = Problem::unauthorized().into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[test]
    fn a_full_queue_and_a_silent_store_say_when_to_come_back() {
        for error in [KernelError::Busy, KernelError::Unavailable] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_our_fault_and_nobody_is_told_to_wait() {
        let problem = Problem::from(KernelError::Corrupt);
        assert_eq!((problem.status, problem.code), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
        assert!(
            problem.document(Some("REQ"))["detail"].as_str().is_some_and(|detail| detail.contains("cannot be read"))
        );
        assert!(!problem.into_response().headers().contains_key(header::RETRY_AFTER));
    }

    #[test]
    fn a_refusal_keeps_the_ledgers_words() {
        let [required, available] = [5, 3].map(|amount| crate::ledger::Credits::new(amount).expect("small"));
        let refusals = [
            (
                Refusal::InsufficientCredits { required, available },
                402,
                "Insufficient credits. Required: 5, Available: 3",
            ),
            (Refusal::NoSuchAccount, 404, "Account not found"),
            (Refusal::ExpiryInThePast, 422, "the expiry must lie in the future"),
            (Refusal::AccountExists, 409, "this account is open already"),
        ];
        for (refusal, status, detail) in refusals {
            let problem = Problem::from(refusal);
            assert_eq!((problem.status.as_u16(), problem.detail.as_str()), (status, detail));
        }
    }

    #[test]
    fn the_same_key_with_another_body_is_a_conflict() {
        let problem = Problem::from(KernelError::IdempotencyConflict);
        assert_eq!((problem.status, problem.code), (StatusCode::CONFLICT, "idempotency_conflict"));
    }
}
