//! Leaving, and how the pages look to this browser.

use leptos::prelude::*;

use crate::app::error::AppError;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{local_path, set_theme_cookie, set_zone_cookie},
    server::context::{app, clear_session, session_token},
};

/// Ends the session, here and in the database.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    if let Some(token) = session_token() {
        app().identity.sign_out(&token).await?;
    }
    clear_session();
    leptos_axum::redirect("/", false);
    Ok(())
}

/// Keeps the choice of light, dark or automatic in a cookie.
#[server(prefix = "/fn", endpoint = "choose_theme")]
pub async fn choose_theme(theme: String, next: String) -> Result<(), AppError> {
    set_theme_cookie(&theme);
    leptos_axum::redirect(local_path(&next), false);
    Ok(())
}

/// Keeps the zone that days are told in, in a cookie.
#[server(prefix = "/fn", endpoint = "choose_zone")]
pub async fn choose_zone(zone: String, next: String) -> Result<(), AppError> {
    set_zone_cookie(&zone)?;
    leptos_axum::redirect(local_path(&next), false);
    Ok(())
}
