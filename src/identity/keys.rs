//! API keys: shown once, kept as a hash, looked up afresh for every request so that a revocation holds at once.
//!
//! The lookup is by the SHA-256 of 256 random bits: how long it takes tells nothing that helps to guess a key.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::store::{self, KeyRow};
use super::token;
use super::{Identity, IdentityError};
use crate::billing::store::{Database, Gather, Row, StoreError, Unanswered};
use crate::ledger::{AccountId, KeyId, Timestamp, UserId};

/// Keys of one account that are in force; more are hardly ever wanted, and lists stay short.
const KEYS_MAX: i64 = 100;
/// Keys listed, revoked ones included.
const LIST_MAX: i64 = 500;
/// How long a key's name may be.
const NAME_MAX: usize = 100;
/// Letters of the secret that stay visible: enough to tell keys apart, too few to guess the other 37 by.
const SHOWN: usize = 6;
/// A key's last use is noted at most so often, away from the request.
const NOTE_SECONDS: i64 = 60;
/// Keys whose last note is remembered; past that all are forgotten, which costs one needless write each.
const NOTED_MAX: usize = 10_000;

/// Whether keys spend real credits. A key of one mode is unknown in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// Stripe's test mode or the sandbox.
    Test,
    /// Real money.
    Live,
}

impl KeyMode {
    /// What a key begins with; leak scanners look for it.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Test => "aethel_test_",
            Self::Live => "aethel_live_",
        }
    }

    /// Whether a text has the shape of a key of this mode.
    fn recognises(self, text: &str) -> bool {
        text.strip_prefix(self.prefix()).is_some_and(token::is_well_formed)
    }
}

/// A key on its way to its owner. Its secret is nowhere kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Names the key.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: String,
    /// The secret, shown once.
    pub secret: String,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A key as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is worth nothing.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    fn read(row: &Row) -> Result<Self, IdentityError> {
        Ok(Self {
            id: row.parsed(0)?,
            name: row.text(1)?,
            prefix: row.text(2)?,
            created_at: Timestamp::from_millis(row.int(3)?),
            last_used_at: row.maybe_int(4)?.map(Timestamp::from_millis),
            revoked_at: row.maybe_int(5)?.map(Timestamp::from_millis),
        })
    }
}

/// The program behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// May open accounts and act on any.
    Operator {
        /// Its key.
        key: KeyId,
    },
    /// May act on its own account.
    Customer {
        /// Whose key it is.
        account: AccountId,
        /// Its key.
        key: KeyId,
    },
}

impl Caller {
    /// Whether this caller may know of the account.
    #[must_use]
    pub fn may_see(&self, account: AccountId) -> bool {
        match self {
            Self::Operator { .. } => true,
            Self::Customer { account: own, .. } => *own == account,
        }
    }

    /// The key that was used.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        match self {
            Self::Operator { key } | Self::Customer { key, .. } => *key,
        }
    }
}

impl Identity {
    /// Makes a key for a customer's account; `by` is the person who asked, none for the command line.
    ///
    /// # Errors
    /// When the name is none, or the account has too many keys.
    pub async fn create_key(
        &self,
        account: AccountId,
        name: &str,
        by: impl Into<Option<UserId>>,
    ) -> Result<NewKey, IdentityError> {
        let id = KeyId::from_ulid(self.ids.next(self.clock.now()));
        self.create_key_once(account, id, name, by).await?.ok_or(IdentityError::Unavailable)
    }

    /// As [`Identity::create_key`], for a form that may be sent twice: `id` is the key that this form makes. None when
    /// it was made before: its secret went to whoever asked first and is nowhere kept.
    ///
    /// # Errors
    /// As [`Identity::create_key`].
    pub async fn create_key_once(
        &self,
        account: AccountId,
        id: KeyId,
        name: &str,
        by: impl Into<Option<UserId>>,
    ) -> Result<Option<NewKey>, IdentityError> {
        let name = checked_name(name, NAME_MAX)?;
        if self.keys(account).await?.iter().any(|key| key.id == id) {
            return Ok(None);
        }
        if store::live_keys(&self.database, account).await? >= KEYS_MAX {
            return Err(IdentityError::TooManyKeys { most: KEYS_MAX });
        }
        self.make_key(id, Some(account), name, by.into()).await
    }

    /// Makes a key that may open accounts and act on any.
    ///
    /// # Errors
    /// When the name is none.
    pub async fn create_operator_key(&self, name: &str) -> Result<NewKey, IdentityError> {
        let id = KeyId::from_ulid(self.ids.next(self.clock.now()));
        self.make_key(id, None, checked_name(name, NAME_MAX)?, None).await?.ok_or(IdentityError::Unavailable)
    }

    async fn make_key(
        &self,
        id: KeyId,
        account: Option<AccountId>,
        name: String,
        by: Option<UserId>,
    ) -> Result<Option<NewKey>, IdentityError> {
        let created_at = self.clock.now();
        let mode = self.config.keys.prefix();
        let secret = format!("{mode}{}", token::fresh(self.entropy.as_ref())?.as_str());
        let prefix: String = secret.chars().take(mode.len() + SHOWN).collect();
        let row = KeyRow { id, account, name: &name, prefix: &prefix, secret: &secret, by, created_at };
        let is_new = store::add_key(&self.database, &row).await?;
        Ok(is_new.then_some(NewKey { id, name, secret }))
    }

