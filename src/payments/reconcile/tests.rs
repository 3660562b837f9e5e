//! Comparisons on both stores against the sandbox over HTTP: what was lost is found, named and mended, once.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::{Difference, KeptFinding, Reconciliation, RepairRefused, Repaired, RunState, Totals};
use crate::billing::store::testing::databases;
use crate::billing::store::{Database, Sql, Statement};
use crate::ledger::testing::ManualClock;
use crate::ledger::{Clock, IdSource, PurchaseId, Tier};
use crate::payments::sandbox::{self, RunningSandbox, SandboxConfig};
use crate::payments::testing::{SECRET, Till, session_event};
use crate::payments::{Charged, Checkout, EventState, Payments};

/// A till whose Stripe is a sandbox that tells it nothing: every webhook is lost.
struct Shop {
    till: Till,
    sandbox: RunningSandbox,
}

impl Shop {
    async fn open(database: Database) -> Self {
        let clock = Arc::new(ManualClock::default());
        let shown = Arc::clone(&clock);
        let config = SandboxConfig {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secret_key: None,
            webhook_url: None,
            webhook_secret: SECRET.into(),
            state: None,
        };
        let sandbox = sandbox::start(config, Arc::new(move || shown.now().millis())).await.expect("a sandbox");
        let till = Till::open_at(database, &sandbox.base_url(), clock).await;
        Shop { till, sandbox }
    }

    /// Buys with a saved card: Stripe's answer tells all, and no webhook is needed.
    async fn bought(&self, request: &str) -> PurchaseId {
        let (payments, account) = (&self.till.payments, self.till.account);
        payments.attach_payment_method(account, "pm_card_visa", Vec::new()).await.expect("saved");
        match payments.charge_saved_card(account, self.till.starter(), request).await.expect("charged") {
            Charged::Paid { purchase, .. } => purchase,
            other => panic!("not paid: {other:?}"),
        }
    }

    /// Pays on Stripe's page, of which nobody hears.
    async fn paid_unheard(&self, request: &str) -> Checkout {
        let (payments, account) = (&self.till.payments, self.till.account);
        let checkout = payments.checkout(account, None, self.till.starter(), request).await.expect("a page");
        let form = "email=ada%40example.test&number=4242424242424242&expiry=12+%2F+34&cvc=123&name=Ada+Lovelace";
        self.post(&checkout.url, form).await;
        checkout
    }

    /// Does something at the sandbox.
    async fn post(&self, path: &str, form: &str) -> Value {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.sandbox.base_url()) };
        let request = Request::post(url)
            .header("authorization", "Bearer sk_test_1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form.to_owned())))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("an answer");
        assert!(response.status().as_u16() < 400, "{path} {form}: {}", response.status());
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        serde_json::from_slice(&body).unwrap_or_default()
    }

    async fn intent_of(&self, purchase: PurchaseId) -> String {
        let purchase = self.till.payments.any_purchase(purchase).await.expect("a store").expect("a purchase");
        purchase.stripe_intent.expect("an intent")
    }

    async fn run(&self, request: &str) -> (Reconciliation, Vec<KeptFinding>) {
        run(&self.till.payments, request).await
    }

    async fn change(&self, sql: &'static str, purchase: PurchaseId) {
        let change = Statement::new(Sql::both(sql), vec![purchase.to_string().into()]);
        self.till.database.write(vec![change]).await.expect("a store");
    }
}

async fn run(payments: &Payments, request: &str) -> (Reconciliation, Vec<KeptFinding>) {
    let run = payments.reconcile_now(request, line()).await.expect("a store");
    let found = payments.differences(run.id, 0, 100).await.expect("a store");
    (run, found)
}

/// Stands in for the line of the audit log.
fn line() -> Statement {
    Statement::new(Sql::both("update purchases set request = request where id = ''"), vec![])
}

fn names(found: &[KeptFinding]) -> Vec<&'static str> {
    found.iter().map(|kept| kept.finding.difference.name()).collect()
}

