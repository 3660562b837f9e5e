//! Reconciliation: the runs, one of them, a new one, and a difference repaired.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{ReconciliationView, ReconciliationsView};

#[cfg(feature = "ssr")]
use crate::{app::present, server::context::operator};

/// A page of runs; `before` is the run it ends before, empty for the newest.
#[server(prefix = "/fn", endpoint = "office_reconciliations")]
pub async fn get_reconciliations(#[server(default)] before: String) -> Result<ReconciliationsView, AppError> {
    present::reconciliations(&operator().await?, &before).await
}

/// One run; `after` is the number of the difference that the page begins behind, empty for the first page.
#[server(prefix = "/fn", endpoint = "office_reconciliation")]
pub async fn get_reconciliation(id: String, #[server(default)] after: String) -> Result<ReconciliationView, AppError> {
    present::reconciliation(&operator().await?, &id, &after).await
}

/// Compares now and leads to the run.
#[server(prefix = "/fn", endpoint = "office_reconcile")]
pub async fn office_reconcile(request: String) -> Result<(), AppError> {
    let outcome = present::reconcile(&operator().await?, &request).await;
    present::to_reconciliation(outcome)
}

/// Has a difference repaired and leads back to its run.
#[server(prefix = "/fn", endpoint = "office_repair")]
pub async fn office_repair(run: String, number: String) -> Result<(), AppError> {
    let outcome = present::repair(&operator().await?, &run, &number).await;
    present::back_to_reconciliation(&run, outcome)
}
