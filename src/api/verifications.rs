//! Stored verifications: listed, read, and verified again.
//!
//! What is kept has no values of secrets: the judge never writes them down.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Key;
use super::fields::Moment;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use super::shares;
use super::verify::{VerifyAnswer, answer};
use crate::judge::{ProofRequest, Verdict, Verification, Wanted};
use crate::ledger::{AccountId, VerificationId};
use crate::server::state::App;

/// Verifications on one page.
const LIMIT_MAX: i64 = 200;
const LIMIT_DEFAULT: i64 = 50;
/// Letters of a SHA-256 in hexadecimal.
const HASH_LETTERS: usize = 64;

/// A verification in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerificationListed)]
pub struct ListedAnswer {
    #[schema(example = "VER_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    verification_id: String,
    verified_at: Moment,
    /// What was asked, as it was asked.
    #[schema(value_type = Object)]
    proof_data: ProofRequest,
    #[schema(example = "proved")]
    verdict: &'static str,
    result: bool,
    credits_charged: i64,
    program_hash: String,
}

/// A page of verifications, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Verifications)]
pub struct ListAnswer {
    account_id: String,
    verifications: Vec<ListedAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// A stored verification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredVerification)]
pub struct StoredAnswer {
    account_id: String,
    verified_at: Moment,
    #[schema(value_type = Object)]
    proof_data: ProofRequest,
    /// Which solver, in which version.
    #[schema(example = "Z3 4.13.4")]
    solver: String,
    duration_us: u64,
    /// Since when whoever has its public link reads it; null when it has none.
    shared_at: Option<Moment>,
    /// As it was answered then: `credits_remaining` is what was left then.
    answer: VerifyAnswer,
}

/// The same question, decided again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerificationAgain)]
pub struct AgainAnswer {
    /// The verification that was done again.
    first_verification_id: String,
    /// Whether both came to the same verdict.
    same_verdict: bool,
    answer: VerifyAnswer,
}

/// Lists an account's verifications, newest first.
#[utoipa::path(get, path = "/api/verifications", operation_id = "list_verifications", tag = "verify",
    params(("account_id" = String, Query, description = "Whose"),
        ("verdict" = Option<String>, Query, description = "Only those with this verdict"),
        ("program_hash" = Option<String>, Query, description = "Only those of this question, by its hash"),
        ("cursor" = Option<String>, Query, description = "Only older ones: the `next_cursor` of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = ListAnswer, description = "A page of verifications")))]
pub async fn list(State(app): State<App>, key: Key, parameters: Parameters) -> Result<JsonAnswer<ListAnswer>, Problem> {
    let whose: Option<String> = parameters.read("account_id", "account_id must be an account's id")?;
    let whose = whose.ok_or_else(|| Problem::field("account_id", "account_id must say whose verifications"))?;
    let account = key.account(&whose)?;
    let wanted = wanted(&parameters)?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    // One more than shown tells whether there is a next page.
    let found = app.judge.list(account, &wanted, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    let verifications: Vec<ListedAnswer> = found.into_iter().take(shown).map(listed).collect();
    let next_cursor = verifications.last().filter(|_| more).map(|last| last.verification_id.clone());
    Ok(JsonAnswer(ListAnswer { account_id: account.to_string(), verifications, next_cursor }))
}

/// Reads a verification with its evidence.
#[utoipa::path(get, path = "/api/verifications/{verification_id}", operation_id = "read_verification", tag = "verify",
    params(("verification_id" = String, Path, description = "The verification")),
    responses((status = 200, body = StoredAnswer, description = "The verification")))]
pub async fn read(
    State(app): State<App>,
    key: Key,
    Path(id): Path<String>,
) -> Result<JsonAnswer<StoredAnswer>, Problem> {
    let found = own(&app, &key, &id).await?;
    let shared_at = shares::shared_at(&app, found.account, &id).await?;
    Ok(JsonAnswer(StoredAnswer {
        account_id: found.account.to_string(),
        verified_at: Moment(found.at),
        proof_data: found.request.clone(),
        solver: found.decision.solver.clone(),
        duration_us: found.decision.duration_us,
        shared_at,
        answer: answer(found),
    }))
}

/// Decides the same question again, at the price of a verification and under the limits that the first one had: what was
/// verified under a quote has its smaller budget again.
#[utoipa::path(post, path = "/api/verifications/{verification_id}/rerun", operation_id = "rerun_verification",
    tag = "verify", params(("verification_id" = String, Path, description = "The verification")),
    responses((status = 200, body = AgainAnswer, description = "The new verdict, and whether it is the old one"),
        (status = 402, body = super::verify::UnbilledBody, content_type = "application/problem+json",
            description = "Too few credits; in the shape of a verification, with `success` false")))]
pub async fn rerun(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Path(id): Path<String>,
) -> Result<Answer<AgainAnswer>, Problem> {
    let first = own(&app, &key, &id).await?;
    let again = app.judge.verify_again(&first, Some(key.id()), &request.scoped()).await?;
    let replayed = again.replayed;
    let body = AgainAnswer {
        first_verification_id: first.id.to_string(),
        same_verdict: again.decision.verdict == first.decision.verdict,
        answer: answer(again),
    };
    Ok(Answer { body, replayed })
}

fn wanted(parameters: &Parameters) -> Result<Wanted, Problem> {
    let names = Verdict::ALL.map(Verdict::as_str).join(", ");
    let program_hash: Option<String> = parameters.read("program_hash", "program_hash must be a text")?;
    let is_hash = |text: &String| text.len() == HASH_LETTERS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !program_hash.as_ref().is_none_or(is_hash) {
        return Err(Problem::field("program_hash", "program_hash must be a SHA-256 in hexadecimal"));
    }
    Ok(Wanted {
        before: parameters.id::<VerificationId>("cursor")?,
        verdict: parameters.read("verdict", &format!("verdict must be one of {names}"))?,
        program_hash: program_hash.map(|hash| hash.to_ascii_lowercase()),
    })
}

/// The verification, if the caller may know of it; a foreign, an unknown and a malformed one look the same.
async fn own(app: &App, key: &Key, id: &str) -> Result<Verification, Problem> {
    let id: VerificationId = id.parse().map_err(|_| Problem::not_found())?;
    let owner: AccountId = app.judge.owner(id).await?.ok_or_else(Problem::not_found)?;
    if !key.0.may_see(owner) {
        return Err(Problem::not_found());
    }
    app.judge.verification(owner, id).await?.ok_or_else(Problem::not_found)
}

fn listed(found: Verification) -> ListedAnswer {
    ListedAnswer {
        verification_id: found.id.to_string(),
        verified_at: Moment(found.at),
        verdict: found.decision.verdict.as_str(),
        result: found.decision.verdict.is_affirmative(),
        credits_charged: found.charged.get(),
        program_hash: found.decision.program_hash,
        proof_data: found.request,
    }
}
