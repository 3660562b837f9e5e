//! Statements, the status, and what the browser needs to check a ledger by itself.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{StatementView, StatementsView, StatusView};
use crate::ledger::{Account, Entry};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::app,
};

#[server(prefix = "/fn", endpoint = "statements")]
pub async fn get_statements() -> Result<StatementsView, AppError> {
    present::statements(&visitor().await?).await
}

#[server(prefix = "/fn", endpoint = "statement")]
pub async fn get_statement(month: String) -> Result<StatementView, AppError> {
    present::statement(&visitor().await?, &month).await
}

#[server(prefix = "/fn", endpoint = "status")]
pub async fn get_status() -> Result<StatusView, AppError> {
    Ok(present::status().await)
}

/// The account's row with its open grants and holds, as one moment saw them: what the entries are compared with.
#[server(prefix = "/fn", endpoint = "check_account")]
pub async fn get_check_account() -> Result<Account, AppError> {
    let visitor = visitor().await?;
    app().kernel.whole_account(visitor.account()).await?.ok_or(AppError::NotFound)
}

/// The next entries above a seq, oldest first, whole as they were sealed.
#[server(prefix = "/fn", endpoint = "check_entries")]
pub async fn get_check_entries(after: i64) -> Result<Vec<Entry>, AppError> {
    let visitor = visitor().await?;
    Ok(app().kernel.entries_after(visitor.account(), after).await?)
}
