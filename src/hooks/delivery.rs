//! An event on its way to an endpoint: when it is tried, how long, and when it is given up. Pure.

use sha2::{Digest, Sha256};

use super::event::EventKind;
use crate::ledger::{EndpointId, EventId, Timestamp};

/// The wait after the first attempt; each further one is twice as long.
const FIRST_WAIT_SECONDS: i64 = 30;
/// The longest wait: twice a day is often enough for what has been away for hours.
const WAIT_SECONDS_MAX: i64 = 43_200;
/// How long a delivery is tried: over a weekend.
pub const TRIED_DAYS: i64 = 3;
/// A wait is shorter by up to so many hundredths, so that what failed together does not come back together.
const JITTER_PERCENT: i64 = 25;

/// What happened on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Names it.
    pub id: EventId,
    /// Which kind.
    pub kind: EventKind,
    /// The body that is signed and sent.
    pub payload: String,
    /// When it happened.
    pub at: Timestamp,
}

/// An event on its way, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which event.
    pub event: EventId,
    /// To where.
    pub endpoint: EndpointId,
    /// Which kind.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, if it waits.
    pub next_at: Timestamp,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counts from 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took_millis: i64,
    /// The answer's status; none when no answer came.
    pub status: Option<u16>,
    /// How the answer began.
    pub answer: String,
    /// What went wrong; empty when nothing did.
    pub failure: String,
}

impl Attempt {
    /// Whether the event has arrived.
    #[must_use]
    pub fn arrived(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// A delivery whose time has come, with all that is needed to make it.
#[derive(Clone, Debug)]
pub struct Due {
    pub event: EventId,
    pub endpoint: EndpointId,
    /// How often it was tried before.
    pub attempts: i64,
    /// Of those, since it happened or was replayed.
    pub tried: i64,
    pub since: Timestamp,
    pub next_at: Timestamp,
    pub payload: String,
    pub url: String,
    /// The secrets in force as they are kept, the newest first.
    pub sealed: Vec<String>,
}

/// When a delivery that has failed for the `tried`th time is tried again; never, once its days are over.
#[must_use]
pub fn next_try(
    event: EventId,
    endpoint: EndpointId,
    tried: i64,
    since: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let doublings = u32::try_from(tried.saturating_sub(1)).unwrap_or(0).min(20);
    let wait = (FIRST_WAIT_SECONDS << doublings).min(WAIT_SECONDS_MAX);
    // Chance would do as well, but so the same delivery always waits the same.
    let digest = Sha256::digest(format!("{event} {endpoint} {tried}").as_bytes());
    let share = i64::from(u16::from_be_bytes([digest[0], digest[1]]));
    let next = now.plus_seconds(wait - wait * JITTER_PERCENT * share / (100 * 65_536));
    (next <= since.plus_days(TRIED_DAYS)).then_some(next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;

    fn ids(number: u128) -> (EventId, EndpointId) {
        let ulid = Ulid::from_parts(1, number);
        (EventId::from_ulid(ulid), EndpointId::from_ulid(ulid))
    }

    #[test]
    fn a_delivery_is_tried_for_three_days_and_then_given_up() {
        let (event, endpoint) = ids(1);
        let since = Timestamp::from_millis(0);
        let (mut now, mut tried) = (since, 1);
        while let Some(next) = next_try(event, endpoint, tried, since, now) {
            assert!(next > now);
            (now, tried) = (next, tried + 1);
        }
        assert!((12..=24).contains(&tried), "{tried}");
        let hours = now.millis() / 3_600_000;
        assert!((54..=72).contains(&hours), "{hours}");
    }

    proptest! {
        #[test]
        fn a_wait_grows_twofold_and_is_shortened_by_a_quarter_at_most(number in any::<u64>(), tried in 1_i64..12) {
            let (event, endpoint) = ids(number.into());
            let since = Timestamp::from_millis(0);
            let next = next_try(event, endpoint, tried, since, since).unwrap().millis();
            let whole = (30_i64 << (tried - 1)).min(43_200) * 1_000;
            prop_assert!(next <= whole && next >= whole * 3 / 4 - 1_000, "{} of {}", next, whole);
        }
    }
}
