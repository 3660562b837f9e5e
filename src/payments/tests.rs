//! The whole road against the Stripe sandbox, in one process: our adapter, its hosted page, its webhooks, our inbox.

mod mismatches;
mod request_keys;
mod secrets;
mod top_ups;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::sandbox::{self, SandboxConfig};
use super::testing::shop::{Shop, eventually};
use super::testing::{SECRET, Till, intent_event};
use super::{Charged, Checkout, IntentCreated, PaymentError};
use crate::billing::store::testing::{databases, sqlite};
use crate::billing::store::{Sql, Statement};
use crate::ledger::Clock;

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
        let answer = shop.till.payments.attach_payment_method(shop.till.account, method, Vec::new()).await;
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
        state: None,
    };
    let clock = Arc::clone(&till.clock);
    let fresh = sandbox::start(config, Arc::new(move || clock.now().millis())).await.expect("a sandbox");
    let payments = till.restarted_at(&fresh.base_url());
    assert_eq!(payments.charge_saved_card(till.account, till.starter(), "key-1").await, Ok(Charged::NoCard));
    payments.checkout(till.account, None, till.starter(), "key-1").await.expect("a page");
}

#[tokio::test]
async fn a_bank_debit_that_fails_days_later_is_told_to_the_customer_once() {
    for (store, database) in databases().await {
        let shop = Shop::open(database).await;
        let till = &shop.till;
        let checkout = till.payments.checkout(till.account, None, till.starter(), "form-1").await.expect("a page");
        shop.debit(&checkout.url, "000111111116").await;
        shop.wait_for(checkout.purchase, "processing").await;
        assert_eq!(till.mail.member_letters(10).await.expect("a store").len(), 0, "{store}: it may still arrive");
        shop.ask("/_control/clock", Some("advance=259200")).await;
        shop.wait_for(checkout.purchase, "failed").await;
        shop.catch_up().await;
        let letters = till.mail.member_letters(10).await.expect("a store");
        let [letter] = &letters[..] else { panic!("{store}: {letters:?}") };
        assert_eq!(letter.to("Ada", "ada@example.test").subject, "Your payment of $10.00 did not arrive", "{store}");
        assert_eq!(till.available().await, 0, "{store}");
    }
}
