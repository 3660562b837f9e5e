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
    Ok(present::bench(&visitor, app.kernel.price_book(), start, &recent))
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

/// Verifies and leads to the stored answer. What cannot be read leads back to the bench with its text.
#[server(prefix = "/fn", endpoint = "verify")]
pub async fn verify(kind: String, source: String, request: String) -> Result<(), AppError> {
    let (app, who) = (app(), signed_in().await?);
    let asked = present::proof_request(&kind, &source)?;
    let key = present::request_key(&request, &[&kind, &source])?;
    match app.judge.verify_patiently(who.account, asked, &key).await {
        Ok(verification) => leptos_axum::redirect(&format!("/judge/{}", verification.id), false),
        Err(error) => present::refused_program(who.account, present::Program { kind, source }, &error.into()),
    }
    Ok(())
}
