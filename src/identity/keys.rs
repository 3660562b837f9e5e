//! API keys: shown once, kept as a hash, looked up afresh for every request so that a revocation holds at once.
//!
//! The lookup is by the SHA-256 of 256 random bits: how long it takes tells nothing that helps to guess a key.

use std::fmt;

use sha2::{Digest, Sha256};

use super::hosts::Maker;
use super::key_shape::checksum;
use super::scopes::Scopes;
use super::store::{self, KeyRow};
use super::token;
use super::{Identity, IdentityError};
use crate::billing::store::{Row, Statement};
use crate::ledger::{AccountId, KeyId, Timestamp, UserId};

/// Keys of one account that are in force; more are hardly ever wanted, and lists stay short.
const KEYS_MAX: i64 = 100;
/// Keys listed at once, revoked ones included.
const LIST_MAX: i64 = 500;
/// How long a key's name may be.
const NAME_MAX: usize = 100;
/// Letters of the secret that stay visible: enough to tell keys apart, too few to guess the other 37 by.
const SHOWN: usize = 6;
/// The longest time for which a rotated key's former secret stays good.
pub const KEY_OVERLAP_HOURS_MAX: i64 = 720;

/// What a key shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWish {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// From when on it is worth nothing; never, when none.
    pub expires_at: Option<Timestamp>,
}

