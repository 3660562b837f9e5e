//! Who is signed in, and how the pages look.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::SettingsView;

#[cfg(feature = "ssr")]
use crate::app::present::{self, visitor};

#[server(prefix = "/fn", endpoint = "settings")]
pub async fn get_settings() -> Result<SettingsView, AppError> {
    Ok(present::settings(&visitor().await?))
}
