//! Who stands at the door: from where, with which browser, and whether it has been let in before.
//!
//! The lock-out is per address *and* source, so that nobody can be shut out by others:
//! - a browser that has signed the person in before counts only its own wrong tries;
//! - any other source counts its own tries at that address, and what all unknown sources have tried at the address
//!   together makes only unknown ones wait;
//! - unknown addresses are counted like known ones, and the question whether a browser is known costs the same for both.

use super::store;
use super::token::{self, Token};
use super::tries::{Counted, Limit};
use super::{Identity, IdentityError, Way};
use crate::billing::store::Statement;
use crate::ledger::UserId;

/// The longest description of a browser that is kept.
const AGENT_MAX: usize = 200;

/// Who wants to come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// The network address, as far as it is known.
    pub source: String,
    /// The secret that this browser was given when it signed somebody in before.
    pub device: Option<String>,
    /// How the browser describes itself.
    pub agent: String,
    /// The secret of the session that the browser has, if it has one: signing in ends it.
    pub session: Option<String>,
}

impl Door {
    /// The browser's description, cut to what is kept.
    pub(super) fn kept_agent(&self) -> String {
        self.agent.chars().filter(|letter| !letter.is_control()).take(AGENT_MAX).collect()
    }

    /// How somebody came in here, in words for the audit log.
    pub(super) fn described(&self, way: Way) -> String {
        let from = if self.source.is_empty() { String::new() } else { format!(" from {}", self.source) };
        let agent = self.kept_agent();
        let with = if agent.is_empty() { String::new() } else { format!(" with {agent}") };
        format!("by {}{from}{with}", way.name())
    }

    /// Notes in the program's log that somebody was turned away: from where and why, never with what or as whom.
    pub(super) fn turned_away<T>(&self, way: Way, outcome: Result<T, IdentityError>) -> Result<T, IdentityError> {
        if let Err(error) = &outcome {
            tracing::warn!(source = self.source, way = way.name(), why = error.code(), "a sign-in was refused");
        }
        outcome
    }

    /// The known browser's secret, if it looks like one.
    fn device(&self) -> Option<&str> {
        self.device.as_deref().filter(|device| token::is_well_formed(device))
    }
}

/// Somebody has come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The session's secret.
    pub session: Token,
    /// The browser's secret, by which it is known next time.
    pub device: Token,
}

/// How far a right password led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// In.
    Entered(Entered),
    /// To the question for a one-time code; the secret says whose.
    CodeNeeded(Token),
}

impl Identity {
    /// The counts that a try at this address from this door goes to.
    pub(super) async fn counts(&self, email_key: &str, door: &Door) -> Result<Vec<Counted>, IdentityError> {
        // Asked with a hash in any case: an address that nobody has must not be told by a read less.
        let hash = token::hash(door.device().unwrap_or_default());
        if store::is_known_device(&self.database, &hash, email_key).await? {
            return Ok(vec![Counted { key: format!("device {hash} {email_key}"), limit: Limit::Own }]);
        }
        Ok(vec![
            Counted { key: format!("source {} {email_key}", door.source), limit: Limit::Own },
            Counted { key: format!("strangers {email_key}"), limit: Limit::Strangers },
        ])
    }

    /// The browser's secret, and the row by which it is known from now on.
    pub(super) fn remember_device(&self, user: UserId, door: &Door) -> Result<(Token, Statement), IdentityError> {
        let device = match door.device() {
            Some(known) => Token::from_text(known),
            None => token::fresh(self.entropy.as_ref())?,
        };
        let row = store::remember_device(&token::hash(device.as_str()), user, self.clock.now());
        Ok((device, row))
    }
}