impl KeyWish {
    /// A key that may do everything for ever.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), scopes: Scopes::ALL, expires_at: None }
    }

    fn checked(self, now: Timestamp) -> Result<Self, IdentityError> {
        let name = checked_name(&self.name, NAME_MAX)?;
        if self.scopes.is_empty() {
            return Err(IdentityError::NoScope);
        }
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(IdentityError::ExpiryInThePast);
        }
        Ok(Self { name, ..self })
    }

    fn fingerprint(&self) -> String {
        let expires_at = self.expires_at.map(Timestamp::millis);
        let parts = serde_json::json!([self.name, self.scopes.stored(), expires_at]);
        hex::encode(Sha256::digest(parts.to_string().as_bytes()))
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
    /// What it may do.
    pub scopes: Scopes,
    /// From when on it is worth nothing.
    pub expires_at: Option<Timestamp>,
    /// Until when the secret that it had before its rotation is good too.
    pub former_until: Option<Timestamp>,
    /// Of what it was asked for with.
    pub fingerprint: String,
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
            scopes: Scopes::from_stored(&row.text(6)?),
            expires_at: row.maybe_int(7)?.map(Timestamp::from_millis),
            fingerprint: row.text(8)?,
            former_until: row.maybe_int(9)?.map(Timestamp::from_millis),
        })
    }

    /// `active`, `expired` or `revoked`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> &'static str {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(at)) if at <= now => "expired",
            _ => "active",
        }
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
    /// Makes a key that may do everything on a customer's account; `by` is the person who asked, none for the house.
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
        let by = by.into().map_or(Maker::House, Maker::Person);
        let made = self.create_key_once(account, id, KeyWish::named(name), by, Vec::new()).await?;
        made.ok_or(IdentityError::Unavailable)
    }

    /// Makes the key that a form or request names by `id`, which may be sent twice. None when it was made before: its
    /// secret went to whoever asked first and is nowhere kept. `along` is written with it.
    ///
    /// # Errors
    /// When it cannot be such a key, the account has too many, or the same id was asked for otherwise.
    pub async fn create_key_once(
        &self,
        account: AccountId,
        id: KeyId,
        wish: KeyWish,
        by: impl Into<Maker>,
        along: Vec<Statement>,
    ) -> Result<Option<NewKey>, IdentityError> {
        let wish = wish.checked(self.clock.now())?;
        if let Some(key) = self.key(account, id).await? {
            let is_same = key.fingerprint == wish.fingerprint();
            return if is_same { Ok(None) } else { Err(IdentityError::Conflict) };
        }
        if store::live_keys(&self.database, account, self.clock.now()).await? >= KEYS_MAX {
            return Err(IdentityError::TooManyKeys { most: KEYS_MAX });
        }
        self.make_key(id, Some(account), wish, by.into(), along).await
    }

    /// Makes a key that may open accounts and act on any.
    ///
    /// # Errors
    /// When the name is none.
    pub async fn create_operator_key(&self, name: &str) -> Result<NewKey, IdentityError> {
        self.create_operator_key_for(KeyWish::named(name)).await
    }

    /// The same, with chosen scopes and an end.
    ///
    /// # Errors
    /// When it cannot be such a key.
    pub async fn create_operator_key_for(&self, wish: KeyWish) -> Result<NewKey, IdentityError> {
        let id = KeyId::from_ulid(self.ids.next(self.clock.now()));
        let wish = wish.checked(self.clock.now())?;
        self.make_key(id, None, wish, Maker::House, Vec::new()).await?.ok_or(IdentityError::Unavailable)
    }

    async fn make_key(
        &self,
        id: KeyId,
        account: Option<AccountId>,
        wish: KeyWish,
        by: Maker,
        along: Vec<Statement>,
    ) -> Result<Option<NewKey>, IdentityError> {
        let created_at = self.clock.now();
        let (secret, prefix) = self.fresh_secret()?;
        let fingerprint = wish.fingerprint();
        let KeyWish { name, scopes, expires_at } = wish;
        let (secret_hash, scopes) = (token::hash(&secret), scopes.stored());
        let row = KeyRow {
            id,
            account,
            name: &name,
            prefix: &prefix,
            secret_hash: &secret_hash,
            by: by.stored(),
            created_at,
            scopes: &scopes,
            expires_at,
            fingerprint: &fingerprint,
        };
        let is_new = store::add_key(&self.database, &row, along).await?;
        Ok(is_new.then_some(NewKey { id, name, secret }))
    }

    /// A secret with the letters that check it, and how much of it stays visible.
    fn fresh_secret(&self) -> Result<(String, String), IdentityError> {
        let mode = self.config.keys.prefix();
        let token = token::fresh(self.entropy.as_ref())?;
        let secret = format!("{mode}{}{}", token.as_str(), checksum(mode, token.as_str()));
        let prefix = secret.chars().take(mode.len() + SHOWN).collect();
        Ok((secret, prefix))
    }

    /// Gives a key another secret; the former one stays good for so many hours. The same `request` rotates once: none
    /// the second time. `along` is written with it. Rotated by another than its maker, it is nobody's any more.
    ///
    /// # Errors
    /// When the account has no such key in force.
    pub async fn rotate_key(
        &self,
        account: AccountId,
        key: KeyId,
        overlap_hours: i64,
        (request, by): (&str, Maker),
        along: Vec<Statement>,
    ) -> Result<Option<NewKey>, IdentityError> {
        let now = self.clock.now();
        let known = self.key(account, key).await?.ok_or(IdentityError::NotFound)?;
        if known.state(now) != "active" {
            return Err(IdentityError::NotFound);
        }
        let (secret, prefix) = self.fresh_secret()?;
        let until = now.plus_seconds(overlap_hours.clamp(0, KEY_OVERLAP_HOURS_MAX) * 3_600);
        let secret_hash = token::hash(&secret);
        let rotation = store::Rotation { account, key, secret_hash, prefix, until, request, by: by.stored() };
        let is_new = store::rotate_key(&self.database, &rotation, along).await?;
        Ok(is_new.then_some(NewKey { id: key, name: known.name, secret }))
    }

    /// The account's keys, newest first, revoked ones included. At most 500.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, IdentityError> {
        self.keys_behind(account, None, LIST_MAX).await
    }

    /// The same from behind a key on, page by page.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn keys_behind(
        &self,
        account: AccountId,
        before: Option<KeyId>,
        limit: i64,
    ) -> Result<Vec<ApiKey>, IdentityError> {
        let limit = limit.clamp(1, LIST_MAX);
        store::keys(&self.database, account, before, limit).await?.iter().map(ApiKey::read).collect()
    }

    /// One of the account's keys, also a revoked one; none when it has none of this id.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn key(&self, account: AccountId, key: KeyId) -> Result<Option<ApiKey>, IdentityError> {
        store::key(&self.database, account, key).await?.as_ref().map(ApiKey::read).transpose()
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
        self.revoke_key_with(account, key, Vec::new()).await
    }

    /// The same; `along` is written with it.
    ///
    /// # Errors
    /// As [`Identity::revoke_key`].
    pub async fn revoke_key_with(
        &self,
        account: AccountId,
        key: KeyId,
        along: Vec<Statement>,
    ) -> Result<(), IdentityError> {
        match store::revoke_key(&self.database, account, key, self.clock.now(), along).await? {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!(checked_name("  CI  ", 10), Ok("CI".to_owned()));
        for name in ["C\u{200b}I", "\u{202e}CI", "", "   ", "a\nb", "elevenchars"] {
            assert_eq!(checked_name(name, 10), Err(IdentityError::NameInvalid { most: 10 }), "{name:?}");
        }
    }
}
