//! People come in: sign up, confirm, sign in, choose a new password.
//!
//! An unknown address gets the same answer as a known one, after the same work: one hash and one transaction.

use super::audit::Actor;
use super::door::{Door, Entered, SignIn};
use super::email::Email;
use super::keys::checked_name;
use super::store::{self, NewLink, Purpose, User};
use super::token::{self, Token};
use super::{Identity, IdentityError, Way, password};
use crate::billing::store::Statement;
use crate::billing::{Kernel, Order};
use crate::ledger::{AccountId, Command, Tier, Timestamp, UserId};
use crate::mail::templates;

/// How long a person's name may be.
const NAME_MAX: usize = 100;
/// A confirmation may wait for the next morning.
const CONFIRM_HOURS: i64 = 24;
/// A reset opens the door to whoever reads it, so it does not lie about for long.
const RESET_HOURS: i64 = 1;
/// Links mailed to one person within an hour: nobody's letter box is filled by strangers.
const LINKS_PER_HOUR: i64 = 5;
const HOUR_SECONDS: i64 = 3_600;

impl Identity {
    /// Signs a person up and mails them a link to confirm it. A known address gets the same answer and another mail.
    ///
    /// # Errors
    /// When the name, the address or the password cannot be one.
    pub async fn sign_up(&self, name: &str, email: &str, password: &str) -> Result<(), IdentityError> {
        let name = checked_name(name, NAME_MAX)?;
        let email = parse(email)?;
        password::check(password, &name, &email)?;
        let password_hash = self.hasher.hash(password).await?;
        if let Some(user) = store::user(&self.database, &email.key()).await? {
            return self.sign_up_known(&user, &name, &password_hash).await;
        }
        let now = self.clock.now();
        let user = User {
            id: UserId::from_ulid(self.ids.next(now)),
            name,
            email: email.as_str().to_owned(),
            email_key: email.key(),
            password_hash,
            account: AccountId::from_ulid(self.ids.next(now)),
            confirmed: false,
        };
        let mut statements = vec![store::add_user(&user, now)];
        statements.extend(self.confirmation(&user)?);
        match self.database.write(statements).await {
            // Somebody signed up with this address a moment ago: then it is a known one.
            Err(error) if error.is_unique_violation() => match store::user(&self.database, &user.email_key).await? {
                Some(known) => self.sign_up_known(&known, &user.name, &user.password_hash).await,
                None => Err(error.into()),
            },
            outcome => Ok(outcome.map(drop)?),
        }
    }

    async fn sign_up_known(&self, user: &User, name: &str, password_hash: &str) -> Result<(), IdentityError> {
        if !self.may_mail(user).await? {
            return self.mail_nobody().await;
        }
        if user.confirmed {
            let (token, link) = self.link(Purpose::Reset, user)?;
            let mail = templates::already_registered(&self.config.public_url, &user.name, token.as_str());
            return self.send(link, &user.email, mail).await;
        }
        let again = User { name: name.to_owned(), password_hash: password_hash.to_owned(), ..user.clone() };
        let mut statements = vec![store::sign_up_again(user.id, name, password_hash)];
        statements.extend(self.confirmation(&again)?);
        Ok(self.database.write(statements).await.map(drop)?)
    }

    /// Mails another link to a person who has not confirmed yet; to everybody else, the same answer.
    ///
    /// # Errors
    /// When the text is no address.
    pub async fn resend_confirmation(&self, email: &str) -> Result<(), IdentityError> {
        let user = store::user(&self.database, &parse(email)?.key()).await?.filter(|user| !user.confirmed);
        match user {
            Some(user) if self.may_mail(&user).await? => {
                Ok(self.database.write(self.confirmation(&user)?).await.map(drop)?)
            }
            _ => self.mail_nobody().await,
        }
    }