#[tokio::test]
async fn clean_books_give_no_difference_and_every_cent_is_counted() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let (empty, found) = shop.run("empty").await;
        assert_eq!((empty.state, empty.found, found), (RunState::Done, 0, vec![]), "{store}: {empty:?}");
        assert_eq!(empty.totals, Some(Totals::default()), "{store}");
        for n in 0..3 {
            shop.bought(&format!("request-{n}")).await;
        }
        // A page that nobody pays is no difference.
        shop.till.payments.checkout(shop.till.account, None, shop.till.starter(), "open").await.expect("a page");
        let (run, found) = shop.run("full").await;
        assert_eq!((run.state, run.found, found), (RunState::Done, 0, vec![]), "{store}: {run:?}");
        let totals = run.totals.expect("sums");
        let expected = Totals {
            gross: 3_000,
            gross_purchases: 3_000,
            fees: 3 * 59,
            net: 3_000 - 3 * 59,
            booked: 3_000,
            movements: 3,
            payments: 3,
            purchases: 4,
            ..Totals::default()
        };
        assert_eq!(totals, expected, "{store}");
        let (again, _) = shop.run("full").await;
        assert_eq!(again.id, run.id, "{store}: one request is one run");
        let (second, found) = shop.run("second").await;
        assert_eq!((second.totals, found.len(), second.id == run.id), (run.totals, 0, false), "{store}");
        let all = shop.till.payments.reconciliations(None, 10).await.expect("a store");
        assert_eq!(all.iter().map(|run| run.id).collect::<Vec<_>>(), [second.id, run.id, empty.id], "{store}");
    }
}

#[tokio::test]
async fn a_lost_webhook_is_found_and_mended_by_one_click_and_grants_once() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let checkout = shop.paid_unheard("lost").await;
        let (run, found) = shop.run("first").await;
        assert_eq!((names(&found), run.found), (vec!["paid_not_granted"], 1), "{store}: {run:?}");
        let kept = &found[0];
        assert_eq!(kept.finding.purchase, Some(checkout.purchase), "{store}");
        assert_eq!((kept.finding.at_stripe, kept.finding.in_books), (Some(1_000), Some(0)), "{store}");
        assert!(kept.finding.charge.as_deref().is_some_and(|id| id.starts_with("ch_")), "{store}: {kept:?}");
        assert!(kept.can_be_repaired() && !kept.is_mended(), "{store}");
        assert_eq!(shop.till.available().await, 0, "{store}: comparing changes nothing");

        let peer = shop.till.restarted_at(&shop.sandbox.base_url());
        let both = tokio::join!(shop.till.payments.repair(run.id, 1, line()), peer.repair(run.id, 1, line()));
        for outcome in [both.0, both.1] {
            let outcome = outcome.expect("heard").expect("a difference");
            let (Repaired::Heard(kept) | Repaired::Already(kept)) = outcome;
            assert!(kept.repair.is_some(), "{store}: {kept:?}");
        }
        shop.till.payments.work_off().await.expect("worked off");
        assert_eq!(shop.till.available().await, 100, "{store}");
        let again = shop.till.payments.repair(run.id, 1, line()).await.expect("heard").expect("a difference");
        let Repaired::Already(kept) = again else { panic!("{store}: {again:?}") };
        let event = kept.repair.expect("tried").event;
        let (event, _) = shop.till.payments.event(&event).await.expect("a store").expect("kept with Stripe's");
        assert_eq!((event.state, event.kind.as_str()), (EventState::Done, "payment_intent.succeeded"), "{store}");
        assert_eq!(event.purchase, Some(checkout.purchase.to_string()), "{store}");

        let (clean, found) = shop.run("second").await;
        assert_eq!((clean.found, found), (0, vec![]), "{store}");
        let totals = clean.totals.expect("sums");
        assert_eq!((totals.booked, totals.gross_purchases), (1_000, 1_000), "{store}");
        assert_eq!(shop.till.payments.repair(run.id, 2, line()).await, Ok(None), "{store}");
        assert_eq!(shop.till.available().await, 100, "{store}");
    }
}

