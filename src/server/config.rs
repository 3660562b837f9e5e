//! Settings, read from the environment once. A wrong one stops the start with a sentence that says which and why.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::limits::Rates;
use crate::billing::{PricesError, SealingKeys, SigningSeed, prices_from};
use crate::hooks::Reach;
use crate::ledger::PriceBook;

/// Where SQLite keeps the ledger when nothing else is said.
const DEFAULT_DATABASE: &str = "data/aethel.db";

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} cannot be used: {why}")]
pub struct ConfigError {
    /// Which setting.
    pub name: &'static str,
    /// What is wrong with it and what to do.
    pub why: String,
}

/// Where the ledger is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseChoice {
    /// A file.
    Sqlite(PathBuf),
    /// A server, by its URL.
    Postgres(String),
}

impl DatabaseChoice {
    /// The setting that an operator looks at when the database cannot be used.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BILLING_DB_PATH",
            Self::Postgres(_) => "DATABASE_URL",
        }
    }
}

impl fmt::Debug for DatabaseChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            // The URL may hold a password.
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

/// How Stripe is reached.
#[derive(Clone, PartialEq, Eq)]
pub enum StripeChoice {
    /// Our sandbox, started beside the server.
    Sandbox {
        /// Where it listens.
        address: SocketAddr,
        /// The file in which its state outlives a restart, if it does.
        state: Option<PathBuf>,
    },
    /// Stripe itself, or whatever stands at `api_base`.
    Keys {
        /// The secret key.
        secret_key: String,
        /// The webhook's signing secrets: several while one is being rolled.
        webhook_secrets: Vec<String>,
        /// Where the API is, if not at Stripe's own address.
        api_base: Option<String>,
    },
}

impl fmt::Debug for StripeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox { address, state } => {
                f.debug_struct("Sandbox").field("address", address).field("state", state).finish()
            }
            // Key and signing secrets stay out of logs.
            Self::Keys { api_base, .. } => f.debug_struct("Keys").field("api_base", api_base).finish_non_exhaustive(),
        }
    }
}

/// How mail leaves.
#[derive(Clone, PartialEq, Eq)]
pub enum MailChoice {
    /// It stays here and is shown on the outbox page.
    Outbox,
    /// Through an SMTP server.
    Smtp {
        /// Its URL, user and password included.
        url: String,
        /// The sender's address.
        from: String,
    },
}

impl fmt::Debug for MailChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outbox => f.write_str("Outbox"),
            // The URL holds a password.
            Self::Smtp { from, .. } => f.debug_struct("Smtp").field("from", from).finish_non_exhaustive(),
        }
    }
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens.
    pub address: SocketAddr,
    /// How browsers reach it; from `address` when not said.
    pub public_url: Option<String>,
    /// Where the ledger is kept.
    pub database: DatabaseChoice,
    /// How Stripe is reached.
    pub stripe: StripeChoice,
    /// Whether Stripe Tax puts tax on top on Stripe's pages.
    pub stripe_tax: bool,
    /// How mail leaves.
    pub mail: MailChoice,
    /// Where webhooks may be sent.
    pub webhooks: Reach,
    /// How often somebody may ask.
    pub rates: Rates,
    /// The Z3 program.
    pub solver: PathBuf,
    /// What it may read besides itself and the system's libraries.
    pub solver_reads: Vec<PathBuf>,
    /// How many solver processes stand ready.
    pub solver_processes: usize,
    /// The prices.
    pub prices: PriceBook,
    /// What receipts and statements are signed with, in place of the key that the database keeps.
    pub signing_key: Option<SigningSeed>,
    /// What seals the secrets that have to be read again, in place of the key that the database keeps.
    pub sealing_keys: Option<SealingKeys>,
    /// Where the built pages' files are.
    pub site_root: PathBuf,
    /// Where open pages listen for a rebuild; only `make dev` says so.
    pub reload_port: Option<u16>,
}

