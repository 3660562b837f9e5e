//! People, their sessions, and the keys of their programs.
//!
//! Knows no HTTP, no cookie and no page.

mod alerts;
mod audit;
mod codes;
mod door;
mod email;
mod entropy;
mod error;
mod hosts;
mod inviting;
mod key_check;
mod key_shape;
mod keys;
mod operators;
mod own;
mod passkeys;
mod password;
mod people;
mod roles;
mod scopes;
mod sessions;
mod shares;
mod store;
mod team;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod token;
mod tries;

use std::sync::Arc;

use key_check::{KeyUse, KnownKey};
use password::Hasher;
use tries::TryCounter;

use webauthn_rs::Webauthn;

use crate::billing::store::{Database, Gather};
use crate::billing::{Kernel, Sealer};
use crate::ledger::{Clock, IdSource};
use crate::mail::Mail;

pub use audit::{Actor, AuditLine, LogLine, Subject};
pub use codes::{CodesSecret, CodesState};
pub use door::{Door, Entered, SignIn};
pub use email::{Email, EmailError};
pub use entropy::OsEntropy;
pub use error::IdentityError;
pub use hosts::{Host, Maker};
pub use inviting::Invited;
pub use key_check::Known;
pub use key_shape::KeyMode;
pub use keys::{ApiKey, Caller, KEY_OVERLAP_HOURS_MAX, KeyWish, NewKey};
pub use operators::{Member, OperatorPerson, SEEING_MINUTES};
pub use own::Session;
pub use passkeys::{Challenge, PasskeyLine};
pub use password::{PASSWORD_LEAST, PASSWORD_MOST};
pub use roles::{Permission, Role, UnknownRole};
pub use scopes::{Scope, Scopes, UnknownScope};
pub use sessions::{SESSION_DAYS, SESSION_IDLE_DAYS, SignedIn, Way};
pub use shares::{Share, Shared};
pub use team::{Invitation, Membership};
pub use token::{Entropy, NoEntropy, Token as SessionToken};

/// What the room is told about the house around it.
#[derive(Clone, Debug)]
pub struct IdentityConfig {
    /// Where the site is, without a slash at the end: links in mails begin with it.
    pub public_url: String,
    /// Which keys are made and accepted.
    pub keys: KeyMode,
    /// Under whose seal the secrets of one-time codes are kept.
    pub sealer: Sealer,
}

/// Who may come in. Cheap to clone; all clones share their counters.
#[derive(Clone)]
pub struct Identity {
    database: Database,
    kernel: Kernel,
    mail: Mail,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    entropy: Arc<dyn Entropy>,
    config: Arc<IdentityConfig>,
    hasher: Hasher,
    tries: Arc<TryCounter>,
    passkeys: Arc<Option<Webauthn>>,
    known_keys: Gather<String, KnownKey>,
    key_use: Arc<KeyUse>,
}

impl Identity {
    /// Time, ids and entropy are arguments, so that tests can hold them still.
    #[must_use]
    pub fn new(
        database: Database,
        kernel: Kernel,
        mail: Mail,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        entropy: Arc<dyn Entropy>,
        config: IdentityConfig,
    ) -> Self {
        let hasher = Hasher::new(Arc::clone(&entropy));
        let passkeys = Arc::new(passkeys::relying_party(&config.public_url));
        let (config, key_use) = (Arc::new(config), Arc::default());
        let tries = Arc::new(TryCounter::new(database.clone()));
        let known_keys = key_check::known_keys(database.clone());
        Self { database, kernel, mail, clock, ids, entropy, config, hasher, tries, passkeys, known_keys, key_use }
    }
}
