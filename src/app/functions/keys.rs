//! API keys: made, shown once, revoked.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::KeysView;

#[cfg(feature = "ssr")]
use crate::{
    app::{
        flash::{self, Kept},
        present::{self, visitor},
    },
    ledger::KeyId,
    server::context::{app, signed_in},
};

/// The account's keys, and the secret of the one just made, which this read gives away for the only time.
#[server(prefix = "/fn", endpoint = "keys")]
pub async fn get_keys(created: String) -> Result<KeysView, AppError> {
    let visitor = visitor().await?;
    let keys = app().identity.keys(visitor.account()).await?;
    Ok(present::keys(&visitor, keys, flash::take(visitor.account(), &created)))
}

/// Makes a key and leads to its secret. The same `request` and name are one key, whose secret waits for its first reader.
#[server(prefix = "/fn", endpoint = "create_key")]
pub async fn create_key(name: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let id = present::key_of(&request, who.account, &name)?;
    if let Some(key) = app().identity.create_key_once(who.account, id, &name, who.user).await? {
        flash::keep_as(id, who.account, Kept::Secret { name: key.name, secret: key.secret });
    }
    leptos_axum::redirect(&format!("/keys?created={id}"), false);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "revoke_key")]
pub async fn revoke_key(key: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key: KeyId = key.parse().map_err(|_| AppError::NotFound)?;
    app().identity.revoke_key(who.account, key).await?;
    leptos_axum::redirect("/keys?revoked=yes", false);
    Ok(())
}
