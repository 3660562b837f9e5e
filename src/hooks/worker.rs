//! Carries events off: a delivery is claimed for a while before it is made, so that any number of servers may.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;

use super::carrier::{Letter, carry};
use super::delivery::{Attempt, Due, next_try};
use super::{HookError, Hooks, store};
use crate::billing::store::StoreError;
use crate::ledger::{EndpointId, Timestamp};

/// How soon a new event is noticed.
const POLL: Duration = Duration::from_secs(1);
/// Deliveries under way at once on this server.
const TOGETHER_MAX: usize = 64;
/// And to one endpoint: a slow one waits for itself.
const EACH_MAX: usize = 4;
/// How long a claim holds: longer than an attempt may take. What a server that died had claimed is tried by the next.
const CLAIM_SECONDS: i64 = 60;
/// How long events are kept, to be looked at and replayed.
const KEPT_DAYS: i64 = 30;
/// Old events are looked for so often.
const SWEEP_SECONDS: i64 = 3_600;
/// An endpoint that nothing has reached for so long is stopped when a delivery is given up: that was tried for longer.
const STOP_DAYS: i64 = 2;
/// The receiver says that it will never want anything again.
const GONE: u16 = 410;

impl Hooks {
    /// Sends what waits, until the given moment comes; what is under way then is finished.
    pub async fn work(&self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let mut under_way: JoinSet<EndpointId> = JoinSet::new();
        let mut busy: HashMap<EndpointId, usize> = HashMap::new();
        let mut swept = Timestamp::from_millis(0);
        loop {
            if let Err(error) = self.begin_due(&mut under_way, &mut busy).await {
                tracing::error!(?error, "waiting webhooks could not be read or claimed");
            }
            if self.clock.now() >= swept.plus_seconds(SWEEP_SECONDS) {
                swept = self.clock.now();
                if let Err(error) = self.database.write(store::sweep(swept.plus_days(-KEPT_DAYS))).await {
                    tracing::error!(?error, "old webhook events could not be forgotten");
                }
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(Ok(endpoint)) = under_way.join_next(), if !under_way.is_empty() => one_less(&mut busy, endpoint),
                () = tokio::time::sleep(POLL) => {}
            }
            while let Some(Ok(endpoint)) = under_way.try_join_next() {
                one_less(&mut busy, endpoint);
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    async fn begin_due(
        &self,
        under_way: &mut JoinSet<EndpointId>,
        busy: &mut HashMap<EndpointId, usize>,
    ) -> Result<(), StoreError> {
        let room = TOGETHER_MAX.saturating_sub(under_way.len());
        for due in self.claim_due(room, busy).await? {
            *busy.entry(due.endpoint).or_default() += 1;
            let hooks = self.clone();
            under_way.spawn(async move {
                if let Err(error) = hooks.attempt(&due).await {
                    tracing::error!(?error, event = %due.event, "an attempt to deliver a webhook was not recorded");
                }
                due.endpoint
            });
        }
        Ok(())
    }

    async fn claim_due(&self, room: usize, busy: &HashMap<EndpointId, usize>) -> Result<Vec<Due>, StoreError> {
        if room == 0 {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let (each, limit) = (bounded(EACH_MAX), bounded(TOGETHER_MAX * EACH_MAX));
        let mut taken = busy.clone();
        let mut due = store::due(&self.database, now, each, limit).await?;
        due.retain(|due| {
            let taken = taken.entry(due.endpoint).or_default();
            *taken += 1;
            *taken <= EACH_MAX
        });
        due.truncate(room);
        let claimed = store::claim(&self.database, &due, now.plus_seconds(CLAIM_SECONDS)).await?;
        Ok(due.into_iter().zip(claimed).filter_map(|(due, is_ours)| is_ours.then_some(due)).collect())
    }

    /// One round: makes every delivery that is due, and says how many arrived.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn deliver_due(&self) -> Result<usize, HookError> {
        let due = self.claim_due(TOGETHER_MAX, &HashMap::new()).await?;
        let attempts = futures::future::join_all(due.iter().map(|due| self.attempt(due))).await;
        let arrived = attempts.into_iter().collect::<Result<Vec<bool>, StoreError>>()?;
        Ok(arrived.into_iter().filter(|arrived| *arrived).count())
    }

    /// Makes one delivery, records it and what follows from it; whether the event arrived.
    async fn attempt(&self, due: &Due) -> Result<bool, StoreError> {
        let began = self.clock.now();
        let id = due.event.to_string();
        let seconds = began.millis().div_euclid(1_000);
        let outcome = match self.opened(due) {
            Ok(secrets) => {
                let letter = Letter { id: &id, payload: &due.payload, secrets: &secrets, seconds };
                carry(&due.url, &letter, self.reach).await
            }
            Err(sentence) => Err(sentence),
        };
        let now = self.clock.now();
        let (status, answer, failure) = match outcome {
            Ok(reply) => (Some(reply.status), reply.answer, refusal(reply.status)),
            Err(failure) => (None, String::new(), failure),
        };
        let took_millis = now.millis().saturating_sub(began.millis()).max(0);
        let attempt = Attempt { number: due.attempts + 1, at: began, took_millis, status, answer, failure };
        let mut rows = vec![store::add_attempt(due, &attempt)];
        if attempt.arrived() {
            rows.extend([store::settle(due, "delivered", now), store::succeeded(due.endpoint)]);
        } else {
            rows.push(store::failed(due.endpoint, now));
            match next_try(due.event, due.endpoint, due.tried + 1, due.since, now) {
                Some(next) if attempt.status != Some(GONE) => rows.push(store::settle(due, "waiting", next)),
                _ => {
                    let days = if attempt.status == Some(GONE) { 0 } else { STOP_DAYS };
                    let stop = store::stop(due.endpoint, now, now.plus_days(-days));
                    rows.extend([store::settle(due, "failed", now), stop]);
                }
            }
        }
        self.database.write(rows).await?;
        Ok(attempt.arrived())
    }
}

/// What an answer's status says of the delivery.
fn refusal(status: u16) -> String {
    match status {
        200..300 => String::new(),
        300..400 => format!("answered {status}; redirects are not followed"),
        GONE => "answered 410: it will never want anything again".to_owned(),
        _ => format!("answered {status}"),
    }
}

fn one_less(busy: &mut HashMap<EndpointId, usize>, endpoint: EndpointId) {
    if let Some(count) = busy.get_mut(&endpoint) {
        *count -= 1;
        if *count == 0 {
            busy.remove(&endpoint);
        }
    }
}

fn bounded(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
