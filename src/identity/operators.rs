//! Operators: people whom the command line lets into the back office, and how one looks at a customer's pages.
//!
//! Deliberately absent: a way to become one from a page.

use super::audit::{Actor, Subject};
use super::email::Email;
use super::roles::Role;
use super::sessions::SignedIn;
use super::store;
use super::{Identity, IdentityError};
use crate::billing::store::Row;
use crate::ledger::{AccountId, Timestamp, UserId};

/// How long an operator sees a customer's pages before it ends by itself.
pub const SEEING_MINUTES: i64 = 30;
/// Members shown of one account.
const MEMBERS_MAX: i64 = 500;
/// Accounts that a part of an address may lead to.
const FOUND_MAX: i64 = 200;

/// A person who may enter the back office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorPerson {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Since when.
    pub since: Timestamp,
}

/// A member of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// Where they read mail.
    pub email: String,
    /// What they are to the account.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
}

impl Member {
    fn read(row: &Row) -> Result<Self, IdentityError> {
        Ok(Self {
            user: row.parsed(0)?,
            name: row.text(1)?,
            email: row.text(2)?,
            role: row.parsed(3)?,
            since: Timestamp::from_millis(row.int(4)?),
        })
    }
}

impl Identity {
    /// Lets a person into the back office. Doing it twice changes nothing.
    ///
    /// # Errors
    /// When nobody with this address has signed up and confirmed it.
    pub async fn add_operator(&self, email: &str) -> Result<OperatorPerson, IdentityError> {
        let (user, _) = self.confirmed_person(email).await?;
        let line = self.audit(&Actor::House, user, "operator_added", "");
        self.database.write(vec![store::add_operator(user, self.clock.now()), line]).await?;
        let operators = self.operators().await?;
        operators.into_iter().find(|operator| operator.user == user).ok_or(IdentityError::NoSuchPerson)
    }

    /// Closes the back office to a person, at once: what they were looking at goes away with the next request.
    ///
    /// # Errors
    /// When nobody with this address is an operator.
    pub async fn remove_operator(&self, email: &str) -> Result<(), IdentityError> {
        let (user, _) = self.confirmed_person(email).await?;
        if !self.operators().await?.iter().any(|operator| operator.user == user) {
            return Err(IdentityError::NoSuchPerson);
        }
        let line = self.audit(&Actor::House, user, "operator_removed", "");
        self.database.write(vec![store::remove_operator(user), line]).await?;
        Ok(())
    }

    /// Everybody who may enter the back office.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn operators(&self) -> Result<Vec<OperatorPerson>, IdentityError> {
        let read = |row: &Row| {
            let since = Timestamp::from_millis(row.int(3)?);
            Ok(OperatorPerson { user: row.parsed(0)?, name: row.text(1)?, email: row.text(2)?, since })
        };
        store::operators(&self.database).await?.iter().map(read).collect()
    }

    async fn confirmed_person(&self, email: &str) -> Result<(UserId, String), IdentityError> {
        let email: Email = email.parse().map_err(|_| IdentityError::EmailInvalid)?;
        let row = store::confirmed(&self.database, &email.key()).await?.ok_or(IdentityError::NoSuchPerson)?;
        Ok((row.parsed(0)?, row.text(1)?))
    }

    /// The accounts of people whose address contains this text.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn accounts_by_email(&self, text: &str) -> Result<Vec<AccountId>, IdentityError> {
        Ok(store::accounts_of(&self.database, &text.to_lowercase(), FOUND_MAX).await?)
    }

    /// The account's members, the longest there first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn members(&self, account: AccountId) -> Result<Vec<Member>, IdentityError> {
        store::members_of(&self.database, account, MEMBERS_MAX).await?.iter().map(Member::read).collect()
    }

    /// Lets an operator see a customer's pages, without changing anything there, for half an hour. The customer's own
    /// audit log says so.
    ///
    /// # Errors
    /// When the person is no operator.
    pub async fn begin_seeing(&self, who: &SignedIn, account: AccountId) -> Result<(), IdentityError> {
        if !who.operator {
            return Err(IdentityError::NotFound);
        }
        let until = self.clock.now().plus_seconds(SEEING_MINUTES * 60);
        let detail = format!("for up to {SEEING_MINUTES} minutes, without changing anything");
        let line = self.audit(&Actor::operator(who), account, "pages_looked_at", detail);
        self.database.write(vec![store::see(who.session, who.user, account, until), line]).await?;
        Ok(())
    }

    /// Signs a member of the account out everywhere, and has every browser forgotten that is known as theirs. The
    /// customer's own audit log says so.
    ///
    /// # Errors
    /// When the person is no operator, or nobody of this account is that person.
    pub async fn sign_member_out(&self, who: &SignedIn, account: AccountId, user: UserId) -> Result<(), IdentityError> {
        let is_member = self.members(account).await?.iter().any(|member| member.user == user);
        if !who.operator || !is_member {
            return Err(IdentityError::NotFound);
        }
        let mut writes = store::end_everything(user);
        writes.push(self.audit(&Actor::operator(who), (account, user), "signed_out_everywhere", ""));
        self.database.write(writes).await?;
        Ok(())
    }

    /// Ends it; when it is over already, nothing changes.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn end_seeing(&self, who: &SignedIn) -> Result<(), IdentityError> {
        let mut writes = vec![store::see_nobody(who.session, who.user)];
        if who.seeing.is_some() {
            let subject = Subject::from(who.account);
            writes.push(self.audit(&Actor::operator(who), subject, "looking_ended", ""));
        }
        self.database.write(writes).await?;
        Ok(())
    }
}
