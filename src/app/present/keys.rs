//! API keys: listed with what they spent, made and rotated from their forms.

use std::collections::HashMap;

use super::dates::{date, moment};
use super::request::{fresh_request, key_of, request_key};
use super::visitor::Visitor;
use super::{refused, refused_at};
use crate::app::error::AppError;
use crate::app::flash;
use crate::app::views::{KeyView, KeysView, NewKeyView};
use crate::identity::{Actor, ApiKey, KeyWish, NewKey, Scope, Scopes, SignedIn};
use crate::ledger::{AccountId, KeyId};
use crate::server::context::app;

/// Of how many days a key's spending is shown.
const SPENT_DAYS: i64 = 30;
/// The longest life that a form may ask for.
const DAYS_MAX: i64 = 3_650;

/// The keys page; `made` is the key whose secret waits to be shown.
pub async fn keys(visitor: &Visitor, made: &str) -> Result<KeysView, AppError> {
    let created = flash::take_secret(&visitor.who, made).map(|(name, secret)| NewKeyView { name, secret });
    let keys = app().identity.keys(visitor.account()).await?;
    let keys = key_views(keys, &spending(visitor.account()).await?);
    Ok(KeysView { frame: visitor.frame(), keys, created, request: fresh_request() })
}

/// What each key spent in the last days.
pub async fn spending(account: AccountId) -> Result<HashMap<KeyId, i64>, AppError> {
    let report = app().kernel.usage(account, SPENT_DAYS).await?.ok_or(AppError::NotFound)?;
    let mut spent: HashMap<KeyId, i64> = HashMap::new();
    for row in report.by_key {
        if let Some(key) = row.key {
            let sum = spent.entry(key).or_default();
            *sum = sum.saturating_add(row.credits);
        }
    }
    Ok(spent)
}

/// Keys as rows.
pub fn key_views(keys: Vec<ApiKey>, spent: &HashMap<KeyId, i64>) -> Vec<KeyView> {
    let now = app().clock.now();
    let view = |key: ApiKey| KeyView {
        id: key.id.to_string(),
        prefix: format!("{}…", key.prefix),
        created_at: moment(key.created_at, now),
        last_used: key.last_used_at.map_or_else(|| "never".to_owned(), |at| moment(at, now)),
        state: key.state(now).to_owned(),
        scopes: if key.scopes == Scopes::ALL { "everything".to_owned() } else { key.scopes.names().join(", ") },
        expires_at: key.expires_at.map(date).unwrap_or_default(),
        former_until: key.former_until.filter(|until| *until > now).map(|at| moment(at, now)).unwrap_or_default(),
        spent: spent.get(&key.id).copied().unwrap_or_default(),
        name: key.name,
    };
    keys.into_iter().map(view).collect()
}

/// Makes a key; no scope chosen is every one, and no days are for ever.
pub async fn create_key(
    who: &SignedIn,
    name: &str,
    scopes: &[String],
    days: &str,
    request: &str,
) -> Result<KeyId, AppError> {
    let content = format!("{name} {} {days}", scopes.join(" "));
    let id = key_of(request, who.account, &content)?;
    let chosen: Scopes = match scopes {
        [] => Scopes::ALL,
        some => some
            .iter()
            .map(|name| name.parse::<Scope>())
            .collect::<Result<_, _>>()
            .map_err(|_| refused("choice_invalid"))?,
    };
    let expires_at = match days {
        "" => None,
        days => Some(
            days.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days)).ok_or_else(|| refused("choice_invalid"))?,
        ),
    };
    let expires_at = expires_at.map(|days: i64| app().clock.now().plus_days(days));
    let wish = KeyWish { name: name.to_owned(), scopes: chosen, expires_at };
    let line = app().identity.audit(
        &Actor::member(who),
        who.account,
        "key_created",
        format!("{} ({id}): {}", name.trim(), chosen.stored()),
    );
    let made = app().identity.create_key_once(who.account, id, wish, who.user, vec![line]).await?;
    keep(who, made);
    Ok(id)
}

/// Gives a key another secret; the former one stays good for so many hours.
pub async fn rotate_key(who: &SignedIn, key: &str, hours: &str, request: &str) -> Result<KeyId, AppError> {
    let id: KeyId = key.parse().map_err(|_| AppError::NotFound)?;
    let overlap = hours.parse().map_err(|_| refused("choice_invalid"))?;
    let request = request_key(request, &["rotate", key, hours])?;
    let line = app().identity.audit(&Actor::member(who), who.account, "key_rotated", key.to_owned());
    let made = app().identity.rotate_key(who.account, id, overlap, (&request, who.user.into()), vec![line]).await?;
    keep(who, made);
    Ok(id)
}

/// Makes a key worthless.
pub async fn revoke_key(who: &SignedIn, key: &str) -> Result<(), AppError> {
    let id: KeyId = key.parse().map_err(|_| AppError::NotFound)?;
    let line = app().identity.audit(&Actor::member(who), who.account, "key_revoked", key.to_owned());
    Ok(app().identity.revoke_key_with(who.account, id, vec![line]).await?)
}

fn keep(who: &SignedIn, made: Option<NewKey>) {
    if let Some(key) = made {
        flash::keep_secret(who, key.id, key.name, key.secret);
    }
}

/// Leads to the key whose secret is to be shown, or back to the form.
pub fn to_key_or_back(made: Result<KeyId, AppError>) -> Result<(), AppError> {
    match made {
        Ok(id) => leptos_axum::redirect(&format!("/keys?created={id}"), false),
        Err(error) => refused_at("/keys", &error),
    }
    Ok(())
}
