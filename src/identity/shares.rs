//! Public links to answers: whoever has one reads that answer and nothing else. Kept as a hash, ended at once.
//!
//! Knows an answer by its id alone: whether the account has such an answer is asked before.

use super::store::{self, NewShare};
use super::token::{self, Token};
use super::{Actor, Identity, IdentityError};
use crate::billing::store::{Row, StoreError};
use crate::ledger::{AccountId, Timestamp};

/// Links listed at once.
const LIST_MAX: i64 = 500;

/// An answer that has a public link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The answer's id.
    pub subject: String,
    /// Since when the present link opens it.
    pub since: Timestamp,
}

impl Share {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { subject: row.text(0)?, since: Timestamp::from_millis(row.int(1)?) })
    }
}

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Whose answer it is.
    pub account: AccountId,
    /// The answer's id.
    pub subject: String,
}

impl Identity {
    /// Makes a public link to one of the account's answers and gives its secret, which is nowhere kept; a link that the
    /// answer had before opens nothing from now on. The same `request` makes one link: none the second time.
    ///
    /// # Errors
    /// When the same request made a link to another answer, or the store is out of reach.
    pub async fn share(
        &self,
        account: AccountId,
        subject: &str,
        request: &str,
        by: &Actor,
    ) -> Result<Option<Token>, IdentityError> {
        let token = token::fresh(self.entropy.as_ref())?;
        let token_hash = token::hash(token.as_str());
        let share = NewShare { token_hash, account, subject, request, at: self.clock.now() };
        let line = self.audit(by, account, "link_shared", subject);
        if store::add_share(&self.database, &share, line).await? {
            return Ok(Some(token));
        }
        match store::shared_by_request(&self.database, account, request).await? {
            Some(known) if known == subject => Ok(None),
            _ => Err(IdentityError::Conflict),
        }
    }

    /// Ends the public link of one of the account's answers, at once and on every server.
    ///
    /// # Errors
    /// When it has none.
    pub async fn end_share(&self, account: AccountId, subject: &str, by: &Actor) -> Result<(), IdentityError> {
        let line = self.audit(by, account, "link_ended", subject);
        match store::end_share(&self.database, account, subject, self.clock.now(), line).await? {
            true => Ok(()),
            false => Err(IdentityError::NotFound),
        }
    }

    /// Whether one of the account's answers has a public link.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn share_of(&self, account: AccountId, subject: &str) -> Result<Option<Share>, IdentityError> {
        Ok(store::share_of(&self.database, account, subject).await?.as_ref().map(Share::read).transpose()?)
    }

    /// The account's answers that have a public link, the latest link first; those behind the answer `before` where that
    /// is given.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn shares(
        &self,
        account: AccountId,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Share>, IdentityError> {
        let rows = store::shares(&self.database, account, before, limit.clamp(1, LIST_MAX)).await?;
        Ok(rows.iter().map(Share::read).collect::<Result<_, _>>()?)
    }

    /// What a link opens; none for one that never was and one that has ended alike.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn shared(&self, token: &str) -> Result<Option<Shared>, IdentityError> {
        if !token::is_well_formed(token) {
            return Ok(None);
        }
        let Some(row) = store::shared(&self.database, &token::hash(token)).await? else { return Ok(None) };
        Ok(Some(Shared { account: row.parsed(0)?, subject: row.text(1)? }))
    }
}
