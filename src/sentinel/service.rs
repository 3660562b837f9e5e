//! Monitors, and how one is started. `hours` has what becomes of the hours that it is paid for.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::mode::Mode;
use super::rules::{Rules, RulesError};
use super::store::{self, Kept};
use crate::billing::store::{Database, StoreError};
use crate::billing::{Kernel, KernelError};
use crate::ledger::{AccountId, Clock, EventId, IdSource, KeyId, MonitorId, Timestamp};
use crate::mail::Mail;

/// The most hours that may be held at once: a month.
pub const HOURS_MAX: i64 = 744;
pub(super) const HOUR_SECONDS: i64 = 3_600;
/// One that keeps going holds at least the hour after the one that runs: how else could its owner be told in time that
/// the credits end?
const LEAD_LEAST: i64 = 2;
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
            lead_hours: if new.keep_going { new.hours.max(LEAD_LEAST) } else { new.hours },
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
            (Ok(_), Some(started)) => Ok((started.monitor, false)),
            // The same request was quicker on another way.
            (Err(SentinelError::Kernel(KernelError::IdempotencyConflict)), Some(started))
                if started.request_hash == kept.request_hash =>
            {
                Ok((started.monitor, true))
            }
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(SentinelError::NotFound),
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
