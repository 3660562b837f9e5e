//! The hours of monitors: held, added, paid for and given back.
//!
//! Each hour has a hold of its own, all placed at once when a monitor starts. So every hour is captured under one
//! idempotency key of its own, whoever's clock does it and however often, and stopping releases the rest hold by hold.

use serde_json::json;

use super::rules::RulesError;
use super::service::{HOUR_SECONDS, HOURS_MAX, Monitor, MonitorState, Sentinel, SentinelError};
use super::store::{self, Hour, Kept};
use crate::billing::store::Statement;
use crate::billing::{KernelError, Order, Together};
use crate::ledger::{AccountId, Command, MonitorId, Operation, Timestamp};

/// An hour's hold outlives the hour by a week, so that a house that was down for days still settles it.
const HOLD_GRACE_SECONDS: i64 = 7 * 86_400;

impl Sentinel {
    /// Holds hours, one hold each, all or none; `along` is written with the first. Says whether an equal request has done
    /// so before.
    pub(super) async fn hold_hours(
        &self,
        kept: &Kept,
        request: &str,
        hours: std::ops::Range<i64>,
        first_at: Timestamp,
        along: Vec<Statement>,
    ) -> Result<bool, SentinelError> {
        let monitor = &kept.monitor;
        let (first, count) = (hours.start, hours.end - hours.start);
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
                metadata: json!({ "monitor": monitor.id, "hour": hour, "hours": count }).to_string(),
            };
            let mut rows = along.take().unwrap_or_default();
            rows.push(store::add_hour(monitor.id, hour, starts_at, hold));
            let name = if hour == first { request.to_owned() } else { format!("{request} hour {hour}") };
            Order::new(monitor.account, name, command).with_key(kept.key).along(rows)
        });
        let outcomes = self.kernel.submit_all(orders.collect(), Together::AllOrNone).await;
        let (mut reasons, mut replayed) = (Vec::new(), false);
        for outcome in outcomes {
            match outcome {
                Ok(receipt) => replayed |= receipt.replayed,
                Err(error) => reasons.push(error),
            }
        }
        // Of all that are undone, the one that was refused says why.
        reasons.sort_by_key(|error| *error == KernelError::Undone);
        reasons.into_iter().next().map_or(Ok(replayed), |error| Err(error.into()))
    }

    /// Adds hours to a monitor, from its last one on; one that was paused or has ended runs again from now. Sent again
    /// under the same idempotency key, the hours are not added again.
    ///
    /// # Errors
    /// When it was stopped, or the till refuses.
    pub async fn extend(
        &self,
        account: AccountId,
        id: MonitorId,
        hours: i64,
        request: &str,
    ) -> Result<(Monitor, bool), SentinelError> {
        if !(1..=HOURS_MAX).contains(&hours) {
            return Err(RulesError::new("hours", format!("hours is a whole number from 1 to {HOURS_MAX}")).into());
        }
        let kept = self.kept(account, id).await?;
        if self.was_extended(account, id, hours, request).await? {
            return Ok((kept.monitor, true));
        }
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
        let change = match runs {
            true => store::set_short(id, false),
            false => store::set_state(id, kept.monitor.state, MonitorState::Running, None),
        };
        let along = vec![change, store::add_extension(account, request, id, hours), store::keep_stopping(id)];
        // The caller's own key stands for the first hour, so that it can pay for nothing else.
        match self.hold_hours(&kept, request, next..next + hours, first_at, along).await {
            Ok(replayed) => Ok((self.monitor(account, id).await?, replayed)),
            // The same request was quicker on another way.
            Err(SentinelError::Kernel(KernelError::IdempotencyConflict))
                if self.was_extended(account, id, hours, request).await? =>
            {
                Ok((self.monitor(account, id).await?, true))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether this request has added its hours already; under its key nothing else can be asked for.
    async fn was_extended(
        &self,
        account: AccountId,
        id: MonitorId,
        hours: i64,
        request: &str,
    ) -> Result<bool, SentinelError> {
        match store::extension(&self.database, account, request).await? {
            None => Ok(false),
            Some(known) if known == (id, hours) => Ok(true),
            Some(_) => Err(KernelError::IdempotencyConflict.into()),
        }
    }

    /// Stops a monitor: the hour that has begun is paid, the rest is released.
    ///
    /// # Errors
    /// When the till is out of reach. What is left then, or when the caller goes away, the clock settles.
    pub async fn stop(&self, account: AccountId, id: MonitorId) -> Result<Monitor, SentinelError> {
        self.kept(account, id).await?;
        self.database.write(vec![store::stop(id, self.clock.now())]).await.map_err(SentinelError::from)?;
        let kept = self.kept(account, id).await?;
        if let (MonitorState::Stopped, Some(ended_at)) = (kept.monitor.state, kept.monitor.ended_at) {
            self.finish_stop(id, ended_at).await?;
        }
        self.monitor(account, id).await
    }

    /// Settles every hour that a stopped monitor still holds, by when it was stopped and not by when this is done.
    pub(super) async fn finish_stop(&self, id: MonitorId, ended_at: Timestamp) -> Result<(), SentinelError> {
        for hour in store::held_hours(&self.database, id).await? {
            self.settle(&hour, hour.starts_at <= ended_at).await?;
        }
        Ok(self.database.write(vec![store::stop_finished(id)]).await.map(drop)?)
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
}
