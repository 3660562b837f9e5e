//! Who looks after an account's members: a member, or a program with a key.
//!
//! A key may do to the team what the person may for whom it acts, now, and never more: that is whoever made it, or made
//! the key that made it. Rotated by anybody else, it is known whom it then serves by nobody, and it looks after no
//! members. A key of the house's own making, by an operator or the command line, does what an admin does.

use super::audit::Actor;
use super::keys::Caller;
use super::roles::{Permission, Role};
use super::sessions::SignedIn;
use super::store;
use super::{Identity, IdentityError};
use crate::ledger::{AccountId, KeyId, UserId};

/// How the house is called where it acts by itself.
const HOUSE: &str = "Aethel";

/// For whom a key acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The house or its operators.
    House,
    /// This person.
    Person(UserId),
    /// Nobody knows.
    Unknown,
}

impl Maker {
    /// As it is kept: none is the house.
    pub(super) fn stored(self) -> Option<String> {
        match self {
            Self::House => None,
            Self::Person(user) => Some(user.to_string()),
            Self::Unknown => Some(String::new()),
        }
    }

    fn from_stored(text: Option<&str>) -> Self {
        match text {
            None => Self::House,
            Some(text) => text.parse().map_or(Self::Unknown, Self::Person),
        }
    }
}

impl From<UserId> for Maker {
    fn from(user: UserId) -> Self {
        Self::Person(user)
    }
}

/// Somebody who looks after the members of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Of which account.
    pub account: AccountId,
    /// As the audit log calls them.
    pub actor: Actor,
    /// As letters call them.
    pub name: String,
    /// The id of the person or key.
    pub id: String,
    /// What they may.
    pub role: Role,
}

impl Host {
    /// Owners are made and unmade by owners.
    pub(super) fn may_make(&self, role: Role) -> Result<(), IdentityError> {
        let allowed = role != Role::Owner || self.role.may(Permission::Owners);
        if allowed { Ok(()) } else { Err(IdentityError::OwnersOnly) }
    }
}

impl From<&SignedIn> for Host {
    fn from(who: &SignedIn) -> Self {
        Self {
            account: who.account,
            actor: Actor::member(who),
            name: who.name.clone(),
            id: who.user.to_string(),
            role: who.role,
        }
    }
}

impl From<&Self> for Host {
    fn from(host: &Self) -> Self {
        host.clone()
    }
}

impl Identity {
    /// The program behind a request, as one that looks after the members of an account.
    ///
    /// # Errors
    /// When the person for whom the key acts may not, or not any more, or is not known.
    pub async fn host(&self, caller: Caller, account: AccountId) -> Result<Host, IdentityError> {
        let key = caller.key();
        let of = |name: String, role| Host { account, actor: Actor::Key(key), name, id: key.to_string(), role };
        if matches!(caller, Caller::Operator { .. }) {
            return Ok(of(HOUSE.to_owned(), Role::Owner));
        }
        let row = store::key_maker(&self.database, key, account).await?.ok_or(IdentityError::NotFound)?;
        let host = match Maker::from_stored(row.maybe_text(0)?.as_deref()) {
            Maker::House => of(HOUSE.to_owned(), Role::Admin),
            Maker::Person(user) if row.maybe_text(2)?.is_some() => {
                Host { id: user.to_string(), ..of(row.text(1)?, row.parsed(2)?) }
            }
            Maker::Person(_) | Maker::Unknown => return Err(IdentityError::KeyServesNoHost),
        };
        if host.role.may(Permission::Members) { Ok(host) } else { Err(IdentityError::KeyServesNoHost) }
    }

    /// For whom the program behind a request acts: whatever keys it makes or rotates act for the same.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn maker(&self, caller: Caller) -> Result<Maker, IdentityError> {
        match caller {
            Caller::Operator { .. } => Ok(Maker::House),
            Caller::Customer { account, key } => self.maker_of(key, account).await,
        }
    }

    async fn maker_of(&self, key: KeyId, account: AccountId) -> Result<Maker, IdentityError> {
        let row = store::key_maker(&self.database, key, account).await?;
        let kept = row.map(|row| row.maybe_text(0)).transpose()?;
        Ok(kept.map_or(Maker::Unknown, |text| Maker::from_stored(text.as_deref())))
    }
}
