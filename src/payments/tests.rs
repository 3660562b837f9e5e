//! The whole road against the Stripe sandbox, in one process: our adapter, its hosted page, its webhooks, our inbox.

mod request_keys;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::sandbox::{self, RunningSandbox, SandboxConfig};
use super::testing::{SECRET, Till, intent_event};
use super::{Charged, Checkout, IntentCreated, PaymentError, Payments, Purchase};
use crate::billing::store::testing::{databases, sqlite};
use crate::billing::store::{Database, Sql, Statement};
use crate::ledger::{Clock, PurchaseId};

/// Webhooks take milliseconds; this only ends a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// A till whose Stripe is a sandbox that sends it webhooks.
struct Shop {
    till: Till,
    sandbox: RunningSandbox,
    _background: JoinSet<()>,
}

impl Shop {
    async fn open(database: Database) -> Self {
        let clock = Arc::new(crate::ledger::testing::ManualClock::default());
        let shown = Arc::clone(&clock);
        let config = SandboxConfig {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secret_key: None,
            webhook_url: None,
            webhook_secret: SECRET.into(),
        };
        let sandbox = sandbox::start(config, Arc::new(move || shown.now().millis())).await.expect("a sandbox");
        let till = Till::open_at(database, &sandbox.base_url(), clock).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        sandbox.set_webhook_url(Some(format!("http://{address}/api/stripe/webhook"))).expect("plain http");
        let mut background = JoinSet::new();
        background.spawn(listen(listener, till.payments.clone()));
        let payments = till.payments.clone();
        background.spawn(async move { payments.work_inbox(std::future::pending()).await });
        Shop { till, sandbox, _background: background }
    }

    /// Fills in the hosted page and answers where it leads, or what it says.
    async fn pay(&self, url: &str, number: &str) -> (u16, String) {
        let form = [
            ("email", "ada@example.test"),
            ("number", number),
            ("expiry", "12 / 34"),
            ("cvc", "123"),
            ("name", "Ada Lovelace"),
        ];
        let body = serde_urlencoded::to_string(form).expect("a form");
        let request = Request::post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|value| value.to_str().expect("text").to_owned());
        let page = response.into_body().collect().await.expect("a body").to_bytes();
        (status, location.unwrap_or_else(|| String::from_utf8_lossy(&page).into_owned()))
    }

    /// Saves a test card, as the customer's own form would.
    async fn save(&self, method: &str) {
        self.till.payments.attach_payment_method(self.till.account, method).await.expect("saved");
    }

    async fn charge(&self, request: &str) -> Result<Charged, PaymentError> {
        self.till.payments.charge_saved_card(self.till.account, self.till.starter(), request).await
    }

    async fn purchase(&self, id: PurchaseId) -> Purchase {
        self.till.payments.purchase(self.till.account, id).await.expect("a store").expect("a purchase")
    }

    async fn wait_for(&self, id: PurchaseId, state: &str) {
        eventually(state, async || self.purchase(id).await.state.name() == state).await;
    }

    /// Until both announcements of a payment are worked off.
    async fn wait_for_events_done(&self, count: i64) {
        let sql = Sql::both("select count(*) from stripe_events where state = 'done'");
        eventually("events done", async || {
            let row = self.till.database.fetch_one(sql, vec![]).await.expect("a store").expect("a count");
            row.int(0).expect("a number") >= count
        })
        .await;
    }
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("it never came to: {what}"));
}

/// The webhook endpoint, as little of HTTP as the sandbox needs.
async fn listen(listener: TcpListener, payments: Payments) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let payments = payments.clone();
        open.spawn(async move { answer(stream, payments).await.expect("an HTTP request") });
    }
}

async fn answer(mut stream: TcpStream, payments: Payments) -> std::io::Result<()> {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    };
    let head = String::from_utf8_lossy(&read[..head_end]).into_owned();
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while read.len() < head_end + length {
        stream.read_buf(&mut read).await?;
    }
    let body = &read[head_end..head_end + length];
    let status = match payments.receive_webhook(body, header("stripe-signature").as_deref()).await {
        Ok(()) => "200 OK",
        Err(_) => "400 Bad Request",
    };
    let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(reply.as_bytes()).await
}

