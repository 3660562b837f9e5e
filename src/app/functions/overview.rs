//! The overview and the usage page.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{OverviewView, UsageView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::app,
};

/// How many entries the overview shows.
#[cfg(feature = "ssr")]
const ENTRIES_SHOWN: i64 = 6;

#[server(prefix = "/fn", endpoint = "overview")]
pub async fn get_overview() -> Result<OverviewView, AppError> {
    let (app, visitor) = (app(), visitor().await?);
    let month = app.kernel.usage(visitor.account(), 30).await?.ok_or(AppError::NotFound)?;
    let forecast = app.kernel.forecast(visitor.account()).await?.ok_or(AppError::NotFound)?;
    let entries = app.kernel.entries(visitor.account(), None, ENTRIES_SHOWN).await?;
    Ok(present::overview(&visitor, &month, &forecast, &entries))
}

/// Usage by the days of a zone; an empty zone is UTC, an empty operation or key is all of them.
#[server(prefix = "/fn", endpoint = "usage")]
pub async fn get_usage(
    days: i64,
    #[server(default)] zone: String,
    #[server(default)] operation: String,
    #[server(default)] key: String,
) -> Result<UsageView, AppError> {
    let (app, visitor) = (app(), visitor().await?);
    let query = present::usage_query(days, &zone, &operation, &key)?;
    let report = app.kernel.usage_report(visitor.account(), &query).await?.ok_or(AppError::NotFound)?;
    let keys = app.identity.keys(visitor.account()).await?;
    Ok(present::usage(&visitor, &query, &report, &keys))
}
