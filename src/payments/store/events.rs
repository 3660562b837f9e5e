//! How an event of Stripe's is written down. Decides nothing.

use crate::billing::store::{Sql, Statement};
use crate::ledger::Timestamp;
use crate::payments::about::About;
use crate::payments::inbox::EventState;

/// Writes an event down, unless it is there already.
pub fn insert_event(event: NewEvent<'_>) -> Statement {
    let About { purchase, intent } = About::of(event.payload);
    Statement::new(
        Sql::both(
            "insert into stripe_events (id, type, api_version, payload, received_at, state, purchase, intent) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        ),
        vec![
            event.id.into(),
            event.kind.into(),
            event.api_version.map(str::to_owned).into(),
            event.payload.into(),
            event.received_at.millis().into(),
            event.state.name().into(),
            purchase.map(|purchase| purchase.to_string()).into(),
            intent.into(),
        ],
    )
}

/// An event as it is stored on receipt.
pub struct NewEvent<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    pub api_version: Option<&'a str>,
    pub payload: &'a str,
    pub received_at: Timestamp,
    pub state: EventState,
}
