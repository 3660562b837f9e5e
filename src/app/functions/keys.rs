//! API keys: made, shown once, rotated, revoked.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::KeysView;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::signed_in,
};

/// The account's keys, and the secret of the one just made, which this read gives away for the only time.
#[server(prefix = "/fn", endpoint = "keys")]
pub async fn get_keys(created: String) -> Result<KeysView, AppError> {
    let visitor = visitor().await?;
    present::keys(&visitor, &created).await
}

/// Makes a key and leads to its secret. The same `request` and content are one key, whose secret waits for its first
/// reader.
#[server(prefix = "/fn", endpoint = "create_key")]
pub async fn create_key(
    name: String,
    request: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] days: String,
) -> Result<(), AppError> {
    let made = present::create_key(&signed_in().await?, &name, &scopes, &days, &request).await;
    present::to_key_or_back(made)
}

/// Gives a key another secret and leads to it; the former one stays good for so many hours.
#[server(prefix = "/fn", endpoint = "rotate_key")]
pub async fn rotate_key(key: String, hours: String, request: String) -> Result<(), AppError> {
    let made = present::rotate_key(&signed_in().await?, &key, &hours, &request).await;
    present::to_key_or_back(made)
}

#[server(prefix = "/fn", endpoint = "revoke_key")]
pub async fn revoke_key(key: String) -> Result<(), AppError> {
    present::revoke_key(&signed_in().await?, &key).await?;
    leptos_axum::redirect("/keys?revoked=yes", false);
    Ok(())
}
