//! Refunds and disputes against the sandbox over HTTP, on both stores: the credits follow, the ledger stays whole.

mod refunds;
mod simulation;

use serde_json::Value;

use super::work::Booked;
use super::{RefundOrder, RefundTold};
use crate::billing::Order;
use crate::billing::store::testing::databases;
use crate::billing::store::{Sql, Statement};
use crate::ledger::{Cents, Command, Operation};
use crate::payments::purchase::Purchase;
use crate::payments::purchase::money_back::Facts;
use crate::payments::testing::intent_event;
use crate::payments::testing::shop::Shop;

impl Shop {
    async fn refund(&self, purchase: &Purchase, amount: Option<i64>) -> String {
        let intent = purchase.stripe_intent.as_deref().expect("paid");
        let amount = amount.map_or_else(String::new, |amount| format!("&amount={amount}"));
        let refund = self.ask("/v1/refunds", Some(&format!("payment_intent={intent}{amount}"))).await;
        text(&refund["id"])
    }

    async fn charge_of(&self, purchase: &Purchase) -> String {
        let intent = purchase.stripe_intent.as_deref().expect("paid");
        text(&self.ask(&format!("/v1/payment_intents/{intent}"), None).await["latest_charge"])
    }

    async fn dispute(&self, purchase: &Purchase) -> String {
        let charge = self.charge_of(purchase).await;
        text(&self.ask("/_control/dispute", Some(&format!("charge={charge}"))).await["id"])
    }

    async fn decide(&self, dispute: &str, outcome: &str) {
        self.ask("/_control/decide", Some(&format!("dispute={dispute}&outcome={outcome}"))).await;
    }

    /// State, money and credits that are back; what can be spent and what is owed, after an audit.
    async fn stands(&self, purchase: &Purchase) -> (&'static str, i64, i64, i64, i64) {
        let now = self.purchase(purchase.id).await;
        let available = self.till.available().await;
        let summary = self.till.kernel.account(self.till.account).await.expect("a ledger").expect("an account");
        let reversed = Sql::both("select reversed from grants where purchase_id = $1");
        let row = self.till.database.fetch_one(reversed, vec![purchase.id.to_string().into()]).await.expect("a store");
        let reversed = row.expect("a grant").int(0).expect("a number");
        assert_eq!(reversed, now.returned.credits.get(), "the row and the grant agree");
        let owed = -summary.owed.get();
        (now.state.name(), now.returned.money.get(), now.returned.credits.get(), available, owed)
    }

    async fn spend(&self, proofs: i64) {
        let command = Command::Charge {
            operation: Operation::ProofVerification,
            quantity: proofs,
            at_most: None,
            metadata: String::new(),
        };
        let order = Order::new(self.till.account, format!("spend-{proofs}"), command);
        self.till.kernel.submit(order).await.expect("spent");
    }

    /// Subjects of the letters to the members but for receipts, and kinds of the events for their servers, each oldest
    /// first.
    async fn told(&self) -> (Vec<String>, Vec<String>) {
        let letters = self.till.mail.member_letters(100).await.expect("a store");
        let subjects = letters.iter().map(|letter| letter.to("Ada", "ada@example.test").subject);
        let subjects = subjects.filter(|subject| !subject.starts_with("Your receipt")).collect();
        let events = Sql::both("select kind from webhook_events where kind <> 'purchase.paid' order by id");
        let rows = self.till.database.fetch(events, vec![]).await.expect("a store");
        (subjects, rows.iter().map(|row| row.text(0).expect("a kind")).collect())
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_refund_in_parts_takes_the_credits_in_parts_and_tells_of_it() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        shop.refund(&purchase, Some(405)).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 405, 40, 60, 0), "{store}");
        shop.refund(&purchase, None).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("refunded", 1_000, 100, 0, 0), "{store}");
        let (letters, events) = shop.told().await;
        assert_eq!(letters, ["40 credits were taken back", "60 credits were taken back"], "{store}");
        assert_eq!(events, ["purchase.reversed", "purchase.reversed"], "{store}");
    }
}

#[tokio::test]
async fn a_refund_that_fails_after_its_success_gives_the_credits_again() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let (kept, failed) = (shop.refund(&purchase, Some(300)).await, shop.refund(&purchase, Some(700)).await);
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("refunded", 1_000, 100, 0, 0), "{store}");
        shop.ask("/_control/fail_refund", Some(&format!("refund={failed}"))).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 300, 30, 70, 0), "{store}");
        shop.ask("/_control/fail_refund", Some(&format!("refund={kept}"))).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("paid", 0, 0, 100, 0), "{store}");
        let (letters, events) = shop.told().await;
        assert_eq!(letters.last().map(String::as_str), Some("30 credits are yours again"), "{store}");
        assert_eq!(events.last().map(String::as_str), Some("purchase.reinstated"), "{store}");
        // The same figure as before is a new effect.
        shop.refund(&purchase, Some(300)).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 300, 30, 70, 0), "{store}");
    }
}

