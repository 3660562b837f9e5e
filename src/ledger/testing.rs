//! What tests of every room share: a clock moved by hand, ids that count, the standard prices.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ulid::Ulid;

#[cfg(test)]
use super::PriceBook;
use super::{Clock, IdSource, Timestamp};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at the given moment.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    /// Moves on by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds.saturating_mul(1_000), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// Stands at 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_millis(1_767_225_600_000))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count up from one.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn next(&self, now: Timestamp) -> Ulid {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ulid::from_parts(u64::try_from(now.millis()).unwrap_or(0), u128::from(count))
    }
}

/// The price book that the product ships with.
///
/// # Panics
/// When the shipped file cannot be read, which a test would show at once.
#[cfg(test)]
#[must_use]
pub fn price_book() -> PriceBook {
    toml::from_str::<PriceBook>(PriceBook::STANDARD).expect("the shipped file reads").checked().expect("and is usable")
}

/// The first entry of a known account: ten free credits. The published test vector.
#[cfg(test)]
#[must_use]
pub fn first_entry() -> super::Entry {
    use super::{AccountId, Command, Credits, GrantId, Request, Tier, apply};
    let now = ManualClock::default().now();
    let ids = CountingIds::default();
    let id = AccountId::from_ulid(ids.next(now));
    let free = Credits::new(10).map(|credits| (GrantId::from_ulid(ids.next(now)), credits));
    let open = Command::Open { name: "Ada \"Λ\" Ltd".into(), tier: Tier::Free, free };
    let request = Request { id: "open:1".into(), key: None };
    let mut entries = apply(&mut None, id, &open, &request, &price_book(), now).expect("an account opens");
    entries.remove(0)
}
