//! Inviting somebody into an account: mailed once, however often it is asked for.

use super::email::Email;
use super::hosts::Host;
use super::roles::Role;
use super::store::{self, NewInvitation};
use super::team::Invitation;
use super::token;
use super::{Identity, IdentityError};
use crate::billing::store::Statement;
use crate::ledger::{AccountId, InvitationId};
use crate::mail::templates;

/// A week: long enough for a holiday, short enough to be forgotten safely.
const INVITATION_DAYS: i64 = 7;
/// Invitations of one account within a day: nobody's letter boxes are filled from here.
const INVITATIONS_PER_DAY: i64 = 30;
const DAY_SECONDS: i64 = 86_400;

/// An invitation that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// It.
    pub invitation: Invitation,
    /// Whether the same request made it before; it may be answered by now.
    pub replayed: bool,
}

impl Identity {
    /// Invites an address into the account, in the role. An earlier invitation to the same address no longer counts.
    ///
    /// # Errors
    /// When the address is none or a member's, the role is an owner's and the host is none, or too many were invited.
    pub async fn invite(
        &self,
        host: impl Into<Host>,
        account_name: &str,
        email: &str,
        role: Role,
    ) -> Result<(), IdentityError> {
        let id = InvitationId::from_ulid(self.ids.next(self.clock.now()));
        self.invite_once(host, id, account_name, email, role).await.map(drop)
    }

    /// The same for an id that a request chose: sent again, it mails nothing.
    ///
    /// # Errors
    /// As [`Identity::invite`], and when the id was used for another address or role.
    pub async fn invite_once(
        &self,
        host: impl Into<Host>,
        id: InvitationId,
        account_name: &str,
        email: &str,
        role: Role,
    ) -> Result<Invited, IdentityError> {
        let host: Host = host.into();
        let email: Email = email.parse().map_err(|_| IdentityError::EmailInvalid)?;
        if let Some(invited) = self.invited_before(&host, id, &email, role).await? {
            return Ok(invited);
        }
        host.may_make(role)?;
        self.may_invite(host.account, &email).await?;
        match self.database.write(self.invitation_rows(&host, id, account_name, &email, role)?).await {
            // The same request was quicker on its other way: this one has mailed nothing.
            Err(error) if error.is_unique_violation() => {
                self.invited_before(&host, id, &email, role).await?.ok_or(IdentityError::Unavailable)
            }
            outcome => {
                outcome?;
                let made = self.invited_before(&host, id, &email, role).await?.ok_or(IdentityError::Unavailable)?;
                Ok(Invited { replayed: false, ..made })
            }
        }
    }

    /// What the same request made before.
    async fn invited_before(
        &self,
        host: &Host,
        id: InvitationId,
        email: &Email,
        role: Role,
    ) -> Result<Option<Invited>, IdentityError> {
        let Some(row) = store::any_invitation(&self.database, id).await? else { return Ok(None) };
        let invitation = Invitation::read(&row)?;
        let is_same =
            (invitation.account, invitation.role, &invitation.email_key) == (host.account, role, &email.key());
        if is_same { Ok(Some(Invited { invitation, replayed: true })) } else { Err(IdentityError::Conflict) }
    }

    /// Whether this address may be invited now.
    async fn may_invite(&self, account: AccountId, email: &Email) -> Result<(), IdentityError> {
        let members = self.members(account).await?;
        if members.iter().any(|member| member.email.to_ascii_lowercase() == email.key()) {
            return Err(IdentityError::AlreadyMember);
        }
        let day_ago = self.clock.now().plus_seconds(-DAY_SECONDS);
        if store::invitations_since(&self.database, account, day_ago).await? >= INVITATIONS_PER_DAY {
            return Err(IdentityError::TooManyInvitations { most: INVITATIONS_PER_DAY });
        }
        Ok(())
    }

    fn invitation_rows(
        &self,
        host: &Host,
        id: InvitationId,
        account_name: &str,
        email: &Email,
        role: Role,
    ) -> Result<Vec<Statement>, IdentityError> {
        let now = self.clock.now();
        let secret = token::fresh(self.entropy.as_ref())?;
        let mut writes = store::add_invitation(&NewInvitation {
            id,
            secret: secret.as_str(),
            account: host.account,
            email: email.as_str(),
            email_key: &email.key(),
            role,
            by: &host.id,
            created_at: now,
            expires_at: now.plus_days(INVITATION_DAYS),
        });
        let site = &self.config.public_url;
        let letter = templates::invitation(site, &host.name, account_name, role.title(), secret.as_str());
        writes.push(self.mail.compose(letter.to(email.as_str())));
        let detail = format!("{email} as {}", role.name());
        writes.push(self.audit(&host.actor, host.account, "member_invited", detail));
        Ok(writes)
    }
}