    /// The account's keys, newest first, revoked ones included.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, IdentityError> {
        store::keys(&self.database, account, LIST_MAX).await?.iter().map(ApiKey::read).collect()
    }

    /// The operators' keys, newest first, revoked ones included.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn operator_keys(&self) -> Result<Vec<ApiKey>, IdentityError> {
        store::operator_keys(&self.database, LIST_MAX).await?.iter().map(ApiKey::read).collect()
    }

    /// Makes a key worthless, at once and on every server.
    ///
    /// # Errors
    /// When the account has no such key: nobody learns of other people's.
    pub async fn revoke_key(&self, account: AccountId, key: KeyId) -> Result<(), IdentityError> {
        match store::revoke_key(&self.database, account, key, self.clock.now()).await? {
            true => Ok(()),
            false => Err(IdentityError::NotFound),
        }
    }

    /// Makes an operator's key worthless, at once and on every server.
    ///
    /// # Errors
    /// When there is no such operator's key; a customer's is left to its customer.
    pub async fn revoke_operator_key(&self, key: KeyId) -> Result<(), IdentityError> {
        match store::revoke_operator_key(&self.database, key, self.clock.now()).await? {
            true => Ok(()),
            false => Err(IdentityError::NotFound),
        }
    }

    /// Who a bearer of this key is. One read.
    ///
    /// # Errors
    /// Malformed, unknown and revoked keys are all unknown.
    pub async fn authenticate(&self, bearer: &str) -> Result<Caller, IdentityError> {
        if !self.config.keys.recognises(bearer) {
            return Err(IdentityError::UnknownKey);
        }
        let found = self.known_keys.ask(token::hash(bearer)).await.map_err(|Unanswered| IdentityError::Unavailable)?;
        let KnownKey { caller, last_used_at } = found.ok_or(IdentityError::UnknownKey)?;
        self.key_use.note(&self.database, caller.key(), last_used_at, self.clock.now());
        Ok(caller)
    }
}

/// A key in force, as a request finds it.
#[derive(Clone, Copy)]
pub(super) struct KnownKey {
    caller: Caller,
    last_used_at: Option<Timestamp>,
}

impl KnownKey {
    fn read(row: &Row) -> Result<(String, Self), StoreError> {
        let key: KeyId = row.parsed(1)?;
        let caller = match row.maybe_text(2)? {
            Some(_) => Caller::Customer { account: row.parsed(2)?, key },
            None => Caller::Operator { key },
        };
        Ok((row.text(0)?, Self { caller, last_used_at: row.maybe_int(3)?.map(Timestamp::from_millis) }))
    }
}

/// Looks keys up by the hashes of their secrets, afresh each time.
pub(super) fn known_keys(database: Database) -> Gather<String, KnownKey> {
    Gather::start(move |hashes| {
        let database = database.clone();
        async move { store::keys_by_secret(&database, &hashes).await?.iter().map(KnownKey::read).collect() }
    })
}

/// A name without surrounding space, of 1 to `most` characters that can be seen: the others can make one name look like
/// another.
pub(super) fn checked_name(name: &str, most: usize) -> Result<String, IdentityError> {
    let name = name.trim();
    let length = name.chars().count();
    let is_hidden = |letter: char| {
        letter.is_control()
            || matches!(letter,
                '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if length == 0 || length > most || name.chars().any(is_hidden) {
        return Err(IdentityError::NameInvalid { most });
    }
    Ok(name.to_owned())
}

/// When each key's use was last written down.
#[derive(Default)]
pub struct KeyUse(Mutex<HashMap<KeyId, Timestamp>>);

impl KeyUse {
    /// Writes the use down behind the request's back, unless that was done within the minute.
    fn note(&self, database: &Database, key: KeyId, last: Option<Timestamp>, now: Timestamp) {
        let is_recent = |noted: Timestamp| now < noted.plus_seconds(NOTE_SECONDS);
        if last.is_some_and(is_recent) || !self.is_due(key, now) {
            return;
        }
        let database = database.clone();
        tokio::spawn(async move {
            if let Err(error) = database.write(vec![store::key_used(key, now)]).await {
                tracing::warn!(?error, %key, "a key's last use was not noted");
            }
        });
    }

    fn is_due(&self, key: KeyId, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key).is_some_and(|at| now < at.plus_seconds(NOTE_SECONDS)) {
            return false;
        }
        if noted.len() >= NOTED_MAX {
            noted.clear();
        }
        noted.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_of_the_other_mode_is_not_recognised() {
        let letters = "a".repeat(token::TOKEN_LENGTH);
        assert!(KeyMode::Test.recognises(&format!("aethel_test_{letters}")));
        assert!(!KeyMode::Test.recognises(&format!("aethel_live_{letters}")));
        assert!(!KeyMode::Live.recognises(&format!("aethel_live_{letters}a")));
        assert!(!KeyMode::Live.recognises(&format!("Bearer aethel_live_{letters}")));
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!(checked_name("  CI  ", 10), Ok("CI".to_owned()));
        for name in ["C\u{200b}I", "\u{202e}CI", "", "   ", "a\nb", "elevenchars"] {
            assert_eq!(checked_name(name, 10), Err(IdentityError::NameInvalid { most: 10 }), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn only_forty_three_letters_behind_the_prefix_are_a_key(text in "(aethel_test_|aethel_|)(\\PC{0,60}|[A-Za-z0-9_-]{42,44})") {
            let is_key = text.starts_with("aethel_test_") && text.len() == 55
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            prop_assert_eq!(KeyMode::Test.recognises(&text), is_key);
        }
    }
}
