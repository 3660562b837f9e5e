//! The people of an account, looked after by a program: invited, given roles, let go. A key may do to them what the
//! person may for whom it acts; what only the invited can do, saying yes or no, has no path here.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;
use utoipa::ToSchema;

use super::body::Json;
use super::caller::Key;
use super::document::ProblemBody;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::team::{InvitationAnswer, MemberAnswer};
use crate::identity::{Host, IdentityError, Role};
use crate::ledger::{AccountId, InvitationId, UserId};
use crate::server::state::App;

/// What a member is to an account.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Role)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    Owner,
    Admin,
    Developer,
    Billing,
    Viewer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Admin => Self::Admin,
            RoleName::Developer => Self::Developer,
            RoleName::Billing => Self::Billing,
            RoleName::Viewer => Self::Viewer,
        }
    }
}

/// Whom to invite, as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation)]
pub struct NewInvitationBody {
    account_id: String,
    #[schema(example = "grace@example.com", max_length = 254)]
    email: String,
    role: RoleName,
}

/// An invitation that was mailed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationMade)]
pub struct InvitationMadeAnswer {
    invitation: InvitationAnswer,
    replayed: bool,
}

/// What a member shall be from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleChange)]
pub struct RoleBody {
    role: RoleName,
}

/// Mails an invitation, which lasts a week; an earlier one to the same address no longer counts.
#[utoipa::path(post, path = "/api/invitations", operation_id = "invite_member", tag = "people",
    request_body = NewInvitationBody,
    responses((status = 200, body = InvitationMadeAnswer, description = "The invitation"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json",
            description = "The key lacks the scope, or whom it acts for may not do this")))]
pub async fn invite(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<NewInvitationBody>,
) -> Result<Answer<InvitationMadeAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let named = app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?.name;
    let host = app.identity.host(key.0, account).await?;
    let id = invitation_of(account, &request);
    let invited = app.identity.invite_once(host, id, &named, &body.email, body.role.into()).await?;
    let answer = InvitationMadeAnswer { invitation: invited.invitation.into(), replayed: invited.replayed };
    Ok(Answer { body: answer, replayed: invited.replayed })
}

/// Takes an invitation back that nobody has answered yet.
#[utoipa::path(delete, path = "/api/invitations/{account_id}/{invitation_id}", operation_id = "withdraw_invitation",
    tag = "people", params(("account_id" = String, Path, description = "The account"),
        ("invitation_id" = String, Path, description = "One of its invitations")),
    responses((status = 204, description = "Its link leads nowhere any more"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json",
            description = "The key lacks the scope, or whom it acts for may not do this")))]
pub async fn withdraw(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, invitation)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = key.account(&account)?;
    let id: InvitationId = invitation.parse().map_err(|_| invitation_not_found())?;
    let host = app.identity.host(key.0, account).await?;
    match app.identity.revoke_invitation(host, id).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(IdentityError::NotFound | IdentityError::InvalidLink) => Err(invitation_not_found()),
        Err(error) => Err(error.into()),
    }
}

/// Sets what a member is to the account. Owners are made and unmade by owners, and the last one stays.
#[utoipa::path(put, path = "/api/members/{account_id}/{user_id}", operation_id = "set_member_role", tag = "people",
    params(("account_id" = String, Path, description = "The account"),
        ("user_id" = String, Path, description = "One of its members")), request_body = RoleBody,
    responses((status = 200, body = MemberAnswer, description = "The member from now on"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json",
            description = "The key lacks the scope, or whom it acts for may not do this")))]
pub async fn set_role(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, user)): Path<(String, String)>,
    Json(body): Json<RoleBody>,
) -> Result<JsonAnswer<MemberAnswer>, Problem> {
    let (host, user) = host_and_member(&app, &key, &account, &user).await?;
    let account = host.account;
    app.identity.set_role(host, user, body.role.into()).await.map_err(of_member)?;
    Ok(JsonAnswer(app.identity.member(account, user).await.map_err(of_member)?.into()))
}

/// Takes a member out of the account, with their sessions, at once. Keys that they made stay until they are revoked, and
/// look after no members any more.
#[utoipa::path(delete, path = "/api/members/{account_id}/{user_id}", operation_id = "remove_member", tag = "people",
    params(("account_id" = String, Path, description = "The account"),
        ("user_id" = String, Path, description = "One of its members")),
    responses((status = 204, description = "They belong to it no longer"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json",
            description = "The key lacks the scope, or whom it acts for may not do this")))]
pub async fn remove(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, user)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (host, user) = host_and_member(&app, &key, &account, &user).await?;
    app.identity.remove_member(host, user).await.map_err(of_member)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn host_and_member(app: &App, key: &Key, account: &str, user: &str) -> Result<(Host, UserId), Problem> {
    let account = key.account(account)?;
    let user: UserId = user.parse().map_err(|_| member_not_found())?;
    Ok((app.identity.host(key.0, account).await?, user))
}

/// The same request names the same invitation, and no account can name another's.
fn invitation_of(account: AccountId, request: &RequestKey) -> InvitationId {
    let digest = Sha256::digest(format!("invitation {account} {}", request.scoped()).as_bytes());
    InvitationId::from_ulid(Ulid::from_bytes(std::array::from_fn(|index| digest[index])))
}

fn of_member(error: IdentityError) -> Problem {
    match error {
        IdentityError::NotFound => member_not_found(),
        error => error.into(),
    }
}

fn member_not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "member_not_found", "there is no such member of this account")
}

fn invitation_not_found() -> Problem {
    let sentence = "there is no such invitation of this account, or it was answered, withdrawn or is over";
    Problem::new(StatusCode::NOT_FOUND, "invitation_not_found", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_the_name_here_that_it_has_everywhere() {
        for role in Role::ALL {
            let name: RoleName = serde_json::from_value(role.name().into()).expect("known");
            assert_eq!(Role::from(name), role);
        }
    }
}
