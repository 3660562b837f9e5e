//! Webhook endpoints: read for their pages, and changed from their forms.

use super::dates::moment;
use super::request::{fresh_request, request_key};
use super::visitor::Visitor;
use super::{refused, refused_at};
use crate::app::error::AppError;
use crate::app::flash;
use crate::app::views::{
    AttemptView, DeliveryDetailView, DeliveryView, EndpointView, KindView, WebhookView, WebhooksView,
};
use crate::hooks::{Attempt, Delivery, Endpoint, EventKind, HookError, Kinds, Made, Wanted};
use crate::identity::{Actor, LogLine, SignedIn};
use crate::ledger::{AccountId, EndpointId, EventId, Timestamp};
use crate::server::context::app;

/// Deliveries on one page.
const PAGE: usize = 20;

/// The account's endpoints.
pub async fn webhooks(visitor: &Visitor) -> Result<WebhooksView, AppError> {
    let endpoints = app().hooks.endpoints(visitor.account()).await?;
    let now = app().clock.now();
    Ok(WebhooksView {
        frame: visitor.frame(),
        endpoints: endpoints.iter().map(|endpoint| endpoint_view(endpoint, now)).collect(),
        kinds: kinds(&Kinds::default()),
        request: fresh_request(),
    })
}

/// One endpoint; `shown` names a secret that was just made.
pub async fn webhook(
    visitor: &Visitor,
    id: &str,
    event: &str,
    before: &str,
    shown: &str,
) -> Result<WebhookView, AppError> {
    let (hooks, now, account) = (&app().hooks, app().clock.now(), visitor.account());
    let endpoint = hooks.endpoint(account, named(id)?).await?;
    let from: Option<EventId> = before.parse().ok();
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let found = hooks.deliveries(account, endpoint.id, from, limit).await?;
    let more = found.len() > PAGE;
    let deliveries: Vec<DeliveryView> = found.iter().take(PAGE).map(|one| delivery_view(one, now)).collect();
    let next_before = deliveries.last().filter(|_| more).map(|last| last.event.clone()).unwrap_or_default();
    let detail = match event.parse::<EventId>() {
        Ok(event) => Some(detail(account, endpoint.id, event, now).await?),
        Err(_) => None,
    };
    let secret = flash::take_secret(&visitor.who, shown).map(|(_, secret)| secret).unwrap_or_default();
    Ok(WebhookView {
        frame: visitor.frame(),
        kinds: kinds(&endpoint.kinds),
        former_until: endpoint.former_until.filter(|until| *until > now).map(|at| moment(at, now)).unwrap_or_default(),
        endpoint: endpoint_view(&endpoint, now),
        secret,
        deliveries,
        next_before,
        newest: from.is_none(),
        detail,
        request: fresh_request(),
    })
}

async fn detail(
    account: AccountId,
    endpoint: EndpointId,
    event: EventId,
    now: Timestamp,
) -> Result<DeliveryDetailView, AppError> {
    let (delivery, event, attempts) = app().hooks.delivery(account, endpoint, event).await?;
    let pretty = serde_json::from_str::<serde_json::Value>(&event.payload).ok();
    let pretty = pretty.and_then(|value| serde_json::to_string_pretty(&value).ok());
    Ok(DeliveryDetailView {
        delivery: delivery_view(&delivery, now),
        payload: pretty.unwrap_or(event.payload),
        attempts: attempts.iter().map(|attempt| attempt_view(attempt, now)).collect(),
    })
}

/// Makes an endpoint and keeps its secret for the page that shows it.
pub async fn create_webhook(
    who: &SignedIn,
    url: &str,
    description: &str,
    events: &[String],
    request: &str,
) -> Result<EndpointId, AppError> {
    let request = request_key(request, &["webhook", url, description, &events.join(" ")])?;
    let line = line(who, "webhook_created", url);
    let made = app().hooks.create(who.account, wanted(url, description, events)?, &request, vec![line]).await?;
    Ok(keep_secret(who, made))
}

/// Puts a new secret in force and keeps it for the page that shows it.
pub async fn rotate_webhook(who: &SignedIn, id: &str, hours: &str, request: &str) -> Result<EndpointId, AppError> {
    let overlap = hours.parse().map_err(|_| refused("choice_invalid"))?;
    let request = request_key(request, &["rotate", id, hours])?;
    let line = line(who, "webhook_rotated", id);
    Ok(keep_secret(who, app().hooks.rotate(who.account, named(id)?, overlap, &request, vec![line]).await?))
}

fn keep_secret(who: &SignedIn, made: Made) -> EndpointId {
    if let Some(secret) = made.secret {
        flash::keep_secret(who, made.endpoint.id, made.endpoint.url, secret.reveal().to_owned());
    }
    made.endpoint.id
}

/// The audit log's line, for the act's own transaction.
fn line(who: &SignedIn, action: &str, detail: &str) -> LogLine {
    app().identity.audit(&Actor::member(who), who.account, action, detail)
}

