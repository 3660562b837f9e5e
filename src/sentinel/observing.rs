//! Observations taken: judged on what is remembered, kept with their alerts in one commit, each request once.

use serde_json::json;

use super::mode::Mode;
use super::observe::{Alarm, observe};
use super::rules::{NewObservation, OBSERVATIONS_MAX, RulesError};
use super::service::{Monitor, MonitorAlert, MonitorState, Sentinel, SentinelError, hashed};
use super::store::{self, Kept, Observation};
use crate::billing::KernelError;
use crate::billing::store::Statement;
use crate::hooks::{self, EventKind, News};
use crate::language::{Budget, Fault};
use crate::ledger::{AccountId, EventId, MonitorId, Timestamp};
use crate::mail::templates;

/// Alerts that one request can raise; what begins beyond is counted in the observations all the same.
const ALERTS_MAX: usize = 100;
/// How often an observation is tried again when another request was quicker.
const TRIES: u32 = 30;
/// A clock that is ahead of ours by more than this is wrong.
const AHEAD_SECONDS: i64 = 60;

const TOO_MUCH: &str =
    "to judge them takes too many steps: send fewer in a request, or watch with shorter laws and windows";

impl Sentinel {
    /// Judges observations and remembers them. Sent again under the same idempotency key, they get the first verdicts
    /// again.
    ///
    /// # Errors
    /// When the monitor does not run or an observation cannot be taken; then none was.
    pub async fn observe(
        &self,
        account: AccountId,
        id: MonitorId,
        new: Vec<NewObservation>,
        request: &str,
    ) -> Result<(Vec<Observation>, bool), SentinelError> {
        let now = self.clock.now();
        if new.is_empty() || new.len() > OBSERVATIONS_MAX {
            return Err(RulesError::new("observations", "send 1 to 10,000 observations").into());
        }
        for (index, one) in new.iter().enumerate() {
            one.check(&format!("observations[{index}]"))?;
            if one.at.is_some_and(|at| at > now.plus_seconds(AHEAD_SECONDS)) {
                return Err(RulesError::new(format!("observations[{index}].at"), "it lies in the future").into());
            }
        }
        let hash = hashed(&new);
        for _ in 0..TRIES {
            let kept = self.kept(account, id).await?;
            if let Some((known, observed)) = store::observed_by_request(&self.database, id, request).await? {
                return match known == hash {
                    true => Ok((observed, true)),
                    false => Err(KernelError::IdempotencyConflict.into()),
                };
            }
            if kept.monitor.state != MonitorState::Running {
                return Err(SentinelError::NotRunning(kept.monitor.state.name()));
            }
            if let Some(observed) = self.observe_once(kept, &new, request, &hash, now).await? {
                return Ok((observed, false));
            }
        }
        Err(KernelError::Busy.into())
    }

    /// `None` when another request was quicker.
    async fn observe_once(
        &self,
        kept: Kept,
        new: &[NewObservation],
        request: &str,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<Observation>>, SentinelError> {
        let laws = kept.monitor.rules.read()?;
        let (metrics, new) = (kept.monitor.rules.metrics.clone(), new.to_vec());
        let (mut memory, mut seq) = (kept.memory.clone(), kept.monitor.observations);
        // Ten thousand medians are work: they get a thread.
        let judged = tokio::task::spawn_blocking(move || {
            let budget = Budget::default();
            let (mut observed, mut alarms) = (Vec::with_capacity(new.len()), Vec::new());
            for one in new {
                let at = one.at.unwrap_or(now);
                let (judged, raised) = observe(&laws, &metrics, &mut memory, at, &one.values, &budget)?;
                seq += 1;
                alarms.extend(raised.into_iter().map(|alarm| (at, alarm)));
                observed.push(Observation { seq, at, values: one.values, judged });
            }
            Ok((observed, alarms, memory, seq))
        });
        let judged: Result<_, Fault> = judged.await.map_err(|error| {
            tracing::error!(%error, "observations were not judged");
            KernelError::Unavailable
        })?;
        let (observed, alarms, memory, seq) = judged.map_err(|_| RulesError::new("observations", TOO_MUCH))?;
        let mut transaction = self.database.begin().await?;
        if !store::remember(&mut transaction, &kept, &memory, seq).await? {
            return Ok(None);
        }
        transaction.execute(store::add_observed(kept.monitor.id, request, hash, now, &observed)?).await?;
        for (at, alarm) in alarms.into_iter().take(ALERTS_MAX) {
            for row in self.raised(&kept.monitor, at, alarm) {
                transaction.execute(row).await?;
            }
        }
        transaction.commit().await?;
        Ok(Some(observed))
    }

    pub(super) fn raised(&self, monitor: &Monitor, at: Timestamp, alarm: Alarm) -> Vec<Statement> {
        let (kind, detail) = match alarm {
            Alarm::Broken { law } => ("violation", format!("{law} does not hold")),
            Alarm::Strange { metric, value } => ("anomaly", format!("{metric} is {value}, far from what is usual")),
            Alarm::Mode(mode) => (
                mode.name(),
                match mode {
                    Mode::Crisis => "over 10 % of the last minute's observations are anomalous",
                    Mode::Recovery => "the crisis is over",
                    Mode::Normal => "all has been well for a minute",
                }
                .to_owned(),
            ),
        };
        self.alert(monitor, kind, detail, at)
    }

    /// The rows of an alert: on the monitor's page, to the customer's servers, and, where it matters, by mail.
    pub(super) fn alert(&self, monitor: &Monitor, kind: &str, detail: String, at: Timestamp) -> Vec<Statement> {
        let now = self.clock.now();
        let id = EventId::from_ulid(self.ids.next(now));
        let data = json!({ "monitor_id": monitor.id, "monitor": monitor.name, "alert": kind, "detail": detail });
        let mut rows = hooks::announce(monitor.account, &News::new(EventKind::MonitorAlert, data), id, now);
        if !matches!(kind, "recovery" | "normal") {
            let letter = templates::monitor_alert(&self.public_url, &monitor.name, &monitor.id.to_string(), &detail);
            rows.push(self.mail.compose_to_members(monitor.account, letter));
        }
        rows.push(store::add_alert(monitor.id, &MonitorAlert { id, kind: kind.to_owned(), detail, at }));
        rows
    }
}
