//! Who is signed in: a random token in a cookie, its hash in the database, and nothing in memory, so that a session
//! ended on one server is ended on all.

use super::audit::Actor;
use super::door::{Door, Entered};
use super::roles::{Permission, Role};
use super::store::{self, NewSession, User};
use super::token;
use super::{Identity, IdentityError};
use crate::billing::store::{Row, Statement};
use crate::ledger::{AccountId, SessionId, Timestamp, UserId};

/// How long a browser stays signed in.
pub const SESSION_DAYS: i64 = 30;
/// How long a session lasts that nobody uses. Its use is noted to some minutes, so it may end that much earlier.
pub const SESSION_IDLE_DAYS: i64 = 14;

/// A session's last use is noted at most so often, away from the request.
const NOTE_SECONDS: i64 = 10 * 60;

/// How a person came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the password alone.
    Password,
    /// By the password and a one-time or recovery code.
    Code,
    /// By a passkey.
    Passkey,
    /// By the link that confirmed the address.
    Mail,
}

impl Way {
    /// Whether a session of this way, as written in the store, began with more than a password.
    fn is_strong(name: &str) -> bool {
        [Self::Code, Self::Passkey].iter().any(|way| way.name() == name)
    }

    /// As written in the store.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Passkey => "passkey",
            Self::Mail => "mail",
        }
    }
}

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
    /// Whether they came in with more than a password: a one-time code, or a passkey.
    pub second_factor: bool,
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
            second_factor: row.maybe_text(11)?.is_some_and(|way| Way::is_strong(&way)),
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
        let Some(row) = store::session(&self.database, token, now, now.plus_days(-SESSION_IDLE_DAYS)).await? else {
            return Ok(None);
        };
        let who = SignedIn::read(&row, now)?;
        let seen_at = row.maybe_int(10)?.map(Timestamp::from_millis);
        if seen_at.is_none_or(|at| at.plus_seconds(NOTE_SECONDS) <= now) {
            self.note_seen(who.session, now);
        }
        Ok(Some(who))
    }

    /// Writes the session's use down behind the request's back.
    fn note_seen(&self, session: SessionId, now: Timestamp) {
        let database = self.database.clone();
        tokio::spawn(async move {
            if let Err(error) = database.write(vec![store::session_seen(session, now)]).await {
                tracing::warn!(?error, "a session's last use was not noted");
            }
        });
    }

    /// Ends a session; one that is over already stays so.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn sign_out(&self, token: &str) -> Result<(), IdentityError> {
        self.database.write(vec![store::end_session(token)]).await?;
        Ok(())
    }

    /// Lets a person in: a session in an account of theirs, and the browser known from now on. The rows are to be written
    /// with what leads here.
    pub(super) async fn enter(
        &self,
        user: &User,
        door: &Door,
        way: Way,
    ) -> Result<(Entered, Vec<Statement>), IdentityError> {
        let id = SessionId::from_ulid(self.ids.next(self.clock.now()));
        let account = self.home(user, id).await?;
        self.enter_account(user, account, id, door, way)
    }

    /// The same for a person who is confirmed in this very commit: their own account.
    pub(super) fn enter_own(&self, user: &User, door: &Door) -> Result<(Entered, Vec<Statement>), IdentityError> {
        let id = SessionId::from_ulid(self.ids.next(self.clock.now()));
        self.enter_account(user, user.account, id, door, Way::Mail)
    }

    fn enter_account(
        &self,
        user: &User,
        account: AccountId,
        id: SessionId,
        door: &Door,
        way: Way,
    ) -> Result<(Entered, Vec<Statement>), IdentityError> {
        let now = self.clock.now();
        let session = token::fresh(self.entropy.as_ref())?;
        let (device, known) = self.remember_device(user.id, door)?;
        let row = store::add_session(&NewSession {
            secret: session.as_str(),
            id,
            user: user.id,
            account,
            now,
            until: now.plus_days(SESSION_DAYS),
            agent: &door.kept_agent(),
            way: way.name(),
        });
        let actor = Actor::Person { user: user.id, name: user.name.clone() };
        let line = self.audit(&actor, user.id, "signed_in", door.described(way));
        Ok((
            Entered { session, device },
            [store::sweep_sessions(user.id, now, now.plus_days(-SESSION_IDLE_DAYS)), row, known, line]
                .into_iter()
                .chain(door.session.as_deref().map(store::end_session))
                .collect(),
        ))
    }
}
