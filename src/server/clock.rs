//! The one place where time and chance come in.

use std::time::{SystemTime, UNIX_EPOCH};

use rand::RngExt;
use ulid::Ulid;

use crate::ledger::{Clock, IdSource, Timestamp};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else takes as an argument")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Ids from the system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the chance that everything else takes as an argument")]
    fn next(&self, now: Timestamp) -> Ulid {
        Ulid::from_parts(u64::try_from(now.millis()).unwrap_or(0), rand::rng().random())
    }
}
