//! A person's own matters, once they are in: password, address, and where they are signed in.

use super::audit::Actor;
use super::door::{Door, Entered};
use super::email::Email;
use super::sessions::SESSION_IDLE_DAYS;
use super::store::{self, User};
use super::tries::{Counted, Limit};
use super::{Identity, IdentityError, SignedIn, Way, password, token};
use crate::billing::store::Row;
use crate::ledger::{SessionId, Timestamp};
use crate::mail::templates;

/// A link to a new address may wait for the next morning.
const CHANGE_HOURS: i64 = 24;
/// Links to new addresses within an hour: nobody's letter box is filled by strangers.
const CHANGES_PER_HOUR: i64 = 5;
const HOUR_SECONDS: i64 = 3_600;
/// Sessions listed.
const SESSIONS_MAX: i64 = 100;

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names it.
    pub id: SessionId,
    /// Since when.
    pub since: Timestamp,
    /// When it was last used, to some minutes.
    pub seen_at: Option<Timestamp>,
    /// How the browser described itself.
    pub agent: String,
    /// How the person came in; empty for a session from before that was kept.
    pub way: String,
}

impl Session {
    fn read(row: &Row) -> Result<Self, IdentityError> {
        Ok(Self {
            id: row.parsed(0)?,
            since: Timestamp::from_millis(row.int(1)?),
            seen_at: row.maybe_int(2)?.map(Timestamp::from_millis),
            agent: row.maybe_text(3)?.unwrap_or_default(),
            way: row.maybe_text(4)?.unwrap_or_default(),
        })
    }
}

impl Identity {
    /// Everywhere the person is signed in, the latest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn sessions(&self, who: &SignedIn) -> Result<Vec<Session>, IdentityError> {
        let now = self.clock.now();
        let moments = (now, now.plus_days(-SESSION_IDLE_DAYS));
        let rows = store::sessions(&self.database, who.user, moments, SESSIONS_MAX).await?;
        rows.iter().map(Session::read).collect()
    }

    /// Ends one session of the person's. One that is over already stays so, and others' are out of reach.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn end_session(&self, who: &SignedIn, session: SessionId) -> Result<(), IdentityError> {
        let line = self.audit(&Actor::member(who), who.user, "session_ended", session.to_string());
        self.database.write(vec![store::end_one_session(session, who.user), line]).await?;
        Ok(())
    }

    /// Ends every other session of the person's.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn end_other_sessions(&self, who: &SignedIn) -> Result<(), IdentityError> {
        let line = self.audit(&Actor::member(who), who.user, "other_sessions_ended", "");
        self.database.write(vec![store::end_other_sessions(who.user, who.session), line]).await?;
        Ok(())
    }

    /// Puts a new password in force. All sessions end; the browser that asked gets a new one.
    ///
    /// # Errors
    /// When the current password is wrong or was tried too often, or the new one cannot be one.
    pub async fn change_password(
        &self,
        who: &SignedIn,
        current: &str,
        new: &str,
        door: &Door,
    ) -> Result<Entered, IdentityError> {
        let user = self.proven(who, current).await?;
        password::check(new, &user.name, &email_of(&user)?)?;
        let hash = self.hasher.hash(new).await?;
        let mut writes = vec![store::set_password(user.id, &hash)];
        writes.extend(store::end_everything(user.id));
        writes.push(self.audit(&Actor::member(who), who.user, "password_changed", ""));
        let letter = templates::password_changed(&self.config.public_url, &user.name);
        writes.push(self.mail.compose(letter.to(&user.email)));
        let (entered, rows) = self.enter(&user, door, Way::Password).await?;
        writes.extend(rows);
        self.database.write(writes).await?;
        Ok(entered)
    }

    /// Mails a link to a new address. What is somebody's already gets the same answer and another mail.
    ///
    /// # Errors
    /// When the password is wrong or was tried too often, or the text is no address.
    pub async fn request_email_change(&self, who: &SignedIn, password: &str, new: &str) -> Result<(), IdentityError> {
        let new: Email = new.parse().map_err(|_| IdentityError::EmailInvalid)?;
        let user = self.proven(who, password).await?;
        let now = self.clock.now();
        let recent = store::changes_since(&self.database, user.id, now.plus_seconds(-HOUR_SECONDS)).await?;
        if recent >= CHANGES_PER_HOUR {
            return Ok(());
        }
        let secret = token::fresh(self.entropy.as_ref())?;
        let until = now.plus_seconds(CHANGE_HOURS * HOUR_SECONDS);
        let site = &self.config.public_url;
        let letter = match store::user(&self.database, &new.key()).await? {
            Some(_) => templates::address_taken(site),
            None => templates::confirm_new_address(site, &user.name, secret.as_str()),
        };
        let change = store::add_change(secret.as_str(), user.id, (new.as_str(), &new.key()), now, until);
        let line = self.audit(&Actor::member(who), who.user, "email_change_asked", new.to_string());
        self.database.write(vec![change, self.mail.compose(letter.to(new.as_str())), line]).await?;
        Ok(())
    }

    /// Puts the new address in force that a link was mailed to, and tells the old one.
    ///
    /// # Errors
    /// When the link is unknown, used or expired, or the address has become somebody's.
    pub async fn confirm_email_change(&self, secret: &str) -> Result<(), IdentityError> {
        if !token::is_well_formed(secret) {
            return Err(IdentityError::InvalidLink);
        }
        let row = store::change(&self.database, secret, self.clock.now()).await?.ok_or(IdentityError::InvalidLink)?;
        let (user, name, old) = (row.parsed(0)?, row.text(1)?, row.text(2)?);
        let (new, new_key) = (row.text(3)?, row.text(4)?);
        let notice = templates::address_changed(&self.config.public_url, &name, &new).to(&old);
        let actor = Actor::Person { user, name };
        let line = self.audit(&actor, user, "email_changed", format!("{old} to {new}"));
        let follows = vec![self.mail.compose(notice), line];
        match store::use_change(&self.database, secret, user, (&new, &new_key), follows).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(IdentityError::InvalidLink),
            Err(error) if error.is_unique_violation() => Err(IdentityError::InvalidLink),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether this is the password. A try that nobody could look at does not count.
    pub(super) async fn verified(
        &self,
        password: &str,
        kept: Option<&str>,
        counts: &[Counted],
    ) -> Result<bool, IdentityError> {
        let verified = self.hasher.verify(password, kept).await;
        if verified.is_err() {
            self.tries.forgive(counts).await?;
        }
        verified
    }

    /// The person, who has just given their password once more.
    pub(super) async fn proven(&self, who: &SignedIn, password: &str) -> Result<User, IdentityError> {
        let counts = [Counted { key: format!("own {}", who.user), limit: Limit::Own }];
        self.tries.count(&counts, self.clock.now()).await?;
        let user = store::user_by_id(&self.database, who.user).await?.ok_or(IdentityError::WrongPassword)?;
        if !self.verified(password, Some(&user.password_hash), &counts).await? {
            return Err(IdentityError::WrongPassword);
        }
        self.tries.forget(&counts).await?;
        Ok(user)
    }
}

fn email_of(user: &User) -> Result<Email, IdentityError> {
    user.email.parse().map_err(|_| IdentityError::EmailInvalid)
}
