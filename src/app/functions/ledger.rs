//! The ledger, page by page.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::LedgerView;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::{app, signed_in},
};

/// Entries on one page.
#[cfg(feature = "ssr")]
const PAGE: i64 = 50;

/// One page of entries, newest first; `before` is the sequence number it ends before, 0 for the newest. `at` is a moment
/// whose balance is asked for; empty when none is.
#[server(prefix = "/fn", endpoint = "ledger")]
pub async fn get_ledger(before: i64, #[server(default)] at: String) -> Result<LedgerView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let before = (before > 0).then_some(before);
    // One more than shown tells whether there is a next page.
    let entries = app.kernel.entries(who.account, before, PAGE + 1).await?;
    let grants = app.kernel.grants_to_spend(who.account).await?;
    let balance_at = present::balance_at(who.account, &at).await?;
    // The balance is read last: an entry that is shown is counted in it.
    Ok(LedgerView { balance_at, ..present::ledger(&visitor().await?, entries, &grants, before, PAGE) })
}
