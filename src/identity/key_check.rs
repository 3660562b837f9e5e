//! What a request brings as its key: whose it is and what it may do, by one read that is shared by all who ask at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::keys::Caller;
use super::scopes::Scopes;
use super::{Identity, IdentityError, store, token};
use crate::billing::store::{Database, Gather, Row, StoreError, Unanswered};
use crate::ledger::{KeyId, Timestamp};

/// A key's last use is noted at most so often, away from the request.
const NOTE_SECONDS: i64 = 60;
/// Keys whose last note is remembered; past that all are forgotten, which costs one needless write each.
const NOTED_MAX: usize = 10_000;

/// The bearer of a good key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who it is.
    pub caller: Caller,
    /// What the key may do.
    pub scopes: Scopes,
    /// From when on the key is worth nothing.
    pub expires_at: Option<Timestamp>,
}

impl Identity {
    /// Who a bearer of this key is, and what it may do. One read.
    ///
    /// # Errors
    /// Malformed, unknown, revoked and expired keys are all unknown.
    pub async fn authenticate(&self, bearer: &str) -> Result<Known, IdentityError> {
        if !self.config.keys.recognises(bearer) {
            return Err(IdentityError::UnknownKey);
        }
        let found = self.known_keys.ask(token::hash(bearer)).await.map_err(|Unanswered| IdentityError::Unavailable)?;
        let now = self.clock.now();
        let KnownKey { known, last_used_at, until } = found.ok_or(IdentityError::UnknownKey)?;
        if until.is_some_and(|until| until <= now) {
            return Err(IdentityError::UnknownKey);
        }
        self.key_use.note(&self.database, known.caller.key(), last_used_at, now);
        Ok(known)
    }
}

/// A key in force, as a request finds it.
#[derive(Clone, Copy)]
pub(super) struct KnownKey {
    known: Known,
    last_used_at: Option<Timestamp>,
    /// When the key or this secret of it ends.
    until: Option<Timestamp>,
}

impl KnownKey {
    fn read(row: &Row) -> Result<(String, Self), StoreError> {
        let key: KeyId = row.parsed(1)?;
        let caller = match row.maybe_text(2)? {
            Some(_) => Caller::Customer { account: row.parsed(2)?, key },
            None => Caller::Operator { key },
        };
        let [expires_at, former_until] =
            [row.maybe_int(5)?, row.maybe_int(6)?].map(|at| at.map(Timestamp::from_millis));
        let known = Known { caller, scopes: Scopes::from_stored(&row.text(4)?), expires_at };
        let until = [expires_at, former_until].into_iter().flatten().min();
        Ok((row.text(0)?, Self { known, last_used_at: row.maybe_int(3)?.map(Timestamp::from_millis), until }))
    }
}

/// Looks keys up by the hashes of their secrets, afresh each time.
pub(super) fn known_keys(database: Database) -> Gather<String, KnownKey> {
    Gather::over(&database.clone(), move |hashes| {
        let database = database.clone();
        async move { store::keys_by_secret(&database, &hashes).await?.iter().map(KnownKey::read).collect() }
    })
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
