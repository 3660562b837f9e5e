//! A run: begun once, read, compared, written.

use std::collections::BTreeSet;
use std::time::Duration;

use super::books::{Booked, StripeBooks};
use super::compare::{Comparison, compare};
use super::subscriptions::unheard;
use super::{FINDINGS_KEPT_MAX, Reconciliation, WINDOW_DAYS, store};
use crate::billing::store::Statement;
use crate::ledger::{PurchaseId, ReconciliationId, Timestamp};
use crate::payments::stripe::CallError;
use crate::payments::{PaymentError, Payments};

/// Thirty days of a busy shop are some hundred pages of Stripe's, a second each.
const RUN_SECONDS: u64 = 20 * 60;
/// After so long without an end a run was cut off with its server: longer than the longest run.
const LEASE_SECONDS: i64 = 30 * 60;
/// Whatever was on its way while the lists were read has come by then: a difference that is gone again was none.
const CONFIRM_AFTER: Duration = Duration::from_secs(2);
/// Payments that are asked for one by one, as they began before the lists do.
const ASKED_SINGLY_MAX: usize = 500;
/// Purchases of ours compared in one run.
const PURCHASES_MAX: usize = 200_000;
/// How long an operator's request waits for the result before it answers that the run is under way.
const WAIT_FOR_RESULT: Duration = Duration::from_secs(8);

const DAY_MILLIS: i64 = 86_400_000;
const HOUR_MILLIS: i64 = 3_600_000;
/// The hours of the night, UTC, in which a run begins by itself.
const NIGHT_FROM_HOUR: i64 = 2;
const NIGHT_UNTIL_HOUR: i64 = 6;
/// A night's run that failed is tried again so often,
const NIGHT_ATTEMPTS_MAX: i64 = 3;
/// and not sooner than so long after it ended.
const NIGHT_PAUSE_SECONDS: i64 = 15 * 60;

/// What is known of a night's runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Night {
    /// How many there were.
    pub attempts: i64,
    /// Whether one is done.
    pub done: bool,
    /// When the last one ended, or when it counts as cut off.
    pub last_end: Option<Timestamp>,
}