    /// Confirms the address a link was mailed to, opens the account, gives the free credits and signs the person in.
    ///
    /// The link is used up last: after a crash half-way it still works, and what was done is not done twice.
    ///
    /// # Errors
    /// When the link is unknown, used or expired.
    pub async fn confirm_at(&self, token: &str, door: &Door) -> Result<Entered, IdentityError> {
        let user = self.linked(token, Purpose::Confirm).await?;
        if user.confirmed {
            return Err(IdentityError::InvalidLink);
        }
        self.open_account(&user).await?;
        self.give_free_credits(&user).await?;
        let (entered, rows) = self.enter_own(&user, door)?;
        let now = self.clock.now();
        match store::use_confirm_link(&self.database, &token::hash(token), &user, rows, now).await? {
            true => Ok(entered),
            false => Err(IdentityError::InvalidLink),
        }
    }

    /// The same, from a door of which nothing is known.
    ///
    /// # Errors
    /// As [`Identity::confirm_at`].
    pub async fn confirm(&self, token: &str) -> Result<Token, IdentityError> {
        Ok(self.confirm_at(token, &Door::default()).await?.session)
    }

    pub(super) async fn open_account(&self, user: &User) -> Result<(), IdentityError> {
        if self.kernel.account(user.account).await?.is_none() {
            let open = Command::Open { name: user.name.clone(), tier: Tier::Free, free: None };
            self.kernel.submit(Order::new(user.account, format!("sign-up:{}", user.id), open)).await?;
        }
        Ok(())
    }

    /// Claims the person's free credits, and brings them in if the claim is this account's: once, by the request's key.
    pub(super) async fn give_free_credits(&self, user: &User) -> Result<(), IdentityError> {
        let person = parse(&user.email)?.person_key();
        let claimed = store::claim_free_credits(&self.database, &person, user.account, self.clock.now()).await?;
        if claimed == Some(user.account) {
            let grant = Command::Grant {
                grant: self.kernel.next_grant(),
                credits: Kernel::free_credits(),
                reason: "free credits for a confirmed address".into(),
                expires_at: None,
            };
            self.kernel.submit(Order::new(user.account, "free-credits", grant)).await?;
        }
        Ok(())
    }

    /// Signs a person in, or asks for the one-time code of whoever has set that up.
    ///
    /// # Errors
    /// When address or password are wrong, which is one answer; when the address is not confirmed; when it was tried
    /// too often from this door.
    pub async fn sign_in_at(&self, email: &str, password: &str, door: &Door) -> Result<SignIn, IdentityError> {
        door.turned_away(Way::Password, self.let_in_by_password(email, password, door).await)
    }

    async fn let_in_by_password(&self, email: &str, password: &str, door: &Door) -> Result<SignIn, IdentityError> {
        let key = email.parse::<Email>().map_err(|_| IdentityError::WrongCredentials)?.key();
        let counts = self.counts(&key, door).await?;
        self.tries.count(&counts, self.clock.now()).await?;
        let user = store::user(&self.database, &key).await?;
        let kept = user.as_ref().map(|user| user.password_hash.as_str());
        let is_right = self.verified(password, kept, &counts).await?;
        let Some(user) = user.filter(|_| is_right) else {
            return Err(IdentityError::WrongCredentials);
        };
        // Only this door's own count: the strangers' is not the owner's to clear while they still try.
        self.tries.forget(&counts[..1]).await?;
        self.tries.forgive(&counts[1..]).await?;
        if !user.confirmed {
            return Err(IdentityError::NotConfirmed);
        }
        if self.asks_for_code(user.id).await? {
            return Ok(SignIn::CodeNeeded(self.wait_for_code(user.id).await?));
        }
        let (entered, rows) = self.enter(&user, door, Way::Password).await?;
        self.database.write(rows).await?;
        Ok(SignIn::Entered(entered))
    }

    /// Mails a link that lets the owner of the address choose a new password; to unknown addresses, the same answer.
    ///
    /// # Errors
    /// When the text is no address.
    pub async fn request_reset(&self, email: &str) -> Result<(), IdentityError> {
        match store::user(&self.database, &parse(email)?.key()).await? {
            Some(user) if self.may_mail(&user).await? => {
                let (token, link) = self.link(Purpose::Reset, &user)?;
                let mail = templates::reset(&self.config.public_url, &user.name, token.as_str());
                self.send(link, &user.email, mail).await
            }
            _ => self.mail_nobody().await,
        }
    }

