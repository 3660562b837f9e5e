//! Wrong passwords and codes, counted: after some, each further try has to wait a little longer.
//!
//! Deliberately no lock-out: what is counted under which key is decided in [`super::door`], so that a stranger delays
//! other strangers and never the owner's own browser, and the reset by mail is never delayed. The counts are in the
//! database, so that they hold for all servers together and over a restart. A try is counted as wrong before anybody
//! looks whether it is, and forgiven when it was not: of many that come at once, none gets in uncounted. Each costs a
//! hash or is limited by its step, so that rows of a quarter of an hour are never many.

use std::sync::atomic::{AtomicI64, Ordering};

use super::error::IdentityError;
use super::store::{self, TriesRow};
use super::token;
use crate::billing::store::Database;
use crate::ledger::Timestamp;

/// Tries older than this are forgotten.
const WINDOW_SECONDS: i64 = 15 * 60;
/// The longest wait between two tries.
const WAIT_MAX_SECONDS: i64 = 60;
/// Forgotten counts are cleared away so often by each server.
const SWEEP_SECONDS: i64 = 60;

/// How many slips of the finger cost nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Of one source at one address.
    Own,
    /// Of all unknown sources at one address together.
    Strangers,
    /// Of one-time codes for one person: of a million, so five cannot be many.
    Codes,
}

impl Limit {
    const fn free(self) -> i64 {
        match self {
            Self::Own => 10,
            Self::Strangers => 50,
            Self::Codes => 5,
        }
    }

    /// When the next try may be made after so many wrong ones.
    fn next_at(self, (wrong, last): TriesRow) -> Timestamp {
        let over = u32::try_from(wrong.saturating_sub(self.free())).unwrap_or(0);
        let wait =
            if wrong < self.free() { 0 } else { 2_i64.saturating_pow(over.saturating_add(1)).min(WAIT_MAX_SECONDS) };
        last.plus_seconds(wait)
    }
}

/// A count and how much of it is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What is counted.
    pub key: String,
    /// How much of it is free.
    pub limit: Limit,
}

impl Counted {
    fn hash(&self) -> String {
        token::hash(&self.key)
    }
}

/// The wrong tries of the last quarter of an hour.
pub struct TryCounter {
    database: Database,
    /// When this server last cleared away, in milliseconds since 1970.
    swept: AtomicI64,
}

impl TryCounter {
    pub const fn new(database: Database) -> Self {
        Self { database, swept: AtomicI64::new(0) }
    }

    /// Counts a try as wrong, if one that goes to these counts may be made now.
    ///
    /// # Errors
    /// When it has to wait, and how long; then it is not counted.
    pub async fn count(&self, counts: &[Counted], now: Timestamp) -> Result<(), IdentityError> {
        self.sweep(now).await?;
        let hashes: Vec<String> = counts.iter().map(Counted::hash).collect();
        let (mut transaction, rows) = store::lock_tries(&self.database, &hashes, now).await?;
        let rows: Vec<TriesRow> = rows.into_iter().map(|row| remembered(row, now)).collect();
        let next_at = counts.iter().zip(&rows).map(|(counted, row)| counted.limit.next_at(*row)).max().unwrap_or(now);
        let wait_millis = next_at.millis().saturating_sub(now.millis());
        if wait_millis > 0 {
            return Err(IdentityError::TooManyTries { retry_after_seconds: wait_millis.saturating_add(999) / 1_000 });
        }
        for (hash, (wrong, _)) in hashes.iter().zip(rows) {
            transaction.execute(store::set_tries(hash, wrong.saturating_add(1), now)).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// It was not wrong, or nobody could tell: it counts no longer.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn forgive(&self, counts: &[Counted]) -> Result<(), IdentityError> {
        let rows = counts.iter().map(|counted| store::forgive_try(&counted.hash())).collect();
        Ok(self.database.write(rows).await.map(drop)?)
    }

    /// A right one was given, or the owner came by a link from the mail: nothing of these counts any longer.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn forget(&self, counts: &[Counted]) -> Result<(), IdentityError> {
        let rows = counts.iter().map(|counted| store::forget_tries(&counted.hash())).collect();
        Ok(self.database.write(rows).await.map(drop)?)
    }

