//! What the tests of this room share: a till on a fresh database, and events as Stripe signs them.

pub mod seeds;
pub mod shop;
pub mod weather;

use std::sync::Arc;

use serde_json::{Value, json};

use super::purchase::{Purchase, Way};
use super::webhook::{WebhookError, sign};
use super::{Mode, Payments, PaymentsConfig};
use crate::billing::store::{Database, Sql};
use crate::billing::{AuditReport, Kernel, NewAccount, prices_from};
use crate::ledger::testing::{CountingIds, ManualClock};
use crate::ledger::{AccountId, Clock, GrantId, IdSource, Package, PriceBook, PurchaseId};
use crate::mail::Mail;

pub const SECRET: &str = "whsec_test";

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// One server's payments over a database, with a customer.
pub struct Till {
    pub database: Database,
    pub kernel: Kernel,
    pub mail: Mail,
    pub payments: Payments,
    pub clock: Arc<ManualClock>,
    pub ids: Arc<CountingIds>,
    pub account: AccountId,
}

impl Till {
    pub async fn open(database: Database) -> Self {
        Self::open_at(database, NOWHERE, Arc::new(ManualClock::default())).await
    }

    /// With Stripe's API at `api_base`.
    pub async fn open_at(database: Database, api_base: &str, clock: Arc<ManualClock>) -> Self {
        let ids = Arc::new(CountingIds::default());
        let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
        let kernel = Kernel::start(database.clone(), prices, clock.clone(), ids.clone());
        let mail = Mail::outbox(database.clone(), clock.clone(), ids.clone());
        let payments =
            Payments::new(database.clone(), kernel.clone(), mail.clone(), clock.clone(), ids.clone(), config(api_base))
                .expect("usable settings");
        let account =
            kernel.open(NewAccount::by_sign_up("Ada".into()), "open", None).await.expect("an account").account;
        Till { database, kernel, mail, payments, clock, ids, account }
    }

    /// Another server on the same database, with a kernel of its own, whose Stripe is at `api_base`.
    pub fn restarted_at(&self, api_base: &str) -> Payments {
        let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
        let kernel = Kernel::start(self.database.clone(), prices, self.clock.clone(), self.ids.clone());
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Payments::new(self.database.clone(), kernel, self.mail.clone(), clock, ids, config(api_base))
            .expect("usable settings")
    }

    pub fn peer(&self) -> Payments {
        self.restarted_at(NOWHERE)
    }

    pub fn starter(&self) -> &Package {
        self.kernel.price_book().package("starter").expect("sold")
    }

    /// A purchase as `checkout` writes it down.
    pub async fn purchase(&self, request: &str) -> Purchase {
        self.purchase_of(self.account, request).await
    }

    pub async fn purchase_of(&self, account: AccountId, request: &str) -> Purchase {
        let now = self.clock.now();
        let starter = self.starter();
        let purchase = Purchase {
            id: PurchaseId::from_ulid(self.ids.next(now)),
            account,
            request: request.into(),
            way: Way::Checkout,
            package: starter.name.clone(),
            credits: starter.credits,
            amount: starter.price,
            received: starter.price,
            grant: GrantId::from_ulid(self.ids.next(now)),
            created_at: now,
            ..super::purchase::tests::created()
        };
        self.payments.inner.store.create(&purchase).await.expect("a store").expect("written")
    }

    /// Signs and delivers an event, as Stripe would now.
    pub async fn deliver(&self, event: &Value) -> Result<(), WebhookError> {
        let body = event.to_string();
        let header = sign(body.as_bytes(), SECRET, self.clock.now().millis() / 1_000);
        self.payments.receive_webhook(body.as_bytes(), Some(&header)).await
    }

    /// Delivers and works off.
    pub async fn hear(&self, event: &Value) {
        self.deliver(event).await.expect("taken in");
        self.payments.work_off().await.expect("worked off");
    }

    /// What can be spent, after an audit of the whole ledger.
    pub async fn available(&self) -> i64 {
        let audit = AuditReport::of(&self.database).await.expect("a store");
        assert_eq!(audit.faults, []);
        self.kernel.account(self.account).await.expect("a ledger").expect("an account").available.get()
    }

    pub async fn state(&self, purchase: &Purchase) -> &'static str {
        self.payments.inner.store.purchase(purchase.id).await.expect("a store").expect("a purchase").state.name()
    }

    /// The state and note of a stored event.
    pub async fn event(&self, id: &str) -> Option<(String, String)> {
        let sql = Sql::both("select state, coalesce(note, '') from stripe_events where id = $1");
        let row = self.database.fetch_one(sql, vec![id.into()]).await.expect("a store")?;
        Some((row.text(0).expect("a state"), row.text(1).expect("a note")))
    }

    /// How many stored events are in a state.
    pub async fn events_that_are(&self, state: &str) -> i64 {
        let sql = Sql::both("select count(*) from stripe_events where state = $1");
        let row = self.database.fetch_one(sql, vec![state.into()]).await.expect("a store").expect("a count");
        row.int(0).expect("a number")
    }

    pub async fn event_state(&self, id: &str) -> Option<String> {
        self.event(id).await.map(|(state, _)| state)
    }
}

fn config(api_base: &str) -> PaymentsConfig {
    PaymentsConfig {
        secret_key: "sk_test_1".into(),
        api_base: Some(api_base.into()),
        webhook_secrets: vec![SECRET.into()].into(),
        public_url: "http://127.0.0.1:3000".into(),
        tax: false,
        mode: Mode::Test,
    }
}

fn event(id: &str, kind: &str, object: Value) -> Value {
    json!({ "id": id, "object": "event", "type": kind, "api_version": "2026-09-30.endive", "created": 1_767_225_600,
        "livemode": false, "data": { "object": object } })
}

/// A session event about `purchase`: `completed`, `expired`, …
pub fn session_event(id: &str, what: &str, purchase: &Purchase, payment_status: &str) -> Value {
    event(
        id,
        &format!("checkout.session.{what}"),
        json!({ "id": format!("cs_{}", purchase.id),
        "object": "checkout.session", "payment_status": payment_status, "amount_total": purchase.amount.get(),
        "currency": "usd", "client_reference_id": purchase.id.to_string(), "payment_intent": format!("pi_{}", purchase.id),
        "metadata": { "purchase": purchase.id.to_string() } }),
    )
}

/// A payment intent event about `purchase`: `succeeded`, `payment_failed`, …
pub fn intent_event(id: &str, what: &str, purchase: &Purchase) -> Value {
    event(
        id,
        &format!("payment_intent.{what}"),
        json!({ "id": format!("pi_{}", purchase.id),
        "object": "payment_intent", "amount": purchase.amount.get(), "amount_received": purchase.amount.get(),
        "currency": "usd", "metadata": { "purchase": purchase.id.to_string() } }),
    )
}
