//! A person's own matters: password, address, one-time codes, and where they are signed in.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{CodesView, SecurityView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, local_path, refused_at, visitor},
    ledger::SessionId,
    server::context::{app, door, signed_in, step_cookie},
};

#[server(prefix = "/fn", endpoint = "security")]
pub async fn get_security() -> Result<SecurityView, AppError> {
    present::security(&visitor().await?).await
}

/// Setting one-time codes up; `made` names the recovery codes that were just made, which this read gives away.
#[server(prefix = "/fn", endpoint = "codes")]
pub async fn get_codes(made: String) -> Result<CodesView, AppError> {
    present::codes(&visitor().await?, &made).await
}

#[server(prefix = "/fn", endpoint = "change_password")]
pub async fn change_password(current: String, password: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    present::password_changed(app().identity.change_password(&who, &current, &password, &door()).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "change_email")]
pub async fn change_email(email: String, current: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    present::back_to_security("email", app().identity.request_email_change(&who, &current, &email).await);
    Ok(())
}

/// Follows the link that was mailed to a new address.
#[server(prefix = "/fn", endpoint = "confirm_email")]
pub async fn confirm_email(token: String) -> Result<(), AppError> {
    match app().identity.confirm_email_change(&token).await {
        Ok(()) => leptos_axum::redirect("/email?done=yes", false),
        Err(error) => refused_at("/email?token=", &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "start_codes")]
pub async fn start_codes(current: String) -> Result<(), AppError> {
    match app().identity.start_codes(&signed_in().await?, &current).await {
        Ok(()) => leptos_axum::redirect("/settings/security/codes", false),
        Err(error) => refused_at("/settings/security", &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "confirm_codes")]
pub async fn confirm_codes(code: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    present::recovery_made(&who, app().identity.confirm_codes(&who, &code).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "renew_recovery")]
pub async fn renew_recovery(code: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    match app().identity.renew_recovery(&who, &code).await {
        Ok(codes) => present::recovery_made(&who, Ok(codes)),
        Err(error) => refused_at("/settings/security", &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "stop_codes")]
pub async fn stop_codes(current: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    present::back_to_security("codes_off", app().identity.stop_codes(&who, &current).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "end_session")]
pub async fn end_session(session: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let session: SessionId = session.parse().map_err(|_| AppError::NotFound)?;
    present::back_to_security("session", app().identity.end_session(&who, session).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let who = signed_in().await?;
    present::back_to_security("sessions", app().identity.end_other_sessions(&who).await);
    Ok(())
}

/// The code that a right password waits for.
#[server(prefix = "/fn", endpoint = "sign_in_code")]
pub async fn sign_in_code(code: String, #[server(default)] next: String) -> Result<(), AppError> {
    let step = step_cookie().unwrap_or_default();
    let outcome = app().identity.sign_in_code(&step, &code, &door()).await;
    present::code_led(outcome, local_path(&next));
    Ok(())
}
