//! Brings the house up: listener, database, kernel, sandbox, services, jobs, router. And down again.

use std::net::SocketAddr;
use std::sync::Arc;

use leptos::config::LeptosOptions;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::clock::{SystemClock, SystemIds};
use super::config::{Config, DatabaseChoice, MailChoice, StripeChoice};
use super::jobs;
use super::limits::Limits;
use super::listen::{HEADER_LIMIT, serve};
use super::live::Live;
use super::router::router;
use super::state::{App, Services, Site};
use crate::batch::Batches;
use crate::billing::store::{Database, StoreError};
use crate::billing::{Fill, Kernel, NoSealer, PricesNotKept, Sealer, Signer, Watch};
use crate::hooks::Hooks;
use crate::identity::{Entropy, Identity, IdentityConfig, KeyMode, OsEntropy};
use crate::judge::Judge;
use crate::ledger::{Clock, IdSource};
use crate::mail::{Mail, MailError};
use crate::oracle::Oracle;
use crate::payments::sandbox::{self, RunningSandbox, SandboxConfig, SandboxError, StateError};
use crate::payments::{Mode, Payments, PaymentsConfig, PaymentsConfigError};
use crate::sentinel::Sentinel;
use crate::solver::{SolverConfig, SolverError, SolverPool};

/// The sandbox's key, as Stripe writes test keys. It opens nothing but the sandbox.
const SANDBOX_KEY: &str = "sk_test_aethel_sandbox";
/// Where a form of ours may lead to: Stripe's checkout, its portal, and the bank's page behind it.
const STRIPE_PAGES: &str = "https://checkout.stripe.com https://billing.stripe.com https://hooks.stripe.com";
/// How long requests under way may take to end.
const SHUTDOWN_SECONDS: u64 = 20;

