//! Monitors: started, observed through, extended and stopped.
//!
//! Each hour has a hold of its own, all placed at once when a monitor starts. So every hour is captured under one
//! idempotency key of its own, whoever's clock does it and however often, and stopping releases the rest hold by hold.

use std::sync::Arc;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::mode::Mode;
use super::rules::{Rules, RulesError};
use super::store::{self, Hour, Kept};
use crate::billing::store::{Database, Statement, StoreError};
use crate::billing::{Kernel, KernelError, Order, Together};
use crate::ledger::{AccountId, Clock, Command, EventId, IdSource, KeyId, MonitorId, Operation, Timestamp};
use crate::mail::Mail;

/// The most hours that may be held at once: a month.
pub const HOURS_MAX: i64 = 744;
pub(super) const HOUR_SECONDS: i64 = 3_600;
/// An hour's hold outlives the hour by a week, so that a house that was down for days still settles it.
const HOLD_GRACE_SECONDS: i64 = 7 * 86_400;
const NAME_CHARACTERS_MAX: usize = 100;

/// Where a monitor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorState {
    Running,
    /// Its credits ended; it goes on when hours are added.
    Paused,
    /// Its hours have passed.
    Ended,
    /// Its owner stopped it.
    Stopped,
}

impl MonitorState {
    const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Ended, Self::Stopped];

    /// As the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Ended => "ended",
            Self::Stopped => "stopped",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A monitor to start.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NewMonitor {
    pub name: String,
    pub rules: Rules,
    /// Hours that are held at once.
    pub hours: i64,
    /// Whether each hour that passes is followed by another as long as the credits last.
    pub keep_going: bool,
}

impl NewMonitor {
    /// What keeps it from being started, as a sentence.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        check(self).err().map(|error| SentinelError::from(error).to_string())
    }
}

/// A monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    pub id: MonitorId,
    pub account: AccountId,
    pub name: String,
    pub rules: Rules,
    pub state: MonitorState,
    pub mode: Mode,
    /// How many observations it has had.
    pub observations: i64,
    pub lead_hours: i64,
    pub keep_going: bool,
    pub hours_captured: i64,
    /// Hours that are paid for and not over.
    pub hours_held: i64,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// Something a monitor told its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorAlert {
    pub id: EventId,
    /// `violation`, `anomaly`, `crisis`, `recovery`, `normal`, `credits_low` or `paused`.
    pub kind: String,
    pub detail: String,
    pub at: Timestamp,
}

/// Why something cannot be done. Nothing was charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SentinelError {
    #[error("{}: {}", .0.place, .0.message)]
    Invalid(RulesError),
    #[error("there is no such monitor")]
    NotFound,
    #[error("the monitor is {0}: it takes observations while it runs")]
    NotRunning(&'static str),
    #[error(transparent)]
    Kernel(#[from] KernelError),
}

impl From<RulesError> for SentinelError {
    fn from(error: RulesError) -> Self {
        Self::Invalid(error)
    }
}

impl From<StoreError> for SentinelError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = ?error, "the store of monitors did not answer");
        Self::Kernel(KernelError::Unavailable)
    }
}

/// Monitors, behind the till. Cheap to clone.
#[derive(Clone)]
pub struct Sentinel {
    pub(super) database: Database,
    pub(super) kernel: Kernel,
    pub(super) mail: Mail,
    pub(super) public_url: Arc<str>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

impl Sentinel {
    #[must_use]
    pub fn new(
        database: Database,
        kernel: Kernel,
        mail: Mail,
        public_url: &str,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { database, kernel, mail, public_url: public_url.into(), clock, ids }
    }

    /// Starts a monitor and holds the price of its hours, all of them or none.
    ///
    /// # Errors
    /// When the rules cannot be read or the till refuses. Nothing was held.
    pub async fn start(
        &self,
        account: AccountId,
        key: Option<KeyId>,
        new: NewMonitor,
        request: &str,
    ) -> Result<(Monitor, bool), SentinelError> {
        check(&new)?;
        let hash = hashed(&new);
        if let Some(known) = store::by_request(&self.database, account, request).await? {
            return match known.request_hash == hash {
                true => Ok((known.monitor, true)),
                false => Err(KernelError::IdempotencyConflict.into()),
            };
        }
        let now = self.clock.now();
        let monitor = Monitor {
            id: MonitorId::from_ulid(self.ids.next(now)),
            account,
            name: new.name.trim().to_owned(),
            rules: new.rules,
            state: MonitorState::Running,
            mode: Mode::Normal,
            observations: 0,
            lead_hours: new.hours,
            keep_going: new.keep_going,
            hours_captured: 0,
            hours_held: 0,
            started_at: now,
            ended_at: None,
        };
        let (memory, last_hour) = (Default::default(), -1);
        let kept = Kept { monitor, memory, request_hash: hash, version: 0, key, last_hour, short: false };
        let row = store::insert(&kept, request)?;
        // The caller's own key stands for the first hour, so that it can pay for nothing else.
        let held = self.hold_hours(&kept, request, 0..new.hours, now, vec![row]).await;
        let started = store::by_request(&self.database, account, request).await?;
        match (held, started) {
            (Ok(()), Some(started)) => Ok((started.monitor, false)),
            // The same request was quicker on another way.
            (Err(SentinelError::Kernel(KernelError::IdempotencyConflict)), Some(started))
                if started.request_hash == kept.request_hash =>
            {
                Ok((started.monitor, true))
            }
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(SentinelError::NotFound),
        }
    }

