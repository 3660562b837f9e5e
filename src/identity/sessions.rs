//! Who is signed in: a random token in a cookie, its hash in the database, and nothing in memory, so that a session
//! ended on one server is ended on all.

use super::roles::{Permission, Role};
use super::store::{self, User};
use super::token::{self, Token};
use super::{Identity, IdentityError};
use crate::billing::store::{Row, Statement};
use crate::ledger::{AccountId, SessionId, Timestamp, UserId};

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
    /// The account they work in, or look at.
    pub account: AccountId,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Names the session.
    pub session: SessionId,
    /// What they are to the account; an operator who looks at a customer's is a viewer there.
    pub role: Role,
    /// Whether they may enter the back office.
    pub operator: bool,
    /// Until when an operator looks at this customer's account, changing nothing; none for a member.
    pub seeing: Option<Timestamp>,
}

impl SignedIn {
    /// Whether they may do that to the account. Who looks at a customer's pages sees all of them and changes nothing:
    /// what reads and what writes is told apart where requests come in.
    #[must_use]
    pub const fn may(&self, what: Permission) -> bool {
        self.role.may(what)
    }

    fn read(row: &Row, now: Timestamp) -> Result<Self, IdentityError> {
        let operator = row.maybe_text(7)?.is_some();
        let until = row.maybe_int(9)?.map(Timestamp::from_millis).filter(|until| operator && *until > now);
        let (account, role) = match until {
            Some(_) => (row.parsed(8)?, Role::Viewer),
            None => (row.parsed(3)?, row.parsed(6)?),
        };
        Ok(Self {
            user: row.parsed(0)?,
            name: row.text(1)?,
            email: row.text(2)?,
            account,
            confirmed: row.maybe_int(4)?.is_some(),
            session: row.parsed(5)?,
            role,
            operator,
            seeing: until,
        })
    }
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
        let now = self.clock.now();
        store::session(&self.database, token, now).await?.map(|row| SignedIn::read(&row, now)).transpose()
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
