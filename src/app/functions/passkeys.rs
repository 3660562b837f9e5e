//! Passkeys: `public/passkeys.js` fetches a challenge, and a plain form brings the browser's answer.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::ChallengeView;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, local_path},
    ledger::PasskeyId,
    server::context::{app, door, signed_in},
};

/// What a browser has to sign to become a passkey of the visitor's.
#[server(prefix = "/fn", endpoint = "passkey_registration")]
pub async fn passkey_registration(current: String) -> Result<ChallengeView, AppError> {
    let challenge = app().identity.start_passkey(&signed_in().await?, &current).await?;
    Ok(ChallengeView { secret: challenge.secret, options: challenge.options })
}

#[server(prefix = "/fn", endpoint = "add_passkey")]
pub async fn add_passkey(secret: String, name: String, answer: String) -> Result<(), AppError> {
    let outcome = app().identity.add_passkey(&signed_in().await?, &secret, &name, &answer).await;
    present::back_to_security("passkey", outcome);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "remove_passkey")]
pub async fn remove_passkey(passkey: String) -> Result<(), AppError> {
    let (who, id) = (signed_in().await?, passkey.parse::<PasskeyId>().map_err(|_| AppError::NotFound)?);
    present::back_to_security("passkey_removed", app().identity.remove_passkey(&who, id).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "rename_passkey")]
pub async fn rename_passkey(passkey: String, name: String) -> Result<(), AppError> {
    let (who, id) = (signed_in().await?, passkey.parse::<PasskeyId>().map_err(|_| AppError::NotFound)?);
    present::back_to_security("passkey_renamed", app().identity.rename_passkey(&who, id, &name).await);
    Ok(())
}

/// What a browser has to sign to come in: the same for everybody.
#[server(prefix = "/fn", endpoint = "passkey_challenge")]
pub async fn passkey_challenge() -> Result<ChallengeView, AppError> {
    let challenge = app().identity.passkey_challenge().await?;
    Ok(ChallengeView { secret: challenge.secret, options: challenge.options })
}

#[server(prefix = "/fn", endpoint = "sign_in_passkey")]
pub async fn sign_in_passkey(secret: String, answer: String, #[server(default)] next: String) -> Result<(), AppError> {
    let outcome = app().identity.sign_in_passkey(&secret, &answer, &door()).await;
    present::passkey_led(outcome, local_path(&next));
    Ok(())
}
