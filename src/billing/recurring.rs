//! Recurring grants: credits that come every day, week or month. Each occurrence is posted once, whoever posts it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::kernel::{Kernel, unavailable};
use super::order::{KernelError, Order};
use super::store::{self, Statement};
use super::windows::months_later;
use crate::ledger::{AccountId, Command, Credits, KeyId, RecurringGrantId, Refusal, Timestamp, UnknownName};

/// Recurring grants worked on in one round.
const ROUND: i64 = 256;
/// Recurring grants of one account on one page.
const PAGE_MAX: i64 = 500;
/// Occurrences of one recurring grant posted in one round: the rest of a long downtime comes with the next rounds.
const CATCH_UP_MAX: usize = 100;

/// How often credits come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Every {
    /// Every 24 hours.
    Day,
    /// Every seven days.
    Week,
    /// On the same day of every month; on the last one where a month has no such day.
    Month,
}

impl Every {
    /// The name used over REST and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

impl FromStr for Every {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        [Self::Day, Self::Week, Self::Month].into_iter().find(|every| every.name() == text).ok_or_else(|| UnknownName {
            kind: "interval",
            given: text.chars().take(60).collect(),
            known: "day, week, month".into(),
        })
    }
}

impl TryFrom<String> for Every {
    type Error = UnknownName;

    fn try_from(text: String) -> Result<Self, UnknownName> {
        text.parse()
    }
}

/// Credits to give again and again.
#[derive(Clone, Debug)]
pub struct NewRecurringGrant {
    /// To whom.
    pub account: AccountId,
    /// How many each time.
    pub credits: Credits,
    /// How often.
    pub every: Every,
    /// The first time; at once when not said.
    pub starts_at: Option<Timestamp>,
    /// No occurrence from then on.
    pub ends_at: Option<Timestamp>,
    /// In how many days after its occurrence what is left is lost; never when not said.
    pub expires_after_days: Option<i64>,
    /// Why; shown to the customer.
    pub reason: String,
    /// The idempotency key.
    pub request: String,
    /// The operator's key.
    pub key: Option<KeyId>,
    /// Rows of other rooms that are written in the same commit, once.
    pub along: Vec<Statement>,
}

/// A recurring grant as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecurringGrant {
    /// Names it.
    pub id: RecurringGrantId,
    /// To whom.
    pub account: AccountId,
    /// How many credits each time.
    pub credits: Credits,
    /// How often.
    pub every: Every,
    /// The first time.
    pub starts_at: Timestamp,
    /// No occurrence from then on.
    pub ends_at: Option<Timestamp>,
    /// In how many days after its occurrence what is left is lost.
    pub expires_after_days: Option<i64>,
    /// Why.
    pub reason: String,
    /// When an operator ended it before its time; no occurrence from then on.
    pub ended_at: Option<Timestamp>,
    /// How many occurrences were dealt with.
    pub posted: i64,
    /// When the next one is due; none when there is none left.
    pub next_at: Option<Timestamp>,
}

/// Why no recurring grant was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecurringError {
    /// The first occurrence would lie in the past.
    #[error("starts_at must not lie in the past")]
    StartsInThePast,
    /// There would be no occurrence.
    #[error("ends_at must lie after the first occurrence")]
    EndsBeforeItStarts,
    /// The kernel did not do it.
    #[error(transparent)]
    Kernel(#[from] KernelError),
}

impl RecurringGrant {
    /// When the occurrence of this number, from 0, takes place; none when the grant has ended before.
    #[must_use]
    pub fn occurrence(&self, number: i64) -> Option<Timestamp> {
        let at = match self.every {
            Every::Day => self.starts_at.plus_days(number),
            Every::Week => self.starts_at.plus_days(number.saturating_mul(7)),
            Every::Month => months_later(self.starts_at, number)?,
        };
        let over = [self.ends_at, self.ended_at].into_iter().flatten().min();
        over.is_none_or(|over| at < over).then_some(at)
    }

    /// Whether it is what the request asks for.
    fn is_of(&self, new: &NewRecurringGrant) -> bool {
        let asked = (new.credits, new.every, new.ends_at, new.expires_after_days, &new.reason);
        let have = (self.credits, self.every, self.ends_at, self.expires_after_days, &self.reason);
        asked == have && new.starts_at.is_none_or(|starts_at| starts_at == self.starts_at)
    }
}