    async fn sweep(&self, now: Timestamp) -> Result<(), IdentityError> {
        let swept = self.swept.load(Ordering::Relaxed);
        let is_due = now.millis().saturating_sub(swept) >= SWEEP_SECONDS * 1_000;
        let is_ours = || self.swept.compare_exchange(swept, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_due && is_ours() {
            self.database.write(vec![store::sweep_tries(now.plus_seconds(-WINDOW_SECONDS))]).await?;
        }
        Ok(())
    }
}

/// A count whose last try is too old is none.
fn remembered((wrong, last): TriesRow, now: Timestamp) -> TriesRow {
    if last.plus_seconds(WINDOW_SECONDS) < now { (0, now) } else { (wrong, last) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::store::testing::databases;
    use crate::ledger::Clock;
    use crate::ledger::testing::ManualClock;

    fn own(email: &str) -> Vec<Counted> {
        vec![Counted { key: email.to_owned(), limit: Limit::Own }]
    }

    /// Tries to get in, wrongly: how long one has to wait before.
    async fn wait(counter: &TryCounter, counts: &[Counted], clock: &ManualClock) -> i64 {
        match counter.count(counts, clock.now()).await {
            Err(IdentityError::TooManyTries { retry_after_seconds }) => retry_after_seconds,
            outcome => outcome.map(|()| 0).expect("the store answers"),
        }
    }

    #[tokio::test]
    async fn ten_slips_are_free_and_then_the_wait_doubles_up_to_a_minute() {
        for (store, database) in databases().await {
            let (counter, clock) = (TryCounter::new(database), ManualClock::default());
            let (ada, mut waits) = (own("ada@example.com"), Vec::new());
            for _ in 0..17 {
                let seconds = wait(&counter, &ada, &clock).await;
                if seconds > 0 {
                    clock.advance(seconds - 1);
                    assert_eq!(wait(&counter, &ada, &clock).await, 1, "{store}: a refused try makes no wait longer");
                    clock.advance(1);
                    assert_eq!(wait(&counter, &ada, &clock).await, 0, "{store}");
                }
                waits.push(seconds);
            }
            assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60], "{store}");
            assert_eq!(wait(&counter, &own("bob@example.com"), &clock).await, 0);
        }
    }

    #[tokio::test]
    async fn a_quarter_of_an_hour_or_the_owner_clears_the_count() {
        for (store, database) in databases().await {
            let (counter, clock) = (TryCounter::new(database), ManualClock::default());
            let ada = own("ada@example.com");
            for _ in 0..10 {
                assert_eq!(wait(&counter, &ada, &clock).await, 0, "{store}");
            }
            clock.advance(WINDOW_SECONDS + 1);
            for _ in 0..10 {
                assert_eq!(wait(&counter, &ada, &clock).await, 0, "{store}");
            }
            assert!(wait(&counter, &ada, &clock).await > 0);
            counter.forget(&ada).await.expect("forgotten");
            assert_eq!(wait(&counter, &ada, &clock).await, 0, "{store}");
        }
    }

    #[tokio::test]
    async fn a_try_that_goes_to_two_counts_waits_for_the_slower_and_a_right_one_is_forgiven() {
        for (store, database) in databases().await {
            let (counter, clock) = (TryCounter::new(database), ManualClock::default());
            let strangers = Counted { key: "all".into(), limit: Limit::Strangers };
            for number in 0..50 {
                let one = Counted { key: format!("source {number}"), limit: Limit::Own };
                let counts = [one, strangers.clone()];
                assert_eq!(wait(&counter, &counts, &clock).await, 0, "{store}");
                if number == 7 {
                    counter.forgive(&counts).await.expect("forgiven");
                }
            }
            let another = Counted { key: "source 51".into(), limit: Limit::Own };
            assert_eq!(wait(&counter, &[another.clone(), strangers.clone()], &clock).await, 0, "{store}: the fiftieth");
            assert_eq!(wait(&counter, &[another.clone(), strangers], &clock).await, 2, "{store}");
            assert_eq!(wait(&counter, &[another], &clock).await, 0, "{store}");
        }
    }

    #[tokio::test]
    async fn of_many_who_try_at_once_on_two_servers_no_more_get_through_than_one_after_the_other() {
        for (store, database) in databases().await {
            let counters = [TryCounter::new(database.clone()), TryCounter::new(database)];
            let (clock, ada) = (ManualClock::default(), own("ada@example.com"));
            let tries = (0..40).map(|number| counters[number % 2].count(&ada, clock.now()));
            let through = futures::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
            assert_eq!(through, 10, "{store}");
        }
    }

    #[tokio::test]
    async fn the_count_does_not_grow_without_end() {
        for (store, database) in databases().await {
            let (counter, clock) = (TryCounter::new(database.clone()), ManualClock::default());
            for number in 0..20 {
                assert_eq!(wait(&counter, &own(&format!("{number}@example.com")), &clock).await, 0);
            }
            clock.advance(WINDOW_SECONDS + SWEEP_SECONDS);
            assert_eq!(wait(&counter, &own("ada@example.com"), &clock).await, 0);
            // What was to be cleared away has been: nothing of the twenty is left for another round.
            let again = store::sweep_tries(clock.now().plus_seconds(-WINDOW_SECONDS));
            assert_eq!(database.write(vec![again]).await.expect("a write"), [0], "{store}");
            let all = store::sweep_tries(clock.now().plus_seconds(1));
            assert_eq!(database.write(vec![all]).await.expect("a write"), [1], "{store}: the one just made");
        }
    }
}
