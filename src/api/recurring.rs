//! Recurring grants: credits that an operator gives every day, week or month.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::Days;
use super::answered::long_page;
use super::body::Json;
use super::caller::{Operator, OwnAccount};
use super::fields::{GrantCredits, Line, Moment};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use crate::billing::{Every, NewRecurringGrant, RecurringError, RecurringGrant};
use crate::identity::Actor;
use crate::ledger::{AccountId, RecurringGrantId};
use crate::server::state::App;

/// How many credits, how often, from when and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRecurringGrant)]
pub struct RecurringBody {
    account_id: String,
    credits: GrantCredits,
    /// `day`, `week` or `month`. A month without the day takes its last one.
    #[schema(value_type = String, example = "month")]
    every: Every,
    /// The first time; at once when not given.
    starts_at: Option<Moment>,
    /// No occurrence from then on; for ever when not given.
    ends_at: Option<Moment>,
    /// In how many days after its occurrence what is left of it is lost; never when not given.
    expires_after_days: Option<Days>,
    /// Shown to the customer in the ledger.
    #[schema(example = "Monthly allowance")]
    reason: Line,
}

/// A recurring grant as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecurringGrant)]
pub struct RecurringAnswer {
    #[schema(example = "REC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    recurring_grant_id: String,
    account_id: String,
    credits: i64,
    #[schema(value_type = String, example = "month")]
    every: Every,
    starts_at: Moment,
    ends_at: Option<Moment>,
    expires_after_days: Option<i64>,
    reason: String,
    /// When an operator ended it.
    ended_at: Option<Moment>,
    /// How many times are dealt with.
    occurrences: i64,
    /// When the next one is due; null when there is none left.
    next_at: Option<Moment>,
}

/// A page of the account's recurring grants, newest first, ended ones included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecurringGrants)]
pub struct RecurringListAnswer {
    account_id: String,
    recurring_grants: Vec<RecurringAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Gives credits again and again. Operators only.
#[utoipa::path(post, path = "/api/billing/recurring-grants", operation_id = "add_recurring_grant", tag = "corrections",
    request_body = RecurringBody, responses((status = 200, body = RecurringAnswer, description = "Arranged")))]
pub async fn add(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<RecurringBody>,
) -> Result<Answer<RecurringAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let detail = format!("{} every {}: {}", body.credits.0, body.every.name(), body.reason.0);
    let line = app.identity.audit(&Actor::Key(key), account, "recurring_grant_added", detail);
    let new = NewRecurringGrant {
        account,
        credits: body.credits.0,
        every: body.every,
        starts_at: body.starts_at.map(|moment| moment.0),
        ends_at: body.ends_at.map(|moment| moment.0),
        expires_after_days: body.expires_after_days.map(|days| days.0),
        reason: body.reason.0,
        request: request.scoped(),
        key: Some(key),
        along: vec![line],
    };
    let (grant, replayed) = app.kernel.add_recurring(new).await?;
    Ok(Answer { body: grant.into(), replayed })
}

/// Reads the account's recurring grants.
#[utoipa::path(get, path = "/api/billing/recurring-grants/{account_id}", operation_id = "list_recurring_grants",
    tag = "corrections", params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "How many; 500 when not given")),
    responses((status = 200, body = RecurringListAnswer, description = "A page of recurring grants")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<JsonAnswer<RecurringListAnswer>, Problem> {
    let (before, limit) = long_page::<RecurringGrantId>(&parameters)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let found = app.kernel.recurring(account, before, limit).await?;
    let is_full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= limit;
    Ok(JsonAnswer(RecurringListAnswer {
        account_id: account.to_string(),
        next_cursor: found.last().filter(|_| is_full).map(|last| last.id.to_string()),
        recurring_grants: found.into_iter().map(Into::into).collect(),
    }))
}

/// Ends a recurring grant: what was due before still comes, nothing after. Operators only.
#[utoipa::path(delete, path = "/api/billing/recurring-grants/{account_id}/{recurring_grant_id}",
    operation_id = "end_recurring_grant", tag = "corrections",
    params(("account_id" = String, Path, description = "The account"),
        ("recurring_grant_id" = String, Path, description = "One of its recurring grants")),
    responses((status = 200, body = RecurringAnswer, description = "Ended")))]
pub async fn end(
    State(app): State<App>,
    Operator(key): Operator,
    _request: RequestKey,
    Path((account, recurring)): Path<(String, String)>,
) -> Result<JsonAnswer<RecurringAnswer>, Problem> {
    let not_found = || {
        let sentence = "there is no such recurring grant on this account";
        Problem::new(StatusCode::NOT_FOUND, "recurring_grant_not_found", sentence)
    };
    let account = account.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let id = recurring.parse::<RecurringGrantId>().map_err(|_| not_found())?;
    let line = app.identity.audit(&Actor::Key(key), account, "recurring_grant_ended", id.to_string());
    let grant = app.kernel.end_recurring(account, id, vec![line]).await?.ok_or_else(not_found)?;
    Ok(JsonAnswer(grant.into()))
}

impl From<RecurringGrant> for RecurringAnswer {
    fn from(grant: RecurringGrant) -> Self {
        Self {
            recurring_grant_id: grant.id.to_string(),
            account_id: grant.account.to_string(),
            credits: grant.credits.get(),
            every: grant.every,
            starts_at: Moment(grant.starts_at),
            ends_at: grant.ends_at.map(Moment),
            expires_after_days: grant.expires_after_days,
            reason: grant.reason,
            ended_at: grant.ended_at.map(Moment),
            occurrences: grant.posted,
            next_at: grant.next_at.map(Moment),
        }
    }
}

impl From<RecurringError> for Problem {
    fn from(error: RecurringError) -> Self {
        let sentence = error.to_string();
        match error {
            RecurringError::StartsInThePast => Self::field("starts_at", sentence),
            RecurringError::EndsBeforeItStarts => Self::field("ends_at", sentence),
            RecurringError::Kernel(error) => error.into(),
        }
    }
}
