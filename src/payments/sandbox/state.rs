//! Everything the sandbox remembers: objects by id, in the order they were made.
//!
//! Knows nothing of HTTP, of delivery, of files, or of our own ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::error::ApiError;
use super::idempotency::Replays;
use super::objects::{
    BalanceTransaction, Charge, CheckoutSession, Coupon, Customer, Dispute, Invoice, PaymentIntent, PaymentMethod,
    PortalSession, Price, Product, PromotionCode, Refund, SetupIntent, Subscription, promotion,
};
use super::outbox::{Chaos, Outbox};
use super::words::{Word, word};

/// The API version whose shapes the sandbox speaks; the one that `async-stripe` is generated from.
pub const API_VERSION: &str = "2026-09-30.endive";

/// A day of heavy load tests; older objects are forgotten first, so that memory stays bounded.
const SHELF_MAX: usize = 200_000;

/// Of the events, which are the most and the largest, only so many outlive a restart: what happened long ago is told by
/// the objects themselves.
const EVENTS_KEPT_MAX: usize = 10_000;

/// Something with an id and an age.
pub trait Object {
    fn id(&self) -> &str;
    /// Unix seconds.
    fn created(&self) -> i64;
    /// The object as Stripe sends it, with bare ids where it could be expanded.
    fn render(&self) -> Value;
}

/// Objects of one kind: found by id, walked by age.
#[derive(Debug)]
pub struct Shelf<T> {
    items: BTreeMap<u64, T>,
    places: HashMap<String, u64>,
    next: u64,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), places: HashMap::new(), next: 0 }
    }
}

impl<T: Object> Shelf<T> {
    pub fn put(&mut self, item: T) {
        if self.items.len() >= SHELF_MAX
            && let Some((_, oldest)) = self.items.pop_first()
        {
            self.places.remove(oldest.id());
        }
        self.places.insert(item.id().to_owned(), self.next);
        self.items.insert(self.next, item);
        self.next += 1;
    }

    pub fn get(&self, id: &str) -> Option<&T> {
        self.items.get(self.places.get(id)?)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(self.places.get(id)?)
    }

    pub fn remove(&mut self, id: &str) {
        if let Some(place) = self.places.remove(id) {
            self.items.remove(&place);
        }
    }

    /// Newest first, as Stripe lists.
    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.items.values().rev()
    }
}

/// Kept as a list, the oldest first.
impl<T: Serialize> Serialize for Shelf<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.items.values())
    }
}

impl<'de, T: Object + Deserialize<'de>> Deserialize<'de> for Shelf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut shelf = Self::default();
        Vec::<T>::deserialize(deserializer)?.into_iter().for_each(|item| shelf.put(item));
        Ok(shelf)
    }
}

fn newest_events<S: Serializer>(events: &Shelf<Event>, serializer: S) -> Result<S::Ok, S::Error> {
    let too_many = events.items.len().saturating_sub(EVENTS_KEPT_MAX);
    serializer.collect_seq(events.items.values().skip(too_many))
}

/// An event as it was when it happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub created: i64,
    #[serde(deserialize_with = "word")]
    pub kind: Word,
    pub body: Value,
}

impl Object for Event {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        self.body.clone()
    }
}

/// Something that a bank has yet to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Due {
    /// Says whether the debit of this payment intent went through.
    Debit(String),
    /// Takes in a pending refund, or sends one back.
    Refund(String),
}

/// The whole memory of one sandbox.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Store {
    pub customers: Shelf<Customer>,
    pub payment_methods: Shelf<PaymentMethod>,
    pub payment_intents: Shelf<PaymentIntent>,
    pub setup_intents: Shelf<SetupIntent>,
    pub subscriptions: Shelf<Subscription>,
    pub products: Shelf<Product>,
    pub prices: Shelf<Price>,
    pub coupons: Shelf<Coupon>,
    pub promotion_codes: Shelf<PromotionCode>,
    pub invoices: Shelf<Invoice>,
    pub portal_sessions: Shelf<PortalSession>,
    pub charges: Shelf<Charge>,
    pub refunds: Shelf<Refund>,
    pub disputes: Shelf<Dispute>,
    pub balance_transactions: Shelf<BalanceTransaction>,
    pub sessions: Shelf<CheckoutSession>,
    /// When each session ends, soonest first.
    pub expiries: BTreeSet<(i64, String)>,
    /// What a bank will do, soonest first.
    pub due: BTreeSet<(i64, Due)>,
    #[serde(serialize_with = "newest_events")]
    pub events: Shelf<Event>,
    pub outbox: Outbox,
    pub chaos: Chaos,
    /// How far the sandbox's clock is ahead of the real one, in seconds.
    pub clock_shift: i64,
    pub replays: Replays,
}

impl Store {
    /// What a sandbox knows before anybody asked it for anything.
    pub fn stocked(now: i64) -> Self {
        let mut store = Self::default();
        promotion::stock(&mut store, now);
        store
    }
}

/// Who asked: written into the events that follow.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub request: Option<String>,
    pub idempotency_key: Option<String>,
}

/// One piece of work on the store: at one instant, for one request.
pub struct Desk<'a> {
    pub store: &'a mut Store,
    /// Unix seconds.
    pub now: i64,
    pub base_url: &'a str,
    pub origin: Origin,
    /// How many webhook endpoints an event will be sent to.
    pub endpoints: u32,
    /// What happened here, in order, to be delivered once the store is let go.
    pub emitted: Vec<Event>,
}

impl Desk<'_> {
    /// Records that something happened to `object`.
    pub fn emit(&mut self, kind: &'static str, object: Value) {
        let id = new_id("evt_");
        let body = json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": { "object": object },
            "livemode": false,
            "pending_webhooks": self.endpoints,
            "request": { "id": self.origin.request, "idempotency_key": self.origin.idempotency_key },
            "type": kind,
        });
        let event = Event { id, created: self.now, kind, body };
        self.store.events.put(event.clone());
        self.emitted.push(event);
    }

    /// Checks that a customer named in a parameter exists.
    pub fn known_customer(&self, id: &str, param: &str) -> Result<(), ApiError> {
        match self.store.customers.get(id) {
            Some(_) => Ok(()),
            None => Err(ApiError::no_such_reference("customer", id, param)),
        }
    }
}

/// Letters and digits, as in Stripe's ids.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A prefix and 24 random letters and digits (142 bits).
pub fn new_id(prefix: &str) -> String {
    // The few values above 61 fold back: a slight bias that ids can bear.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox stands outside the house: nothing of ours depends on its ids"
    )]
    let random: [u8; 24] = rand::random();
    let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 62)));
    prefix.chars().chain(letters.map(|letter| char::from(*letter))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_prefix_and_do_not_repeat() {
        let (one, other) = (new_id("cus_"), new_id("cus_"));
        assert!(one.starts_with("cus_") && one.len() == 28);
        assert_ne!(one, other);
    }

    #[test]
    fn a_full_shelf_forgets_the_oldest() {
        let mut shelf = Shelf::default();
        for at in 0..=SHELF_MAX {
            shelf.put(Event { id: format!("evt_{at}"), created: 0, kind: "x", body: Value::Null });
        }
        assert!(shelf.get("evt_0").is_none());
        assert!(shelf.get("evt_1").is_some());
        assert_eq!(shelf.newest_first().next().map(|event| event.id.clone()), Some(format!("evt_{SHELF_MAX}")));
    }
}
