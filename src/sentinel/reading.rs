//! Monitors and what they have seen, for their owner.

use super::report::{Window, WindowReport, report};
use super::service::{Monitor, MonitorAlert, Sentinel, SentinelError};
use super::store::{self, Observation};
use crate::billing::KernelError;
use crate::billing::store::Database;
use crate::ledger::{AccountId, EventId, MonitorId, Timestamp};

/// The most observations that a report tells of.
const REPORT_OBSERVATIONS: i64 = 50_000;

impl Sentinel {
    /// One of the account's monitors; another account's looks like none.
    ///
    /// # Errors
    /// When there is none.
    pub async fn monitor(&self, account: AccountId, id: MonitorId) -> Result<Monitor, SentinelError> {
        Ok(self.kept(account, id).await?.monitor)
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
        let monitors = store::list(&self.database, account, before, limit).await?;
        Ok(monitors.into_iter().map(|kept| kept.monitor).collect())
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
        limit: i64,
    ) -> Result<Vec<Observation>, SentinelError> {
        let end = self.kept(account, id).await?.monitor.observations + 1;
        let end = before.map_or(end, |before| before.clamp(1, end));
        let places = end.saturating_sub(limit)..end;
        let mut observed = store::observed_between(&self.database, id, places, Timestamp::from_millis(0)).await?;
        observed.reverse();
        Ok(observed)
    }

    /// Begins to read all of its observations, oldest first.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub async fn observation_pages(
        &self,
        account: AccountId,
        id: MonitorId,
    ) -> Result<ObservationPages, SentinelError> {
        let last = self.kept(account, id).await?.monitor.observations;
        Ok(ObservationPages { database: self.database.clone(), id, after: 0, last })
    }

    /// What it has seen since a moment, window by window, oldest first; of the last observations, so many as
    /// [`REPORT_OBSERVATIONS`] says, and whether these are all.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub async fn report(
        &self,
        account: AccountId,
        id: MonitorId,
        since: Timestamp,
        window: Window,
    ) -> Result<(Vec<WindowReport>, bool), SentinelError> {
        let kept = self.kept(account, id).await?;
        let (all, end) = (kept.monitor.observations, kept.monitor.observations + 1);
        let observed = store::observed_between(&self.database, id, end - REPORT_OBSERVATIONS..end, since).await?;
        let complete =
            all <= REPORT_OBSERVATIONS || i64::try_from(observed.len()).is_ok_and(|n| n < REPORT_OBSERVATIONS);
        let names: Vec<String> = kept.monitor.rules.metrics.into_iter().map(|metric| metric.name).collect();
        Ok((report(&observed, &names, window), complete))
    }
}

/// The observations of a monitor, page by page.
///
/// Ends with the observation that was the last when the reading began. What is there never changes, so the pages fit
/// together without a transaction that a slow reader would keep open.
pub struct ObservationPages {
    database: Database,
    id: MonitorId,
    after: i64,
    last: i64,
}

impl ObservationPages {
    /// The next page, oldest first; `None` after the last.
    ///
    /// # Errors
    /// When the store is out of reach, or observations are missing: what is cut short must not look whole.
    pub async fn next(&mut self) -> Result<Option<Vec<Observation>>, SentinelError> {
        if self.after >= self.last {
            return Ok(None);
        }
        let page = store::observed_after(&self.database, self.id, self.after, self.last).await?;
        match (page.first(), page.last()) {
            (Some(first), Some(last)) if first.seq == self.after + 1 => self.after = last.seq,
            _ => {
                tracing::error!(monitor = %self.id, after = self.after, "observations are missing");
                return Err(KernelError::Unavailable.into());
            }
        }
        Ok(Some(page))
    }

    /// Reads the same observations again from the first on.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { database: self.database.clone(), id: self.id, after: 0, last: self.last }
    }
}
