//! The people of an account, and what they do to one another.

use super::dates::moment;
use super::visitor::{Visitor, public_frame};
use super::{fresh_request, refused, refused_at};
use crate::app::error::AppError;
use crate::app::views::{ChoiceView, InvitationView, InvitedView, TeamMemberView, TeamView};
use crate::identity::{IdentityError, Invitation, Member, Permission, Role, SignedIn};
use crate::ledger::Timestamp;
use crate::server::context::{app, signed_in};

/// The team's page. Who may not look after the members sees them, and no invitations.
pub async fn team(visitor: &Visitor) -> Result<TeamView, AppError> {
    let (app, who) = (app(), &visitor.who);
    let now = app.clock.now();
    let manages = who.may(Permission::Members);
    let members = app.identity.members(visitor.account()).await?;
    let invitations = if manages { app.identity.invitations(visitor.account()).await? } else { Vec::new() };
    // Whoever only looks at a customer's pages has no invitations there of their own.
    let own = if who.seeing.is_none() { app.identity.invitations_for(who).await? } else { Vec::new() };
    let mut mine = Vec::with_capacity(own.len());
    for invitation in &own {
        mine.push(invitation_view(invitation, now).await?);
    }
    let waiting = invitations.iter().map(|invitation| named(invitation, visitor.summary.name.clone(), now));
    Ok(TeamView {
        frame: visitor.frame(),
        members: members.iter().map(|member| member_view(member, who, manages, now)).collect(),
        invitations: waiting.collect(),
        mine,
        roles: roles_of(who),
        may_leave: visitor.accounts.len() > 1 && who.seeing.is_none(),
        request: fresh_request(),
    })
}

/// The roles that this visitor may give: owners are made by owners.
fn roles_of(who: &SignedIn) -> Vec<ChoiceView> {
    let may = |role: &Role| *role != Role::Owner || who.may(Permission::Owners);
    let choice = |role: Role| ChoiceView { value: role.name().to_owned(), title: role.title().to_owned() };
    Role::ALL.into_iter().filter(may).map(choice).collect()
}

fn member_view(member: &Member, who: &SignedIn, manages: bool, now: Timestamp) -> TeamMemberView {
    let me = member.user == who.user && who.seeing.is_none();
    TeamMemberView {
        id: member.user.to_string(),
        name: member.name.clone(),
        email: member.email.clone(),
        role: member.role.name().to_owned(),
        title: member.role.title().to_owned(),
        since: moment(member.since, now),
        me,
        open: manages && !me && (member.role != Role::Owner || who.may(Permission::Owners)),
    }
}

fn named(invitation: &Invitation, account: String, now: Timestamp) -> InvitationView {
    InvitationView {
        id: invitation.id.to_string(),
        account,
        email: invitation.email.clone(),
        role: invitation.role.title().to_owned(),
        by: invitation.by.clone(),
        expires: moment(invitation.expires_at, now),
    }
}

async fn invitation_view(invitation: &Invitation, now: Timestamp) -> Result<InvitationView, AppError> {
    let account = app().kernel.account(invitation.account).await?;
    Ok(named(invitation, account.map(|account| account.name).unwrap_or_default(), now))
}

/// What a mailed invitation leads to, for whoever follows it.
pub async fn invited(token: &str) -> Result<InvitedView, AppError> {
    let (app, who) = (app(), signed_in().await.ok());
    let found = match app.identity.invitation(token).await {
        Ok(invitation) => Some(invitation),
        Err(IdentityError::Unavailable) => return Err(AppError::Unavailable),
        Err(_) => None,
    };
    let for_me = found.as_ref().zip(who.as_ref()).is_some_and(|(invitation, who)| invitation.is_for(who));
    let invitation = match &found {
        Some(invitation) => Some(invitation_view(invitation, app.clock.now()).await?),
        None => None,
    };
    Ok(InvitedView { frame: public_frame().await, invitation, signed_in: who.is_some(), for_me })
}

/// Invites an address, in a role as the form names it.
pub async fn invite(who: &SignedIn, email: &str, role: &str) -> Result<(), AppError> {
    let role: Role = role.parse().map_err(|_| refused("choice_invalid"))?;
    let account = app().kernel.account(who.account).await?.ok_or(AppError::NotFound)?;
    Ok(app().identity.invite(who, &account.name, email, role).await?)
}

/// Sets a member's role, as the form names it.
pub async fn set_role(who: &SignedIn, user: &str, role: &str) -> Result<(), AppError> {
    let role: Role = role.parse().map_err(|_| refused("choice_invalid"))?;
    let user = user.parse().map_err(|_| AppError::NotFound)?;
    Ok(app().identity.set_role(who, user, role).await?)
}

/// Takes a member out.
pub async fn remove_member(who: &SignedIn, user: &str) -> Result<(), AppError> {
    let user = user.parse().map_err(|_| AppError::NotFound)?;
    Ok(app().identity.remove_member(who, user).await?)
}

/// Leads back to the team's page, which says what was done or refused.
pub fn back_to_team(done: &str, outcome: Result<(), AppError>) {
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("/team?done={done}"), false),
        Err(error) => refused_at("/team", &error),
    }
}
