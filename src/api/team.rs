//! The people of an account and what was done on it: reads for programs that keep books on both. What changes people
//! is in [`super::members`].

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::fields::Moment;
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::{AuditLine, IdentityError, Invitation, Member};
use crate::ledger::AuditId;
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// A member of the account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberAnswer {
    #[schema(example = "USR_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    user_id: String,
    name: String,
    email: String,
    /// `owner`, `admin`, `developer`, `billing` or `viewer`.
    #[schema(example = "developer")]
    role: &'static str,
    since: Moment,
}

/// An invitation that waits for an answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationAnswer {
    invitation_id: String,
    email: String,
    #[schema(example = "viewer")]
    role: &'static str,
    invited_at: Moment,
    expires_at: Moment,
}

/// Everybody who belongs to the account or is invited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Members)]
pub struct MembersAnswer {
    account_id: String,
    members: Vec<MemberAnswer>,
    invitations: Vec<InvitationAnswer>,
}

/// One act.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub struct AuditEventAnswer {
    #[schema(example = "AUD_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    audit_id: String,
    at: Moment,
    /// `person`, `operator`, `key` or `house`.
    actor_kind: String,
    /// The person's or key's id; null when the house acted by itself.
    actor_id: Option<String>,
    /// As the actor was called then.
    actor_name: String,
    /// The act's stable name.
    #[schema(example = "credits_given")]
    action: String,
    detail: String,
    /// On whose account; null when on none.
    account_id: Option<String>,
    /// About which person; null when about none.
    user_id: Option<String>,
}

/// A page of what was done on the account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvents)]
pub struct AuditEventsAnswer {
    account_id: String,
    events: Vec<AuditEventAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Reads who belongs to the account, the longest there first, and who is invited.
#[utoipa::path(get, path = "/api/members/{account_id}", operation_id = "list_members", tag = "people",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = MembersAnswer, description = "Members and open invitations")))]
pub async fn members(State(app): State<App>, OwnAccount(account): OwnAccount) -> Result<Json<MembersAnswer>, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let members = app.identity.members(account).await.map_err(unavailable)?;
    let invitations = app.identity.invitations(account).await.map_err(unavailable)?;
    Ok(Json(MembersAnswer {
        account_id: account.to_string(),
        members: members.into_iter().map(MemberAnswer::from).collect(),
        invitations: invitations.into_iter().map(InvitationAnswer::from).collect(),
    }))
}

/// Reads who did what on the account, newest first.
#[utoipa::path(get, path = "/api/audit-log/{account_id}", operation_id = "list_audit_log", tag = "people",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = AuditEventsAnswer, description = "A page of the audit log")))]
pub async fn audit_log(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<AuditEventsAnswer>, Problem> {
    let before: Option<AuditId> = parameters.id("cursor")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let lines = app.identity.audit_of_account(account, before, limit).await.map_err(unavailable)?;
    let is_full = i64::try_from(lines.len()).unwrap_or(i64::MAX) >= limit;
    Ok(Json(AuditEventsAnswer {
        account_id: account.to_string(),
        next_cursor: lines.last().filter(|_| is_full).map(|line| line.id.to_string()),
        events: lines.into_iter().map(AuditEventAnswer::from).collect(),
    }))
}

/// Reading refuses for no other reason.
fn unavailable(_: IdentityError) -> Problem {
    Problem::unavailable()
}

impl From<Member> for MemberAnswer {
    fn from(member: Member) -> Self {
        let role = member.role.name();
        Self {
            user_id: member.user.to_string(),
            name: member.name,
            email: member.email,
            role,
            since: Moment(member.since),
        }
    }
}

impl From<Invitation> for InvitationAnswer {
    fn from(invitation: Invitation) -> Self {
        Self {
            invitation_id: invitation.id.to_string(),
            role: invitation.role.name(),
            invited_at: Moment(invitation.at),
            expires_at: Moment(invitation.expires_at),
            email: invitation.email,
        }
    }
}

impl From<AuditLine> for AuditEventAnswer {
    fn from(line: AuditLine) -> Self {
        Self {
            audit_id: line.id.to_string(),
            at: Moment(line.at),
            actor_kind: line.actor_kind,
            actor_id: line.actor_id,
            actor_name: line.actor_name,
            action: line.action,
            detail: line.detail,
            account_id: line.account.map(|account| account.to_string()),
            user_id: line.user.map(|user| user.to_string()),
        }
    }
}