#[tokio::test]
async fn a_checkout_paid_on_the_hosted_page_becomes_credits_a_receipt_and_a_saved_card() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let till = &shop.till;
        let buy = || till.payments.checkout(till.account, Some("ada@example.test"), till.starter(), "form-1");
        let checkout = buy().await.expect("a page");
        assert_eq!((checkout.amount.get(), checkout.credits.get(), checkout.replayed), (1_000, 100, false), "{store}");
        let again = Checkout { replayed: true, ..checkout.clone() };
        assert_eq!(buy().await.expect("the same page"), again, "{store}");
        assert_eq!(shop.purchase(checkout.purchase).await.state.name(), "pending", "{store}");
        let (status, place) = shop.pay(&checkout.url, "4242 4242 4242 4242").await;
        assert_eq!(status, 303, "{store}: {place}");
        assert_eq!(place, format!("http://127.0.0.1:3000/buy/return?purchase={}", checkout.purchase), "{store}");
        shop.wait_for(checkout.purchase, "paid").await;
        shop.wait_for_events_done(2).await;
        assert_eq!(till.available().await, 100, "{store}");
        assert_eq!(till.mail.recent(10).await.expect("a store").len(), 1, "{store}");
        eventually("a saved card", async || {
            let card = till.payments.saved_card(till.account).await.expect("a store");
            card.is_some_and(|card| card.brand == "visa" && card.last4 == "4242")
        })
        .await;
        let back = buy().await.expect("a way back");
        assert!(back.url.ends_with(&format!("/buy/return?purchase={}", checkout.purchase)), "{store}: {}", back.url);
    }
}

#[tokio::test]
async fn a_saved_card_is_charged_once_per_request_and_grants_at_once() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let till = &shop.till;
        assert_eq!(shop.charge("key-0").await, Ok(Charged::NoCard), "{store}");
        shop.save("pm_card_visa").await;
        let first = shop.charge("key-1").await.expect("an answer");
        let Charged::Paid { balance, credits, replayed: false, .. } = first else { panic!("{store}: {first:?}") };
        assert_eq!((balance.get(), credits.get()), (100, 100), "{store}");
        shop.wait_for_events_done(1).await;
        let again = first.again();
        assert!(matches!(again, Charged::Paid { replayed: true, .. }));
        assert_eq!(shop.charge("key-1").await, Ok(again.clone()), "{store}: repeated");
        assert_eq!(till.available().await, 100, "{store}");
        let professional = till.kernel.price_book().package("Professional").expect("sold").clone();
        let other = till.payments.charge_saved_card(till.account, &professional, "key-1").await;
        assert_eq!(other, Err(PaymentError::Conflict), "{store}");
        shop.charge("key-2").await.expect("a second purchase");
        assert_eq!(till.available().await, 200, "{store}");
        assert_eq!(shop.charge("key-1").await, Ok(again), "{store}: the balance of then, not of now");
        assert_eq!(till.payments.purchases(till.account, None, 100).await.expect("a store").len(), 2, "{store}");
    }
}

#[tokio::test]
async fn one_request_sent_twice_at_once_is_charged_once() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        shop.save("pm_card_visa").await;
        let (one, two) = tokio::join!(shop.charge("key-1"), shop.charge("key-1"));
        // The one that came second may be told to come back; it is never charged beside the first.
        assert!(one.is_ok() || two.is_ok(), "{store}: {one:?} {two:?}");
        assert!(matches!(shop.charge("key-1").await, Ok(Charged::Paid { .. })), "{store}");
        assert_eq!(shop.till.available().await, 100, "{store}");
        assert_eq!(
            shop.till.payments.purchases(shop.till.account, None, 100).await.expect("a store").len(),
            1,
            "{store}"
        );
    }
}

