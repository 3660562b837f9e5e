//! What the paid services' answers have in common: the cost, the receipt, the page of a list, the id in a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::caller::Key;
use super::problem::Problem;
use super::query::Parameters;
use super::receipt::ReceiptAnswer;
use crate::billing::Answered;
use crate::ledger::AccountId;
use crate::server::state::App;

pub const LIMIT_DEFAULT: i64 = 50;
pub const LIMIT_MAX: i64 = 200;
/// Of lists that are short as a rule, and were not turned at first.
pub const LONG_LIMIT_MAX: i64 = 500;

/// The receipt; none when nothing was charged.
pub fn receipt<Q, A>(answered: &Answered<Q, A>) -> Option<ReceiptAnswer> {
    let at = answered.at;
    answered.paid.map(|paid| ReceiptAnswer::new(Some(paid.transaction), paid.seq, &paid.hash, at))
}

/// The account and the id in the path; what is no id is as little there as what is another account's.
pub struct Owned<I>(pub AccountId, pub I);

impl<I: std::str::FromStr + Send> FromRequestParts<App> for Owned<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let key = Key::from_request_parts(parts, app).await?;
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((account, id)) = path.map_err(|_| Problem::account_not_found())?;
        let account = key.account(&account)?;
        Ok(Self(account, id.parse().map_err(|_| answer_not_found())?))
    }
}

/// Where a list goes on, and how long its pages are.
///
/// # Errors
/// 422 for a cursor that is none or a limit out of range.
pub fn page<I: std::str::FromStr>(parameters: &Parameters) -> Result<(Option<I>, i64), Problem> {
    Ok((cursor(parameters)?, parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT)))
}

fn cursor<I: std::str::FromStr>(parameters: &Parameters) -> Result<Option<I>, Problem> {
    parameters.read("cursor", "cursor must be the next_cursor of an earlier page of this list")
}

/// The same of a list that was once given whole, up to so many.
///
/// # Errors
/// As [`page`].
pub fn long_page<I: std::str::FromStr>(parameters: &Parameters) -> Result<(Option<I>, i64), Problem> {
    Ok((cursor(parameters)?, parameters.number("limit", 1, LONG_LIMIT_MAX)?.unwrap_or(LONG_LIMIT_MAX)))
}

/// The id to go on from when a page is full.
pub fn next<Q, A>(page: &[Answered<Q, A>], limit: i64) -> Option<String> {
    let full = i64::try_from(page.len()).is_ok_and(|length| length == limit);
    page.last().filter(|_| full).map(|last| last.id.clone())
}

pub fn answer_not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "answer_not_found", "Answer not found")
}
