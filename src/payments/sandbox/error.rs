//! What the sandbox refuses, in Stripe's words and with Stripe's status codes.
//!
//! Knows no HTTP beyond the status number: the edge (`api`) turns these values into answers.

use serde_json::{Map, Value, json};

/// A refusal as Stripe would word it: a status and the inside of `{"error": {…}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    pub status: u16,
    body: Map<String, Value>,
}

impl ApiError {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut body = Map::new();
        body.insert("message".to_owned(), Value::String(message.into()));
        body.insert("type".to_owned(), Value::String(kind.to_owned()));
        Self { status, body }
    }

    /// A request that cannot be right, whoever sends it (400).
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// A missing or unknown API key (401).
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    /// A path that Stripe does not have, or the sandbox does not offer (404).
    pub fn unknown_path(method: &str, path: &str) -> Self {
        Self::new(
            404,
            "invalid_request_error",
            format!(
                "Unrecognized request URL ({method}: {path}). This sandbox offers customers, \
                 payment methods, payment and setup intents, charges, refunds, disputes, balance transactions, checkout \
                 and portal sessions, products, prices, coupons, promotion codes, subscriptions, invoices and events."
            ),
        )
    }

    /// The object named in the path does not exist (404).
    pub fn no_such(label: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {label}: '{id}'");
        Self::new(404, "invalid_request_error", message).code("resource_missing").param(param)
    }

    /// The object named in a parameter does not exist (400, as Stripe distinguishes).
    pub fn no_such_reference(label: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {label}: '{id}'")).code("resource_missing").param(param)
    }

    pub fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    pub fn empty(param: &str) -> Self {
        Self::invalid(format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to \
             unset a parameter; however '{param}' cannot be unset. You should remove '{param}' \
             from your request or supply a non-empty value."
        ))
        .code("parameter_invalid_empty")
        .param(param)
    }

    pub fn unknown_params(names: &[String]) -> Self {
        let noun = if names.len() == 1 { "parameter" } else { "parameters" };
        let error = Self::invalid(format!("Received unknown {noun}: {}", names.join(", "))).code("parameter_unknown");
        match names.first() {
            Some(first) => error.param(first),
            None => error,
        }
    }

    /// A real parameter of Stripe's that would change the outcome, and that the sandbox does not play.
    /// Refused rather than ignored, so that nobody mistakes silence for support.
    pub fn not_played(param: &str, value: &str) -> Self {
        Self::invalid(format!("The Stripe sandbox does not support {param}={value}; Stripe itself may.")).param(param)
    }

    /// The same idempotency key came back with something else (400).
    pub fn idempotency(message: impl Into<String>) -> Self {
        Self::new(400, "idempotency_error", message)
    }

    /// A bank said no (402).
    pub fn card(message: impl Into<String>, code: &str) -> Self {
        Self::new(402, "card_error", message).code(code)
    }

    pub fn code(self, code: &str) -> Self {
        let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        self.with("code", code).with("doc_url", page)
    }

    pub fn param(self, param: &str) -> Self {
        self.with("param", param)
    }

    /// Adds one more of Stripe's error fields, such as `decline_code` or `payment_intent`.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.body.insert(field.to_owned(), value.into());
        self
    }

    /// Stripe keeps the answer of a request under its idempotency key once the work has begun,
    /// but not when the request was refused at the door.
    pub fn is_kept_for_replay(&self) -> bool {
        self.status == 402
    }

    /// The value of a field, for `last_payment_error` and tests.
    pub fn field(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    /// The inside of `{"error": …}`; also what `last_payment_error` holds.
    pub fn detail(&self) -> Value {
        Value::Object(self.body.clone())
    }

    pub fn body(&self) -> Value {
        json!({ "error": self.body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_object_in_the_path_is_404_and_in_a_parameter_400() {
        let path = ApiError::no_such("customer", "cus_1", "id");
        let reference = ApiError::no_such_reference("customer", "cus_1", "customer");
        assert_eq!((path.status, reference.status), (404, 400));
        assert_eq!(path.field("message"), "No such customer: 'cus_1'");
        assert_eq!(reference.field("code"), "resource_missing");
        assert_eq!(reference.body()["error"]["param"], "customer");
    }

    #[test]
    fn several_unknown_parameters_are_named_together() {
        let error = ApiError::unknown_params(&["a".to_owned(), "b[c]".to_owned()]);
        assert_eq!(error.field("message"), "Received unknown parameters: a, b[c]");
        assert_eq!(error.field("param"), "a");
        assert_eq!(error.field("doc_url"), "https://stripe.com/docs/error-codes/parameter-unknown");
    }
}
