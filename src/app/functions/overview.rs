//! The overview and the usage page.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{OverviewView, UsageView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    billing::UsageQuery,
    server::context::{app, signed_in},
};

/// How many days of usage the overview shows.
#[cfg(feature = "ssr")]
const DAYS_SHOWN: i64 = 30;
/// How many entries the overview shows.
#[cfg(feature = "ssr")]
const ENTRIES_SHOWN: i64 = 6;

#[server(prefix = "/fn", endpoint = "overview")]
pub async fn get_overview() -> Result<OverviewView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let query = UsageQuery { zone: present::visitor_zone(), ..UsageQuery::last(DAYS_SHOWN) };
    let month = app.kernel.usage_report(who.account, &query).await?.ok_or(AppError::NotFound)?;
    let forecast = app.kernel.forecast(who.account).await?.ok_or(AppError::NotFound)?;
    let entries = app.kernel.entries(who.account, None, ENTRIES_SHOWN).await?;
    // The balance is read last: an entry that is shown is counted in it.
    Ok(present::overview(&visitor().await?, (&month, &query.zone), &forecast, &entries))
}

/// Usage by the days of a zone; an empty zone is the one this browser keeps, an empty operation or key is all of them.
#[server(prefix = "/fn", endpoint = "usage")]
pub async fn get_usage(
    days: i64,
    #[server(default)] zone: String,
    #[server(default)] operation: String,
    #[server(default)] key: String,
) -> Result<UsageView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let query = present::usage_query(days, &zone, &operation, &key, present::visitor_zone())?;
    let report = app.kernel.usage_report(who.account, &query).await?.ok_or(AppError::NotFound)?;
    let keys = app.identity.keys(who.account).await?;
    Ok(present::usage(&visitor().await?, &query, &report, &keys))
}
