//! Who did what: on the account, and for operators on every account.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::AuditView;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, office_frame, visitor},
    server::context::operator,
};

/// One page of the account's log, newest first; `before` is the line it ends before, empty for the newest.
#[server(prefix = "/fn", endpoint = "audit")]
pub async fn get_audit(before: String) -> Result<AuditView, AppError> {
    present::audit_of_account(&visitor().await?, &before).await
}

/// The same of every account.
#[server(prefix = "/fn", endpoint = "office_audit")]
pub async fn get_office_audit(before: String) -> Result<AuditView, AppError> {
    present::audit_of_everything(office_frame(&operator().await?), &before).await
}
