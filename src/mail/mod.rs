//! What is sent to people. A mail is a row, written in the transaction that caused it; afterwards it is shown on the
//! outbox page (test mode) or carried off by a worker.
//!
//! Knows no person, no page and no HTML. Deliberately absent: attachments, and mails to more than one address.

mod letters;
mod smtp;
mod store;
pub mod templates;
#[cfg(test)]
mod tests;
mod worker;

use std::str::FromStr;
use std::sync::Arc;

use crate::billing::store::{Database, Statement, StoreError};
use crate::ledger::{Clock, IdSource, MailId, Timestamp};

pub use letters::MemberLetter;
pub use smtp::MailError;
use worker::Carrier;

/// Mails shown at once.
const RECENT_MAX: i64 = 200;

/// A mail to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: String,
    /// In one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// Test mode: to be read on the outbox page.
    Shown,
    /// Waits for the worker.
    Waiting,
    /// The mail server took it.
    Sent,
    /// Given up.
    Failed,
}

impl MailState {
    /// As written in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A text names no state of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a mail is shown, waiting, sent or failed")]
pub struct UnknownState;

impl FromStr for MailState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let all = [Self::Shown, Self::Waiting, Self::Sent, Self::Failed];
        all.into_iter().find(|state| state.name() == text).ok_or(UnknownState)
    }
}

/// A mail as kept. The text of one that has left is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMail {
    /// Names the mail.
    pub id: MailId,
    /// To whom.
    pub to: String,
    /// In one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
    /// How far it has come.
    pub state: MailState,
}

/// The house's letter box. Cheap to clone.
#[derive(Clone)]
pub struct Mail {
    database: Database,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    carrier: Option<Arc<dyn Carrier>>,
}

impl Mail {
    /// Test mode: mails stay here and can be read.
    #[must_use]
    pub fn outbox(database: Database, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { database, clock, ids, carrier: None }
    }

    /// Mails leave by the SMTP server at `url` (`smtps://user:password@host`, or `smtp://host:25?tls=required`).
    ///
    /// # Errors
    /// When the URL or the sender's address cannot be one.
    pub fn smtp(
        database: Database,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        url: &str,
        from: &str,
    ) -> Result<Self, MailError> {
        let carrier = smtp::Smtp::connect(url, from)?;
        Ok(Self { database, clock, ids, carrier: Some(Arc::new(carrier)) })
    }

    /// The row of a mail, to be written in the transaction that causes it.
    #[must_use]
    pub fn compose(&self, message: Message) -> Statement {
        let now = self.clock.now();
        let state = if self.carrier.is_some() { MailState::Waiting } else { MailState::Shown };
        store::add(&StoredMail {
            id: MailId::from_ulid(self.ids.next(now)),
            to: message.to,
            subject: message.subject,
            text: message.text,
            at: now,
            state,
        })
    }

    /// The latest mails, newest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn recent(&self, limit: i64) -> Result<Vec<StoredMail>, StoreError> {
        store::recent(&self.database, limit.clamp(1, RECENT_MAX)).await
    }
}
