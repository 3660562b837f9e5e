//! A stand-in for the part of Stripe that we use, over real HTTP, for a machine without Stripe keys.
//!
//! Stripe's own client libraries work against it unmodified for customers, payment methods, payment intents,
//! charges, refunds, disputes, balance transactions, checkout sessions, products, prices, coupons, promotion codes,
//! subscriptions, invoices and events; it has a hosted
//! checkout page with Stripe's test cards and test bank accounts, and it sends signed webhooks. A panel (`/_panel`) and
//! a control over HTTP (`/_control`) move its clock and do mischief on purpose. It keeps its state in memory, and in a file where one is
//! named, and knows nothing of our ledger, our accounts or our purchases.
//!
//! Deliberately absent: live keys, money, and everything of Stripe's that is not
//! named above. What is absent is refused with a sentence, never silently accepted.

mod answer;
mod api;
mod auth;
mod authentication;
mod card_form;
mod cards;
mod checkout;
mod checkout_modes;
mod control;
mod dispatch;
mod error;
mod form;
mod idempotency;
mod keeper;
mod list;
mod money;
mod objects;
mod outbox;
mod page;
mod panel;
mod params;
mod secrets;
mod state;
mod webhook;
mod words;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use keeper::{Keeper, Kept};
use secrets::Secrets;
use state::{Desk, Origin, Store};

pub use keeper::StateError;

use super::WebhookSecrets;

/// Reads the time: Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Larger than any request of Stripe's client libraries.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// How often sessions are looked at whose time may have come while nobody asked.
const EXPIRY_TICK: Duration = Duration::from_secs(1);
/// How long open connections may take to end at shutdown.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(3);

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Where to listen; port 0 picks a free one.
    pub address: SocketAddr,
    /// The only key let in; `None` lets any `sk_test_…` in.
    pub secret_key: Option<String>,
    /// Where events are sent; may be set later with [`RunningSandbox::set_webhook_url`].
    pub webhook_url: Option<String>,
    /// What events are signed with.
    pub webhook_secret: String,
    /// The file in which the state outlives a restart; `None` keeps it in memory only.
    pub state: Option<PathBuf>,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on, or the webhook's address or secret is none.
    #[error(transparent)]
    Address(#[from] std::io::Error),
    /// The state cannot be kept.
    #[error("the state of the stripe sandbox cannot be kept: {0}")]
    State(#[from] StateError),
}

/// A sandbox that listens. Dropping it stops it.
#[derive(Debug)]
pub struct RunningSandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    helpers: Vec<JoinHandle<()>>,
    keeper: Option<Keeper>,
}

impl RunningSandbox {
    /// The address to give to Stripe's clients, without a slash at the end.
    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What events are signed with, as it stands at each moment.
    pub fn webhook_secrets(&self) -> WebhookSecrets {
        let shared = Arc::clone(&self.shared);
        WebhookSecrets::told_by(move || {
            lock(&shared.secrets).texts(shared.now()).into_iter().map(str::to_owned).collect()
        })
    }

    /// Sends events from now on to another address, or nowhere.
    ///
    /// # Errors
    /// Refuses an address that is not plain HTTP.
    pub fn set_webhook_url(&self, url: Option<String>) -> std::io::Result<()> {
        check_webhook_url(url.as_deref())?;
        *lock(&self.shared.webhook_url) = url;
        Ok(())
    }

    /// Stops listening, lets open requests end, gives up deliveries under way, and writes the state down.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the server has already ended.
            let _ = stop.send(());
        }
        if tokio::time::timeout(SHUTDOWN_PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        for helper in &mut self.helpers {
            helper.abort();
            // Ended by hand, which is no news.
            let _ = helper.await;
        }
        if let Some(Err(error)) = self.keeper.as_ref().map(|keeper| keeper.write(&self.shared)) {
            tracing::error!(%error, "the stripe sandbox could not keep its last changes");
        }
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        for helper in &self.helpers {
            helper.abort();
        }
    }
}

