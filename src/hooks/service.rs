//! What the owner of endpoints does: makes, changes, rotates, tests, replays, removes. Other accounts' look like none.

use serde_json::json;
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::delivery::{Attempt, Delivery, Event};
use super::endpoint::{Endpoint, EndpointState, Made, Wanted};
use super::event::{EventKind, News};
use super::signing::Secret;
use super::target::Target;
use super::{HookError, Hooks, store};
use crate::billing::store::Statement;
use crate::ledger::{AccountId, EndpointId, EventId, Timestamp};

/// Endpoints of one account; each event is sent to all that want it.
pub const ENDPOINTS_MAX: i64 = 20;
/// How long a description may be.
pub const DESCRIPTION_MAX: usize = 200;
/// The longest time for which a former secret goes on signing.
pub const OVERLAP_HOURS_MAX: i64 = 168;
/// Deliveries shown at once.
const LIST_MAX: i64 = 200;
/// Attempts shown of one delivery: more than are made in three days, and of a few replays.
const ATTEMPTS_MAX: i64 = 100;

impl Hooks {
    /// Makes an endpoint. The same `request` of the same account makes one endpoint, whose secret is shown once.
    /// `along` is written with it.
    ///
    /// # Errors
    /// When the address or the description cannot be used, there are too many, or the request was used otherwise.
    pub async fn create(
        &self,
        account: AccountId,
        wanted: Wanted,
        request: &str,
        along: Vec<Statement>,
    ) -> Result<Made, HookError> {
        let wanted = self.checked(wanted)?;
        let id = endpoint_of(account, request);
        let fingerprint = fingerprint_of(&wanted);
        if let Some(endpoint) = store::endpoint(&self.database, account, id).await? {
            return made_before(endpoint, &fingerprint);
        }
        if store::count_endpoints(&self.database, account).await? >= ENDPOINTS_MAX {
            return Err(HookError::TooMany);
        }
        let secret = self.fresh_secret()?;
        let endpoint = Endpoint {
            id,
            account,
            url: wanted.url,
            description: wanted.description,
            kinds: wanted.kinds,
            state: EndpointState::On,
            former_until: None,
            failing_since: None,
            created_at: self.clock.now(),
            stopped_at: None,
            fingerprint: fingerprint.clone(),
        };
        if store::add_endpoint(&self.database, &endpoint, &self.sealed(id, &secret)?, along).await? {
            return Ok(Made { endpoint, secret: Some(secret) });
        }
        // The same request was quicker on its other way.
        let endpoint = self.endpoint(account, id).await?;
        made_before(endpoint, &fingerprint)
    }

    fn fresh_secret(&self) -> Result<Secret, HookError> {
        let mut bytes = [0_u8; 32];
        if (self.fill)(&mut bytes) { Ok(Secret::of(&bytes)) } else { Err(HookError::Unavailable) }
    }

    fn checked(&self, wanted: Wanted) -> Result<Wanted, HookError> {
        let (url, description) = (wanted.url.trim().to_owned(), wanted.description.trim().to_owned());
        Target::parse(&url, self.reach)?;
        if description.chars().count() > DESCRIPTION_MAX || description.chars().any(char::is_control) {
            return Err(HookError::Description);
        }
        Ok(Wanted { url, description, kinds: wanted.kinds })
    }

