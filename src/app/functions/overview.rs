//! The overview and the usage page.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{OverviewView, UsageView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::{app, signed_in},
};

/// How many entries the overview shows.
#[cfg(feature = "ssr")]
const ENTRIES_SHOWN: i64 = 6;
/// The periods the usage page offers.
#[cfg(feature = "ssr")]
const PERIODS: [i64; 3] = [7, 30, 90];

#[server(prefix = "/fn", endpoint = "overview")]
pub async fn get_overview() -> Result<OverviewView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let month = app.kernel.usage(who.account, 30).await?.ok_or(AppError::NotFound)?;
    let entries = app.kernel.entries(who.account, None, ENTRIES_SHOWN).await?;
    // The balance is read last: an entry that is shown is counted in it.
    let visitor = visitor().await?;
    Ok(present::overview(&visitor, &month, &entries, app.clock.now()))
}

#[server(prefix = "/fn", endpoint = "usage")]
pub async fn get_usage(days: i64) -> Result<UsageView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let days = if PERIODS.contains(&days) { days } else { 30 };
    let report = app.kernel.usage(who.account, days).await?.ok_or(AppError::NotFound)?;
    Ok(present::usage(&visitor().await?, days, &report))
}