#[tokio::test]
async fn each_difference_is_named_with_its_ids_and_its_money() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let (cheap, gone) = (shop.bought("cheap").await, shop.bought("gone").await);
        shop.change("update purchases set amount = 900 where id = $1", cheap).await;
        let renamed = PurchaseId::from_ulid(shop.till.ids.next(shop.till.clock.now()));
        let rename = Sql::both("update purchases set id = $2, stripe_intent = null, state = 'created' where id = $1");
        let args = vec![gone.to_string().into(), renamed.to_string().into()];
        shop.till.database.write(vec![Statement::new(rename, args)]).await.expect("a store");
        let invented = shop.till.purchase("invented").await;
        shop.till.hear(&session_event("evt_invented", "completed", &invented, "paid")).await;
        shop.till.clock.advance(60);

        let (run, found) = shop.run("first").await;
        let told: Vec<_> = found
            .iter()
            .map(|kept| {
                let finding = &kept.finding;
                (finding.difference, finding.purchase, finding.at_stripe, finding.in_books)
            })
            .collect();
        assert_eq!(
            told,
            [
                (Difference::OtherAmount, Some(cheap), Some(1_000), Some(900)),
                (Difference::UnknownPurchase, Some(gone), Some(1_000), None),
                (Difference::StripeDoesNotKnow, Some(invented.id), None, Some(1_000)),
                (Difference::GrantDiffers, Some(cheap), Some(1_000), Some(1_000)),
            ],
            "{store}: {run:?}"
        );
        let refused = shop.till.payments.repair(run.id, 1, line()).await;
        assert_eq!(refused, Err(RepairRefused::NotMendable), "{store}");
        let rest = shop.till.payments.differences(run.id, 2, 1).await.expect("a store");
        assert_eq!((rest.len(), rest[0].number), (1, 3), "{store}");
        let totals = run.totals.expect("sums");
        assert_eq!((totals.gross_purchases, totals.gross_other, totals.booked), (1_000, 1_000, 900), "{store}");
    }
}

#[tokio::test]
async fn a_refund_that_credits_did_not_follow_is_named_and_repaired_where_the_road_knows_how() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let purchase = shop.bought("back").await;
        let intent = shop.intent_of(purchase).await;
        let refund = shop.post("/v1/refunds", &format!("payment_intent={intent}&amount=400")).await;
        // Old enough that its payment is before the lists, as its refund is not.
        let (run, found) = shop.run("first").await;
        assert_eq!(names(&found), ["refund_not_followed"], "{store}: {run:?}");
        let finding = &found[0].finding;
        assert_eq!((finding.at_stripe, finding.in_books), (Some(400), Some(0)), "{store}");
        assert_eq!(finding.object.as_deref(), refund["id"].as_str(), "{store}");
        assert_eq!(run.totals.expect("sums").refunds, -400, "{store}");
        let repaired = shop.till.payments.repair(run.id, 1, line()).await;
        if found[0].can_be_repaired() {
            assert!(matches!(repaired, Ok(Some(Repaired::Heard(kept))) if kept.is_mended()), "{store}");
            assert_eq!((shop.till.available().await, shop.run("second").await.0.found), (60, 0), "{store}");
        } else {
            assert_eq!(repaired, Err(RepairRefused::NotMendable), "{store}");
            assert_eq!(shop.till.available().await, 100, "{store}");
        }
    }
}

#[tokio::test]
async fn an_old_payment_is_asked_for_when_something_happens_to_it_in_the_window() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let (old, lost) = (shop.bought("old").await, shop.bought("untouched").await);
        let intent = shop.intent_of(old).await;
        shop.till.clock.advance(31 * 86_400);
        let (quiet, found) = shop.run("quiet").await;
        assert_eq!((quiet.found, found), (0, vec![]), "{store}: what is old and quiet is left alone: {lost}");
        shop.post("/v1/refunds", &format!("payment_intent={intent}")).await;
        let (run, found) = shop.run("first").await;
        assert_eq!(names(&found), ["refund_not_followed"], "{store}: {run:?}");
        assert_eq!((found[0].finding.purchase, found[0].finding.at_stripe), (Some(old), Some(1_000)), "{store}");
    }
}

#[tokio::test]
async fn an_expiry_that_was_not_heard_is_mended() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let (payments, account) = (&shop.till.payments, shop.till.account);
        let checkout = payments.checkout(account, None, shop.till.starter(), "left").await.expect("a page");
        shop.till.clock.advance(2 * 86_400);
        let (run, found) = shop.run("first").await;
        assert_eq!(names(&found), ["not_heard"], "{store}: {run:?}");
        let repaired = payments.repair(run.id, 1, line()).await.expect("heard").expect("a difference");
        assert!(matches!(repaired, Repaired::Heard(kept) if kept.is_mended()), "{store}");
        let purchase = payments.any_purchase(checkout.purchase).await.expect("a store").expect("a purchase");
        assert_eq!((purchase.state.name(), shop.till.available().await), ("expired", 0), "{store}");
    }
}

