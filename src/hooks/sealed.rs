//! Signing secrets as they are kept: under seal, each for its endpoint alone.

use super::delivery::Due;
use super::signing::Secret;
use super::{HookError, Hooks, store};
use crate::billing::{Purpose, SealError};
use crate::ledger::EndpointId;

/// What the owner of an endpoint reads when its secret cannot be opened.
const UNREADABLE: &str = "the signing secret cannot be opened with the key that this server has; rotate the secret";

impl Hooks {
    /// Seals with the key in force the secrets that are not, and forgets former ones whose time is over. Says how many
    /// could not be opened: their endpoints get nothing until their secrets are rotated.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn seal_anew(&self) -> Result<u64, HookError> {
        self.database.write(vec![store::forget_former(self.clock.now())]).await?;
        let mut foreign = 0_u64;
        for column in store::SEALED {
            let more = self.sealer.seal_anew(&self.database, Purpose::WebhookSecret, column).await?;
            foreign = foreign.saturating_add(more);
        }
        Ok(foreign)
    }

    /// The secret as it is kept.
    pub(super) fn sealed(&self, endpoint: EndpointId, secret: &Secret) -> Result<String, HookError> {
        let sealed = self.sealer.seal(Purpose::WebhookSecret, &endpoint.to_string(), secret.reveal());
        sealed.map_err(|error: SealError| {
            tracing::error!(%error, "a signing secret could not be sealed");
            HookError::Unavailable
        })
    }

    /// The secrets that sign a delivery, the newest first. Without the newest one nothing is sent; a former one that
    /// cannot be opened is left out.
    pub(super) fn opened(&self, due: &Due) -> Result<Vec<Secret>, String> {
        let row = due.endpoint.to_string();
        let open = |kept: &String| self.sealer.open(Purpose::WebhookSecret, &row, kept).map(Secret::kept);
        let [newest, former @ ..] = &due.sealed[..] else { return Err(UNREADABLE.to_owned()) };
        let newest = open(newest).map_err(|_| UNREADABLE.to_owned())?;
        Ok(std::iter::once(newest).chain(former.iter().filter_map(|kept| open(kept).ok())).collect())
    }
}
