//! What runs beside the requests: the clock's work on the ledger, the webhook inbox, the mail, and the
//! watch over the ledger's laws.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::state::App;

/// How often holds and grants whose time is over are looked for. Nothing depends on it: the ledger itself never
/// spends what has expired; this only makes it show.
const SETTLE_EVERY: Duration = Duration::from_secs(5);

/// Starts the jobs; each ends when `stopped` turns true.
pub(super) fn spawn(app: &App, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let settle = tokio::spawn(settle_due(app.clone(), stopped.clone()));
    let (payments, until) = (app.payments.clone(), stop(stopped.clone()));
    let inbox = tokio::spawn(async move { payments.work_inbox(until).await });
    let (mail, until) = (app.mail.clone(), stop(stopped.clone()));
    let post = tokio::spawn(async move { mail.work(until).await });
    let (watch, until) = (app.watch.clone(), stop(stopped.clone()));
    let guard = tokio::spawn(async move { watch.work(until).await });
    vec![settle, inbox, post, guard]
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
        if let Err(error) = app.kernel.grant_recurring().await {
            tracing::warn!(%error, "recurring grants could not be looked up; trying again");
        }
    }
}