#[tokio::test]
async fn a_paid_invoice_that_nobody_heard_of_is_found_and_mended_and_gives_the_tier() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let (payments, account) = (&shop.till.payments, shop.till.account);
        let started = payments.subscribe(account, None, "sub-1", Vec::new()).await.expect("a page");
        let form = "email=ada%40example.test&number=4242424242424242&expiry=12+%2F+34&cvc=123&name=Ada+Lovelace";
        shop.post(&started.url, form).await;
        let tier = async || shop.till.kernel.account(account).await.expect("a ledger").expect("an account").tier;
        let (run, found) = shop.run("first").await;
        assert_eq!(names(&found), ["subscription_not_followed"], "{store}: {run:?}");
        let finding = &found[0].finding;
        assert_eq!((finding.account, finding.at_stripe, finding.in_books), (Some(account), Some(500_000), Some(0)));
        assert!(found[0].can_be_repaired(), "{store}: {finding:?}");
        assert_eq!(tier().await, Tier::Free, "{store}: comparing changes nothing");
        let repaired = payments.repair(run.id, 1, line()).await.expect("heard");
        assert!(matches!(repaired, Some(Repaired::Heard(kept)) if kept.is_mended()), "{store}");
        assert_eq!(tier().await, Tier::Fintech, "{store}");
        assert_eq!(shop.run("second").await.0.found, 0, "{store}");
    }
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    for (store, database) in databases().await.into_iter().take(1) {
        let shop = Shop::open(database).await;
        for n in 0..205 {
            shop.post("/v1/payment_intents", &format!("amount={}&currency=usd", 1_000 + n)).await;
        }
        let books = shop.till.payments.inner.stripe.books(0).await.expect("readable");
        assert_eq!(books.payments.len(), 205, "{store}: three pages");
        let later = shop.till.clock.now().millis() / 1_000 + 1;
        let none = shop.till.payments.inner.stripe.books(later).await.expect("readable");
        assert_eq!(none.payments.len(), 0, "{store}: only what was made since");
    }
}

#[tokio::test]
async fn of_several_servers_one_does_the_nights_run_and_each_night_has_one() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let peer = shop.till.restarted_at(&shop.sandbox.base_url());
        let payments = &shop.till.payments;
        let seconds_today = shop.till.clock.now().millis().rem_euclid(86_400_000) / 1_000;
        shop.till.clock.advance(86_400 - seconds_today);
        assert_eq!(payments.reconcile_if_due().await, Ok(None), "{store}: midnight is too early");
        shop.till.clock.advance(2 * 3_600);
        let both = tokio::join!(payments.reconcile_if_due(), peer.reconcile_if_due());
        let begun = [both.0, both.1].map(|outcome| outcome.expect("a store"));
        assert_eq!(begun.iter().flatten().count(), 1, "{store}: {begun:?}");
        assert_eq!(peer.reconcile_if_due().await, Ok(None), "{store}: it is done");
        shop.till.clock.advance(86_400);
        assert!(peer.reconcile_if_due().await.expect("a store").is_some(), "{store}: the next night");
        let all = payments.reconciliations(None, 10).await.expect("a store");
        assert!(all.len() == 2 && all.iter().all(|run| run.nightly && run.state == RunState::Done), "{store}: {all:?}");
    }
}

#[tokio::test]
async fn a_run_that_cannot_reach_stripe_says_so_and_one_that_was_cut_off_stands_in_nobodys_way() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let (run, found) = run(&till.payments, "first").await;
        assert_eq!((run.state, run.totals, found), (RunState::Failed, None, vec![]), "{store}");
        assert!(run.failure.as_deref().is_some_and(|why| why.contains("does not answer")), "{store}: {run:?}");

        let hang = Sql::both("update reconciliations set state = 'running', ended_at = null, failure = null");
        till.database.write(vec![Statement::new(hang, vec![])]).await.expect("a store");
        let meanwhile = till.payments.reconcile_now("second", line()).await.expect("a store");
        assert_eq!((meanwhile.id, meanwhile.state), (run.id, RunState::Running), "{store}: one at a time");
        till.clock.advance(31 * 60);
        let next = till.payments.reconcile_now("third", line()).await.expect("a store");
        assert_ne!(next.id, run.id, "{store}");
        let cut = till.payments.reconciliation(run.id).await.expect("a store").expect("a run");
        assert!(cut.failure.as_deref().is_some_and(|why| why.contains("cut off")), "{store}: {cut:?}");
    }
}