#[tokio::test]
async fn a_declined_or_protected_card_grants_nothing_and_says_why() {
    let shop = Shop::open(sqlite().await).await;
    shop.save("pm_card_chargeCustomerFail").await;
    let declined = shop.charge("key-1").await;
    let message = "Your card was declined.".to_owned();
    assert_eq!(declined, Ok(Charged::Declined { message: message.clone(), replayed: false }));
    let again = Ok(Charged::Declined { message, replayed: true });
    assert_eq!(shop.charge("key-1").await, again, "the same request gets the same answer");
    shop.save("pm_card_authenticationRequired").await;
    assert!(matches!(shop.charge("key-2").await, Ok(Charged::ActionRequired { .. })));
    assert!(matches!(shop.charge("key-2").await, Ok(Charged::ActionRequired { .. })));
    shop.wait_for_events_done(2).await;
    assert_eq!(shop.till.available().await, 0);
    shop.save("pm_card_visa").await;
    assert!(matches!(shop.charge("key-3").await, Ok(Charged::Paid { .. })));
    assert_eq!(shop.till.available().await, 100);
}

#[tokio::test]
async fn a_card_declined_on_the_hosted_page_can_be_followed_by_a_good_one() {
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    let checkout = till.payments.checkout(till.account, None, till.starter(), "form-1").await.expect("a page");
    let (status, page) = shop.pay(&checkout.url, "4000000000000002").await;
    assert_eq!(status, 200);
    assert!(page.contains("declined"), "{page}");
    shop.wait_for(checkout.purchase, "failed").await;
    assert_eq!(till.available().await, 0);
    let (status, _) = shop.pay(&checkout.url, "4242424242424242").await;
    assert_eq!(status, 303);
    shop.wait_for(checkout.purchase, "paid").await;
    assert_eq!(till.available().await, 100);
}

#[tokio::test]
async fn a_request_that_went_to_the_checkout_is_never_charged_beside_it() {
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    let checkout = till.payments.checkout(till.account, None, till.starter(), "key-1").await.expect("a page");
    shop.save("pm_card_visa").await;
    assert_eq!(shop.charge("key-1").await, Ok(Charged::NoCard));
    shop.pay(&checkout.url, "4242424242424242").await;
    shop.wait_for(checkout.purchase, "paid").await;
    assert!(matches!(shop.charge("key-1").await, Ok(Charged::Paid { purchase, .. }) if purchase == checkout.purchase));
    assert_eq!(till.available().await, 100);
    shop.charge("key-2").await.expect("charged");
    let page = till.payments.checkout(till.account, None, till.starter(), "key-2").await;
    assert_eq!(page, Err(PaymentError::Conflict), "and the other way round");
}

#[tokio::test]
async fn a_payment_intent_can_be_asked_for_again_with_the_same_key() {
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    let ask = || till.payments.payment_intent(till.account, till.starter(), "key-1");
    let created = ask().await.expect("an intent");
    assert!(created.client_secret.starts_with("pi_") && created.client_secret.contains("_secret_"));
    assert_eq!((created.amount.get(), created.credits.get()), (1_000, 100));
    assert!(!created.replayed);
    let again = ask().await.expect("the same intent");
    assert!(again == IntentCreated { replayed: true, ..created.clone() });
    assert_eq!(shop.purchase(created.purchase).await.state.name(), "pending");
}

#[tokio::test]
async fn an_expired_checkout_is_over() {
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    let buy = || till.payments.checkout(till.account, None, till.starter(), "form-1");
    let checkout = buy().await.expect("a page");
    till.clock.advance(25 * 3_600);
    shop.wait_for(checkout.purchase, "expired").await;
    assert_eq!(buy().await, Err(PaymentError::Over));
    assert_eq!(till.available().await, 0);
}

