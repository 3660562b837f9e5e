//! What operators see of payments: every event and every purchase, whosever it is; and working an event off again.
//!
//! A replay goes the inbox's own road: the event waits once more and is worked off as it was the first time. What it
//! did already, it does not do again. Deliberately absent: any other way for an operator to change a purchase.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::inbox::EventState;
use super::promotion::Terms;
use super::purchase::{Purchase, PurchaseState, UnknownName};
use super::store::WaitingEvent;
use super::{PaymentError, Payments};
use crate::billing::Receipt;
use crate::billing::store::Statement;
use crate::ledger::{AccountId, Cents, PurchaseId, Timestamp};

pub(super) mod store;
#[cfg(test)]
mod tests;

/// Rows read at once, however many are asked for.
const PAGE_MAX: i64 = 500;
/// Whoever has one of these can pay an intent of the customer's.
const SECRET_FIELDS: [&str; 1] = ["client_secret"];
/// Events shown of one purchase; it has a handful.
const EVENTS_OF_PURCHASE_MAX: i64 = 100;

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Stripe's id.
    pub id: String,
    /// Stripe's type.
    pub kind: String,
    /// The version of Stripe's API it is written in.
    pub api_version: Option<String>,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: EventState,
    /// How often it was worked off.
    pub attempts: i64,
    /// What came of it, where there is something to say.
    pub note: String,
    /// The purchase that its object names; not looked up.
    pub purchase: Option<String>,
    /// The payment intent that its object is or belongs to.
    pub intent: Option<String>,
    /// How often an operator had it worked off again.
    pub replays: i64,
    /// When last.
    pub replayed_at: Option<Timestamp>,
}

impl StoredEvent {
    /// Where the page after this event begins.
    #[must_use]
    pub fn cursor(&self) -> EventCursor {
        EventCursor { received_at: self.received_at, id: self.id.clone() }
    }
}

/// Which events are listed; all where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only in this state.
    pub state: Option<EventState>,
    /// Only of exactly this type.
    pub kind: Option<String>,
}

/// A place in the list of events, as text `1767225600000-evt_1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCursor {
    received_at: Timestamp,
    id: String,
}

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.received_at.millis(), self.id)
    }
}

impl FromStr for EventCursor {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName(text.chars().take(60).collect());
        let (millis, id) = text.split_once('-').ok_or_else(unknown)?;
        let received_at = Timestamp::from_millis(millis.parse().map_err(|_| unknown())?);
        let usable = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
        if usable { Ok(EventCursor { received_at, id: id.to_owned() }) } else { Err(unknown()) }
    }
}

/// What became of asking for a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// It was worked off again; the event as it stands now. One that still waits is tried again by itself.
    Again(StoredEvent),
    /// It is done already, and nothing was changed.
    AlreadyDone(StoredEvent),
}

/// Which purchases are listed; all where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurchaseFilter {
    /// Only in this state.
    pub state: Option<PurchaseState>,
    /// Only this account's.
    pub account: Option<AccountId>,
}

/// What a paid purchase came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Taken off by a promotion code.
    pub discount: Cents,
    /// Put on top as tax.
    pub tax: Cents,
    /// The promotion code.
    pub promotion: Option<String>,
    /// The ledger's receipt of the credits.
    pub receipt: Option<Receipt>,
}

impl Payments {
    /// Stripe's events, the newest first: `limit` of them, all before `before` where that is given.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn events(
        &self,
        filter: &EventFilter,
        before: Option<&EventCursor>,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, PaymentError> {
        let before = before.map(|cursor| (cursor.received_at.millis(), cursor.id.as_str()));
        Ok(store::events(&self.inner.store.database, filter, before, limit.clamp(1, PAGE_MAX)).await?)
    }

    /// One event with its payload, word for word as it came.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn event(&self, id: &str) -> Result<Option<(StoredEvent, String)>, PaymentError> {
        Ok(store::event(&self.inner.store.database, id).await?)
    }

    /// The events about a purchase, the newest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn events_about(&self, purchase: &Purchase) -> Result<Vec<StoredEvent>, PaymentError> {
        let intent = purchase.stripe_intent.as_deref();
        Ok(store::events_about(&self.inner.store.database, purchase.id, intent, EVENTS_OF_PURCHASE_MAX).await?)
    }

    /// Works an event off again, by the same road as the first time; one that is done stays as it is. `line` is written
    /// with it and tells who asked. None when there is no such event.
    ///
    /// # Errors
    /// When the store does not answer; either nothing has changed then, or the event waits and is worked off by itself.
    pub async fn replay(&self, id: &str, line: Statement) -> Result<Option<Replay>, PaymentError> {
        let Some((event, payload)) = self.event(id).await? else { return Ok(None) };
        let reopened = self.reopen(id, line).await?;
        if !reopened {
            // It may have become done just now.
            let now = self.event(id).await?.map_or(event, |(event, _)| event);
            return Ok(Some(Replay::AlreadyDone(now)));
        }
        self.work_off_now(&WaitingEvent { id: id.to_owned(), kind: event.kind, payload }).await;
        Ok(self.event(id).await?.map(|(event, _)| Replay::Again(event)))
    }

    /// Lets an event wait again, with the line that says who asked; false when it is done and has to stay.
    async fn reopen(&self, id: &str, line: Statement) -> Result<bool, PaymentError> {
        let mut transaction = self.inner.store.database.begin().await?;
        if transaction.execute(store::reopen(id, self.inner.clock.now())).await? == 0 {
            return Ok(false);
        }
        transaction.execute(line).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Works one event off without waiting for the next round; what fails is left to that round.
    pub(super) async fn work_off_now(&self, event: &WaitingEvent) {
        match self.work_one(event).await {
            Ok(finished) => self.remember_aside(finished.into_iter().collect()),
            Err(error) => tracing::warn!(event = %event.id, %error, "a replayed event has to be tried again"),
        }
    }

    /// Purchases of every account, the newest first: `limit` of them, all older than `before` where that is given.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn all_purchases(
        &self,
        filter: PurchaseFilter,
        before: Option<PurchaseId>,
        limit: i64,
    ) -> Result<Vec<Purchase>, PaymentError> {
        Ok(store::purchases(&self.inner.store.database, filter, before, limit.clamp(1, PAGE_MAX)).await?)
    }

    /// What a purchase came to and what the ledger says of it; none while it is not paid.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn money_of(&self, purchase: &Purchase) -> Result<Option<Paid>, PaymentError> {
        if !purchase.state.was_paid() {
            return Ok(None);
        }
        let Terms { discount, tax, promotion, .. } =
            store::terms(&self.inner.store.database, purchase.id).await?.unwrap_or_default();
        let cents = |amount| Cents::new(amount).unwrap_or(Cents::ZERO);
        let receipt = self.inner.kernel.receipt(purchase.account, &purchase.grant_request()).await?;
        Ok(Some(Paid { discount: cents(discount), tax: cents(tax), promotion, receipt }))
    }
}

/// A payload to be looked at: what would let its reader pay is not shown.
#[must_use]
pub fn readable_payload(payload: &str) -> Value {
    let mut value = serde_json::from_str(payload).unwrap_or_else(|_| Value::String(payload.to_owned()));
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if SECRET_FIELDS.contains(&name.as_str()) && field.is_string() {
                    *field = "(not shown)".into();
                } else {
                    mask(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

impl Paid {
    /// What the customer paid in all.
    #[must_use]
    pub fn total(&self, price: Cents) -> Cents {
        price.checked_sub(self.discount).and_then(|rest| rest.checked_add(self.tax)).unwrap_or(price)
    }
}
