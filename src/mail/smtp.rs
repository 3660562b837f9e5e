//! The SMTP server behind the letter box.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::StoredMail;
use super::worker::{Carrier, Setback};

/// A mail server that takes longer is as good as absent.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why mails cannot be sent this way.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Not a URL of a mail server.
    #[error("AETHEL_SMTP_URL looks like smtps://user:password@mail.example.com; this one does not: {0}")]
    Url(String),
    /// Not a sender's address.
    #[error("the sender of mails looks like `Aethel <hello@example.com>`; this one does not")]
    From,
}

/// An SMTP server and who writes through it.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Reads the settings. Nothing is sent yet.
    pub fn connect(url: &str, from: &str) -> Result<Self, MailError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let transport = builder.map_err(|error| MailError::Url(error.to_string()))?.timeout(Some(TIMEOUT)).build();
        Ok(Self { transport, from: from.parse().map_err(|_| MailError::From)? })
    }

    fn message(&self, mail: &StoredMail) -> Result<lettre::Message, Setback> {
        let to = mail.to.parse().map_err(|_| Setback::Never("the address cannot be written to".into()))?;
        let written = UNIX_EPOCH + Duration::from_millis(u64::try_from(mail.at.millis()).unwrap_or(0));
        lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.as_str())
            .date(written)
            // The same at every attempt, so that a mail sent twice is shown once.
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| Setback::Never(error.to_string()))
    }
}

impl Carrier for Smtp {
    fn carry<'a>(&'a self, mail: &'a StoredMail) -> Pin<Box<dyn Future<Output = Result<(), Setback>> + Send + 'a>> {
        Box::pin(async move {
            let message = self.message(mail)?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(Setback::Never(error.to_string())),
                Err(error) => Err(Setback::Later(error.to_string())),
            }
        })
    }
}
