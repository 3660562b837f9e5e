//! Events on their way out, in the order of their time, and the mischief that can be done to them there.
//!
//! Time here is the sandbox's own: milliseconds since its start, plus every advance of its clock, so that what waits
//! for its next attempt becomes due when the clock is moved. Knows nothing of HTTP.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::state::Event;

/// Events that wait; beyond it new ones are dropped with a warning (they stay under `/v1/events`).
const PARCELS_MAX: usize = 10_000;
/// How far apart events are that come in the wrong order.
const DISORDER_MILLISECONDS: u64 = 250;
/// How long after an event its double comes.
const DOUBLE_MILLISECONDS: u64 = 300;
/// Later than any clock: until it is asked for.
const NEVER: u64 = u64::MAX;

/// What is done to deliveries, and to refunds, on purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chaos {
    /// Every event comes twice.
    pub duplicates: bool,
    /// What happens at once arrives in reverse.
    pub disorder: bool,
    /// How long every event is under way, at least.
    pub delay_seconds: u32,
    /// Events are never sent; they stay under `/v1/events`.
    pub loss: bool,
    /// Events wait until somebody asks for them.
    pub hold: bool,
    /// Every refund comes back from the bank.
    pub fail_refunds: bool,
}

/// One attempt to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parcel {
    pub event: Event,
    pub attempt: usize,
}

#[derive(Debug, Default)]
pub struct Outbox {
    parcels: BTreeMap<(u64, u64), Parcel>,
    /// Taken out to be sent, by number: not known yet whether they arrive.
    under_way: BTreeMap<u64, Parcel>,
    next: u64,
}

impl Outbox {
    /// Takes what happened in one piece of work.
    pub fn post(&mut self, events: Vec<Event>, chaos: Chaos, now: u64) {
        if chaos.loss {
            return;
        }
        let count = events.len();
        for (at, event) in events.into_iter().enumerate() {
            let place = u64::try_from(count.saturating_sub(at)).unwrap_or_default();
            let disorder = if chaos.disorder { place * DISORDER_MILLISECONDS } else { 0 };
            let due = if chaos.hold { NEVER } else { now + u64::from(chaos.delay_seconds) * 1_000 + disorder };
            if chaos.duplicates {
                self.put(due.saturating_add(DOUBLE_MILLISECONDS), Parcel { event: event.clone(), attempt: 0 });
            }
            self.put(due, Parcel { event, attempt: 0 });
        }
    }

    pub fn put(&mut self, due: u64, parcel: Parcel) {
        if self.parcels.len() >= PARCELS_MAX {
            tracing::warn!(event = parcel.event.id, "too many sandbox webhooks wait; it stays under /v1/events");
            return;
        }
        self.parcels.insert((due, self.next), parcel);
        self.next += 1;
    }

    /// The next attempt whose time has come, under the number by which its end is told to [`Outbox::end`].
    pub fn take_due(&mut self, now: u64) -> Option<(u64, Parcel)> {
        let ((due, _), _) = self.parcels.first_key_value()?;
        if *due > now {
            return None;
        }
        let ((_, number), parcel) = self.parcels.pop_first()?;
        self.under_way.insert(number, parcel.clone());
        Some((number, parcel))
    }

    /// An attempt is over, however it went.
    pub fn end(&mut self, number: u64) {
        self.under_way.remove(&number);
    }

    /// Forgets what waits: for whoever sends all of it now.
    pub fn clear(&mut self) {
        self.parcels.clear();
    }

    pub fn waiting(&self) -> usize {
        self.parcels.len()
    }
}

/// Kept as a list of times and parcels. What was under way may not have arrived, so it is sent again first.
impl Serialize for Outbox {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let under_way = self.under_way.values().map(|parcel| (0, parcel));
        serializer.collect_seq(under_way.chain(self.parcels.iter().map(|((due, _), parcel)| (*due, parcel))))
    }
}

impl<'de> Deserialize<'de> for Outbox {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut outbox = Self::default();
        for (due, parcel) in Vec::<(u64, Parcel)>::deserialize(deserializer)? {
            outbox.put(due, parcel);
        }
        Ok(outbox)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn events() -> Vec<Event> {
        ["evt_a", "evt_b"]
            .map(|id| Event { id: id.to_owned(), created: 0, kind: "x", body: Value::Null })
            .into_iter()
            .collect()
    }

    fn arrivals(chaos: Chaos, now: u64) -> Vec<String> {
        let mut outbox = Outbox::default();
        outbox.post(events(), chaos, 0);
        std::iter::from_fn(|| outbox.take_due(now)).map(|(_, parcel)| parcel.event.id).collect()
    }

    #[test]
    fn without_mischief_events_leave_at_once_and_in_order() {
        assert_eq!(arrivals(Chaos::default(), 0), ["evt_a", "evt_b"]);
    }

    #[test]
    fn each_mischief_does_what_it_says() {
        let calm = Chaos::default();
        let later = 60_000;
        assert_eq!(arrivals(Chaos { disorder: true, ..calm }, later), ["evt_b", "evt_a"]);
        assert_eq!(arrivals(Chaos { duplicates: true, ..calm }, later), ["evt_a", "evt_b", "evt_a", "evt_b"]);
        assert_eq!(arrivals(Chaos { loss: true, ..calm }, later).len(), 0);
        assert_eq!(arrivals(Chaos { hold: true, ..calm }, later).len(), 0);
        let slow = Chaos { delay_seconds: 30, ..calm };
        assert_eq!((arrivals(slow, 29_999).len(), arrivals(slow, 30_000).len()), (0, 2));
    }

    #[test]
    fn what_was_under_way_is_sent_again_first_when_it_is_read_back() {
        let mut outbox = Outbox::default();
        outbox.post(events(), Chaos::default(), 7);
        let (number, _) = outbox.take_due(7).unwrap();
        let text = serde_json::to_string(&outbox).unwrap();
        let mut again: Outbox = serde_json::from_str(&text).unwrap();
        let order = |outbox: &mut Outbox| outbox.take_due(7).map(|(_, parcel)| parcel.event.id);
        assert_eq!((order(&mut again).as_deref(), order(&mut again).as_deref()), (Some("evt_a"), Some("evt_b")));
        outbox.end(number);
        let mut again: Outbox = serde_json::from_str(&serde_json::to_string(&outbox).unwrap()).unwrap();
        assert_eq!((order(&mut again).as_deref(), order(&mut again)), (Some("evt_b"), None));
    }
}