    /// Puts a new password in force and ends all sessions.
    ///
    /// # Errors
    /// When the link is unknown, used or expired, or the password cannot be one; then the link stays good.
    pub async fn reset_password_at(&self, token: &str, new_password: &str, door: &Door) -> Result<(), IdentityError> {
        let user = self.linked(token, Purpose::Reset).await?;
        password::check(new_password, &user.name, &parse(&user.email)?)?;
        let password_hash = self.hasher.hash(new_password).await?;
        let actor = Actor::Person { user: user.id, name: user.name.clone() };
        let line = vec![self.audit(&actor, user.id, "password_reset", "by a mailed link")];
        match store::use_reset_link(&self.database, &token::hash(token), user.id, &password_hash, line).await? {
            true => {
                self.tries.forget(&self.counts(&user.email_key, door).await?).await?;
                Ok(())
            }
            false => Err(IdentityError::InvalidLink),
        }
    }

    /// The same, from a door of which nothing is known.
    ///
    /// # Errors
    /// As [`Identity::reset_password_at`].
    pub async fn reset_password(&self, token: &str, new_password: &str) -> Result<(), IdentityError> {
        self.reset_password_at(token, new_password, &Door::default()).await
    }

    /// The person a link was mailed to.
    pub(super) async fn linked(&self, token: &str, purpose: Purpose) -> Result<User, IdentityError> {
        if !token::is_well_formed(token) {
            return Err(IdentityError::InvalidLink);
        }
        let user = store::link(&self.database, &token::hash(token), purpose, self.clock.now()).await?;
        user.ok_or(IdentityError::InvalidLink)
    }

    /// Whether this person's letter box has room for another link.
    async fn may_mail(&self, user: &User) -> Result<bool, IdentityError> {
        let hour_ago = self.clock.now().plus_seconds(-HOUR_SECONDS);
        Ok(store::links_since(&self.database, user.id, hour_ago).await? < LINKS_PER_HOUR)
    }

    /// A link and the mail that carries it, putting this name and password in force when it is followed.
    fn confirmation(&self, user: &User) -> Result<Vec<Statement>, IdentityError> {
        let (token, link) = self.link(Purpose::Confirm, user)?;
        let mail = templates::confirm(&self.config.public_url, &user.name, token.as_str());
        Ok(vec![link, self.mail.compose(mail.to(&user.email))])
    }

    fn link(&self, purpose: Purpose, user: &User) -> Result<(Token, Statement), IdentityError> {
        let token = token::fresh(self.entropy.as_ref())?;
        let carries = (purpose == Purpose::Confirm).then_some((user.name.as_str(), user.password_hash.as_str()));
        let hours = if purpose == Purpose::Confirm { CONFIRM_HOURS } else { RESET_HOURS };
        let link = self.link_row(&token, purpose, Some(user.id), carries, hours);
        Ok((token, link))
    }

    fn link_row(
        &self,
        token: &Token,
        purpose: Purpose,
        user: Option<UserId>,
        carries: Option<(&str, &str)>,
        hours: i64,
    ) -> Statement {
        let created_at = self.clock.now();
        let expires_at = created_at.plus_seconds(hours * HOUR_SECONDS);
        let token_hash = token::hash(token.as_str());
        store::add_link(&NewLink { token_hash, purpose, user, carries, created_at, expires_at })
    }

    async fn send(&self, link: Statement, to: &str, mail: templates::Letter) -> Result<(), IdentityError> {
        let statements = vec![self.sweep(), link, self.mail.compose(mail.to(to))];
        Ok(self.database.write(statements).await.map(drop)?)
    }

    /// The work of mailing a link, for an address that gets none.
    async fn mail_nobody(&self) -> Result<(), IdentityError> {
        let token = token::fresh(self.entropy.as_ref())?;
        let decoy = self.link_row(&token, Purpose::Decoy, None, None, RESET_HOURS);
        Ok(self.database.write(vec![self.sweep(), decoy]).await.map(drop)?)
    }

    /// Links are kept an hour past their end, because they are counted for as long.
    fn sweep(&self) -> Statement {
        let now: Timestamp = self.clock.now();
        store::sweep_links(now.plus_seconds(-HOUR_SECONDS))
    }
}

fn parse(email: &str) -> Result<Email, IdentityError> {
    email.parse().map_err(|_| IdentityError::EmailInvalid)
}
