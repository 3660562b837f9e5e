//! Webhook endpoints: made, changed, tested, rotated, removed; what was sent to them, and sending it again.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{WebhookView, WebhooksView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::signed_in,
};

#[server(prefix = "/fn", endpoint = "webhooks")]
pub async fn get_webhooks() -> Result<WebhooksView, AppError> {
    present::webhooks(&visitor().await?).await
}

/// One endpoint, a page of what was sent to it, and one of these with its attempts where it is asked for.
#[server(prefix = "/fn", endpoint = "webhook")]
pub async fn get_webhook(id: String, event: String, before: String, shown: String) -> Result<WebhookView, AppError> {
    present::webhook(&visitor().await?, &id, &event, &before, &shown).await
}

/// Makes an endpoint and leads to its page, which shows the secret once.
#[server(prefix = "/fn", endpoint = "create_webhook")]
pub async fn create_webhook(
    url: String,
    description: String,
    request: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), AppError> {
    let who = signed_in().await?;
    let made = present::create_webhook(&who, &url, &description, &events, &request).await;
    present::to_webhook_or("/webhooks", made)
}

/// Sets an endpoint as a whole.
#[server(prefix = "/fn", endpoint = "set_webhook")]
pub async fn set_webhook(
    id: String,
    url: String,
    description: String,
    enabled: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = present::set_webhook(&who, &id, (&url, &description, &enabled), &events).await;
    present::back_to_webhook(&id, "set", outcome)
}

#[server(prefix = "/fn", endpoint = "rotate_webhook")]
pub async fn rotate_webhook(id: String, hours: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let made = present::rotate_webhook(&who, &id, &hours, &request).await;
    present::to_webhook_or(&present::webhook_path(&id), made)
}

#[server(prefix = "/fn", endpoint = "test_webhook")]
pub async fn test_webhook(id: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = present::test_webhook(&who, &id, &request).await;
    present::back_to_webhook(&id, "test", outcome)
}

#[server(prefix = "/fn", endpoint = "replay_webhook")]
pub async fn replay_webhook(id: String, event: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = present::replay_webhook(&who, &id, &event, &request).await;
    present::back_to_webhook(&id, "replay", outcome)
}

#[server(prefix = "/fn", endpoint = "remove_webhook")]
pub async fn remove_webhook(id: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    present::remove_webhook(&who, &id).await?;
    leptos_axum::redirect("/webhooks?removed=yes", false);
    Ok(())
}
