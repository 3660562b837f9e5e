//! Wrong passwords and codes, counted: after some, each further try has to wait a little longer.
//!
//! Deliberately no lock-out: what is counted under which key is decided in [`super::door`], so that a stranger delays
//! other strangers and never the owner's own browser, and the reset by mail is never delayed. The count is this
//! process's own and is forgotten at a restart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::IdentityError;
use super::token;
use crate::ledger::Timestamp;

/// Tries older than this are forgotten.
const WINDOW_SECONDS: i64 = 15 * 60;
/// The longest wait between two tries.
const WAIT_MAX_SECONDS: i64 = 60;
/// Counts remembered: some 2 MiB. When full, the one whose last try is oldest is forgotten.
const COUNTS_MAX: usize = 10_000;

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
    const fn free(self) -> u32 {
        match self {
            Self::Own => 10,
            Self::Strangers => 50,
            Self::Codes => 5,
        }
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

#[derive(Clone, Copy)]
struct Tries {
    wrong: u32,
    last: Timestamp,
}

impl Tries {
    fn next_at(self, limit: Limit) -> Timestamp {
        let over = self.wrong.saturating_sub(limit.free());
        let wait = if self.wrong < limit.free() { 0 } else { 2_i64.saturating_pow(over + 1).min(WAIT_MAX_SECONDS) };
        self.last.plus_seconds(wait)
    }
}

/// The wrong tries of the last quarter of an hour.
#[derive(Default)]
pub struct TryCounter(Mutex<HashMap<String, Tries>>);

impl TryCounter {
    /// Whether a try that goes to these counts may be made now.
    ///
    /// # Errors
    /// When it has to wait, and how long.
    pub fn admit(&self, counts: &[Counted], now: Timestamp) -> Result<(), IdentityError> {
        let map = self.lock();
        let next = |counted: &Counted| map.get(&token::hash(&counted.key)).map(|tries| tries.next_at(counted.limit));
        let next_at = counts.iter().filter_map(next).max().unwrap_or(now);
        let wait_millis = next_at.millis().saturating_sub(now.millis());
        if wait_millis <= 0 {
            return Ok(());
        }
        Err(IdentityError::TooManyTries { retry_after_seconds: wait_millis.saturating_add(999) / 1_000 })
    }

    /// A wrong one was given.
    pub fn wrong(&self, counts: &[Counted], now: Timestamp) {
        let mut map = self.lock();
        for counted in counts {
            let key = token::hash(&counted.key);
            let forgotten = |tries: &Tries| tries.last.plus_seconds(WINDOW_SECONDS) < now;
            if map.len() >= COUNTS_MAX && !map.contains_key(&key) {
                map.retain(|_, tries| !forgotten(tries));
                let oldest = map.iter().min_by_key(|(_, tries)| tries.last).map(|(key, _)| key.clone());
                if let Some(oldest) = oldest.filter(|_| map.len() >= COUNTS_MAX) {
                    map.remove(&oldest);
                }
            }
            let tries = map.entry(key).or_insert(Tries { wrong: 0, last: now });
            let wrong = if forgotten(tries) { 0 } else { tries.wrong };
            *tries = Tries { wrong: wrong.saturating_add(1), last: now };
        }
    }

    /// A right one was given, or the owner came by a link from the mail.
    pub fn forget(&self, counts: &[Counted]) {
        let mut map = self.lock();
        for counted in counts {
            map.remove(&token::hash(&counted.key));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Tries>> {
        // A panic elsewhere leaves only a count behind, which is still a count.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Clock;
    use crate::ledger::testing::ManualClock;

    fn own(email: &str) -> Vec<Counted> {
        vec![Counted { key: email.to_owned(), limit: Limit::Own }]
    }

    fn wait(counter: &TryCounter, clock: &ManualClock) -> i64 {
        match counter.admit(&own("ada@example.com"), clock.now()) {
            Err(IdentityError::TooManyTries { retry_after_seconds }) => retry_after_seconds,
            _ => 0,
        }
    }

    #[test]
    fn ten_slips_are_free_and_then_the_wait_doubles_up_to_a_minute() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        let mut waits = Vec::new();
        for _ in 0..17 {
            counter.wrong(&own("ada@example.com"), clock.now());
            let seconds = wait(&counter, &clock);
            waits.push(seconds);
            clock.advance(seconds);
            assert_eq!(wait(&counter, &clock), 0);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(counter.admit(&own("bob@example.com"), clock.now()), Ok(()));
    }

    #[test]
    fn a_quarter_of_an_hour_or_the_owner_clears_the_count() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        for _ in 0..12 {
            counter.wrong(&own("ada@example.com"), clock.now());
        }
        clock.advance(WINDOW_SECONDS + 1);
        counter.wrong(&own("ada@example.com"), clock.now());
        assert_eq!(wait(&counter, &clock), 0);
        for _ in 0..12 {
            counter.wrong(&own("ada@example.com"), clock.now());
        }
        assert!(wait(&counter, &clock) > 0);
        counter.forget(&own("ada@example.com"));
        assert_eq!(wait(&counter, &clock), 0);
    }

    #[test]
    fn a_try_that_goes_to_two_counts_waits_for_the_slower() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        let strangers = Counted { key: "all".into(), limit: Limit::Strangers };
        for number in 0..50 {
            let one = Counted { key: format!("source {number}"), limit: Limit::Own };
            counter.wrong(&[one, strangers.clone()], clock.now());
        }
        let another = Counted { key: "source 51".into(), limit: Limit::Own };
        assert!(counter.admit(std::slice::from_ref(&another), clock.now()).is_ok());
        assert!(counter.admit(&[another, strangers], clock.now()).is_err());
    }

    #[test]
    fn the_count_does_not_grow_without_end() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        counter.wrong(&own("first@example.com"), clock.now());
        clock.advance(1);
        for number in 0..COUNTS_MAX {
            counter.wrong(&own(&format!("{number}@example.com")), clock.now());
        }
        assert_eq!(counter.lock().len(), COUNTS_MAX);
        assert!(!counter.lock().contains_key(&token::hash("first@example.com")));
    }
}
