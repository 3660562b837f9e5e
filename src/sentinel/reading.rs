//! Monitors and what they have seen, for their owner.

use super::report::{Window, WindowReport, report};
use super::service::{Monitor, MonitorAlert, Sentinel, SentinelError};
use super::store::{self, Observation};
use crate::ledger::{AccountId, EventId, MonitorId, Timestamp};

/// Requests that a report reads.
const REPORT_REQUESTS: i64 = 2_000;

impl Sentinel {
    /// One of the account's monitors; another account's looks like none.
    ///
    /// # Errors
    /// When there is none.
    pub async fn monitor(&self, account: AccountId, id: MonitorId) -> Result<Monitor, SentinelError> {
        let kept = self.kept(account, id).await?;
        self.counted(kept.monitor).await
    }

    /// The account's monitors, newest first; those before an id.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn list(
        &self,
        account: AccountId,
        before: Option<MonitorId>,
        limit: i64,
    ) -> Result<Vec<Monitor>, SentinelError> {
        let mut monitors = Vec::new();
        for kept in store::list(&self.database, account, before, limit).await? {
            monitors.push(self.counted(kept.monitor).await?);
        }
        Ok(monitors)
    }

    /// Its alerts, newest first; those before an id.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub async fn alerts(
        &self,
        account: AccountId,
        id: MonitorId,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<MonitorAlert>, SentinelError> {
        self.kept(account, id).await?;
        Ok(store::alerts(&self.database, id, before, limit).await?)
    }

    /// Its observations, newest first; those before a place.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub async fn observations(
        &self,
        account: AccountId,
        id: MonitorId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Observation>, SentinelError> {
        self.kept(account, id).await?;
        Ok(store::observed_before(&self.database, id, before.unwrap_or(i64::MAX), limit).await?)
    }

    /// What it has seen since a moment, window by window, oldest first.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub async fn report(
        &self,
        account: AccountId,
        id: MonitorId,
        since: Timestamp,
        window: Window,
    ) -> Result<Vec<WindowReport>, SentinelError> {
        let kept = self.kept(account, id).await?;
        let observed = store::observed_since(&self.database, id, since, REPORT_REQUESTS).await?;
        let names: Vec<String> = kept.monitor.rules.metrics.into_iter().map(|metric| metric.name).collect();
        Ok(report(&observed, &names, window))
    }
}
