//! Operators' keys, and operators as people.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;

use super::{Failure, say, settings};
use crate::billing::{Kernel, Sealer};
use crate::identity::{ApiKey, Identity, IdentityConfig, KeyMode, KeyWish, OperatorPerson, OsEntropy, Scope, Scopes};
use crate::ledger::{Clock, IdSource, KeyId, Timestamp};
use crate::mail::Mail;
use crate::server::clock::{SystemClock, SystemIds};
use crate::server::start::{StartError, open_database, system_randomness};

#[derive(Subcommand)]
pub(super) enum KeysVerb {
    /// Create a key and print it once on standard output.
    Create {
        /// A key that may open accounts and act on any: for service-to-service use.
        #[arg(long, required = true)]
        operator: bool,
        /// What the key is called in lists.
        #[arg(long)]
        name: String,
        /// What it may do, between commas: read, verify, charge, admin. Everything, when left out.
        #[arg(long, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// After how many days it is worth nothing. Never, when left out.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3_650))]
        days: Option<i64>,
    },
    /// List the operator keys, revoked ones included.
    List,
    /// Revoke an operator key, at once and on every server.
    Revoke {
        /// Its id, as `keys list` shows it.
        #[arg(value_name = "KEY_…")]
        key: KeyId,
    },
}

#[derive(Subcommand)]
pub(super) enum OperatorsVerb {
    /// Let a person into the back office. They have signed up and confirmed their address.
    Add {
        /// The address they sign in with.
        #[arg(value_name = "EMAIL")]
        email: String,
    },
    /// List everybody who may enter the back office.
    List,
    /// Close the back office to a person, at once and on every server.
    Remove {
        /// The address they sign in with.
        #[arg(value_name = "EMAIL")]
        email: String,
    },
}

pub(super) async fn keys(verb: KeysVerb) -> Result<ExitCode, Failure> {
    with_identity(async |identity| {
        Ok(match verb {
            KeysVerb::Create { operator: _, name, scopes, days } => {
                let scopes = if scopes.is_empty() { Scopes::ALL } else { scopes.into_iter().collect() };
                let expires_at = days.map(|days| SystemClock.now().plus_days(days));
                vec![identity.create_operator_key_for(KeyWish { name, scopes, expires_at }).await?.secret]
            }
            KeysVerb::List => identity.operator_keys().await?.iter().map(key_line).collect(),
            KeysVerb::Revoke { key } => {
                identity.revoke_operator_key(key).await?;
                vec![format!("{key} is revoked")]
            }
        })
    })
    .await
}

pub(super) async fn operators(verb: OperatorsVerb) -> Result<ExitCode, Failure> {
    with_identity(async |identity| {
        Ok(match verb {
            OperatorsVerb::Add { email } => {
                vec![format!("{} may enter the back office", identity.add_operator(&email).await?.email)]
            }
            OperatorsVerb::List => identity.operators().await?.iter().map(operator_line).collect(),
            OperatorsVerb::Remove { email } => {
                identity.remove_operator(&email).await?;
                vec![format!("{email} may no longer enter the back office")]
            }
        })
    })
    .await
}

/// Opens the people's room on the configured database, and says what the work answers.
async fn with_identity(work: impl AsyncFnOnce(&Identity) -> Result<Vec<String>, Failure>) -> Result<ExitCode, Failure> {
    let config = settings()?;
    let database = open_database(&config.database).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    let kernel = Kernel::start(database.clone(), config.prices.clone(), Arc::clone(&clock), Arc::clone(&ids));
    let mail = Mail::outbox(database.clone(), Arc::clone(&clock), Arc::clone(&ids));
    let keys = if config.test_mode() { KeyMode::Test } else { KeyMode::Live };
    let public_url = config.public_url.clone().unwrap_or_default();
    let sealer = Sealer::start(&database, clock.as_ref(), config.sealing_keys.clone(), system_randomness()).await;
    let site = IdentityConfig { public_url, keys, sealer: sealer.map_err(StartError::from)? };
    let identity = Identity::new(database.clone(), kernel, mail, clock, ids, Arc::new(OsEntropy), site);
    let lines = work(&identity).await;
    database.close().await;
    for line in lines? {
        say(&line)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_string()
}

fn operator_line(operator: &OperatorPerson) -> String {
    let OperatorPerson { user, name, email, since } = operator;
    format!("{email}  {user}  since {}  {name}", moment(*since))
}

/// One key as listed: its id first, for `keys revoke`.
fn key_line(key: &ApiKey) -> String {
    let used = key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", moment(at)));
    let state = key.revoked_at.map_or_else(|| "in force".to_owned(), |at| format!("revoked {}", moment(at)));
    format!("{}  {}…  made {}  {used}  {state}  {}", key.id, key.prefix, moment(key.created_at), key.name)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{CommandLine, Verb};
    use super::*;

    #[test]
    fn a_listed_key_shows_what_revoking_needs() {
        let id: KeyId = "KEY_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let key = ApiKey {
            id,
            name: "back office".into(),
            prefix: "aethel_test_abcdef".into(),
            created_at: Timestamp::from_millis(0),
            last_used_at: None,
            revoked_at: Some(Timestamp::from_millis(60_000)),
            scopes: Scopes::ALL,
            expires_at: None,
            former_until: None,
            fingerprint: String::new(),
        };
        let line = format!(
            "{id}  aethel_test_abcdef…  made 1970-01-01T00:00:00Z  never used  revoked 1970-01-01T00:01:00Z  back office"
        );
        assert_eq!(key_line(&key), line);
        let read = CommandLine::try_parse_from(["aethel", "keys", "revoke", &id.to_string()]).ok().unwrap();
        assert!(matches!(read.verb, Verb::Keys { verb: KeysVerb::Revoke { key } } if key == id));
        assert!(CommandLine::try_parse_from(["aethel", "keys", "revoke", "nonsense"]).is_err());
    }
}
