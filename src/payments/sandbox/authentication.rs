//! The bank's 3-D Secure page: complete or fail, then on to the shop or back to the payment page.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{Outcome, answer, nothing_here};
use super::checkout::{fields, take};
use super::objects::checkout_session::CheckoutSession;
use super::objects::payment::{self, Authentication};
use super::objects::payment_intent::{PaymentIntent, Status};
use super::state::{Desk, Origin};
use super::{Shared, form};

pub async fn show(State(shared): State<Arc<Shared>>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let mut fields = form::parse(&query.unwrap_or_default()).unwrap_or_default();
    let secret = take(&mut fields, "client_secret");
    answer(shared.look(Origin::default(), |desk| match known_intent(desk, &id, &secret) {
        None => nothing_here(),
        Some(intent) if intent.status != Status::RequiresAction => after_authentication(desk, &intent),
        Some(intent) => Outcome::Authenticate {
            action: format!("/c/authenticate/{}", intent.id),
            total: intent.currency.display(intent.amount),
            leads_to: leads_to(desk, &intent),
            client_secret: intent.client_secret,
        },
    }))
}

pub async fn authenticate(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let mut fields = fields(&body);
    let secret = take(&mut fields, "client_secret");
    let outcome = match take(&mut fields, "outcome").as_str() {
        "complete" => Authentication::Completed,
        _ => Authentication::Failed,
    };
    answer(shared.work(Origin::default(), |desk| {
        let Some(intent) = known_intent(desk, &id, &secret) else { return nothing_here() };
        if intent.status == Status::RequiresAction
            && let Err(error) = payment::authenticate(desk, &id, outcome)
        {
            tracing::debug!(intent = id, error = %error.field("code"), "authentication failed in the sandbox");
        }
        let now = known_intent(desk, &id, &secret).unwrap_or(intent);
        after_authentication(desk, &now)
    }))
}

fn known_intent(desk: &Desk, id: &str, secret: &str) -> Option<PaymentIntent> {
    desk.store.payment_intents.get(id).filter(|intent| intent.client_secret == secret).cloned()
}

fn session_of<'a>(desk: &'a Desk, intent: &PaymentIntent) -> Option<&'a CheckoutSession> {
    desk.store.sessions.get(intent.session.as_deref()?)
}

/// On to the shop, or back to the payment page, which then says what went wrong.
fn after_authentication(desk: &Desk, intent: &PaymentIntent) -> Outcome {
    let has_paid = intent.status == Status::Succeeded;
    match (session_of(desk, intent), &intent.return_url) {
        (Some(session), _) if has_paid => Outcome::Go(session.success_location()),
        (Some(session), _) => Outcome::Go(session.url.clone()),
        (None, Some(url)) => {
            let joint = if url.contains('?') { '&' } else { '?' };
            let status = if has_paid { "succeeded" } else { "failed" };
            Outcome::Go(format!(
                "{url}{joint}payment_intent={}&payment_intent_client_secret={}&redirect_status={status}",
                intent.id, intent.client_secret
            ))
        }
        (None, None) => Outcome::Notice {
            status: StatusCode::OK,
            title: if has_paid { "Payment confirmed" } else { "Payment not confirmed" },
            sentence: "You can close this page and go back to where you came from.",
            way_on: None,
        },
    }
}

fn leads_to(desk: &Desk, intent: &PaymentIntent) -> Vec<String> {
    match session_of(desk, intent) {
        Some(session) => vec![session.success_url.clone()],
        None => intent.return_url.iter().cloned().collect(),
    }
}
