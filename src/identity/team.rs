//! Teams: a person may belong to several accounts, and an account to several people.
//!
//! What a role may do is in [`super::roles`]; whether a request may ask for something here is decided where requests
//! come in. What is decided here is only what depends on the other members: owners are made and unmade by owners, and
//! the last one stays.

use super::audit::Actor;
use super::hosts::Host;
use super::keys::checked_name;
use super::roles::Role;
use super::store;
use super::token;
use super::{Identity, IdentityError, Member, SignedIn};
use crate::billing::Order;
use crate::billing::store::{Row, Statement, StoreError};
use crate::ledger::{AccountId, Command, InvitationId, SessionId, Tier, Timestamp, UserId};

/// Invitations listed.
const LIST_MAX: i64 = 100;
/// Accounts one person may belong to.
const ACCOUNTS_MAX: i64 = 50;
/// How long an account's name may be.
const NAME_MAX: usize = 100;

/// An account a person belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Which account.
    pub account: AccountId,
    /// What the person is to it.
    pub role: Role,
}

/// An invitation that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Names it.
    pub id: InvitationId,
    /// Into which account.
    pub account: AccountId,
    /// Whom.
    pub email: String,
    /// The address as it is compared.
    pub(super) email_key: String,
    /// As what.
    pub role: Role,
    /// What the person is called who invites.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Invitation {
    pub(super) fn read(row: &Row) -> Result<Self, IdentityError> {
        Ok(Self {
            id: row.parsed(0)?,
            account: row.parsed(1)?,
            email: row.text(2)?,
            email_key: row.text(3)?,
            role: row.parsed(4)?,
            by: row.text(5)?,
            at: Timestamp::from_millis(row.int(6)?),
            expires_at: Timestamp::from_millis(row.int(7)?),
        })
    }

    /// Whether this person is the one who is invited.
    #[must_use]
    pub fn is_for(&self, who: &SignedIn) -> bool {
        who.email.to_ascii_lowercase() == self.email_key
    }
}

