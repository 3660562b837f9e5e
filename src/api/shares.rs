//! Public links to answers: made, listed, ended. What a link opens is a page, for people.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answered::long_page;
use super::body::Json;
use super::caller::{Key, OwnAccount};
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::{Actor, IdentityError};
use crate::ledger::AccountId;
use crate::server::sharing::{AnswerId, kept_answer};
use crate::server::state::App;

/// Which answer to show to whoever has the link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewShare)]
pub struct ShareBody {
    account_id: String,
    /// A verification, a question to the Oracle or a batch of this account.
    #[schema(example = "VER_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    answer_id: String,
}

/// A public link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShareMade)]
pub struct ShareMadeAnswer {
    answer_id: String,
    /// Since when the answer's present link opens it; null in a replay after the link was ended.
    shared_at: Option<Moment>,
    /// The page that whoever has this address reads without signing in. Shown this once; null in a replay.
    #[schema(example = "https://aethel.example/shared/4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8")]
    link: Option<String>,
    replayed: bool,
}

/// An answer that has a public link. The link itself is nowhere kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Share)]
pub struct ShareLine {
    answer_id: String,
    shared_at: Moment,
}

/// A page of the account's answers that have a public link, the latest link first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Shares)]
pub struct SharesAnswer {
    account_id: String,
    shares: Vec<ShareLine>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Makes a public link to an answer, and shows it this once. A link that the answer had before opens nothing any more.
#[utoipa::path(post, path = "/api/shares", operation_id = "share_answer", tag = "verify", request_body = ShareBody,
    responses((status = 200, body = ShareMadeAnswer, description = "The link")))]
pub async fn create(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<ShareBody>,
) -> Result<Answer<ShareMadeAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let id = AnswerId::read(&body.answer_id).ok_or_else(super::answered::answer_not_found)?;
    kept_answer(&app, account, id).await?.ok_or_else(super::answered::answer_not_found)?;
    let made = app.identity.share(account, &body.answer_id, &request.scoped(), &Actor::Key(key.id())).await?;
    let shared_at = shared_at(&app, account, &body.answer_id).await?;
    let replayed = made.is_none();
    let link = made.map(|token| format!("{}/shared/{}", app.config.public_url, token.as_str()));
    Ok(Answer { body: ShareMadeAnswer { answer_id: body.answer_id, shared_at, link, replayed }, replayed })
}

/// Lists the account's answers that have a public link.
#[utoipa::path(get, path = "/api/shares/{account_id}", operation_id = "list_shares", tag = "verify",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "How many; 500 when not given")),
    responses((status = 200, body = SharesAnswer, description = "A page of links, the latest first")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<axum::Json<SharesAnswer>, Problem> {
    let (before, limit) = long_page::<String>(&parameters)?;
    let found = app.identity.shares(account, before.as_deref(), limit).await?;
    let is_full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= limit;
    let next_cursor = found.last().filter(|_| is_full).map(|last| last.subject.clone());
    let shares = found.into_iter().map(|one| ShareLine { answer_id: one.subject, shared_at: Moment(one.since) });
    Ok(axum::Json(SharesAnswer { account_id: account.to_string(), shares: shares.collect(), next_cursor }))
}

/// Ends an answer's public link, at once and on every server.
#[utoipa::path(delete, path = "/api/shares/{account_id}/{answer_id}", operation_id = "end_share", tag = "verify",
    params(("account_id" = String, Path, description = "The account"),
        ("answer_id" = String, Path, description = "One of its answers")),
    responses((status = 204, description = "The link opens nothing any more")))]
pub async fn end(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, answer)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = key.account(&account)?;
    match app.identity.end_share(account, &answer, &Actor::Key(key.id())).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(IdentityError::NotFound) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "share_not_found", "this answer has no public link"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Since when an answer has its public link; none when it has none.
pub async fn shared_at(app: &App, account: AccountId, answer: &str) -> Result<Option<Moment>, Problem> {
    Ok(app.identity.share_of(account, answer).await?.map(|share| Moment(share.since)))
}
