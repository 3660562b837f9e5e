//! No log line carries a key, a card number or a client secret; and the secret of the sandbox's webhooks.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::Shop;
use crate::billing::store::testing::sqlite;
use crate::ledger::Clock;
use crate::payments::testing::{SECRET, shop::eventually};
use crate::payments::webhook::{sign, verify};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics here").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_whole_checkout_is_logged_without_a_key_a_card_number_or_a_client_secret() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("aethel=trace")
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // The test's runtime has one thread, so everything that our code says is heard.
    let _listening = tracing::subscriber::set_default(subscriber);
    let shop = Shop::open(sqlite().await).await;
    let till = &shop.till;
    let checkout = till.payments.checkout(till.account, Some("ada@example.test"), till.starter(), "c-1").await;
    let checkout = checkout.expect("a page");
    shop.pay(&checkout.url, "4000 0000 0000 0002").await;
    shop.pay(&checkout.url, "4242 4242 4242 4242").await;
    shop.wait_for(checkout.purchase, "paid").await;
    let form = till.payments.payment_intent(till.account, till.starter(), "i-1").await.expect("an intent");
    eventually("a saved card", async || till.payments.saved_card(till.account).await.is_ok_and(|card| card.is_some()))
        .await;
    shop.charge("k-1").await.expect("charged");
    shop.save("pm_card_chargeCustomerFail").await;
    shop.charge("k-2").await.expect("an answer");
    let forged = till.payments.receive_webhook(b"{}", Some("t=1,v1=00")).await;
    assert!(forged.is_err());
    shop.wait_for_events_done(2).await;

    let log = String::from_utf8(kept.0.lock().expect("nobody panics here").clone()).expect("text");
    assert!(log.contains("credits granted") && log.contains("stripe refused a request"), "it listened: {log}");
    for secret in [
        "sk_test_1",
        "Bearer ",
        SECRET,
        form.client_secret.as_str(),
        "_secret_",
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242+4242+4242+4242",
        "4000000000000002",
        "4000 0000 0000 0002",
        "4000+0000+0000+0002",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}

#[tokio::test]
async fn a_secret_that_is_rolled_in_the_sandbox_is_known_to_the_server_that_started_it_at_once() {
    let shop = Shop::silent(sqlite().await).await;
    let secrets = shop.sandbox.webhook_secrets();
    assert_eq!(secrets.now(), [SECRET]);
    let state = shop.ask("/_control/secret", Some("overlap_seconds=0")).await;
    let rolled = secrets.now();
    assert_eq!(state["secrets"], serde_json::json!(rolled));
    assert!(rolled.len() == 1 && rolled != [SECRET]);
    let now = shop.till.clock.now();
    let signed = |secret: &str| sign(b"{}", secret, now.millis() / 1_000);
    assert_eq!(verify(b"{}", Some(&signed(&rolled[0])), &secrets.now(), now), Ok(()));
    assert!(verify(b"{}", Some(&signed(SECRET)), &secrets.now(), now).is_err(), "the old one is gone");
}
