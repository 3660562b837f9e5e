//! The Oracle's questions and batches of transactions.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{BatchReportView, BatchView, OracleAnswerView, OracleView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, BatchForm, OracleForm, visitor},
    ledger::{BatchId, QueryId},
    server::context::{app, signed_in},
};

/// How many earlier ones a page lists.
#[cfg(feature = "ssr")]
const RECENT_SHOWN: i64 = 10;

/// The Oracle's form, with a refused one (`draft`) or an example in it.
#[server(prefix = "/fn", endpoint = "oracle")]
pub async fn get_oracle(draft: String, example: String) -> Result<OracleView, AppError> {
    let visitor = visitor().await?;
    let recent = app().oracle.list(visitor.account(), None, RECENT_SHOWN).await?;
    Ok(present::oracle(&visitor, &draft, &example, &recent))
}

#[server(prefix = "/fn", endpoint = "oracle_answer")]
pub async fn get_oracle_answer(id: String, shared: String) -> Result<OracleAnswerView, AppError> {
    let visitor = visitor().await?;
    let id: QueryId = id.parse().map_err(|_| AppError::NotFound)?;
    let answer = app().oracle.answer(visitor.account(), id).await?.ok_or(AppError::NotFound)?;
    let share = present::share_view(&visitor, &id.to_string(), &shared).await?;
    Ok(present::oracle_answer(&visitor, &answer, share))
}

/// Asks and leads to the stored answer. What cannot be read leads back to the form with its text.
#[server(prefix = "/fn", endpoint = "ask_oracle")]
pub async fn ask_oracle(
    law: String,
    assumptions: String,
    transitions: String,
    observations: String,
    request: String,
    #[server(default)] bounds: String,
) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key = present::request_key(&request, &[&law, &assumptions, &bounds, &transitions, &observations])?;
    let form = OracleForm { law, assumptions, bounds, transitions, observations };
    match app().oracle.ask(who.account, None, form.clone().query()?, &key, None).await {
        Ok(answer) => leptos_axum::redirect(&format!("/oracle/{}", answer.id), false),
        Err(error) => present::back_to_form(who.account, "/oracle", &form, &error.into()),
    }
    Ok(())
}

/// The batches' form, with a refused one (`draft`) or an example in it.
#[server(prefix = "/fn", endpoint = "batch")]
pub async fn get_batch(draft: String, example: String) -> Result<BatchView, AppError> {
    let visitor = visitor().await?;
    let recent = app().batches.list(visitor.account(), None, RECENT_SHOWN).await?;
    Ok(present::batch(&visitor, &draft, &example, &recent))
}

#[server(prefix = "/fn", endpoint = "batch_report")]
pub async fn get_batch_report(id: String, shared: String) -> Result<BatchReportView, AppError> {
    let visitor = visitor().await?;
    let id: BatchId = id.parse().map_err(|_| AppError::NotFound)?;
    let verified = app().batches.batch(visitor.account(), id).await?.ok_or(AppError::NotFound)?;
    let share = present::share_view(&visitor, &id.to_string(), &shared).await?;
    Ok(present::batch_report(&visitor, &verified, share))
}

/// Verifies and leads to the stored report. What cannot be read leads back to the form with its text.
#[server(prefix = "/fn", endpoint = "verify_batch")]
pub async fn verify_batch(
    balances: String,
    transactions: String,
    atomic: String,
    request: String,
) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key = present::request_key(&request, &[&balances, &transactions, &atomic])?;
    let form = BatchForm { balances, transactions, atomic };
    match present::verify_batch(who.account, &form, &key).await {
        Ok(id) => leptos_axum::redirect(&format!("/batch/{id}"), false),
        Err(error) => present::back_to_form(who.account, "/batch", &form, &error),
    }
    Ok(())
}
