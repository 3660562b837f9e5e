//! Stripe's webhook: the raw body goes in, and 200 goes out once the event is stored.
//!
//! Reads nothing of the event; the signature is over the bytes as they came.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, PROGRAM_MAX_BYTES};
use super::problem::Problem;
use crate::payments::WebhookError;
use crate::server::state::App;

/// Stripe only looks at the status; the guide fixes the body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookReceived)]
pub struct WebhookAnswer {
    #[schema(example = "success")]
    status: &'static str,
}

/// Takes an event from Stripe. Guarded by its signature instead of a key.
#[utoipa::path(post, path = "/api/stripe/webhook", operation_id = "receive_stripe_event", tag = "stripe", security(()),
    request_body(content = Object, content_type = "application/json", description = "The event as Stripe signed it"),
    params(("Stripe-Signature" = String, Header, description = "Timestamp and signatures")),
    responses((status = 200, body = WebhookAnswer, description = "Stored")))]
pub async fn receive(State(app): State<App>, request: Request) -> Result<Json<WebhookAnswer>, Problem> {
    let (parts, body) = request.into_parts();
    let body = body::read(body, PROGRAM_MAX_BYTES).await?;
    let signature = parts.headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    app.payments.receive_webhook(&body, signature).await?;
    Ok(Json(WebhookAnswer { status: "success" }))
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::InvalidPayload => Self::new(StatusCode::BAD_REQUEST, "invalid_payload", "Invalid payload"),
            WebhookError::InvalidSignature => {
                Self::new(StatusCode::BAD_REQUEST, "invalid_signature", "Invalid signature")
            }
            WebhookError::Unavailable => Self::unavailable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_event_is_refused_in_the_guides_words() {
        let refused = [WebhookError::InvalidPayload, WebhookError::InvalidSignature].map(Problem::from);
        assert_eq!(refused.each_ref().map(|problem| problem.status.as_u16()), [400, 400]);
        assert_eq!(refused.map(|problem| problem.detail), ["Invalid payload", "Invalid signature"]);
    }

    #[test]
    fn a_silent_store_makes_stripe_try_again() {
        assert_eq!(Problem::from(WebhookError::Unavailable).status.as_u16(), 503);
    }
}
