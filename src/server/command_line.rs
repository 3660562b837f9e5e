//! The command line: one verb for each thing an operator does.

mod people;

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use super::clock::{SystemClock, SystemIds};
use super::config::{Config, ConfigError, is_live};
use super::demo;
use super::moving;
use super::remote;
use super::start::{open_database, start};
use super::verify::verify_statement;
use crate::billing::{AuditReport, Kernel, PublicKey};
use crate::ledger::Clock;
use crate::payments::sandbox::{self, SandboxConfig};
use people::{KeysVerb, OperatorsVerb};

type Failure = Box<dyn std::error::Error>;

/// Formal verification by the credit, with a till that can be checked.
#[derive(Parser)]
#[command(name = "aethel", version, about)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve the pages and the REST API.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Replay the whole ledger and exit non-zero if anything is wrong.
    Audit,
    /// Write the whole ledger as lines of JSON.
    Export {
        /// Where to; standard output when not given.
        file: Option<PathBuf>,
    },
    /// Take an export into an empty database, or the accounts of another kernel's dump into any.
    Import {
        /// An export of ours, or JSON like {"accounts": [{"account_id": "…", "credit_balance": 10}]}.
        file: PathBuf,
    },
    /// Check the file of a signed statement, without a database or a network.
    VerifyStatement {
        /// The file, as downloaded.
        file: PathBuf,
        /// The public key that must have signed it, as GET /api/billing/signing-keys shows it.
        #[arg(long, value_name = "HEX")]
        key: Option<PublicKey>,
    },
    /// Write the REST API's description, OpenAPI 3.1, on standard output.
    Openapi,
    /// Manage API keys.
    Keys {
        #[command(subcommand)]
        verb: KeysVerb,
    },
    /// Call the REST API of a running server: without an operation it lists them.
    // An operation describes itself: its options are the document's, not the program's.
    #[command(disable_help_flag = true)]
    Api {
        /// An operation, like `charge`, and its options, as `aethel api charge --help` shows them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPERATION --NAME VALUE")]
        words: Vec<String>,
    },
    /// Manage the people who may enter the back office.
    Operators {
        #[command(subcommand)]
        verb: OperatorsVerb,
    },
    /// Fill the database with three stories, so that every page has something to show.
    Demo,
    /// Run the Stripe sandbox alone.
    StripeSandbox {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:12111")]
        address: SocketAddr,
        /// Where to send events.
        #[arg(long)]
        webhook_url: Option<String>,
        /// What to sign them with.
        #[arg(long, default_value = "whsec_sandbox")]
        webhook_secret: String,
        /// The file in which the state outlives a restart; without it, it is kept in memory only.
        #[arg(long)]
        state: Option<PathBuf>,
    },
}

