//! The Judge's bench and its answers.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{BenchView, VerdictView, VerificationsView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    judge::Wanted,
    ledger::VerificationId,
    server::context::{app, signed_in},
};

/// How many earlier verifications the bench lists.
#[cfg(feature = "ssr")]
const RECENT_SHOWN: i64 = 10;

/// How many verifications one page of them lists.
#[cfg(feature = "ssr")]
const PAGE: i64 = 50;

/// The bench with an example, an earlier program (`from`, mended if so asked), a refused one (`draft`), or the first example.
#[server(prefix = "/fn", endpoint = "bench")]
pub async fn get_bench(example: String, from: String, mend: String, draft: String) -> Result<BenchView, AppError> {
    let (app, visitor) = (app(), visitor().await?);
    let start = present::program_to_start(visitor.account(), &draft, &from, &mend, &example).await?;
    let recent = app.judge.list(visitor.account(), &Wanted::default(), RECENT_SHOWN).await?;
    let known = present::known_verdict(visitor.account(), &start).await?;
    Ok(present::bench(&visitor, start, known, &recent, &draft).await)
}

/// A page of earlier verifications, by verdict where one is named.
#[server(prefix = "/fn", endpoint = "verifications")]
pub async fn get_verifications(verdict: String, before: String) -> Result<VerificationsView, AppError> {
    let visitor = visitor().await?;
    // A link that was cut off or mistyped shows everything, not nothing.
    let wanted = Wanted { before: before.parse().ok(), verdict: verdict.parse().ok(), program_hash: None };
    let found = app().judge.list(visitor.account(), &wanted, PAGE + 1).await?;
    Ok(present::verifications(&visitor, &found, &wanted, PAGE))
}

/// A verdict; `shared` names the request that has just made a public link to it, if one did.
#[server(prefix = "/fn", endpoint = "verdict")]
pub async fn get_verdict(id: String, shared: String) -> Result<VerdictView, AppError> {
    let visitor = visitor().await?;
    let id: VerificationId = id.parse().map_err(|_| AppError::NotFound)?;
    let verification = app().judge.verification(visitor.account(), id).await?.ok_or(AppError::NotFound)?;
    let share = present::share_view(&visitor, &id.to_string(), &shared).await?;
    Ok(present::verdict(&visitor, &verification, share))
}

/// Verifies, and leads to the stored answer or back to the bench.
#[server(prefix = "/fn", endpoint = "verify")]
pub async fn verify(
    kind: String,
    source: String,
    #[server(default)] assumptions: String,
    #[server(default)] goal: String,
    request: String,
) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key = present::request_key(&request, &[&kind, &source, &assumptions, &goal])?;
    present::verify(who.account, &present::Program { kind, source, assumptions, goal }, &key).await
}

/// Asks the question of a stored verification again.
#[server(prefix = "/fn", endpoint = "verify_again")]
pub async fn verify_again(id: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key = present::request_key(&request, &["again", &id])?;
    present::verify_again(who.account, &id, &key).await
}