#[tokio::test]
async fn a_lost_dispute_keeps_the_credits_and_what_was_spent_is_owed() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        shop.spend(30).await;
        let dispute = shop.dispute(&purchase).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("disputed", 1_000, 100, 0, 30), "{store}");
        shop.decide(&dispute, "lost").await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("lost", 1_000, 100, 0, 30), "{store}");
        assert_eq!(shop.told().await.1, ["purchase.reversed"], "{store}: once for all four events");
    }
}

#[tokio::test]
async fn a_won_dispute_settles_what_was_owed_and_gives_the_rest_again() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        shop.spend(30).await;
        shop.refund(&purchase, Some(200)).await;
        let dispute = shop.dispute(&purchase).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("disputed", 1_000, 100, 0, 30), "{store}");
        shop.decide(&dispute, "won").await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 200, 20, 50, 0), "{store}");
    }
}

#[tokio::test]
async fn the_money_of_one_purchase_takes_nothing_from_another() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let first = shop.bought("key-1", "pm_card_visa").await;
        shop.spend(100).await;
        let second = shop.bought("key-2", "pm_card_visa").await;
        shop.refund(&first, None).await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&first).await, ("refunded", 1_000, 100, 100, 100), "{store}");
        assert_eq!(shop.stands(&second).await, ("paid", 0, 0, 100, 100), "{store}");
    }
}

#[tokio::test]
async fn a_refund_that_is_heard_of_before_its_payment_ends_the_same() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let checkout = till.payments.checkout(till.account, None, till.starter(), "form-1").await.expect("a page");
        // Less by a promotion code: $8.00 are the whole.
        shop.promote(&checkout.url, "TEST20").await;
        shop.pay(&checkout.url, "4242424242424242").await;
        let intents = shop.ask("/v1/payment_intents?limit=1", None).await;
        let paid_by =
            Purchase { stripe_intent: Some(text(&intents["data"][0]["id"])), ..shop.purchase(checkout.purchase).await };
        shop.refund(&paid_by, Some(400)).await;
        assert_eq!(shop.purchase(checkout.purchase).await.state.name(), "pending", "{store}: nothing was told yet");
        shop.hear_of("evt_r", "refund.created", &paid_by).await;
        assert_eq!(shop.stands(&paid_by).await, ("partly_refunded", 400, 50, 50, 0), "{store}");
        assert_eq!(till.event_state("evt_r").await.as_deref(), Some("done"), "{store}");
        let mut late = intent_event("evt_p", "succeeded", &paid_by);
        late["data"]["object"]["id"] = paid_by.stripe_intent.clone().into();
        late["data"]["object"]["amount_received"] = 800.into();
        till.hear(&late).await;
        assert_eq!(shop.stands(&paid_by).await, ("partly_refunded", 400, 50, 50, 0), "{store}: nothing comes twice");
        shop.refund(&paid_by, None).await;
        shop.hear_of("evt_all", "charge.refund.updated", &paid_by).await;
        assert_eq!(shop.stands(&paid_by).await, ("refunded", 800, 100, 0, 0), "{store}");
    }
}

#[tokio::test]
async fn an_answer_of_stripes_that_has_grown_old_is_never_booked() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let payments = &shop.till.payments;
        let before = shop.bought("key-1", "pm_card_visa").await;
        let refunded = |cents| Facts { refunded: cents, ..Facts::default() };
        // Asked for at `before`, and overtaken: first by one that moves credits, then by one that moves none.
        let booked = payments.book(&before, &refunded(400), None).await.expect("booked");
        assert!(matches!(booked, Booked::Done(_)), "{store}");
        for old in [refunded(0), refunded(1_000), refunded(400)] {
            assert_eq!(payments.book(&before, &old, None).await, Ok(Booked::Stale), "{store}: {old:?}");
        }
        assert_eq!(shop.stands(&before).await, ("partly_refunded", 400, 40, 60, 0), "{store}");
        let now = shop.purchase(before.id).await;
        assert!(
            matches!(payments.book(&now, &refunded(400), None).await, Ok(Booked::Done(_))),
            "{store}: nothing moves"
        );
        for old in [refunded(0), refunded(1_000), refunded(400)] {
            assert_eq!(payments.book(&now, &old, None).await, Ok(Booked::Stale), "{store}: {old:?}");
        }
        assert_eq!(shop.stands(&before).await, ("partly_refunded", 400, 40, 60, 0), "{store}");
    }
}

#[tokio::test]
async fn three_servers_that_hear_of_one_refund_at_once_take_its_credits_once() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let base = shop.sandbox.base_url();
        let (peer, third) = (till.restarted_at(&base), till.restarted_at(&base));
        for round in 0..4 {
            shop.refund(&purchase, Some(111)).await;
            for n in 0..3 {
                till.deliver(&refund_event(&format!("evt_{round}_{n}"), &purchase)).await.expect("taken in");
            }
            // A round that lost too many races says so and leaves its event for the next one.
            drop(tokio::join!(till.payments.work_off(), peer.work_off(), third.work_off()));
            till.payments.work_off().await.expect("worked off");
        }
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 444, 44, 56, 0), "{store}");
        assert_eq!(shop.told().await.1.len(), 4, "{store}: each movement is told once");
    }
}

