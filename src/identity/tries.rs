//! Wrong passwords, counted per address: after some, each further try has to wait a little longer.
//!
//! Deliberately no lock-out: a stranger who guesses at somebody's address delays its owner by a minute at most, and the
//! reset by mail is never delayed. Unknown addresses are counted like known ones. The count is this process's own and
//! is forgotten at a restart; who it is that tries is not known here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::IdentityError;
use super::token;
use crate::ledger::Timestamp;

/// Slips of the finger that cost nothing.
const FREE_TRIES: u32 = 10;
/// Tries older than this are forgotten.
const WINDOW_SECONDS: i64 = 15 * 60;
/// The longest wait between two tries.
const WAIT_MAX_SECONDS: i64 = 60;
/// Addresses remembered: some 2 MiB. When full, the one whose last try is oldest is forgotten.
const ADDRESSES_MAX: usize = 10_000;

#[derive(Clone, Copy)]
struct Tries {
    wrong: u32,
    last: Timestamp,
}

impl Tries {
    fn next_at(self) -> Timestamp {
        let over = self.wrong.saturating_sub(FREE_TRIES);
        let wait = if self.wrong < FREE_TRIES { 0 } else { 2_i64.saturating_pow(over + 1).min(WAIT_MAX_SECONDS) };
        self.last.plus_seconds(wait)
    }
}

/// The wrong tries of the last quarter of an hour.
#[derive(Default)]
pub struct TryCounter(Mutex<HashMap<String, Tries>>);

impl TryCounter {
    /// Whether this address may be tried now.
    ///
    /// # Errors
    /// When it has to wait, and how long.
    pub fn admit(&self, email_key: &str, now: Timestamp) -> Result<(), IdentityError> {
        let next_at = self.lock().get(&token::hash(email_key)).map_or(now, |tries| tries.next_at());
        let wait_millis = next_at.millis().saturating_sub(now.millis());
        if wait_millis <= 0 {
            return Ok(());
        }
        Err(IdentityError::TooManyTries { retry_after_seconds: wait_millis.saturating_add(999) / 1_000 })
    }

    /// A wrong password was given.
    pub fn wrong(&self, email_key: &str, now: Timestamp) {
        let mut map = self.lock();
        let key = token::hash(email_key);
        let forgotten = |tries: &Tries| tries.last.plus_seconds(WINDOW_SECONDS) < now;
        if map.len() >= ADDRESSES_MAX && !map.contains_key(&key) {
            map.retain(|_, tries| !forgotten(tries));
            let oldest = map.iter().min_by_key(|(_, tries)| tries.last).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest.filter(|_| map.len() >= ADDRESSES_MAX) {
                map.remove(&oldest);
            }
        }
        let tries = map.entry(key).or_insert(Tries { wrong: 0, last: now });
        let wrong = if forgotten(tries) { 0 } else { tries.wrong };
        *tries = Tries { wrong: wrong.saturating_add(1), last: now };
    }

    /// The owner has shown up: the right password, or a link from the mail.
    pub fn forget(&self, email_key: &str) {
        self.lock().remove(&token::hash(email_key));
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

    fn wait(counter: &TryCounter, clock: &ManualClock) -> i64 {
        match counter.admit("ada@example.com", clock.now()) {
            Err(IdentityError::TooManyTries { retry_after_seconds }) => retry_after_seconds,
            _ => 0,
        }
    }

    #[test]
    fn ten_slips_are_free_and_then_the_wait_doubles_up_to_a_minute() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        let mut waits = Vec::new();
        for _ in 0..17 {
            counter.wrong("ada@example.com", clock.now());
            let seconds = wait(&counter, &clock);
            waits.push(seconds);
            clock.advance(seconds);
            assert_eq!(wait(&counter, &clock), 0);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(counter.admit("bob@example.com", clock.now()), Ok(()));
    }

    #[test]
    fn a_quarter_of_an_hour_or_the_owner_clears_the_count() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        for _ in 0..12 {
            counter.wrong("ada@example.com", clock.now());
        }
        clock.advance(WINDOW_SECONDS + 1);
        counter.wrong("ada@example.com", clock.now());
        assert_eq!(wait(&counter, &clock), 0);
        for _ in 0..12 {
            counter.wrong("ada@example.com", clock.now());
        }
        assert!(wait(&counter, &clock) > 0);
        counter.forget("ada@example.com");
        assert_eq!(wait(&counter, &clock), 0);
    }

    #[test]
    fn the_count_does_not_grow_without_end() {
        let (counter, clock) = (TryCounter::default(), ManualClock::default());
        counter.wrong("first@example.com", clock.now());
        clock.advance(1);
        for number in 0..ADDRESSES_MAX {
            counter.wrong(&format!("{number}@example.com"), clock.now());
        }
        assert_eq!(counter.lock().len(), ADDRESSES_MAX);
        assert!(!counter.lock().contains_key(&token::hash("first@example.com")));
    }
}
