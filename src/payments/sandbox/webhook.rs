//! Events on their way to the webhook endpoint: signed as Stripe signs, tried again with back-off.
//!
//! Deliveries run in the background, many at a time and in no promised order. Plain HTTP only: the endpoint of a
//! sandbox is on the same machine.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::outbox::Parcel;
use super::state::Event;
use super::{Shared, lock};

/// How often the outbox is looked into for what has become due.
const TICK: Duration = Duration::from_millis(100);
/// Enough to show that order is not promised, few enough to be kind to the receiver.
const PARALLEL_MAX: usize = 16;
/// Stripe waits about this long for an answer.
const ATTEMPT_SECONDS_MAX: u64 = 10;
/// Stripe tries for three days; a sandbox is there to be watched, so its patience is a minute.
const BACK_OFF: [Duration; 6] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(8),
    Duration::from_secs(20),
    Duration::from_secs(30),
];

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// Signs payloads with the endpoint's secret.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// # Errors
    /// Refuses a secret that cannot be a key.
    pub fn new(secret: &str) -> std::io::Result<Self> {
        Hmac::new_from_slice(secret.as_bytes()).map(Self).map_err(std::io::Error::other)
    }

    /// The signature of a payload sent at a time (Unix seconds).
    pub fn signature(&self, seconds: i64, payload: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(payload);
        hex::encode(mac.finalize().into_bytes())
    }
}

/// Sends what is due in the outbox, until it is aborted.
pub async fn deliver_all(shared: Arc<Shared>) {
    let client: HttpClient = Client::builder(TokioExecutor::new()).build_http();
    let slots = Arc::new(Semaphore::new(PARALLEL_MAX));
    let mut under_way = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        while let Some((number, parcel)) = take_due(&shared) {
            let (shared, client, slots) = (Arc::clone(&shared), client.clone(), Arc::clone(&slots));
            under_way.spawn(async move {
                let again = deliver(&shared, &client, &slots, parcel).await;
                end(&shared, number, again);
            });
        }
        tokio::select! {
            () = shared.posted.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

fn take_due(shared: &Shared) -> Option<(u64, Parcel)> {
    let mut store = lock(&shared.store);
    let time = shared.timeline(store.clock_shift);
    store.outbox.take_due(time)
}

/// An attempt is over: in one step it leaves the outbox and the next one, if there is one, waits in it.
fn end(shared: &Shared, number: u64, again: Option<(Duration, Parcel)>) {
    let mut store = lock(&shared.store);
    let now = shared.timeline(store.clock_shift);
    store.outbox.end(number);
    if let Some((wait, parcel)) = again {
        store.outbox.put(now + u64::try_from(wait.as_millis()).unwrap_or_default(), parcel);
    }
    shared.changed.notify_one();
}

/// One attempt; answers with the next one and how long it waits.
async fn deliver(
    shared: &Shared,
    client: &HttpClient,
    slots: &Semaphore,
    parcel: Parcel,
) -> Option<(Duration, Parcel)> {
    let url = shared.webhook_url()?;
    // The slot is held for one attempt, never while waiting: a dead endpoint must not block the others.
    let _slot = slots.acquire().await.ok()?;
    let Parcel { event, attempt } = parcel;
    match attempt_once(shared, client, &url, &event).await {
        Ok(()) => {
            shared.mark_delivered(&event.id);
            None
        }
        Err(reason) => {
            tracing::debug!(event = event.id, attempt, reason, "sandbox webhook was not taken");
            let Some(wait) = BACK_OFF.get(attempt) else {
                tracing::warn!(event = event.id, kind = event.kind, "sandbox webhook given up");
                return None;
            };
            Some((*wait, Parcel { event, attempt: attempt + 1 }))
        }
    }
}

async fn attempt_once(shared: &Shared, client: &HttpClient, url: &str, event: &Event) -> Result<(), String> {
    let payload = serde_json::to_vec_pretty(&event.body).map_err(|error| error.to_string())?;
    let signature = lock(&shared.secrets).header(shared.now(), &payload);
    let request = Request::post(url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", signature)
        .body(Full::new(Bytes::from(payload)))
        .map_err(|error| error.to_string())?;
    let answer = tokio::time::timeout(Duration::from_secs(ATTEMPT_SECONDS_MAX), client.request(request)).await;
    match answer {
        Ok(Ok(response)) if response.status().is_success() => Ok(()),
        Ok(Ok(response)) => Err(format!("answered {}", response.status())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_time_dot_payload() {
        let signer = Signer::new("whsec_test_secret").expect("a key");
        // Computed with Stripe's own library: stripe.webhooks.generateTestHeaderString.
        assert_eq!(
            signer.signature(1_700_000_000, b"{\"id\":\"evt_1\"}"),
            "248a374f50f943a28b0f6ab50faf9a7e7e29b710fa26df9fb1618b9bf8ea9c9a"
        );
    }

    #[test]
    fn one_more_letter_makes_another_signature() {
        let signer = Signer::new("whsec_test_secret").expect("a key");
        assert_ne!(signer.signature(1, b"a"), signer.signature(1, b"b"));
        assert_ne!(signer.signature(1, b"a"), signer.signature(2, b"a"));
    }
}