/// The number of the attempt that is due now; none when none is.
pub fn due(now: Timestamp, night: Night) -> Option<i64> {
    let hour = now.millis().rem_euclid(DAY_MILLIS) / HOUR_MILLIS;
    let rested = night.last_end.is_none_or(|end| now >= end.plus_seconds(NIGHT_PAUSE_SECONDS));
    let is_due = (NIGHT_FROM_HOUR..NIGHT_UNTIL_HOUR).contains(&hour)
        && !night.done
        && night.attempts < NIGHT_ATTEMPTS_MAX
        && rested;
    is_due.then_some(night.attempts + 1)
}

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Payment(#[from] PaymentError),
    #[error("more {0} than one comparison can read")]
    TooMuch(&'static str),
    #[error("it took longer than {RUN_SECONDS} seconds")]
    TooLong,
}

impl From<CallError> for RunError {
    fn from(error: CallError) -> Self {
        RunError::Payment(error.into())
    }
}

impl Payments {
    /// Compares now, for an operator, and waits a moment for the result. While another run is under way, that one is
    /// answered; the same `request` finds its run again. `line` is written with the run and tells who asked.
    ///
    /// # Errors
    /// When the store does not answer. What goes wrong in the run, the run says.
    pub async fn reconcile_now(&self, request: &str, line: Statement) -> Result<Reconciliation, PaymentError> {
        let database = &self.inner.store.database;
        if let Some(known) = store::run_of_request(database, request).await? {
            return Ok(known);
        }
        let Some(id) = self.begin_run(None, Some(request), Some(line)).await? else {
            let known = match store::run_of_request(database, request).await? {
                Some(known) => Some(known),
                None => store::running(database).await?,
            };
            // It may have ended just now.
            return known.ok_or(PaymentError::Unavailable);
        };
        let payments = self.clone();
        let work = tokio::spawn(async move { payments.carry_out_run(id).await });
        // The run goes on by itself whether or not somebody waits for it.
        let _waited = tokio::time::timeout(WAIT_FOR_RESULT, work).await;
        self.reconciliation(id).await?.ok_or(PaymentError::Unavailable)
    }

    /// Begins and carries out the nightly run if it is due and no other server has it; answers which it was.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn reconcile_if_due(&self) -> Result<Option<ReconciliationId>, PaymentError> {
        let now = self.inner.clock.now();
        let night = now.millis().div_euclid(DAY_MILLIS);
        let known = store::night(&self.inner.store.database, night).await?;
        let Some(attempt) = due(now, known) else { return Ok(None) };
        let Some(id) = self.begin_run(Some((night, attempt)), None, None).await? else { return Ok(None) };
        self.carry_out_run(id).await;
        Ok(Some(id))
    }

    /// Writes a run down, unless one is under way or this one was begun already.
    async fn begin_run(
        &self,
        night: Option<(i64, i64)>,
        request: Option<&str>,
        line: Option<Statement>,
    ) -> Result<Option<ReconciliationId>, PaymentError> {
        let now = self.inner.clock.now();
        let id = ReconciliationId::from_ulid(self.inner.ids.next(now));
        let mut transaction = self.inner.store.database.begin().await?;
        transaction.execute(store::cut_off(now)).await?;
        let begin = store::begin(id, night, request, window(now), now.plus_seconds(LEASE_SECONDS));
        if transaction.execute(begin).await? == 0 {
            transaction.commit().await?;
            return Ok(None);
        }
        if let Some(line) = line {
            transaction.execute(line).await?;
        }
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Reads, compares, and writes what came of it; a failure is the run's result too.
    async fn carry_out_run(&self, id: ReconciliationId) {
        let Ok(Some(run)) = self.reconciliation(id).await else { return };
        let work = tokio::time::timeout(Duration::from_secs(RUN_SECONDS), self.compare_now(&run));
        let outcome = work.await.unwrap_or(Err(RunError::TooLong));
        let now = self.inner.clock.now();
        let writes = match outcome {
            Ok(comparison) => {
                let found = comparison.findings.len();
                if found == 0 {
                    tracing::info!(run = %id, "stripe's books agree with ours");
                } else {
                    tracing::warn!(run = %id, found, "stripe's books differ from ours; an operator must look");
                }
                let kept = comparison.findings.iter().take(FINDINGS_KEPT_MAX).enumerate();
                let mut writes = vec![store::done(id, &comparison.totals, found, now)];
                writes.extend(kept.map(|(place, finding)| store::add_finding(id, place + 1, finding)));
                writes
            }
            Err(error) => {
                tracing::error!(run = %id, %error, "stripe's books could not be compared with ours");
                vec![store::failed(id, &error.to_string(), now)]
            }
        };
        if let Err(error) = self.write_result(writes).await {
            tracing::error!(run = %id, %error, "a comparison's result could not be written; the run will count as cut off");
        }
    }

    /// Writes the result if the run still counts as under way.
    async fn write_result(&self, writes: Vec<Statement>) -> Result<(), PaymentError> {
        let mut transaction = self.inner.store.database.begin().await?;
        for (place, write) in writes.into_iter().enumerate() {
            if transaction.execute(write).await? == 0 && place == 0 {
                return Ok(());
            }
        }
        Ok(transaction.commit().await?)
    }

    async fn compare_now(&self, run: &Reconciliation) -> Result<Comparison, RunError> {
        // What waits in our own inbox is no difference; what cannot be worked off now waits on.
        let _worked_off = self.work_off().await;
        let mut stripe = self.inner.stripe.books(run.from.millis().div_euclid(1_000)).await?;
        let ours = self.our_books(&stripe, run.from).await?;
        self.ask_singly(&mut stripe, &ours, run.from).await?;
        let comparison = self.compare_with(&stripe, &ours, run.until).await?;
        if comparison.findings.is_empty() {
            return Ok(comparison);
        }
        tokio::time::sleep(CONFIRM_AFTER).await;
        let _worked_off = self.work_off().await;
        let ours = self.our_books(&stripe, run.from).await?;
        self.compare_with(&stripe, &ours, run.until).await
    }

    /// Purchases against payments, and subscriptions against invoices.
    async fn compare_with(
        &self,
        stripe: &StripeBooks,
        ours: &[Booked],
        until: Timestamp,
    ) -> Result<Comparison, RunError> {
        let mut comparison = compare(stripe, ours, until);
        let database = &self.inner.store.database;
        let subscribed = store::subscribed(database, &stripe.invoices).await.map_err(PaymentError::from)?;
        comparison.add(unheard(&stripe.invoices, &subscribed));
        Ok(comparison)
    }

    /// Our purchases of the window and those that Stripe's objects name, with what the ledger says of them.
    async fn our_books(&self, stripe: &StripeBooks, from: Timestamp) -> Result<Vec<Booked>, RunError> {
        let database = &self.inner.store.database;
        let mut ours = store::booked_since(database, from, PURCHASES_MAX + 1).await.map_err(PaymentError::from)?;
        let mut known: BTreeSet<PurchaseId> = ours.iter().map(|booked| booked.purchase).collect();
        let payments = stripe.payments.iter().map(|payment| &payment.purchase);
        let named = payments.chain(stripe.sessions.iter().map(|session| &session.purchase));
        let named: BTreeSet<PurchaseId> =
            named.filter_map(|text| text.as_deref()?.parse().ok()).filter(|id| !known.contains(id)).collect();
        ours.extend(store::booked_by_id(database, &named).await.map_err(PaymentError::from)?);
        known.extend(named);
        let intents = money_back_intents(stripe);
        let by_intent = store::booked_by_intent(database, &intents).await.map_err(PaymentError::from)?;
        ours.extend(by_intent.into_iter().filter(|booked| !known.contains(&booked.purchase)));
        if ours.len() > PURCHASES_MAX {
            return Err(RunError::TooMuch("purchases"));
        }
        let ids: Vec<PurchaseId> = ours.iter().map(|booked| booked.purchase).collect();
        let mut granted = self.inner.kernel.granted_by(&ids).await.map_err(PaymentError::from)?;
        for booked in &mut ours {
            booked.granted = granted.remove(&booked.purchase).map(store::granted);
        }
        ours.sort_by_key(|booked| booked.purchase);
        Ok(ours)
    }

    /// Asks for the payments of ours that began before Stripe's lists do and to which something happened since.
    async fn ask_singly(&self, stripe: &mut StripeBooks, ours: &[Booked], from: Timestamp) -> Result<(), RunError> {
        let listed: BTreeSet<&str> = stripe.payments.iter().map(|payment| payment.intent.as_str()).collect();
        let moved: BTreeSet<String> = money_back_intents(stripe);
        let missing = |booked: &&Booked| {
            let recent = booked.paid_at.is_some_and(|at| at >= from);
            let intent = booked.intent.as_deref().filter(|intent| !listed.contains(intent));
            intent.is_some_and(|intent| recent || moved.contains(intent))
        };
        let missing: Vec<String> = ours.iter().filter(missing).filter_map(|booked| booked.intent.clone()).collect();
        if missing.len() > ASKED_SINGLY_MAX {
            return Err(RunError::TooMuch("payments from before the window"));
        }
        for intent in missing {
            match self.inner.stripe.payment(&intent).await? {
                None => {
                    stripe.unknown.insert(intent);
                }
                Some((payment, charge, disputes)) => {
                    stripe.payments.push(payment);
                    stripe.charges.extend(charge.filter(|new| stripe.charges.iter().all(|known| known.id != new.id)));
                    let new = |dispute: &super::Dispute| stripe.disputes.iter().all(|known| known.id != dispute.id);
                    let disputes: Vec<_> = disputes.into_iter().filter(new).collect();
                    stripe.disputes.extend(disputes);
                }
            }
        }
        Ok(())
    }
}

/// The payments to which a refund or a dispute happened.
fn money_back_intents(stripe: &StripeBooks) -> BTreeSet<String> {
    let refunds = stripe.refunds.iter().map(|refund| &refund.intent);
    refunds.chain(stripe.disputes.iter().map(|dispute| &dispute.intent)).flatten().cloned().collect()
}

/// What is looked at by a run that begins now.
fn window(now: Timestamp) -> (Timestamp, Timestamp) {
    (now.plus_days(-WINDOW_DAYS), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64, minutes: i64) -> Timestamp {
        Timestamp::from_millis(20_000 * DAY_MILLIS).plus_seconds(hours * 3_600 + minutes * 60)
    }

    #[test]
    fn a_night_has_one_run_that_is_done_and_three_tries_at_it() {
        let failed = |attempts, end| Night { attempts, done: false, last_end: Some(end) };
        for (now, night, expected) in [
            (at(1, 59), Night::default(), None),
            (at(2, 0), Night::default(), Some(1)),
            (at(5, 59), Night::default(), Some(1)),
            (at(6, 0), Night::default(), None),
            (at(3, 0), Night { attempts: 1, done: true, last_end: Some(at(2, 1)) }, None),
            (at(2, 15), failed(1, at(2, 1)), None),
            (at(2, 16), failed(1, at(2, 1)), Some(2)),
            (at(3, 0), failed(3, at(2, 40)), None),
        ] {
            assert_eq!(due(now, night), expected, "{now:?} {night:?}");
        }
    }
}
