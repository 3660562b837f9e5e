//! What the clock does to monitors: hours that have passed are paid for, the next ones held, and those without credits
//! paused.
//!
//! Any number of servers may do it at once. An hour during which no server ran for longer than a quarter of it is
//! released: nobody could have observed anything.

use super::observe::Alarm;
use super::service::{HOUR_SECONDS, MonitorState, Sentinel, SentinelError};
use super::store::{self, Hour, Kept};
use crate::billing::KernelError;
use crate::ledger::{MonitorId, Refusal, Timestamp};

/// Hours and monitors in one go.
const ROUND: i64 = 200;
/// How often it is noted that a clock runs.
const SEEN_SECONDS: i64 = 60;
/// How long no clock may run before it is an outage, and how much outage an hour may have and still be paid for.
const OUTAGE_SECONDS: i64 = 900;
/// Its owner is told that credits run out when so many hours are left.
const NOTICE_HOURS: i64 = 3;

impl Sentinel {
    /// Settles what has passed and holds what comes. Safe to call from every server as often as one likes.
    ///
    /// # Errors
    /// When the store or the till is out of reach; what was not done is done by a later call.
    pub async fn tick(&self) -> Result<(), SentinelError> {
        let now = self.clock.now();
        self.see(now).await?;
        self.finish_stops().await?;
        loop {
            let due = store::due_hours(&self.database, now.plus_seconds(-HOUR_SECONDS), ROUND).await?;
            for hour in &due {
                self.settle(hour, self.was_served(hour).await?).await?;
            }
            if due.len() < usize::try_from(ROUND).unwrap_or(usize::MAX) {
                break;
            }
        }
        let mut after: Option<MonitorId> = None;
        loop {
            let running_out = store::running_out(&self.database, after, ROUND).await?;
            for kept in &running_out {
                self.carry_on(kept, now).await?;
            }
            match running_out.last() {
                Some(last) => after = Some(last.monitor.id),
                None => break,
            }
        }
        self.calm_down(now).await
    }

    /// Settles what was left by stops that broke off, before an hour of theirs can be taken for one that was served.
    async fn finish_stops(&self) -> Result<(), SentinelError> {
        let mut after: Option<MonitorId> = None;
        loop {
            let stopping = store::stopping(&self.database, after, ROUND).await?;
            for (id, ended_at) in &stopping {
                self.finish_stop(*id, *ended_at).await?;
            }
            match stopping.last() {
                Some((id, _)) => after = Some(*id),
                None => return Ok(()),
            }
        }
    }

    /// Ends the crises that no observation ends, because none comes any more.
    async fn calm_down(&self, now: Timestamp) -> Result<(), SentinelError> {
        let mut after: Option<MonitorId> = None;
        loop {
            let unwell = store::unwell(&self.database, after, ROUND).await?;
            for kept in &unwell {
                self.let_pass(kept, now).await?;
            }
            match unwell.last() {
                Some(last) => after = Some(last.monitor.id),
                None => return Ok(()),
            }
        }
    }

    async fn let_pass(&self, kept: &Kept, now: Timestamp) -> Result<(), SentinelError> {
        let (monitor, mut memory) = (&kept.monitor, kept.memory.clone());
        let Some(mode) = memory.pulse.pass(now.millis().div_euclid(1_000)) else { return Ok(()) };
        let mut transaction = self.database.begin().await?;
        // An observation that came meanwhile has said itself how the monitor is doing.
        if !store::remember(&mut transaction, kept, &memory, monitor.observations).await? {
            return Ok(());
        }
        if matches!(monitor.state, MonitorState::Running | MonitorState::Paused) {
            for row in self.raised(monitor, now, Alarm::Mode(mode)) {
                transaction.execute(row).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Notes that a clock runs, and since when none did.
    async fn see(&self, now: Timestamp) -> Result<(), SentinelError> {
        let last = store::last_seen(&self.database).await?;
        if last.is_some_and(|last| now < last.plus_seconds(SEEN_SECONDS)) {
            return Ok(());
        }
        let was_out = last.is_some_and(|last| last.plus_seconds(OUTAGE_SECONDS) < now);
        Ok(store::see(&self.database, last, now, was_out).await?)
    }

    /// Whether the house was there for an hour.
    async fn was_served(&self, hour: &Hour) -> Result<bool, SentinelError> {
        let end = hour.starts_at.plus_seconds(HOUR_SECONDS);
        let outages = store::outages(&self.database, hour.starts_at, end).await?;
        let inside = |(from, to): &(Timestamp, Timestamp)| {
            (to.millis().min(end.millis()) - from.millis().max(hour.starts_at.millis())).max(0)
        };
        let out: i64 = outages.iter().map(inside).sum();
        Ok(out <= OUTAGE_SECONDS * 1_000)
    }

    /// Holds the next hour of a monitor that keeps going, and ends or pauses one whose hours are over.
    async fn carry_on(&self, kept: &Kept, now: Timestamp) -> Result<(), SentinelError> {
        let monitor = &kept.monitor;
        let (next, mut held) = (kept.last_hour + 1, monitor.hours_held);
        if monitor.keep_going && held < monitor.lead_hours {
            let ahead = store::held_hours(&self.database, monitor.id).await?;
            let from = ahead.last().map_or(now, |hour| hour.starts_at.plus_seconds(HOUR_SECONDS).max(now));
            let request = format!("monitor {} hour {next}", monitor.id);
            let along = vec![store::set_short(monitor.id, false), store::keep_stopping(monitor.id)];
            match self.hold_hours(kept, &request, next..next + 1, from, along).await {
                Ok(_) => held += 1,
                // Another server holds it.
                Err(SentinelError::Kernel(KernelError::IdempotencyConflict)) => held += 1,
                Err(SentinelError::Kernel(KernelError::Refused(refusal))) => self.short(kept, held, &refusal).await?,
                Err(error) => return Err(error),
            }
        }
        if held > 0 {
            return Ok(());
        }
        let (state, told) = match monitor.keep_going {
            true => (MonitorState::Paused, Some("the credits have ended; it goes on when you add hours")),
            false => (MonitorState::Ended, None),
        };
        let mut transaction = self.database.begin().await?;
        let ended = (state == MonitorState::Ended).then_some(now);
        let changed = transaction.execute(store::run_out(monitor.id, state, ended)).await?;
        if changed == 1
            && let Some(told) = told
        {
            for row in self.alert(monitor, "paused", told.to_owned(), now) {
                transaction.execute(row).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Tells the owner, once, that the next hours cannot be paid for, while there is time to do something.
    async fn short(&self, kept: &Kept, held: i64, refusal: &Refusal) -> Result<(), SentinelError> {
        if kept.short || held > NOTICE_HOURS.min(kept.monitor.lead_hours - 1) {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        if transaction.execute(store::set_short(kept.monitor.id, true)).await? == 1 {
            let hours = if held == 1 { "1 hour is".to_owned() } else { format!("{held} hours are") };
            let detail = format!("{hours} paid for, and the next cannot be: {refusal}");
            for row in self.alert(&kept.monitor, "credits_low", detail, self.clock.now()) {
                transaction.execute(row).await?;
            }
        }
        Ok(transaction.commit().await?)
    }
}
