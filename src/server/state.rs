//! What every handler may use: the services, once each.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use serde_json::Value;

use super::limits::Limits;
use super::live::Live;
use crate::batch::Batches;
use crate::billing::store::Database;
use crate::billing::{Kernel, Signer, Watch};
use crate::hooks::Hooks;
use crate::identity::Identity;
use crate::judge::Judge;
use crate::ledger::{Clock, IdSource};
use crate::mail::Mail;
use crate::oracle::Oracle;
use crate::payments::Payments;
use crate::sentinel::Sentinel;

/// What handlers need to know of the configuration.
#[derive(Clone, Debug)]
pub struct Site {
    /// How browsers reach the server, without a slash at the end.
    pub public_url: String,
    /// Whether no real money moves.
    pub test_mode: bool,
    /// Whether mails stay here, to be read on the outbox page.
    pub outbox: bool,
    /// Where a browser may be sent to pay.
    pub checkout_origin: String,
    /// Where open pages listen for a rebuild, under `make dev`.
    pub reload_port: Option<u16>,
}

/// The services behind every page and route. Every layer and handler of a request gets a copy, so copying is counting
/// one reference.
#[derive(Clone)]
pub struct App(Arc<Services>);

impl App {
    /// Brings the services together.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self(Arc::new(services))
    }
}

impl Deref for App {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

/// The services, once each.
pub struct Services {
    /// The billing kernel.
    pub kernel: Kernel,
    /// What signs receipts and statements.
    pub signer: Signer,
    /// What replays the ledger and knows whether its laws hold.
    pub watch: Watch,
    /// People, sessions and keys.
    pub identity: Identity,
    /// Purchases and Stripe.
    pub payments: Payments,
    /// Verification.
    pub judge: Judge,
    /// How often somebody may ask.
    pub limits: Limits,
    /// Questions about laws.
    pub oracle: Oracle,
    /// Monitors.
    pub sentinel: Sentinel,
    /// Batches of transactions.
    pub batches: Batches,
    /// Who listens to what happens.
    pub live: Live,
    /// The description of the REST API.
    pub openapi: Value,
    /// What customers' own servers are told.
    pub hooks: Hooks,
    /// What is sent to people.
    pub mail: Mail,
    /// The database that all of them share.
    pub database: Database,
    /// What handlers need to know of the configuration.
    pub config: Arc<Site>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// What Leptos needs to know of the built files.
    pub leptos: LeptosOptions,
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}