impl Kernel {
    /// Writes a recurring grant down, and says whether the same request had done so before.
    ///
    /// # Errors
    /// When there is no such account, no occurrence would come of it, the key was used for another one, or the store
    /// is out of reach.
    pub async fn add_recurring(&self, new: NewRecurringGrant) -> Result<(RecurringGrant, bool), RecurringError> {
        if let Some(known) = self.recurring_of(&new).await? {
            return Ok((known, true));
        }
        let now = self.now();
        let starts_at = new.starts_at.unwrap_or(now);
        if starts_at < now {
            return Err(RecurringError::StartsInThePast);
        }
        if new.ends_at.is_some_and(|ends_at| ends_at <= starts_at) {
            return Err(RecurringError::EndsBeforeItStarts);
        }
        self.account(new.account).await?.ok_or(KernelError::Refused(Refusal::NoSuchAccount))?;
        let grant = RecurringGrant {
            id: RecurringGrantId::from_ulid(self.next_ulid()),
            account: new.account,
            credits: new.credits,
            every: new.every,
            starts_at,
            ends_at: new.ends_at,
            expires_after_days: new.expires_after_days,
            reason: new.reason.clone(),
            ended_at: None,
            posted: 0,
            next_at: Some(starts_at),
        };
        let row = store::write_recurring(&grant, &new.request, new.key, now);
        self.database().write_if(row, new.along.clone()).await.map_err(unavailable)?;
        // Another server may have been quicker with the same request.
        let kept = self.recurring_of(&new).await?.ok_or(KernelError::Unavailable)?;
        let replayed = kept.id != grant.id;
        Ok((kept, replayed))
    }

    async fn recurring_of(&self, new: &NewRecurringGrant) -> Result<Option<RecurringGrant>, KernelError> {
        let kept =
            store::recurring_by_request(self.database(), new.account, &new.request).await.map_err(unavailable)?;
        match kept {
            Some(kept) if !kept.is_of(new) => Err(KernelError::IdempotencyConflict),
            kept => Ok(kept),
        }
    }

    /// An account's recurring grants, newest first, ended ones included; those older than `before` where that is given.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn recurring(
        &self,
        account: AccountId,
        before: Option<RecurringGrantId>,
        limit: i64,
    ) -> Result<Vec<RecurringGrant>, KernelError> {
        store::recurring(self.database(), account, before, limit.clamp(1, PAGE_MAX)).await.map_err(unavailable)
    }

    /// Ends a recurring grant: what was due before is still posted, nothing after. Ending it twice keeps the first
    /// moment. None when the account has no such one. `along` is written with the end.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn end_recurring(
        &self,
        account: AccountId,
        id: RecurringGrantId,
        along: Vec<Statement>,
    ) -> Result<Option<RecurringGrant>, KernelError> {
        let end = store::end_recurring(account, id, self.now());
        self.database().write_if(end, along).await.map_err(unavailable)?;
        store::recurring_by_id(self.database(), account, id).await.map_err(unavailable)
    }

    /// Posts every occurrence that is due, and says how many grants that made. Any number of servers may do this at
    /// once: each occurrence has a request key of its own.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn grant_recurring(&self) -> Result<usize, KernelError> {
        let now = self.now();
        let mut given = 0;
        for grant in store::recurring_due(self.database(), now, ROUND).await.map_err(unavailable)? {
            match self.catch_up(&grant, now).await {
                Ok(count) => given += count,
                // One account that cannot be given credits must not keep the others from theirs.
                Err(error) => tracing::error!(%error, recurring = %grant.id, "a recurring grant could not be posted"),
            }
        }
        Ok(given)
    }

    async fn catch_up(&self, grant: &RecurringGrant, now: Timestamp) -> Result<usize, KernelError> {
        let mut given = 0;
        let mut number = grant.posted;
        for _ in 0..CATCH_UP_MAX {
            match grant.occurrence(number) {
                Some(at) if at <= now => {
                    given += usize::from(self.post_occurrence(grant, number, at).await?);
                    number += 1;
                }
                Some(_) => break,
                None => {
                    let advance = store::advance_recurring(grant.id, number, number, None);
                    self.database().write(vec![advance]).await.map_err(unavailable)?;
                    break;
                }
            }
        }
        Ok(given)
    }

    /// Posts one occurrence, and says whether it was this call that did.
    async fn post_occurrence(&self, grant: &RecurringGrant, number: i64, at: Timestamp) -> Result<bool, KernelError> {
        let expires_at = grant.expires_after_days.map(|days| at.plus_days(days));
        let advance = store::advance_recurring(grant.id, number, number + 1, grant.occurrence(number + 1));
        let command = Command::Grant {
            grant: self.next_grant(),
            credits: grant.credits,
            reason: grant.reason.clone(),
            expires_at,
        };
        let request = format!("recurring:{}:{number}", grant.id);
        let order = Order::new(grant.account, request, command).along(vec![advance.clone()]);
        match self.submit(order).await {
            Ok(receipt) => Ok(!receipt.replayed),
            // After a long downtime: what would have run out already is not given, and the next one is looked at.
            Err(KernelError::Refused(Refusal::ExpiryInThePast)) => {
                tracing::warn!(recurring = %grant.id, number, "an occurrence was over before it could be posted");
                self.database().write(vec![advance]).await.map_err(unavailable)?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