/// What every request sees.
struct Shared {
    store: Mutex<Store>,
    webhook_url: Mutex<Option<String>>,
    secrets: Mutex<Secrets>,
    /// Something waits in the outbox.
    posted: Notify,
    /// Something is not yet in the file.
    changed: Notify,
    /// Milliseconds of the outbox's time before this start.
    timeline_before: u64,
    started: Instant,
    clock: Clock,
    base_url: String,
    secret_key: Option<String>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Shared {
    /// Unix seconds of the real clock, by which signatures are made.
    fn now(&self) -> i64 {
        (self.clock)().div_euclid(1_000)
    }

    /// The outbox's time.
    fn timeline(&self, clock_shift: i64) -> u64 {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.timeline_before
            .saturating_add(elapsed)
            .saturating_add(u64::try_from(clock_shift).unwrap_or_default().saturating_mul(1_000))
    }

    fn webhook_url(&self) -> Option<String> {
        lock(&self.webhook_url).clone()
    }

    /// Does one piece of work under the lock, then hands on what happened.
    fn work<T>(&self, origin: Origin, work: impl FnOnce(&mut Desk) -> T) -> T {
        let outcome = self.look(origin, work);
        self.changed.notify_one();
        outcome
    }

    /// Like `work`, for what only reads: nothing is to be written down unless something came due.
    fn look<T>(&self, origin: Origin, work: impl FnOnce(&mut Desk) -> T) -> T {
        let endpoints = u32::from(self.webhook_url().is_some());
        let mut store = lock(&self.store);
        let now = self.now() + store.clock_shift;
        let mut desk = Desk {
            store: &mut store,
            now,
            base_url: &self.base_url,
            origin: Origin::default(),
            endpoints,
            emitted: Vec::new(),
        };
        // What expired before this request is nobody's doing, so it names no request.
        objects::come_due(&mut desk);
        desk.origin = origin;
        let outcome = work(&mut desk);
        let emitted = desk.emitted;
        let happened = !emitted.is_empty();
        if endpoints > 0 && happened {
            let (chaos, time) = (store.chaos, self.timeline(store.clock_shift));
            store.outbox.post(emitted, chaos, time);
            self.posted.notify_one();
        }
        if happened {
            self.changed.notify_one();
        }
        outcome
    }

    fn mark_delivered(&self, id: &str) {
        if let Some(event) = lock(&self.store).events.get_mut(id) {
            event.body["pending_webhooks"] = 0.into();
        }
    }
}

/// A panic in another request must not take the sandbox down with it.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a sandbox.
///
/// # Errors
/// Fails when the address cannot be listened on, the webhook address is not plain HTTP, or the state cannot be read and
/// written.
pub async fn start(config: SandboxConfig, clock: Clock) -> Result<RunningSandbox, SandboxError> {
    check_webhook_url(config.webhook_url.as_deref())?;
    let listener = TcpListener::bind(config.address).await?;
    let address = listener.local_addr()?;
    let keeper = config.state.map(Keeper::new);
    let kept = keeper.as_ref().map(Keeper::read).transpose()?.flatten();
    let fresh = || Kept { store: Store::stocked(clock().div_euclid(1_000)), timeline: 0 };
    let Kept { store, timeline } = kept.unwrap_or_else(fresh);
    let shared = Arc::new(Shared {
        store: Mutex::new(store),
        webhook_url: Mutex::new(config.webhook_url),
        secrets: Mutex::new(Secrets::new(&config.webhook_secret)?),
        posted: Notify::new(),
        changed: Notify::new(),
        timeline_before: timeline,
        started: Instant::now(),
        clock,
        base_url: format!("http://{}", reachable(address)),
        secret_key: config.secret_key,
    });
    if let Some(keeper) = &keeper {
        // A file that cannot be written is better known now than after the first payment.
        keeper.write(&shared)?;
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(Arc::clone(&shared));
    let server = tokio::spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            // A dropped sender means the same as a sent signal.
            let _ = stopped.await;
        });
        if let Err(error) = serving.await {
            tracing::error!(%error, "the stripe sandbox stopped listening");
        }
    });
    let mut helpers = vec![
        tokio::spawn(webhook::deliver_all(Arc::clone(&shared))),
        tokio::spawn(expire_by_itself(Arc::clone(&shared))),
    ];
    helpers.extend(keeper.clone().map(|keeper| tokio::spawn(keeper.follow(Arc::clone(&shared)))));
    Ok(RunningSandbox { shared, address, stop: Some(stop), server, helpers, keeper })
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/c/pay/{session}", get(checkout::show).post(checkout::pay))
        .route("/c/pay/{session}/promotion", post(checkout_modes::promote))
        .route("/p/session/{session}", get(checkout_modes::portal))
        .route("/c/pay/{session}/debit", post(checkout_modes::debit))
        .route("/_panel", get(panel::show))
        .route("/_panel/{action}", post(panel::act))
        .route("/_control", get(control::show))
        .route("/_control/{action}", post(control::act))
        .route("/c/authenticate/{intent}", get(authentication::show).post(authentication::authenticate))
        .route("/v1/{*path}", any(api::serve))
        .fallback(checkout::not_found)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(shared)
}

async fn expire_by_itself(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(EXPIRY_TICK);
    loop {
        ticks.tick().await;
        // Every piece of work looks for expired sessions first; this one has nothing else to do.
        shared.look(Origin::default(), |_| ());
    }
}

/// Somebody who listens everywhere is reached here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn check_webhook_url(url: Option<&str>) -> std::io::Result<()> {
    let refuse = |reason: &str| Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, reason));
    match url.map(str::parse::<hyper::Uri>) {
        None => Ok(()),
        Some(Ok(uri)) if uri.scheme_str() == Some("http") && uri.host().is_some() => Ok(()),
        Some(_) => {
            refuse("the stripe sandbox sends webhooks to plain http addresses only; give one that starts with http://")
        }
    }
}