    /// The account's endpoints, newest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn endpoints(&self, account: AccountId) -> Result<Vec<Endpoint>, HookError> {
        Ok(store::endpoints(&self.database, account, ENDPOINTS_MAX).await?)
    }

    /// One endpoint of the account.
    ///
    /// # Errors
    /// When the account has none of this id.
    pub async fn endpoint(&self, account: AccountId, id: EndpointId) -> Result<Endpoint, HookError> {
        store::endpoint(&self.database, account, id).await?.ok_or(HookError::NotFound)
    }

    /// Sets an endpoint as a whole. Turning on what was stopped sends what waits. `along` is written
    /// with it.
    ///
    /// # Errors
    /// When the account has none of this id, or it cannot be set so.
    pub async fn change(
        &self,
        account: AccountId,
        id: EndpointId,
        wanted: Wanted,
        on: Option<bool>,
        along: Vec<Statement>,
    ) -> Result<Endpoint, HookError> {
        let Wanted { url, description, kinds } = self.checked(wanted)?;
        let before = self.endpoint(account, id).await?;
        let state = match on {
            Some(true) => EndpointState::On,
            Some(false) => EndpointState::Off,
            None => before.state,
        };
        let endpoint = Endpoint { url, description, kinds, state, ..before };
        match store::change_endpoint(&self.database, &endpoint, along).await? {
            true => self.endpoint(account, id).await,
            false => Err(HookError::NotFound),
        }
    }

    /// Puts a new secret in force, shown this once; the former one signs too for so many hours. The same `request`
    /// rotates once. `along` is written with it.
    ///
    /// # Errors
    /// When the account has none of this id.
    pub async fn rotate(
        &self,
        account: AccountId,
        id: EndpointId,
        overlap_hours: i64,
        request: &str,
        along: Vec<Statement>,
    ) -> Result<Made, HookError> {
        let until = self.clock.now().plus_seconds(overlap_hours.clamp(0, OVERLAP_HOURS_MAX) * 3_600);
        let secret = self.fresh_secret()?;
        let sealed = self.sealed(id, &secret)?;
        let is_new = store::rotate(&self.database, (account, id), (&sealed, request), until, along).await?;
        Ok(Made { endpoint: self.endpoint(account, id).await?, secret: is_new.then_some(secret) })
    }

    /// Forgets an endpoint; what waits for it is not sent. `along` is written with it.
    ///
    /// # Errors
    /// When the account has none of this id.
    pub async fn remove(&self, account: AccountId, id: EndpointId, along: Vec<Statement>) -> Result<(), HookError> {
        match store::remove(&self.database, account, id, along).await? {
            true => Ok(()),
            false => Err(HookError::NotFound),
        }
    }

    /// Sends a test to one endpoint, whatever it wants to be told; the same `request` is one test.
    ///
    /// # Errors
    /// When the account has none of this id.
    pub async fn test(&self, account: AccountId, id: EndpointId, request: &str) -> Result<EventId, HookError> {
        let endpoint = self.endpoint(account, id).await?;
        let request = format!("test {request}");
        if let Some(event) = store::delivered_for(&self.database, endpoint.id, &request).await? {
            return Ok(event);
        }
        let now = self.clock.now();
        let event = event_of(account, endpoint.id, &request, now);
        let news = News::new(EventKind::Test, json!({"endpoint_id": endpoint.id, "text": "A test, sent on request."}));
        let rows = vec![
            store::add_event(event, account, news.kind, &news.payload(event, account, now), now),
            store::add_delivery(event, endpoint.id, &request, now),
        ];
        match self.database.write(rows).await {
            Ok(_) => Ok(event),
            Err(error) if error.is_unique_violation() => Ok(event),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends an event of the last thirty days to an endpoint once more, or for the first time; the same `request` once.
    ///
    /// # Errors
    /// When the account has no such endpoint or event.
    pub async fn replay(
        &self,
        account: AccountId,
        id: EndpointId,
        event: EventId,
        request: &str,
    ) -> Result<Delivery, HookError> {
        let endpoint = self.endpoint(account, id).await?;
        store::event(&self.database, account, event).await?.ok_or(HookError::NotFound)?;
        self.database.write(vec![store::add_delivery(event, endpoint.id, request, self.clock.now())]).await?;
        store::delivery(&self.database, endpoint.id, event).await?.ok_or(HookError::NotFound)
    }

    /// What was sent to an endpoint, newest first: `limit` of them, all older than `before` where that is given.
    ///
    /// # Errors
    /// When the account has none of this id.
    pub async fn deliveries(
        &self,
        account: AccountId,
        id: EndpointId,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<Delivery>, HookError> {
        let endpoint = self.endpoint(account, id).await?;
        Ok(store::deliveries(&self.database, endpoint.id, before, limit.clamp(1, LIST_MAX + 1)).await?)
    }

    /// One delivery with its body and its attempts, the latest first.
    ///
    /// # Errors
    /// When the account has no such endpoint or delivery.
    pub async fn delivery(
        &self,
        account: AccountId,
        id: EndpointId,
        event: EventId,
    ) -> Result<(Delivery, Event, Vec<Attempt>), HookError> {
        let endpoint = self.endpoint(account, id).await?;
        let delivery = store::delivery(&self.database, endpoint.id, event).await?.ok_or(HookError::NotFound)?;
        let event = store::event(&self.database, account, event).await?.ok_or(HookError::NotFound)?;
        let attempts = store::attempts(&self.database, endpoint.id, event.id, ATTEMPTS_MAX).await?;
        Ok((delivery, event, attempts))
    }

    /// The account's events behind `last`, oldest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn events_after(&self, account: AccountId, last: EventId, limit: i64) -> Result<Vec<Event>, HookError> {
        Ok(store::events_after(&self.database, account, last, limit.clamp(1, LIST_MAX)).await?)
    }

    /// The first id that an event of this moment can have.
    #[must_use]
    pub fn events_from(at: Timestamp) -> EventId {
        EventId::from_ulid(Ulid::from_parts(u64::try_from(at.millis()).unwrap_or(0), 0))
    }
}

fn made_before(endpoint: Endpoint, fingerprint: &str) -> Result<Made, HookError> {
    if endpoint.fingerprint == fingerprint { Ok(Made { endpoint, secret: None }) } else { Err(HookError::Conflict) }
}

/// The same request names the same endpoint, and no account can name another's.
fn endpoint_of(account: AccountId, request: &str) -> EndpointId {
    EndpointId::from_ulid(Ulid::from_bytes(first_bytes(&format!("endpoint {account} {request}"))))
}

/// As `endpoint_of`, but in the order of time, which is the order of events.
fn event_of(account: AccountId, endpoint: EndpointId, request: &str, now: Timestamp) -> EventId {
    let random = u128::from_be_bytes(first_bytes(&format!("{account} {endpoint} {request}"))) & ((1 << 80) - 1);
    EventId::from_ulid(Ulid::from_parts(u64::try_from(now.millis()).unwrap_or(0), random))
}

fn first_bytes(text: &str) -> [u8; 16] {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|index| digest[index])
}

fn fingerprint_of(wanted: &Wanted) -> String {
    let parts = json!([wanted.url, wanted.description, wanted.kinds.names()]);
    hex::encode(Sha256::digest(parts.to_string().as_bytes()))
}
