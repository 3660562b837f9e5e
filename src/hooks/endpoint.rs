//! An endpoint: where a customer wants to be told, and of what.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::event::EventKind;
use super::signing::Secret;
use crate::ledger::{AccountId, EndpointId, Timestamp};

/// Whether anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointState {
    /// It is told what it wants to be told.
    On,
    /// Its owner has turned it off.
    Off,
    /// We have: nothing reached it for days.
    Stopped,
}

impl EndpointState {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Stopped => "stopped",
        }
    }
}

/// A text names no state of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint is on, off or stopped")]
pub struct UnknownState;

impl FromStr for EndpointState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        [Self::On, Self::Off, Self::Stopped].into_iter().find(|state| state.name() == text).ok_or(UnknownState)
    }
}

/// What an endpoint wants to be told. Empty is everything, also what is added later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub BTreeSet<EventKind>);

impl Kinds {
    /// As it is stored: each name between spaces.
    pub(super) fn stored(&self) -> String {
        if self.0.is_empty() {
            return " * ".to_owned();
        }
        format!(" {} ", self.names().join(" "))
    }

    /// A name that this version does not know is of a kind that it does not send.
    pub(super) fn from_stored(text: &str) -> Self {
        Self(text.split(' ').filter_map(|name| name.parse().ok()).collect())
    }

    /// The names, or none for everything.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.name()).collect()
    }
}

/// An endpoint as kept, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Names it.
    pub id: EndpointId,
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub url: String,
    /// What its owner calls it.
    pub description: String,
    /// What it wants to be told.
    pub kinds: Kinds,
    /// Whether anything is sent.
    pub state: EndpointState,
    /// Until when the former secret signs too.
    pub former_until: Option<Timestamp>,
    /// Since when nothing has reached it.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When we stopped it.
    pub stopped_at: Option<Timestamp>,
    /// Of what it was asked for with.
    pub(super) fingerprint: String,
}

/// What a customer says of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Where it is.
    pub url: String,
    /// What its owner calls it; may be empty.
    pub description: String,
    /// What it wants to be told.
    pub kinds: Kinds,
}

/// An endpoint that was just made. Its secret is shown this once.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// None when the same request made it before: the secret went to whoever asked first.
    pub secret: Option<Secret>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