/// Sets an endpoint as a whole: where it is, what it is for, and whether anything is sent.
pub async fn set_webhook(
    who: &SignedIn,
    id: &str,
    (url, description, enabled): (&str, &str, &str),
    events: &[String],
) -> Result<(), AppError> {
    let on = match enabled {
        "on" => Some(true),
        "off" => Some(false),
        "stopped" => None,
        _ => return Err(refused("choice_invalid")),
    };
    let line = line(who, "webhook_set", &format!("{id}: {enabled}, {url}"));
    app().hooks.change(who.account, named(id)?, wanted(url, description, events)?, on, vec![line]).await?;
    Ok(())
}

pub async fn test_webhook(who: &SignedIn, id: &str, request: &str) -> Result<(), AppError> {
    let request = request_key(request, &["test", id])?;
    app().hooks.test(who.account, named(id)?, &request).await?;
    Ok(())
}

pub async fn replay_webhook(who: &SignedIn, id: &str, event: &str, request: &str) -> Result<(), AppError> {
    let request = request_key(request, &["replay", id, event])?;
    let event = event.parse().map_err(|_| AppError::NotFound)?;
    app().hooks.replay(who.account, named(id)?, event, &request).await?;
    Ok(())
}

pub async fn remove_webhook(who: &SignedIn, id: &str) -> Result<(), AppError> {
    let line = line(who, "webhook_removed", id);
    Ok(app().hooks.remove(who.account, named(id)?, vec![line]).await?)
}

/// The page of an endpoint; of all of them, when the id is none.
pub fn webhook_path(id: &str) -> String {
    id.parse::<EndpointId>().map_or_else(|_| "/webhooks".to_owned(), |id| format!("/webhooks/{id}"))
}

/// Leads to the endpoint whose secret is to be shown, or back to the form.
pub fn to_webhook_or(form: &str, made: Result<EndpointId, AppError>) -> Result<(), AppError> {
    match made {
        Ok(id) => leptos_axum::redirect(&format!("/webhooks/{id}?shown={id}"), false),
        Err(error) => refused_at(form, &error),
    }
    Ok(())
}

/// Leads back to the endpoint, which says what was done or refused.
pub fn back_to_webhook(id: &str, what: &str, outcome: Result<(), AppError>) -> Result<(), AppError> {
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("{}?done={what}", webhook_path(id)), false),
        Err(error) => refused_at(&webhook_path(id), &error),
    }
    Ok(())
}

fn named(id: &str) -> Result<EndpointId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}

fn wanted(url: &str, description: &str, events: &[String]) -> Result<Wanted, AppError> {
    let kinds = events.iter().map(|name| name.parse::<EventKind>().map_err(|_| refused("choice_invalid")));
    let kinds = Kinds(kinds.collect::<Result<_, _>>()?);
    Ok(Wanted { url: url.to_owned(), description: description.to_owned(), kinds })
}

fn kinds(chosen: &Kinds) -> Vec<KindView> {
    let view = |kind: EventKind| KindView {
        name: kind.name().to_owned(),
        title: kind.title().to_owned(),
        chosen: chosen.0.contains(&kind),
    };
    // A test is sent to whoever asks for it.
    EventKind::ALL.into_iter().filter(|kind| *kind != EventKind::Test).map(view).collect()
}

fn endpoint_view(endpoint: &Endpoint, now: Timestamp) -> EndpointView {
    let told = match endpoint.kinds.names()[..] {
        [] => "Everything".to_owned(),
        [one] => one.to_owned(),
        ref several => format!("{} events", several.len()),
    };
    EndpointView {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        told,
        state: endpoint.state.name().to_owned(),
        failing_since: endpoint.failing_since.map(|at| moment(at, now)).unwrap_or_default(),
    }
}

fn delivery_view(delivery: &Delivery, now: Timestamp) -> DeliveryView {
    let waits = delivery.state == "waiting" && delivery.attempts > 0;
    DeliveryView {
        event: delivery.event.to_string(),
        kind: delivery.kind.name().to_owned(),
        at: moment(delivery.at, now),
        state: delivery.state.clone(),
        attempts: delivery.attempts,
        next_at: if waits { moment(delivery.next_at, now) } else { String::new() },
    }
}

fn attempt_view(attempt: &Attempt, now: Timestamp) -> AttemptView {
    AttemptView {
        number: attempt.number,
        at: moment(attempt.at, now),
        took: format!("{} ms", attempt.took_millis),
        status: attempt.status.map(|status| status.to_string()).unwrap_or_default(),
        arrived: attempt.arrived(),
        answer: attempt.answer.clone(),
        failure: attempt.failure.clone(),
    }
}

impl From<HookError> for AppError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::Unavailable => Self::Unavailable,
            HookError::NotFound => Self::NotFound,
            HookError::Conflict => Self::Conflict,
            other => refused(other.code()),
        }
    }
}
