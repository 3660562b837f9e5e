//! What customers' own servers are told: signed events, in the manner of the Standard Webhooks.
//!
//! An event is a row, written in the transaction in which it happened ([`announce`]), with a row for each endpoint that
//! wants it. A worker carries them off afterwards: any number of servers may, as a delivery is claimed before it is made.
//! Knows no page and no REST. Deliberately absent: a promise of order, and of once only; the event's id is the same in
//! every attempt, so that the receiver can tell.

mod carrier;
mod delivery;
mod endpoint;
mod event;
mod sealed;
mod service;
mod signing;
mod store;
mod target;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;

use crate::billing::store::{Database, Statement, StoreError};
use crate::billing::{Fill, Sealer};
use crate::ledger::{Clock, EndpointId, Timestamp};

pub use delivery::{Attempt, Delivery, Event, TRIED_DAYS};
pub use endpoint::{Endpoint, EndpointState, Kinds, Made, Wanted};
pub use event::{EventKind, News, UnknownKind, announce};
pub use service::{DESCRIPTION_MAX, ENDPOINTS_MAX, OVERLAP_HOURS_MAX};
pub use signing::Secret;
pub use target::{Reach, TargetError};

/// Why something about endpoints was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// There is no such thing, or it belongs to somebody else.
    #[error("there is no such webhook endpoint or delivery on this account")]
    NotFound,
    /// The address cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The description is too long, or has control characters.
    #[error("a description has at most {DESCRIPTION_MAX} characters, none of them a control character")]
    Description,
    /// The account has as many endpoints as it may have.
    #[error("an account has at most {ENDPOINTS_MAX} webhook endpoints; remove one first")]
    TooMany,
    /// The same request made an endpoint of another content.
    #[error("this request was made before with another content")]
    Conflict,
    /// Nothing happened; the same call may work in a moment.
    #[error("webhooks are not available at the moment; try again shortly")]
    Unavailable,
}

impl HookError {
    /// A stable name for programs and pages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "webhook_not_found",
            Self::Target(TargetError::Malformed) => "webhook_url_malformed",
            Self::Target(TargetError::NotHttps) => "webhook_url_not_https",
            Self::Target(TargetError::NotPublic | TargetError::Unresolved) => "webhook_url_not_public",
            Self::Description => "description_invalid",
            Self::TooMany => "too_many_webhooks",
            Self::Conflict => "idempotency_conflict",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<StoreError> for HookError {
    fn from(error: StoreError) -> Self {
        tracing::error!(?error, "the store of webhooks did not answer");
        Self::Unavailable
    }
}

/// The room of outgoing webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    database: Database,
    clock: Arc<dyn Clock>,
    fill: Fill,
    sealer: Sealer,
    reach: Reach,
}

impl Hooks {
    /// Time and entropy are arguments, so that tests can hold them still.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>, fill: Fill, sealer: Sealer, reach: Reach) -> Self {
        Self { database, clock, fill, sealer, reach }
    }
}

/// The endpoints that were stopped and whose owners were not told of it.
///
/// # Errors
/// When the store is out of reach.
pub async fn stopped_untold(database: &Database) -> Result<Vec<Endpoint>, StoreError> {
    store::stopped_untold(database).await
}

/// Notes that the owners of a stopped endpoint are told; touches no row when another server has told them.
#[must_use]
pub fn told(endpoint: EndpointId, now: Timestamp) -> Statement {
    store::told(endpoint, now)
}