fn refund_event(id: &str, purchase: &Purchase) -> Value {
    serde_json::json!({ "id": id, "type": "refund.updated", "created": 1, "livemode": false,
        "data": { "object": { "charge": null, "payment_intent": purchase.stripe_intent } } })
}

#[tokio::test]
async fn news_of_other_payments_is_kept_and_moves_nothing() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let metadata = format!("metadata[purchase]={}", purchase.id);
        let second = format!(
            "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa&{metadata}&return_url=http://127.0.0.1:9/"
        );
        let foreign =
            "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa&return_url=http://127.0.0.1:9/";
        for (id, form, state) in [("evt_second", second.as_str(), "ignored"), ("evt_foreign", foreign, "ignored")] {
            let intent = text(&shop.ask("/v1/payment_intents", Some(form)).await["id"]);
            let other = Purchase { stripe_intent: Some(intent), ..purchase.clone() };
            shop.refund(&other, None).await;
            shop.hear_of(id, "refund.created", &other).await;
            assert_eq!(till.event_state(id).await.as_deref(), Some(state), "{store} {id}");
        }
        let unknown = Purchase { stripe_intent: Some("pi_nobody".into()), ..purchase.clone() };
        shop.hear_of("evt_unknown", "refund.created", &unknown).await;
        assert_eq!(
            till.event_state("evt_unknown").await.as_deref(),
            Some("failed"),
            "{store}: stripe knows no such payment"
        );
        assert_eq!(shop.stands(&purchase).await, ("paid", 0, 0, 100, 0), "{store}");
    }
}

#[tokio::test]
async fn an_event_that_names_only_a_charge_is_followed_to_its_payment() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        shop.refund(&purchase, Some(500)).await;
        let charge = shop.charge_of(&purchase).await;
        let event = serde_json::json!({ "id": "evt_1", "type": "charge.dispute.updated", "created": 1, "livemode": false,
            "data": { "object": { "id": "du_1", "charge": charge } } });
        shop.till.hear(&event).await;
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 500, 50, 50, 0), "{store}");
    }
}

#[tokio::test]
async fn while_stripe_does_not_answer_the_event_waits_and_then_counts() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        shop.refund(&purchase, None).await;
        till.deliver(&refund_event("evt_1", &purchase)).await.expect("taken in");
        assert!(till.peer().work_off().await.is_err(), "{store}: nobody listens there");
        assert_eq!(till.event_state("evt_1").await.as_deref(), Some("stored"), "{store}");
        assert_eq!(shop.stands(&purchase).await, ("paid", 0, 0, 100, 0), "{store}");
        till.payments.work_off().await.expect("worked off");
        assert_eq!(shop.stands(&purchase).await, ("refunded", 1_000, 100, 0, 0), "{store}");
    }
}

fn order<'a>(purchase: &Purchase, amount: Option<i64>, request: &'a str) -> RefundOrder<'a> {
    let amount = amount.map(|amount| Cents::new(amount).expect("small"));
    RefundOrder { purchase: purchase.id, payment: None, amount, reason: "charged by mistake", request }
}

/// A row that stands for the audit log's line.
fn line(told: &RefundTold<'_>) -> Statement {
    let sql = Sql::both(
        "insert into stripe_events (id, type, payload, received_at, state) values ($1, 'line', $2, 0, 'done') \
         on conflict do nothing",
    );
    let id = format!("line_{}_{}_{}", told.purchase, told.amount.get(), told.action());
    Statement::new(sql, vec![id.into(), "{}".into()])
}

/// As if the server had died before it could note that a refund was made.
fn forget_answers() -> Statement {
    Statement::new(Sql::both("update money_refunds set state = 'asked', stripe_refund = null"), vec![])
}

#[tokio::test]
async fn through_lost_doubled_and_shuffled_webhooks_the_credits_end_where_the_money_is() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let (first, second) = (shop.bought("key-1", "pm_card_visa").await, shop.bought("key-2", "pm_card_visa").await);
        shop.spend(120).await;
        shop.ask("/_control/chaos", Some("duplicates=true&disorder=true")).await;
        let failing = shop.refund(&first, Some(330)).await;
        shop.refund(&first, Some(120)).await;
        let dispute = shop.dispute(&second).await;
        shop.ask("/_control/chaos", Some("loss=true")).await;
        shop.ask("/_control/fail_refund", Some(&format!("refund={failing}"))).await;
        shop.refund(&first, Some(50)).await;
        shop.ask("/_control/chaos", Some("calm=true")).await;
        shop.decide(&dispute, "won").await;
        shop.catch_up().await;
        assert_eq!(shop.stands(&first).await, ("partly_refunded", 170, 17, 80, 17), "{store}");
        assert_eq!(shop.stands(&second).await, ("reinstated", 0, 0, 80, 17), "{store}");
    }
}