impl Config {
    /// Reads the settings through `get`, which knows each by its name.
    ///
    /// # Errors
    /// Names the setting that cannot be used, and says why.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let set = |name: &str| get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let database = database(&set)?;
        let stripe = stripe::choice(&set, &database)?;
        let public_url = public_url(&set)?;
        let mail = mail(&set)?;
        let config = Self {
            address: address(&set, "AETHEL_ADDR", "127.0.0.1:3000")?,
            public_url,
            database,
            stripe,
            stripe_tax: stripe::tax(&set)?,
            mail,
            webhooks: webhooks(&set)?,
            rates: limits::rates(&set)?,
            solver: set("AETHEL_Z3").map_or_else(|| PathBuf::from("z3"), PathBuf::from),
            solver_reads: set("AETHEL_SOLVER_READS")
                .map_or_else(Vec::new, |paths| std::env::split_paths(&paths).collect()),
            solver_processes: number(&set, "AETHEL_SOLVERS", 2, 64)?,
            prices: prices(&set)?,
            signing_key: secrets::signing_key(&set)?,
            sealing_keys: secrets::sealing_keys(&set)?,
            site_root: site_root(&set)?,
            reload_port: reload_port(&set)?,
        };
        config.check_live()?;
        config.check_webhooks()?;
        config.check_public()?;
        Ok(config)
    }

    /// Whether no real money moves: the sandbox, or Stripe's own test keys.
    #[must_use]
    pub fn test_mode(&self) -> bool {
        match &self.stripe {
            StripeChoice::Sandbox { .. } => true,
            StripeChoice::Keys { secret_key, .. } => !is_live(secret_key),
        }
    }

    /// Whether people come over the network: then nothing stands in for Stripe or for mail.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What an operator should know before anybody comes, although it is no mistake by itself.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let exposed = self.test_mode() && !self.address.ip().is_loopback();
        exposed.then(|| {
            format!(
                "AETHEL_ADDR is {}, so that others on the network can reach this server, and it is in test mode: \
                 whoever reaches it can have credits without paying{}",
                self.address,
                if self.mail == MailChoice::Outbox { " and read everybody's mail in the outbox" } else { "" },
            )
        })
    }

    /// Real money needs a real address and real mail.
    fn check_live(&self) -> Result<(), ConfigError> {
        if self.test_mode() {
            return Ok(());
        }
        if !self.is_public() {
            let why = "with a live Stripe key it must be the https address that customers use".into();
            return Err(ConfigError { name: "AETHEL_PUBLIC_URL", why });
        }
        if self.mail == MailChoice::Outbox {
            let why = "with a live Stripe key mail must reach people; set it, and AETHEL_MAIL_FROM".into();
            return Err(ConfigError { name: "AETHEL_SMTP_URL", why });
        }
        Ok(())
    }

    /// Where strangers come, an address that they write must not lead into this machine.
    fn check_webhooks(&self) -> Result<(), ConfigError> {
        if self.webhooks == Reach::Loopback && (!self.test_mode() || self.is_public()) {
            let why =
                "it is for test mode on one's own machine; leave it out with a live Stripe key or a public address";
            return Err(ConfigError { name: "AETHEL_WEBHOOKS_LOCAL", why: why.into() });
        }
        Ok(())
    }

    /// At a public address the sandbox would give credits away, and the outbox would show everybody's mail to everybody.
    fn check_public(&self) -> Result<(), ConfigError> {
        if !self.is_public() {
            return Ok(());
        }
        if matches!(self.stripe, StripeChoice::Sandbox { .. }) {
            let why = "it is missing, and with an https AETHEL_PUBLIC_URL the sandbox never takes Stripe's place; \
                       set it, and STRIPE_WEBHOOK_SECRET"
                .into();
            return Err(ConfigError { name: "STRIPE_SECRET_KEY", why });
        }
        if self.mail == MailChoice::Outbox {
            let why = "it is missing, and with an https AETHEL_PUBLIC_URL the outbox may not be used: it would show \
                       everybody's mail to everybody; set it, and AETHEL_MAIL_FROM"
                .into();
            return Err(ConfigError { name: "AETHEL_SMTP_URL", why });
        }
        Ok(())
    }
}

type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn is_live(secret_key: &str) -> bool {
    secret_key.starts_with("sk_live_") || secret_key.starts_with("rk_live_")
}

