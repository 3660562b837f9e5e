//! Monitors: started, fed, extended, stopped.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{MonitorLiveView, MonitorView, SentinelView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, MonitorForm, ObservationForm, visitor},
    ledger::MonitorId,
    server::context::{app, signed_in},
};

/// How many monitors the page lists.
#[cfg(feature = "ssr")]
const MONITORS_SHOWN: i64 = 100;

#[server(prefix = "/fn", endpoint = "sentinel")]
pub async fn get_sentinel(draft: String) -> Result<SentinelView, AppError> {
    let visitor = visitor().await?;
    let monitors = app().sentinel.list(visitor.account(), None, MONITORS_SHOWN).await?;
    Ok(present::sentinel(&visitor, &draft, monitors))
}

#[server(prefix = "/fn", endpoint = "monitor")]
pub async fn get_monitor(id: String, draft: String) -> Result<MonitorView, AppError> {
    let visitor = visitor().await?;
    let id: MonitorId = id.parse().map_err(|_| AppError::NotFound)?;
    present::monitor(&visitor, id, &draft).await
}

/// What has changed on a monitor's page that is open.
#[server(prefix = "/fn", endpoint = "monitor_live")]
pub async fn get_monitor_live(id: String) -> Result<MonitorLiveView, AppError> {
    let visitor = visitor().await?;
    let id: MonitorId = id.parse().map_err(|_| AppError::NotFound)?;
    present::monitor_live(&visitor, id).await
}

/// Starts a monitor and leads to it. What cannot be read leads back to the form with its text.
#[server(prefix = "/fn", endpoint = "start_monitor")]
pub async fn start_monitor(
    name: String,
    laws: String,
    metrics: String,
    hours: String,
    keep_going: String,
    request: String,
) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key = present::request_key(&request, &[&name, &laws, &metrics, &hours, &keep_going])?;
    let form = MonitorForm { name, laws, metrics, hours, keep_going };
    match present::start_monitor(&who, &form, &key).await {
        Ok(id) => leptos_axum::redirect(&format!("/sentinel/{id}"), false),
        Err(error) => present::back_to_form(who.account, "/sentinel", &form, &error),
    }
    Ok(())
}

/// Takes one observation by hand.
#[server(prefix = "/fn", endpoint = "observe")]
pub async fn observe(monitor: String, observation: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let id: MonitorId = monitor.parse().map_err(|_| AppError::NotFound)?;
    let key = present::request_key(&request, &[&monitor, &observation])?;
    let form = ObservationForm { observation };
    match present::observe(&who, id, &form, &key).await {
        Ok(()) => leptos_axum::redirect(&format!("/sentinel/{id}"), false),
        Err(error) => present::back_to_form(who.account, &format!("/sentinel/{id}"), &form, &error),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "extend_monitor")]
pub async fn extend_monitor(monitor: String, hours: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let id: MonitorId = monitor.parse().map_err(|_| AppError::NotFound)?;
    let key = present::request_key(&request, &[&monitor, &hours])?;
    let path = format!("/sentinel/{id}");
    match app().sentinel.extend(who.account, id, present::hours_of(&hours)?, &key).await {
        Ok(_) => leptos_axum::redirect(&path, false),
        Err(error) => present::refused_at(&path, &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "stop_monitor")]
pub async fn stop_monitor(monitor: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let id: MonitorId = monitor.parse().map_err(|_| AppError::NotFound)?;
    app().sentinel.stop(who.account, id).await?;
    leptos_axum::redirect(&format!("/sentinel/{id}"), false);
    Ok(())
}
