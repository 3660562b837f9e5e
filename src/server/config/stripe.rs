//! Stripe's settings: real keys, or the sandbox and where its state is kept.

use std::path::PathBuf;

use super::{ConfigError, DatabaseChoice, Get, StripeChoice, address, is_live};

/// Stripe Tax has to be set up in Stripe's dashboard first, so it is off unless somebody says otherwise.
pub(super) fn tax(set: Get<'_>) -> Result<bool, ConfigError> {
    match set("AETHEL_STRIPE_TAX").as_deref() {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(ConfigError { name: "AETHEL_STRIPE_TAX", why: "it must be yes or no".into() }),
    }
}

/// Beside the SQLite file unless something else is said: what customers and cards our database names, the sandbox must
/// still know after a restart. Several servers may share a PostgreSQL, so there is no one place beside it.
fn sandbox_state(set: Get<'_>, database: &DatabaseChoice) -> Option<PathBuf> {
    match (set("AETHEL_SANDBOX_STATE"), database) {
        (Some(text), _) if text == "off" => None,
        (Some(path), _) => Some(path.into()),
        (None, DatabaseChoice::Sqlite(path)) => Some(path.with_extension("stripe-sandbox.json")),
        (None, DatabaseChoice::Postgres(_)) => None,
    }
}

pub(super) fn choice(set: Get<'_>, database: &DatabaseChoice) -> Result<StripeChoice, ConfigError> {
    let Some(secret_key) = set("STRIPE_SECRET_KEY") else {
        if set("STRIPE_WEBHOOK_SECRET").is_some() {
            let why = "STRIPE_SECRET_KEY is missing; set both, or neither to use the sandbox".into();
            return Err(ConfigError { name: "STRIPE_WEBHOOK_SECRET", why });
        }
        let address = address(set, "AETHEL_SANDBOX_ADDR", "127.0.0.1:12111")?;
        return Ok(StripeChoice::Sandbox { address, state: sandbox_state(set, database) });
    };
    if !["sk_test_", "rk_test_", "sk_live_", "rk_live_"].iter().any(|prefix| secret_key.starts_with(prefix)) {
        let why = "it must begin with sk_test_, rk_test_, sk_live_ or rk_live_".into();
        return Err(ConfigError { name: "STRIPE_SECRET_KEY", why });
    }
    if is_live(&secret_key) && set("AETHEL_SANDBOX_ADDR").is_some() {
        let why = "the sandbox never runs beside a live key; remove one of the two".into();
        return Err(ConfigError { name: "AETHEL_SANDBOX_ADDR", why });
    }
    let webhook_secrets: Vec<String> = set("STRIPE_WEBHOOK_SECRET")
        .map(|list| list.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect())
        .unwrap_or_default();
    if webhook_secrets.is_empty() {
        let why = "with STRIPE_SECRET_KEY set, the webhook's signing secret (whsec_…) is needed too".into();
        return Err(ConfigError { name: "STRIPE_WEBHOOK_SECRET", why });
    }
    Ok(StripeChoice::Keys { secret_key, webhook_secrets, api_base: set("STRIPE_API_BASE") })
}