/// Runs the command that was given. What goes wrong is one sentence on standard error.
pub async fn run() -> ExitCode {
    let verb = CommandLine::parse().verb;
    let outcome = match log_filter(setting("AETHEL_LOG")) {
        Ok(filter) => {
            tracing_subscriber::fmt()
                .with_ansi(std::io::stderr().is_terminal())
                .with_env_filter(filter)
                .with_writer(std::io::stderr)
                .init();
            obey(verb).await
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            // The last sentence an operator reads, so it goes to standard error whatever the log's filter says.
            let _closed = writeln!(std::io::stderr(), "aethel: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn obey(verb: Verb) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Serve => serve().await,
        Verb::Migrate => migrate().await,
        Verb::Audit => audit().await,
        Verb::Export { file } => export(file).await,
        Verb::Import { file } => import(&file).await,
        Verb::VerifyStatement { file, key } => {
            let (lines, code) = verify_statement(&file, key)?;
            lines.iter().try_for_each(|line| say(line))?;
            Ok(code)
        }
        Verb::Api { words } => {
            let connection = remote::Connection { url: setting("AETHEL_URL"), key: setting("AETHEL_KEY") };
            remote::run(&words, connection).await
        }
        Verb::Openapi => openapi(),
        Verb::Keys { verb } => people::keys(verb).await,
        Verb::Operators { verb } => people::operators(verb).await,
        Verb::Demo => demonstrate().await,
        Verb::StripeSandbox { address, webhook_url, webhook_secret, state } => {
            refuse_beside_money(&setting)?;
            run_sandbox(SandboxConfig { address, secret_key: None, webhook_url, webhook_secret, state }).await
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where settings come in from the environment")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn settings() -> Result<Config, Failure> {
    Ok(Config::read(&|name| setting(name).or_else(|| known_by_itself(name)))?)
}

/// What is logged. A filter that cannot be read is refused: the log that an operator asked for would be missing.
fn log_filter(text: Option<String>) -> Result<EnvFilter, ConfigError> {
    let text = text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "warn,aethel=info".to_owned());
    EnvFilter::try_new(&text).map_err(|error| {
        let why = format!("{text:?} is not a filter like warn,aethel=info ({error})");
        ConfigError { name: "AETHEL_LOG", why }
    })
}

/// A program that was moved together with its site finds it.
fn known_by_itself(name: &str) -> Option<String> {
    let site = std::env::current_exe().ok()?.parent()?.join("site");
    (name == "LEPTOS_SITE_ROOT" && site.is_dir()).then(|| site.to_string_lossy().into_owned())
}

fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

async fn serve() -> Result<ExitCode, Failure> {
    let config = settings()?;
    let interrupted = interrupt()?;
    let running = start(config).await?;
    if let Some(url) = &running.sandbox_url {
        say(&format!("stripe sandbox on {url}"))?;
    }
    say(&format!("listening on {}", running.base_url))?;
    interrupted.await;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or a polite request to end.
fn interrupt() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

async fn migrate() -> Result<ExitCode, Failure> {
    open_database(&settings()?.database).await?.close().await;
    say("the schema is up to date")?;
    Ok(ExitCode::SUCCESS)
}

async fn audit() -> Result<ExitCode, Failure> {
    let database = open_database(&settings()?.database).await?;
    let report = AuditReport::of(&database).await?;
    database.close().await;
    for fault in &report.faults {
        say(&format!("fault: {fault}"))?;
    }
    let AuditReport { accounts, entries, faults } = &report;
    say(&format!("{accounts} accounts, {entries} entries, {} faults", faults.len()))?;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn export(file: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let database = open_database(&settings()?.database).await?;
    let exported = moving::export_to(&database, SystemClock.now(), file.as_deref()).await;
    database.close().await;
    // Standard output may be the dump itself.
    writeln!(std::io::stderr(), "{}", exported?)?;
    Ok(ExitCode::SUCCESS)
}

async fn import(file: &Path) -> Result<ExitCode, Failure> {
    let config = settings()?;
    let database = open_database(&config.database).await?;
    let kernel = Kernel::start(database.clone(), config.prices, Arc::new(SystemClock), Arc::new(SystemIds));
    let imported = moving::import_from(&database, &kernel, file).await;
    database.close().await;
    imported?.iter().try_for_each(|line| say(line))?;
    Ok(ExitCode::SUCCESS)
}

fn openapi() -> Result<ExitCode, Failure> {
    say(&serde_json::to_string(&crate::api::openapi())?)?;
    Ok(ExitCode::SUCCESS)
}

async fn demonstrate() -> Result<ExitCode, Failure> {
    let config = settings()?;
    if !config.test_mode() || config.is_public() {
        return Err("the demo's stories are invented and paid in the sandbox; they are not told beside a live Stripe \
                    key or with an https AETHEL_PUBLIC_URL"
            .into());
    }
    for line in demo::fill(config).await? {
        say(&line)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The sandbox plays Stripe: never where money is real, or where customers from outside would take it for Stripe.
fn refuse_beside_money(set: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    if set("STRIPE_SECRET_KEY").is_some_and(|key| is_live(&key)) {
        let why = "the sandbox never runs beside a live key; remove the key to try things out".into();
        return Err(ConfigError { name: "STRIPE_SECRET_KEY", why });
    }
    if set("AETHEL_PUBLIC_URL").is_some_and(|url| url.trim().to_ascii_lowercase().starts_with("https://")) {
        let why = "the sandbox is for one's own machine; it never runs beside an https address".into();
        return Err(ConfigError { name: "AETHEL_PUBLIC_URL", why });
    }
    Ok(())
}

async fn run_sandbox(config: SandboxConfig) -> Result<ExitCode, Failure> {
    let interrupted = interrupt()?;
    let running = sandbox::start(config, Arc::new(|| SystemClock.now().millis())).await?;
    say(&format!("stripe sandbox on {}", running.base_url()))?;
    interrupted.await;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_alone_is_refused_beside_a_live_key_and_beside_an_https_address() {
        let refused = |settings: &[(&str, &str)]| {
            let set =
                |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
            refuse_beside_money(&set).err().map(|error| error.name)
        };
        for key in ["sk_live_1", "rk_live_1"] {
            assert_eq!(refused(&[("STRIPE_SECRET_KEY", key)]), Some("STRIPE_SECRET_KEY"));
        }
        assert_eq!(refused(&[("AETHEL_PUBLIC_URL", "HTTPS://shop.example")]), Some("AETHEL_PUBLIC_URL"));
        assert_eq!(refused(&[("STRIPE_SECRET_KEY", "sk_test_1"), ("AETHEL_PUBLIC_URL", "http://127.0.0.1")]), None);
        assert_eq!(refused(&[]), None);
    }

    #[test]
    fn a_log_filter_that_cannot_be_read_is_named() {
        let error = log_filter(Some("aethel=louder".into())).err().unwrap();
        assert_eq!(error.name, "AETHEL_LOG");
        assert!(error.why.contains("aethel=louder"), "{error}");
        for text in [None, Some(String::new()), Some("debug".to_owned())] {
            assert!(log_filter(text).is_ok());
        }
    }
}
