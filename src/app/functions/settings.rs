//! Who is signed in, how the pages look, what may be spent and what is told.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::SettingsView;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::{app, signed_in},
};

#[server(prefix = "/fn", endpoint = "settings")]
pub async fn get_settings() -> Result<SettingsView, AppError> {
    let visitor = visitor().await?;
    let budgets = present::budgets(visitor.account()).await?;
    let alerts = present::alerts(visitor.account()).await?;
    Ok(present::settings(&visitor, budgets, alerts))
}

#[server(prefix = "/fn", endpoint = "rename_account")]
pub async fn rename_account(name: String) -> Result<(), AppError> {
    let outcome = app().identity.rename_account(&signed_in().await?, &name).await;
    present::back_to_settings("name", outcome.map_err(Into::into))
}

/// Sets both budgets; an empty field is no limit.
#[server(prefix = "/fn", endpoint = "set_budgets")]
pub async fn set_budgets(day: String, month: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = present::set_budgets(&who, &day, &month, &request).await;
    present::back_to_settings("budgets", outcome)
}

/// Sets what is told by mail; an empty threshold is the default rule.
#[server(prefix = "/fn", endpoint = "set_alerts")]
pub async fn set_alerts(low: String, budgets: String, expiring: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = present::set_alerts(&who, &low, &budgets, &expiring).await;
    present::back_to_settings("alerts", outcome)
}
