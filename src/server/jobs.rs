//! What runs beside the requests: the clock's work on the ledger, the webhook inbox, the mail, the events to
//! customers' servers, the watch over the ledger's laws, refunds whose answer is missing, and the night's reconciliation.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::state::App;
use crate::identity::Actor;

/// How often holds and grants whose time is over are looked for. Nothing depends on it: the ledger itself never
/// spends what has expired; this only makes it show.
const SETTLE_EVERY: Duration = Duration::from_secs(5);

/// How soon members are told what has begun on their account.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// Credits that expire soon are looked for in every so many rounds: a minute more or less does not matter in a week.
const EXPIRING_ROUNDS: u32 = 12;

/// How often it is asked whether the night's reconciliation is due: of several servers the first to ask does it.
const RECONCILE_EVERY: Duration = Duration::from_secs(60);

/// Starts the jobs; each ends when `stopped` turns true.
pub(super) fn spawn(app: &App, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let settle = tokio::spawn(settle_due(app.clone(), stopped.clone()));
    let (payments, until) = (app.payments.clone(), stop(stopped.clone()));
    let inbox = tokio::spawn(async move { payments.work_inbox(until).await });
    let (mail, until) = (app.mail.clone(), stop(stopped.clone()));
    let post = tokio::spawn(async move { mail.work(until).await });
    let (watch, until) = (app.watch.clone(), stop(stopped.clone()));
    let guard = tokio::spawn(async move { watch.work(until).await });
    let alerts = tokio::spawn(tell_alerts(app.clone(), stopped.clone()));
    let (hooks, until) = (app.hooks.clone(), stop(stopped.clone()));
    let carrier = tokio::spawn(async move { hooks.work(until).await });
    let (payments, until) = (app.payments.clone(), stop(stopped.clone()));
    let top_ups = tokio::spawn(async move { payments.work_top_ups(until).await });
    let books = tokio::spawn(see_to_books(app.clone(), stopped.clone()));
    vec![settle, inbox, post, guard, alerts, carrier, top_ups, books]
}

/// Waits until `stopped` turns true, or nobody is left to turn it.
pub(super) async fn stop(mut stopped: watch::Receiver<bool>) {
    let _sender_gone = stopped.wait_for(|stop| *stop).await;
}

async fn settle_due(app: App, stopped: watch::Receiver<bool>) {
    let mut until = std::pin::pin!(stop(stopped));
    loop {
        tokio::select! {
            () = &mut until => return,
            () = tokio::time::sleep(SETTLE_EVERY) => {}
        }
        if let Err(error) = app.kernel.settle_due().await {
            tracing::warn!(%error, "what time has ended could not be posted; trying again");
        }
        if let Err(error) = app.payments.see_to_tiers().await {
            tracing::warn!(%error, "tiers could not follow their subscriptions; trying again");
        }
        if let Err(error) = app.kernel.grant_recurring().await {
            tracing::warn!(%error, "recurring grants could not be looked up; trying again");
        }
        if let Err(error) = app.sentinel.tick().await {
            tracing::warn!(%error, "hours of monitors could not be settled; trying again");
        }
    }
}

/// The night's comparison, and refunds whose answer is missing.
///
/// A run that is under way when the house closes is cut off: it only reads, and the next one looks at the same days.
async fn see_to_books(app: App, stopped: watch::Receiver<bool>) {
    let mut until = std::pin::pin!(stop(stopped));
    loop {
        tokio::select! {
            () = &mut until => return,
            () = tokio::time::sleep(RECONCILE_EVERY) => {}
        }
        tokio::select! {
            () = &mut until => return,
            outcome = app.payments.resume_refunds(|told| {
                app.identity.audit(&Actor::House, told.account, told.action(), told.detail())
            }) => {
                if let Err(error) = outcome {
                    tracing::warn!(%error, "refunds that were ordered could not be continued; trying again");
                }
            }
        }
        tokio::select! {
            () = &mut until => return,
            outcome = app.payments.reconcile_if_due() => {
                if let Err(error) = outcome {
                    tracing::warn!(%error, "the night's reconciliation could not be begun; trying again");
                }
            }
        }
    }
}

async fn tell_alerts(app: App, stopped: watch::Receiver<bool>) {
    let mut until = std::pin::pin!(stop(stopped));
    for round in (0..EXPIRING_ROUNDS).cycle() {
        tokio::select! {
            () = &mut until => return,
            () = tokio::time::sleep(TELL_EVERY) => {}
        }
        if let Err(error) = app.identity.pass_letters_on().await {
            tracing::warn!(%error, "letters could not be passed on; trying again");
        }
        if let Err(error) = app.identity.tell_alerts().await {
            tracing::warn!(%error, "alerts could not be told; trying again");
        }
        if let Err(error) = app.identity.tell_stopped_webhooks().await {
            tracing::warn!(%error, "stopped webhooks could not be told of; trying again");
        }
        if round == 0
            && let Err(error) = app.identity.tell_expiring().await
        {
            tracing::warn!(%error, "expiring credits could not be told of; trying again");
        }
    }
}
