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

#[server(prefix = "/fn", endpoint = "overview")]
pub async fn get_overview() -> Result<OverviewView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let month = app.kernel.usage(who.account, 30).await?.ok_or(AppError::NotFound)?;
    let forecast = app.kernel.forecast(who.account).await?.ok_or(AppError::NotFound)?;
    let entries = app.kernel.entries(who.account, None, ENTRIES_SHOWN).await?;
    // The balance is read last: an entry that is shown is counted in it.
    Ok(present::overview(&visitor().await?, &month, &forecast, &entries))
}

/// Usage by the days of a zone; an empty zone is UTC, an empty operation or key is all of them.
#[server(prefix = "/fn", endpoint = "usage")]
pub async fn get_usage(
    days: i64,
    #[server(default)] zone: String,
    #[server(default)] operation: String,
    #[server(default)] key: String,
) -> Result<UsageView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let query = present::usage_query(days, &zone, &operation, &key)?;
    let report = app.kernel.usage_report(who.account, &query).await?.ok_or(AppError::NotFound)?;
    let keys = app.identity.keys(who.account).await?;
    Ok(present::usage(&visitor().await?, &query, &report, &keys))
}