#[tokio::test]
async fn a_customer_that_stripe_has_lost_is_made_anew() {
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    shop.save("pm_card_visa").await;
    let lose = Statement::new(Sql::both("update stripe_customers set customer = 'cus_gone'"), vec![]);
    till.database.write(vec![lose]).await.expect("a store");
    assert_eq!(shop.charge("key-1").await, Ok(Charged::NoCard));
    let checkout = till.payments.checkout(till.account, None, till.starter(), "key-1").await.expect("a page");
    let (status, _) = shop.pay(&checkout.url, "4242424242424242").await;
    assert_eq!(status, 303);
    shop.wait_for(checkout.purchase, "paid").await;
    assert_eq!(till.available().await, 100);
    let purchases = till.payments.purchases(till.account, None, 100).await.expect("a store");
    let closed = purchases.iter().find(|one| one.id != checkout.purchase).expect("kept");
    assert_eq!(closed.state.name(), "failed");
    till.hear(&intent_event("evt_late", "succeeded", closed)).await;
    assert_eq!(till.available().await, 200, "had it been charged after all, its news would still count");
}

#[tokio::test]
async fn a_checkout_never_replaces_a_card_that_the_customer_has_saved() {
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    let checkout = till.payments.checkout(till.account, None, till.starter(), "form-1").await.expect("a page");
    shop.save("pm_card_mastercard").await;
    shop.pay(&checkout.url, "4242424242424242").await;
    shop.wait_for(checkout.purchase, "paid").await;
    let purchase = shop.purchase(checkout.purchase).await;
    let intent = purchase.stripe_intent.clone().expect("named by the event");
    till.payments.clone().remember_cards(vec![(purchase, intent)]).await;
    let card = till.payments.saved_card(till.account).await.expect("a store").expect("a card");
    assert_eq!(card.brand, "mastercard");
}

#[tokio::test]
async fn a_method_that_is_no_card_of_stripes_is_refused() {
    let shop = Shop::open(sqlite().await).await;
    for method in ["pm_nobody", "", "pm_1/../../customers"] {
        let answer = shop.till.payments.attach_payment_method(shop.till.account, method).await;
        assert!(matches!(answer, Err(PaymentError::Refused { .. })), "{method:?}: {answer:?}");
    }
    assert_eq!(shop.till.payments.saved_card(shop.till.account).await, Ok(None));
}

#[tokio::test]
async fn while_stripe_does_not_answer_a_purchase_waits_and_can_be_continued_for_some_hours() {
    let till = Till::open(sqlite().await).await;
    let buy = || till.payments.checkout(till.account, None, till.starter(), "form-1");
    assert_eq!(buy().await, Err(PaymentError::Unreachable));
    let purchases = till.payments.purchases(till.account, None, 100).await.expect("a store");
    assert_eq!(purchases.len(), 1);
    assert_eq!(purchases[0].state.name(), "created");
    till.clock.advance(19 * 3_600);
    assert_eq!(buy().await, Err(PaymentError::Unreachable));
    till.clock.advance(2 * 3_600);
    assert_eq!(buy().await, Err(PaymentError::Conflict));
    assert_eq!(till.payments.purchases(till.account, None, 100).await.expect("a store").len(), 1);
}

#[tokio::test]
async fn after_a_restart_of_the_sandbox_the_shop_still_sells() {
    let shop = Shop::open(sqlite().await).await;
    shop.save("pm_card_visa").await;
    shop.sandbox.shutdown().await;
    let till = shop.till;
    let config = SandboxConfig {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        secret_key: None,
        webhook_url: None,
        webhook_secret: SECRET.into(),
    };
    let clock = Arc::clone(&till.clock);
    let fresh = sandbox::start(config, Arc::new(move || clock.now().millis())).await.expect("a sandbox");
    let payments = till.restarted_at(&fresh.base_url());
    assert_eq!(payments.charge_saved_card(till.account, till.starter(), "key-1").await, Ok(Charged::NoCard));
    payments.checkout(till.account, None, till.starter(), "key-1").await.expect("a page");
}
