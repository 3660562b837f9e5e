//! Carries waiting mails off: at least once, at most eight times, a row claimed before it is sent.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::store::{self, DueMail};
use super::{Mail, StoredMail};
use crate::billing::store::StoreError;

/// How soon a new mail is noticed.
const POLL: Duration = Duration::from_secs(2);
/// Mails taken in one round.
const ROUND: i64 = 20;
/// With the waits below, a mail is tried for about an hour; a link in it would not work for much longer.
pub(super) const ATTEMPTS_MAX: i64 = 8;
/// The first wait; each further one is twice as long.
const RETRY_SECONDS: i64 = 30;
/// How long a claim holds: longer than a slow mail server takes. A worker that died leaves its mail to the next.
pub(super) const CLAIM_SECONDS: i64 = 120;

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The mail server may take it later.
    Later(String),
    /// It never will.
    Never(String),
}

/// Whoever takes mails away: an SMTP server, or a test.
pub trait Carrier: Send + Sync {
    /// Takes one mail.
    fn carry<'a>(&'a self, mail: &'a StoredMail) -> Pin<Box<dyn Future<Output = Result<(), Setback>> + Send + 'a>>;
}

impl Mail {
    /// Sends what waits, until the given moment comes. In test mode there is nothing to send.
    pub async fn work(&self, shutdown: impl Future<Output = ()>) {
        if self.carrier.is_none() {
            return;
        }
        tokio::pin!(shutdown);
        loop {
            if let Err(error) = self.deliver_due().await {
                tracing::error!(?error, "waiting mails could not be read or marked");
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// One round: sends every mail that is due, and says how many have left.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn deliver_due(&self) -> Result<usize, StoreError> {
        let mut left = 0;
        let Some(carrier) = &self.carrier else { return Ok(left) };
        for due in store::due(&self.database, self.clock.now(), ROUND).await? {
            let until = self.clock.now().plus_seconds(CLAIM_SECONDS);
            if store::claim(&self.database, &due, until).await? {
                let outcome = carrier.carry(&due.mail).await;
                left += usize::from(outcome.is_ok());
                self.record(&due, outcome).await?;
            }
        }
        Ok(left)
    }

    async fn record(&self, due: &DueMail, outcome: Result<(), Setback>) -> Result<(), StoreError> {
        let (id, now) = (due.mail.id, self.clock.now());
        let statement = match outcome {
            Ok(()) => store::sent(id, now),
            Err(Setback::Later(reason)) if due.attempts + 1 < ATTEMPTS_MAX => {
                tracing::warn!(%id, %reason, "a mail did not leave; it is tried again");
                store::retry(id, now.plus_seconds(RETRY_SECONDS << due.attempts.clamp(0, ATTEMPTS_MAX)), &reason)
            }
            Err(Setback::Later(reason) | Setback::Never(reason)) => {
                tracing::error!(%id, %reason, "a mail was given up");
                store::give_up(id, &reason)
            }
        };
        self.database.write(vec![statement]).await.map(drop)
    }
}
