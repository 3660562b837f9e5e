//! Signing up, confirming, signing in, and a forgotten password.
//!
//! A refusal redirects back to its form with a code in the address and what was typed kept aside (never a password),
//! so that nothing has to be typed twice, without JavaScript too.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::TypedView;

#[cfg(feature = "ssr")]
use crate::{
    app::{
        flash::{self, Kept},
        format::query_value,
        present::{self, local_path, public_frame, refused_at},
    },
    server::context::{app, door, enter_with},
};

/// What a refused form kept.
#[server(prefix = "/fn", endpoint = "typed")]
pub async fn get_typed(draft: String) -> Result<TypedView, AppError> {
    let frame = public_frame().await;
    Ok(match flash::look("", &draft) {
        Some(Kept::Person { name, email }) => TypedView { frame, name, email },
        _ => TypedView { frame, name: String::new(), email: String::new() },
    })
}

#[server(prefix = "/fn", endpoint = "sign_up")]
pub async fn sign_up(name: String, email: String, password: String) -> Result<(), AppError> {
    let outcome = app().identity.sign_up(&name, &email, &password).await;
    let draft = flash::keep("", Kept::Person { name, email });
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("/signup/sent?draft={draft}"), false),
        Err(error) => refused_at(&format!("/signup?draft={draft}"), &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "resend_confirmation")]
pub async fn resend_confirmation(email: String) -> Result<(), AppError> {
    let outcome = app().identity.resend_confirmation(&email).await;
    let draft = flash::keep("", Kept::Person { name: String::new(), email });
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("/signup/sent?again=yes&draft={draft}"), false),
        Err(error) => refused_at(&format!("/signup/sent?draft={draft}"), &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "confirm")]
pub async fn confirm(token: String) -> Result<(), AppError> {
    match app().identity.confirm_at(&token, &door()).await {
        Ok(entered) => {
            enter_with(&entered);
            leptos_axum::redirect("/dashboard?welcome=yes", false);
        }
        Err(error) => refused_at("/confirm?token=", &error.into()),
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), AppError> {
    let outcome = app().identity.sign_in_at(&email, &password, &door()).await;
    present::sign_in_led(outcome, email, local_path(&next));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "request_reset")]
pub async fn request_reset(email: String) -> Result<(), AppError> {
    match app().identity.request_reset(&email).await {
        Ok(()) => leptos_axum::redirect("/reset?sent=yes", false),
        Err(error) => {
            let draft = flash::keep("", Kept::Person { name: String::new(), email });
            refused_at(&format!("/reset?draft={draft}"), &error.into());
        }
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "reset_password")]
pub async fn reset_password(token: String, password: String) -> Result<(), AppError> {
    match app().identity.reset_password_at(&token, &password, &door()).await {
        Ok(()) => leptos_axum::redirect("/signin?reset=yes", false),
        Err(error) => refused_at(&format!("/reset/new?token={}", query_value(&token)), &error.into()),
    }
    Ok(())
}