impl Identity {
    /// The accounts a person belongs to, the longest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, IdentityError> {
        let read = |row: &Row| Ok(Membership { account: row.parsed(0)?, role: row.parsed(1)? });
        store::memberships(&self.database, user, ACCOUNTS_MAX).await?.iter().map(read).collect()
    }

    /// Goes on in another account of the person's, in this session only.
    ///
    /// # Errors
    /// When the person does not belong to it: nobody learns of other people's.
    pub async fn switch_account(&self, who: &SignedIn, account: AccountId) -> Result<(), IdentityError> {
        let touched = self.database.write(vec![store::switch(who.session, who.user, account)]).await?;
        if touched.first().is_some_and(|rows| *rows > 0) { Ok(()) } else { Err(IdentityError::NotFound) }
    }

    /// Opens another account, without free credits, and goes on in it. The same `request` opens one.
    ///
    /// # Errors
    /// When the name cannot be one, or the person has too many accounts.
    pub async fn open_another(&self, who: &SignedIn, name: &str, request: &str) -> Result<AccountId, IdentityError> {
        let name = checked_name(name, NAME_MAX)?;
        if i64::try_from(self.memberships(who.user).await?.len()).unwrap_or(i64::MAX) >= ACCOUNTS_MAX {
            return Err(IdentityError::TooManyAccounts { most: ACCOUNTS_MAX });
        }
        let request = format!("another:{}:{request}", who.user);
        let account = self.open_for(who.user, &who.name, name, request).await?;
        self.switch_account(who, account).await?;
        Ok(account)
    }

    /// An account of a person's own.
    async fn open_for(
        &self,
        user: UserId,
        person: &str,
        name: String,
        request: String,
    ) -> Result<AccountId, IdentityError> {
        let now = self.clock.now();
        let id = AccountId::from_ulid(self.ids.next(now));
        let actor = Actor::Person { user, name: person.to_owned() };
        let along = vec![store::join(id, user, Role::Owner, now), self.audit(&actor, id, "account_opened", "")];
        let open = Command::Open { name, tier: Tier::Free, free: None };
        Ok(self.kernel.submit(Order::new(id, request, open).along(along)).await?.account)
    }

    /// The account a person comes in to. Whoever was let go everywhere gets one of their own.
    pub(super) async fn home(&self, user: &store::User, session: SessionId) -> Result<AccountId, IdentityError> {
        match store::home(&self.database, user.id, user.account).await? {
            Some(account) => Ok(account),
            None => self.open_for(user.id, &user.name, user.name.clone(), format!("home:{session}")).await,
        }
    }

    /// The account's invitations that wait for an answer.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn invitations(&self, account: AccountId) -> Result<Vec<Invitation>, IdentityError> {
        let rows = store::invitations_of(&self.database, account, self.clock.now(), LIST_MAX).await?;
        rows.iter().map(Invitation::read).collect()
    }

    /// The invitations that wait for this person's answer.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn invitations_for(&self, who: &SignedIn) -> Result<Vec<Invitation>, IdentityError> {
        let key = who.email.to_ascii_lowercase();
        let rows = store::invitations_for(&self.database, &key, self.clock.now(), LIST_MAX).await?;
        rows.iter().map(Invitation::read).collect()
    }

    /// The invitation behind a mailed link.
    ///
    /// # Errors
    /// When it is unknown, answered, revoked or expired.
    pub async fn invitation(&self, secret: &str) -> Result<Invitation, IdentityError> {
        if !token::is_well_formed(secret) {
            return Err(IdentityError::InvalidLink);
        }
        let row = store::invitation_by_token(&self.database, secret, self.clock.now()).await?;
        Invitation::read(&row.ok_or(IdentityError::InvalidLink)?)
    }

    /// Joins the account one was invited into, and goes on in it.
    ///
    /// # Errors
    /// When it is another person's invitation, or answered, revoked or expired.
    pub async fn accept_invitation(&self, who: &SignedIn, id: InvitationId) -> Result<(), IdentityError> {
        let invitation = self.own_invitation(who, id).await?;
        let (now, account) = (self.clock.now(), invitation.account);
        let detail = format!("{} as {}", invitation.email, invitation.role.name());
        let follows = vec![
            store::join(account, who.user, invitation.role, now),
            store::switch(who.session, who.user, account),
            self.audit(&Actor::member(who), (account, who.user), "member_joined", detail),
        ];
        self.end_invitation(id, "accepted", follows).await
    }

    /// Says no.
    ///
    /// # Errors
    /// As [`Identity::accept_invitation`].
    pub async fn decline_invitation(&self, who: &SignedIn, id: InvitationId) -> Result<(), IdentityError> {
        let invitation = self.own_invitation(who, id).await?;
        let line = self.audit(&Actor::member(who), invitation.account, "invitation_declined", invitation.email);
        self.end_invitation(id, "declined", vec![line]).await
    }

    /// Takes an invitation of the account back.
    ///
    /// # Errors
    /// When the account has no such invitation that waits.
    pub async fn revoke_invitation(&self, host: impl Into<Host>, id: InvitationId) -> Result<(), IdentityError> {
        let host: Host = host.into();
        let row = store::invitation(&self.database, id, self.clock.now()).await?.ok_or(IdentityError::NotFound)?;
        let invitation = Invitation::read(&row)?;
        if invitation.account != host.account {
            return Err(IdentityError::NotFound);
        }
        let line = self.audit(&host.actor, host.account, "invitation_revoked", invitation.email);
        self.end_invitation(id, "revoked", vec![line]).await
    }

    async fn own_invitation(&self, who: &SignedIn, id: InvitationId) -> Result<Invitation, IdentityError> {
        let row = store::invitation(&self.database, id, self.clock.now()).await?.ok_or(IdentityError::InvalidLink)?;
        let invitation = Invitation::read(&row)?;
        if invitation.is_for(who) { Ok(invitation) } else { Err(IdentityError::InvalidLink) }
    }

    async fn end_invitation(
        &self,
        id: InvitationId,
        outcome: &'static str,
        follows: Vec<Statement>,
    ) -> Result<(), IdentityError> {
        match store::end_invitation(&self.database, id, outcome, self.clock.now(), follows).await? {
            true => Ok(()),
            false => Err(IdentityError::InvalidLink),
        }
    }

    /// Sets what a member is to the account.
    ///
    /// # Errors
    /// When there is no such member, only an owner may do it, or they are the last owner.
    pub async fn set_role(&self, host: impl Into<Host>, user: UserId, role: Role) -> Result<(), IdentityError> {
        let host: Host = host.into();
        let member = self.member(host.account, user).await?;
        host.may_make(role).and(host.may_make(member.role))?;
        let detail = format!("{}: {} to {}", member.email, member.role.name(), role.name());
        let line = self.audit(&host.actor, (host.account, user), "role_set", detail);
        last_owner(store::set_role(&self.database, host.account, user, role, line).await)
    }

    /// Takes a member out of the account. Their sessions leave it with the same commit.
    ///
    /// # Errors
    /// As [`Identity::set_role`].
    pub async fn remove_member(&self, host: impl Into<Host>, user: UserId) -> Result<(), IdentityError> {
        let host: Host = host.into();
        let member = self.member(host.account, user).await?;
        host.may_make(member.role)?;
        let line = self.audit(&host.actor, (host.account, user), "member_removed", member.email);
        last_owner(store::leave(&self.database, host.account, user, line).await)
    }

    /// Leaves the account.
    ///
    /// # Errors
    /// When it is the person's last owner's place, or their only account.
    pub async fn leave(&self, who: &SignedIn) -> Result<(), IdentityError> {
        if self.memberships(who.user).await?.len() < 2 {
            return Err(IdentityError::OnlyAccount);
        }
        let line = self.audit(&Actor::member(who), (who.account, who.user), "member_left", who.email.clone());
        last_owner(store::leave(&self.database, who.account, who.user, line).await)
    }

    /// Calls the account something else.
    ///
    /// # Errors
    /// When the name cannot be one, or there is no such account.
    pub async fn rename_account(&self, host: impl Into<Host>, name: &str) -> Result<(), IdentityError> {
        let (host, name) = (host.into(), checked_name(name, NAME_MAX)?);
        let line = self.audit(&host.actor, host.account, "account_renamed", name.clone());
        match self.kernel.rename(host.account, &name, vec![line]).await? {
            true => Ok(()),
            false => Err(IdentityError::NotFound),
        }
    }

    /// One member of the account.
    ///
    /// # Errors
    /// When there is no such member.
    pub async fn member(&self, account: AccountId, user: UserId) -> Result<Member, IdentityError> {
        let members = self.members(account).await?;
        members.into_iter().find(|member| member.user == user).ok_or(IdentityError::NotFound)
    }
}

fn last_owner(touched: Result<bool, StoreError>) -> Result<(), IdentityError> {
    if touched? { Ok(()) } else { Err(IdentityError::LastOwner) }
}