    /// Holds hours, one hold each, all or none; `along` is written with the first.
    pub(super) async fn hold_hours(
        &self,
        kept: &Kept,
        request: &str,
        hours: std::ops::Range<i64>,
        first_at: Timestamp,
        along: Vec<Statement>,
    ) -> Result<(), SentinelError> {
        let monitor = &kept.monitor;
        let first = hours.start;
        let mut along = Some(along);
        let orders = hours.map(|hour| {
            let starts_at = first_at.plus_seconds((hour - first) * HOUR_SECONDS);
            let hold = self.kernel.next_hold();
            let command = Command::Hold {
                hold,
                operation: Operation::SentinelMonitoring,
                quantity: 1,
                at_most: None,
                expires_at: starts_at.plus_seconds(HOUR_SECONDS + HOLD_GRACE_SECONDS),
                metadata: json!({ "monitor": monitor.id, "hour": hour }).to_string(),
            };
            let mut rows = along.take().unwrap_or_default();
            rows.push(store::add_hour(monitor.id, hour, starts_at, hold));
            let name = if hour == first { request.to_owned() } else { format!("{request} hour {hour}") };
            Order::new(monitor.account, name, command).with_key(kept.key).along(rows)
        });
        let outcomes = self.kernel.submit_all(orders.collect(), Together::AllOrNone).await;
        let refused = outcomes.into_iter().filter_map(Result::err);
        // Of all that are undone, the one that was refused says why.
        let mut reasons: Vec<KernelError> = refused.collect();
        reasons.sort_by_key(|error| *error == KernelError::Undone);
        reasons.into_iter().next().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Adds hours to a monitor, from its last one on; one that was paused or has ended runs again from now.
    ///
    /// # Errors
    /// When it was stopped, or the till refuses.
    pub async fn extend(
        &self,
        account: AccountId,
        id: MonitorId,
        hours: i64,
        request: &str,
    ) -> Result<Monitor, SentinelError> {
        if !(1..=HOURS_MAX).contains(&hours) {
            return Err(RulesError::new("hours", format!("hours is a whole number from 1 to {HOURS_MAX}")).into());
        }
        let kept = self.kept(account, id).await?;
        let now = self.clock.now();
        if kept.monitor.state == MonitorState::Stopped {
            return Err(SentinelError::NotRunning(MonitorState::Stopped.name()));
        }
        if kept.monitor.hours_held + hours > HOURS_MAX {
            return Err(RulesError::new("hours", format!("at most {HOURS_MAX} hours are held at once")).into());
        }
        let (runs, next) = (kept.monitor.state == MonitorState::Running, kept.last_hour + 1);
        let first_at = match store::held_hours(&self.database, id).await?.last() {
            Some(hour) if runs => hour.starts_at.plus_seconds(HOUR_SECONDS).max(now),
            _ => now,
        };
        let along = match runs {
            true => vec![store::set_short(id, false)],
            false => vec![store::set_state(id, kept.monitor.state, MonitorState::Running, None)],
        };
        let request = format!("{request} monitor {id} extend {hours}");
        match self.hold_hours(&kept, &request, next..next + hours, first_at, along).await {
            // The same request again: its hours are there.
            Err(SentinelError::Kernel(KernelError::IdempotencyConflict)) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        self.monitor(account, id).await
    }

    /// Stops a monitor: the hour that has begun is paid, the rest is released.
    ///
    /// # Errors
    /// When the till is out of reach; sent again it goes on where it was.
    pub async fn stop(&self, account: AccountId, id: MonitorId) -> Result<Monitor, SentinelError> {
        let kept = self.kept(account, id).await?;
        let now = self.clock.now();
        if matches!(kept.monitor.state, MonitorState::Running | MonitorState::Paused) {
            let stop = store::set_state(id, kept.monitor.state, MonitorState::Stopped, Some(now));
            self.database.write(vec![stop]).await.map_err(SentinelError::from)?;
        }
        for hour in store::held_hours(&self.database, id).await? {
            let begun = hour.starts_at <= now;
            self.settle(&hour, begun).await?;
        }
        self.monitor(account, id).await
    }

    /// Takes payment for an hour, or gives its credits back. Once, whoever does it.
    pub(super) async fn settle(&self, hour: &Hour, paid: bool) -> Result<(), SentinelError> {
        let metadata = json!({ "monitor": hour.monitor, "hour": hour.hour }).to_string();
        let (command, state) = match paid {
            true => (Command::Capture { hold: hour.hold, amount: None, metadata }, "captured"),
            false => (Command::Release { hold: hour.hold, reason: metadata }, "released"),
        };
        let request = format!("monitor {} hour {} settle", hour.monitor, hour.hour);
        let order = Order::new(hour.account, request, command).along(vec![store::settle_hour(hour, state)]);
        match self.kernel.submit(order).await {
            Ok(_) => Ok(()),
            // Settled the other way by another server, at the edge of the hour.
            Err(KernelError::IdempotencyConflict) => Ok(()),
            // Its time was over long ago: the ledger has given it back already.
            Err(KernelError::Refused(refusal)) if refusal.code() == "hold_settled" => {
                Ok(self.database.write(vec![store::settle_hour(hour, "released")]).await.map(drop)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn kept(&self, account: AccountId, id: MonitorId) -> Result<Kept, SentinelError> {
        store::by_id(&self.database, account, id).await?.ok_or(SentinelError::NotFound)
    }
}

fn check(new: &NewMonitor) -> Result<(), RulesError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
        return Err(RulesError::new("name", "a monitor has a name of 1 to 100 characters"));
    }
    if !(1..=HOURS_MAX).contains(&new.hours) {
        return Err(RulesError::new("hours", format!("hours is a whole number from 1 to {HOURS_MAX}")));
    }
    new.rules.read().map(drop)
}

pub(super) fn hashed(sent: &impl serde::Serialize) -> String {
    hex::encode(Sha256::digest(serde_json::to_string(sent).unwrap_or_default().as_bytes()))
}
