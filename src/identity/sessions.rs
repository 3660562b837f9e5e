//! Who is signed in: a random token in a cookie, its hash in the database, and nothing in memory, so that a session
//! ended on one server is ended on all.

use super::store::{self, User};
use super::token::{self, Token};
use super::{Identity, IdentityError};
use crate::billing::store::Statement;
use crate::ledger::{AccountId, SessionId, UserId};

/// How long a browser stays signed in.
pub const SESSION_DAYS: i64 = 30;

/// The person behind a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who it is.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// Where they read mail.
    pub email: String,
    /// The account they work in.
    pub account: AccountId,
    /// Whether the address is confirmed.
    pub confirmed: bool,
}

impl Identity {
    /// Who the holder of a session token is; nobody for a malformed, unknown, ended or expired one. One read.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn session(&self, token: &str) -> Result<Option<SignedIn>, IdentityError> {
        if !token::is_well_formed(token) {
            return Ok(None);
        }
        let Some(row) = store::session(&self.database, token, self.clock.now()).await? else { return Ok(None) };
        Ok(Some(SignedIn {
            user: row.parsed(0)?,
            name: row.text(1)?,
            email: row.text(2)?,
            account: row.parsed(3)?,
            confirmed: row.maybe_int(4)?.is_some(),
        }))
    }

    /// Ends a session; one that is over already stays so.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn sign_out(&self, token: &str) -> Result<(), IdentityError> {
        self.database.write(vec![store::end_session(token)]).await?;
        Ok(())
    }

    /// A new session for a person, to be written with what leads to it.
    pub(super) fn begin_session(&self, user: &User) -> Result<(Token, Statement), IdentityError> {
        let now = self.clock.now();
        let token = token::fresh(self.entropy.as_ref())?;
        let id = SessionId::from_ulid(self.ids.next(now));
        let row = store::add_session(token.as_str(), id, user, now, now.plus_days(SESSION_DAYS));
        Ok((token, row))
    }
}