fn address(set: Get<'_>, name: &'static str, default: &str) -> Result<SocketAddr, ConfigError> {
    let text = set(name).unwrap_or_else(|| default.to_owned());
    text.parse().map_err(|_| ConfigError { name, why: format!("{text:?} is not an address and port like {default}") })
}

fn number(set: Get<'_>, name: &'static str, default: usize, most: usize) -> Result<usize, ConfigError> {
    let Some(text) = set(name) else { return Ok(default) };
    text.parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| ConfigError { name, why: format!("{text:?} is not a whole number from 1 to {most}") })
}

fn public_url(set: Get<'_>) -> Result<Option<String>, ConfigError> {
    let name = "AETHEL_PUBLIC_URL";
    let Some(text) = set(name) else { return Ok(None) };
    let text = text.trim_end_matches('/').to_owned();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(Some(text)),
        _ => Err(ConfigError { name, why: format!("{text:?} is not an address like https://aethel.example") }),
    }
}

fn database(set: Get<'_>) -> Result<DatabaseChoice, ConfigError> {
    match set("DATABASE_URL") {
        None => Ok(DatabaseChoice::Sqlite(
            set("BILLING_DB_PATH").map_or_else(|| PathBuf::from(DEFAULT_DATABASE), PathBuf::from),
        )),
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok(DatabaseChoice::Postgres(url))
        }
        // The URL may hold a password, so it is not repeated.
        Some(_) => Err(ConfigError {
            name: "DATABASE_URL",
            why: "it must begin with postgres://; for SQLite leave it out and set BILLING_DB_PATH".into(),
        }),
    }
}

fn mail(set: Get<'_>) -> Result<MailChoice, ConfigError> {
    let from = set("AETHEL_MAIL_FROM");
    let Some(url) = set("AETHEL_SMTP_URL") else {
        if from.is_some() {
            let why = "AETHEL_SMTP_URL is missing; set both, or neither to keep mail in the outbox".into();
            return Err(ConfigError { name: "AETHEL_MAIL_FROM", why });
        }
        return Ok(MailChoice::Outbox);
    };
    match from {
        Some(from) => Ok(MailChoice::Smtp { url, from }),
        None => Err(ConfigError {
            name: "AETHEL_MAIL_FROM",
            why: "with AETHEL_SMTP_URL set, the sender's address is needed, like Aethel <hello@aethel.example>".into(),
        }),
    }
}

fn webhooks(set: Get<'_>) -> Result<Reach, ConfigError> {
    let name = "AETHEL_WEBHOOKS_LOCAL";
    match set(name).as_deref() {
        None | Some("no") => Ok(Reach::Public),
        Some("yes") => Ok(Reach::Loopback),
        Some(text) => Err(ConfigError { name, why: format!("{text:?} is neither yes nor no") }),
    }
}

fn site_root(set: Get<'_>) -> Result<PathBuf, ConfigError> {
    let Some(path) = set("LEPTOS_SITE_ROOT").map(PathBuf::from) else { return Ok(PathBuf::from("target/site")) };
    if path.is_dir() {
        return Ok(path);
    }
    let why = format!("{} is not a directory; it is where the built pages' files are", path.display());
    Err(ConfigError { name: "LEPTOS_SITE_ROOT", why })
}

/// `make dev` sets both; Leptos reads the first one too, and leaves the pages alone without it.
fn reload_port(set: Get<'_>) -> Result<Option<u16>, ConfigError> {
    let name = "LEPTOS_RELOAD_PORT";
    match (set("LEPTOS_WATCH"), set(name)) {
        (Some(_), Some(text)) => {
            text.parse().map(Some).map_err(|_| ConfigError { name, why: format!("{text:?} is not a port") })
        }
        _ => Ok(None),
    }
}

fn prices(set: Get<'_>) -> Result<PriceBook, ConfigError> {
    let name = "AETHEL_PRICE_BOOK";
    let text = match set(name) {
        None => PriceBook::STANDARD.to_owned(),
        Some(path) => std::fs::read_to_string(&path)
            .map_err(|error| ConfigError { name, why: format!("{path} cannot be read: {error}") })?,
    };
    prices_from(&text).map_err(|error: PricesError| ConfigError { name, why: error.to_string() })
}

mod limits;
mod secrets;
mod stripe;
#[cfg(test)]
mod tests;