/// Why the house did not come up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else listens there, or the address is not ours.
    #[error("cannot listen on {address}: {source}; set {setting} to a free address")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Which setting says so.
        setting: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The sandbox's state cannot be read or kept.
    #[error("AETHEL_SANDBOX_STATE cannot be used: {0}")]
    SandboxState(#[from] StateError),
    /// The directory of the SQLite file cannot be made.
    #[error("cannot make the directory of BILLING_DB_PATH: {0}")]
    Directory(std::io::Error),
    /// The database cannot be used.
    #[error("cannot open the ledger: {why}; {setting} says where it is")]
    Database {
        /// Which setting says where it is.
        setting: &'static str,
        /// The reason, without addresses or passwords.
        why: String,
    },
    /// There is nothing to seal secrets with.
    #[error("cannot seal secrets: {0}")]
    NoSealer(#[from] NoSealer),
    /// The secrets that have to be sealed could not be read or written.
    #[error("cannot seal secrets: {0}")]
    Unsealed(String),
    /// Secrets were sealed with a key that is not set.
    #[error(
        "AETHEL_SEALING_KEY cannot be used: {count} secrets were sealed with another key; set it to the new key, a comma \
         and the former one, or, where the former one is lost, to the new key followed by \",lost\": webhooks then get \
         nothing until their secrets are rotated, and people come in with recovery codes"
    )]
    Sealed {
        /// How many.
        count: u64,
    },
    /// The price book is not what its version says.
    #[error("AETHEL_PRICE_BOOK cannot be used: {0}")]
    Prices(#[from] PricesNotKept),
    /// Z3 cannot be used.
    #[error("cannot start the solver: {0}; set AETHEL_Z3 to the path of z3")]
    Solver(#[from] SolverError),
    /// Stripe's settings cannot be used.
    #[error(transparent)]
    Payments(#[from] PaymentsConfigError),
    /// The mail settings cannot be used.
    #[error("AETHEL_SMTP_URL or AETHEL_MAIL_FROM cannot be used: {0}")]
    Mail(#[from] MailError),
}

/// A house that is up.
pub struct Running {
    /// How it is reached on this machine.
    pub base_url: String,
    /// How the sandbox is reached, if it runs.
    pub sandbox_url: Option<String>,
    /// The services, for whoever runs in the same process.
    pub app: App,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    jobs: Vec<JoinHandle<()>>,
    sandbox: Option<RunningSandbox>,
}

impl Running {
    /// Stops listening, lets what is under way end, and closes the ledger.
    pub async fn shutdown(self) {
        let _nobody_listens = self.stop.send(true);
        let patience = std::time::Duration::from_secs(SHUTDOWN_SECONDS);
        if tokio::time::timeout(patience, self.server).await.is_err() {
            tracing::warn!("some requests were still under way and were cut off");
        }
        for job in self.jobs {
            if tokio::time::timeout(patience, job).await.is_err() {
                tracing::warn!("a background job did not end in time");
            }
        }
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
        if tokio::time::timeout(patience, self.app.database.close()).await.is_err() {
            tracing::warn!("the database did not let go of its connections in time");
        }
    }
}

/// Opens the database that the configuration names, schema up to date.
///
/// # Errors
/// When it cannot be made, reached or brought up to date.
pub async fn open_database(choice: &DatabaseChoice) -> Result<Database, StartError> {
    let opened = match choice {
        DatabaseChoice::Sqlite(path) => {
            if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
                std::fs::create_dir_all(directory).map_err(StartError::Directory)?;
            }
            Database::open_sqlite(path).await
        }
        DatabaseChoice::Postgres(url) => Database::connect_postgres(url).await,
    };
    opened.map_err(|error: StoreError| {
        let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        StartError::Database { setting: choice.setting(), why }
    })
}

/// How this machine reaches what listens there: the unspecified address is every one, and loopback is among them.
fn reached_at(local: SocketAddr) -> String {
    if local.ip().is_unspecified() { format!("http://127.0.0.1:{}", local.port()) } else { format!("http://{local}") }
}

/// Brings the house up with the system's clock.
///
/// # Errors
/// Says what stood in the way; nothing keeps running then.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    start_at(config, clock, ids).await
}

/// Brings the house up with a given clock and source of ids.
///
/// # Errors
/// As [`start`].
pub async fn start_at(config: Config, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<Running, StartError> {
    if let Some(warning) = config.warning() {
        tracing::warn!("{warning}");
    }
    let address = config.address;
    let listen = |source| StartError::Listen { address, setting: "AETHEL_ADDR", source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    let base_url = reached_at(local);
    let public_url = config.public_url.clone().unwrap_or_else(|| base_url.clone());

    let database = open_database(&config.database).await?;
    let sealer = Sealer::start(&database, clock.as_ref(), config.sealing_keys.clone(), system_randomness()).await?;
    let (processes, reads) = (config.solver_processes, config.solver_reads.clone());
    let pool = SolverConfig { processes, reads, ..SolverConfig::new(config.solver.clone()) };
    let pool = Arc::new(SolverPool::start(pool).await?);
    let kernel = Kernel::start(database.clone(), config.prices.clone(), Arc::clone(&clock), Arc::clone(&ids));
    kernel.keep_prices().await?;
    let mail = match &config.mail {
        MailChoice::Outbox => Mail::outbox(database.clone(), Arc::clone(&clock), Arc::clone(&ids)),
        MailChoice::Smtp { url, from } => {
            Mail::smtp(database.clone(), Arc::clone(&clock), Arc::clone(&ids), url, from)?
        }
    };
    let (stripe, sandbox) = reach_stripe(&config, &base_url, &public_url, &clock, &ids).await?;
    let checkout_origin = stripe.api_base.clone().unwrap_or_else(|| STRIPE_PAGES.into());
    let keys = if config.test_mode() { KeyMode::Test } else { KeyMode::Live };
    let identity = Identity::new(
        database.clone(),
        kernel.clone(),
        mail.clone(),
        Arc::clone(&clock),
        Arc::clone(&ids),
        Arc::new(OsEntropy),
        IdentityConfig { public_url: public_url.clone(), keys, sealer: sealer.clone() },
    );
    let hooks = Hooks::new(database.clone(), Arc::clone(&clock), system_randomness(), sealer.clone(), config.webhooks);
    seal_anew(&sealer, &identity, &hooks).await?;
    let payments =
        Payments::new(database.clone(), kernel.clone(), mail.clone(), Arc::clone(&clock), Arc::clone(&ids), stripe)?;
    let site = Site {
        test_mode: config.test_mode(),
        outbox: config.mail == MailChoice::Outbox,
        public_url,
        checkout_origin,
        reload_port: config.reload_port,
    };
    let (stop, stopped) = watch::channel(false);
    let app = App::new(Services {
        oracle: Oracle::new(
            database.clone(),
            kernel.clone(),
            SolverPool::clone(&pool),
            Arc::clone(&clock),
            Arc::clone(&ids),
        ),
        sentinel: Sentinel::new(
            database.clone(),
            kernel.clone(),
            mail.clone(),
            &site.public_url,
            Arc::clone(&clock),
            Arc::clone(&ids),
        ),
        batches: Batches::new(database.clone(), kernel.clone(), Arc::clone(&clock), Arc::clone(&ids)),
        judge: Judge::new(database.clone(), kernel.clone(), pool, Arc::clone(&clock), Arc::clone(&ids)),
        signer: signer(&config, &database, &clock),
        watch: Watch::new(database.clone(), Arc::clone(&clock)),
        limits: Limits::new(&config.rates),
        live: Live::new(stopped.clone()),
        openapi: serde_json::to_value(crate::api::openapi()).unwrap_or_default(),
        hooks,
        kernel,
        identity,
        payments,
        mail,
        database,
        config: Arc::new(site),
        clock,
        ids,
        leptos: leptos_options(&config, local),
    });
    let server = tokio::spawn(serve(listener, router(app.clone()), HEADER_LIMIT, stopped.clone()));
    let jobs = jobs::spawn(&app, &stopped);
    let sandbox_url = sandbox.as_ref().map(RunningSandbox::base_url);
    Ok(Running { base_url, sandbox_url, app, stop, server, jobs, sandbox })
}

/// What Leptos needs to know of the built files, and of the rebuild that pages listen for under `make dev`.
fn leptos_options(config: &Config, local: SocketAddr) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("aethel")
        .site_root(config.site_root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .site_addr(local)
        .reload_port(config.reload_port.unwrap_or_default().into())
        .build()
}

/// Signs with the key of the configuration, or the database's own, which the system's randomness makes when it is new.
fn signer(config: &Config, database: &Database, clock: &Arc<dyn Clock>) -> Signer {
    Signer::new(database.clone(), Arc::clone(clock), config.signing_key.clone(), system_randomness())
}

/// Seals with the key in force what lies in the clear or under a former key, before anybody comes.
async fn seal_anew(sealer: &Sealer, identity: &Identity, hooks: &Hooks) -> Result<(), StartError> {
    let unavailable = |error: &dyn std::fmt::Display| StartError::Unsealed(error.to_string());
    let codes = identity.seal_anew().await.map_err(|error| unavailable(&error))?;
    let webhooks = hooks.seal_anew().await.map_err(|error| unavailable(&error))?;
    match codes.saturating_add(webhooks) {
        0 => Ok(()),
        count if sealer.gives_up_lost() => {
            tracing::warn!(codes, webhooks, "{count} secrets were sealed with a key that is lost, and are given up");
            Ok(())
        }
        count => Err(StartError::Sealed { count }),
    }
}

/// Fills bytes from the system.
pub(super) fn system_randomness() -> Fill {
    Arc::new(|bytes| OsEntropy.fill(bytes).is_ok())
}

/// Stripe itself, or the sandbox started beside us with a webhook secret of its own for each start.
async fn reach_stripe(
    config: &Config,
    base_url: &str,
    public_url: &str,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdSource>,
) -> Result<(PaymentsConfig, Option<RunningSandbox>), StartError> {
    let mode = if config.test_mode() { Mode::Test } else { Mode::Live };
    let (public_url, tax) = (public_url.to_owned(), config.stripe_tax);
    match &config.stripe {
        StripeChoice::Keys { secret_key, webhook_secrets, api_base } => {
            let (secret_key, webhook_secrets) = (secret_key.clone(), webhook_secrets.clone().into());
            let api_base = api_base.clone();
            Ok((PaymentsConfig { secret_key, api_base, webhook_secrets, public_url, tax, mode }, None))
        }
        StripeChoice::Sandbox { address, state } => {
            let webhook_secret = format!("whsec_{}", ids.next(clock.now()));
            let sandbox_clock = Arc::clone(clock);
            let running = sandbox::start(
                SandboxConfig {
                    address: *address,
                    secret_key: Some(SANDBOX_KEY.into()),
                    webhook_url: Some(format!("{base_url}/api/stripe/webhook")),
                    webhook_secret,
                    state: state.clone(),
                },
                Arc::new(move || sandbox_clock.now().millis()),
            )
            .await
            .map_err(|error| match error {
                SandboxError::State(error) => error.into(),
                SandboxError::Address(source) => {
                    StartError::Listen { address: *address, setting: "AETHEL_SANDBOX_ADDR", source }
                }
            })?;
            let api_base = Some(running.base_url());
            let (secret_key, webhook_secrets) = (SANDBOX_KEY.to_owned(), running.webhook_secrets());
            Ok((PaymentsConfig { secret_key, api_base, webhook_secrets, public_url, tax, mode }, Some(running)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_never_lead_to_the_unspecified_address() {
        for (local, url) in [
            ("0.0.0.0:3000", "http://127.0.0.1:3000"),
            ("[::]:3000", "http://127.0.0.1:3000"),
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("192.168.1.5:80", "http://192.168.1.5:80"),
        ] {
            assert_eq!(reached_at(local.parse().unwrap()), url);
        }
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_opened_is_named_by_its_setting_and_not_by_its_url() {
        let here = tempfile::tempdir().unwrap();
        let choices = [
            (DatabaseChoice::Sqlite(here.path().to_owned()), "BILLING_DB_PATH"),
            (DatabaseChoice::Sqlite("/dev/null/aethel.db".into()), "BILLING_DB_PATH"),
            (DatabaseChoice::Postgres("postgres://aethel:hunter2@db:noport/x".into()), "DATABASE_URL"),
        ];
        for (choice, setting) in choices {
            let error = open_database(&choice).await.err().unwrap().to_string();
            assert!(error.contains(setting) && !error.contains("hunter2"), "{error}");
        }
    }
}
