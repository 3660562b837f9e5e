//! An account's grants by cursor, in the published spending order, and its balance as of any instant.

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use crate::ledger::{AccountId, Credits, Grant, GrantId, Hash, Timestamp};

/// Grants on one page.
const PAGE_MAX: i64 = 500;

/// What could be spent at a moment, and the entry that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceAt {
    /// What was available.
    pub balance: Credits,
    /// The seq of the last entry at or before the moment; 0 when there was none.
    pub seq: i64,
    /// That entry's hash; zeros when there was none.
    pub hash: Hash,
}

/// A grant and its place in the spending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedGrant {
    /// The grant.
    pub grant: Grant,
    /// From 1, which is spent first; none where nothing is left or its time is over.
    pub spending_rank: Option<i64>,
}

/// A page of grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantPage {
    /// Newest first.
    pub grants: Vec<RankedGrant>,
    /// Where the next page begins; none on the last.
    pub next: Option<GrantId>,
}

impl Kernel {
    /// What could be spent at a moment; `None` when there is no such account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn balance_at(&self, id: AccountId, at: Timestamp) -> Result<Option<BalanceAt>, KernelError> {
        if self.account(id).await?.is_none() {
            return Ok(None);
        }
        let found = store::balance_at(self.database(), id, at).await.map_err(unavailable)?;
        let nothing = BalanceAt { balance: Credits::ZERO, seq: 0, hash: Hash::ZERO };
        Ok(Some(found.map_or(nothing, |(balance, seq, hash)| BalanceAt { balance, seq, hash })))
    }

    /// The grants that came in before the given one, newest first, at most 500; from the newest without one.
    /// `None` when `before` is no grant of this account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn grants(
        &self,
        id: AccountId,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Option<GrantPage>, KernelError> {
        self.read_grants(id, before, limit.clamp(1, PAGE_MAX)).await.map_err(unavailable)
    }

    async fn read_grants(
        &self,
        id: AccountId,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Option<GrantPage>, store::StoreError> {
        let mut snapshot = self.database().snapshot().await?;
        let place = match before {
            None => None,
            Some(grant) => match store::grant_time(&mut snapshot, id, grant).await? {
                Some(at) => Some((at, grant)),
                None => return Ok(None),
            },
        };
        // One more than asked for tells whether there is a next page.
        let mut grants = store::grants_before(&mut snapshot, id, place, limit.saturating_add(1)).await?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = grants.len() > shown;
        grants.truncate(shown);
        let order = spending_order(store::open_grants(&mut snapshot, id).await?, self.now());
        let next = if more { grants.last().map(|last| last.id) } else { None };
        Ok(Some(GrantPage { grants: grants.into_iter().map(|grant| ranked(&order, grant)).collect(), next }))
    }

    /// The grants that something is left of, in the order they are spent in.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn grants_to_spend(&self, id: AccountId) -> Result<Vec<Grant>, KernelError> {
        let open = store::open_grants_now(self.database(), id).await.map_err(unavailable)?;
        Ok(spending_order(open, self.now()))
    }
}

/// Those with something left whose time is not over, the first to be spent first.
fn spending_order(mut grants: Vec<Grant>, now: Timestamp) -> Vec<Grant> {
    grants.retain(|grant| grant.remaining.is_positive() && !grant.is_due(now));
    grants.sort_by(Grant::spending_order);
    grants
}

fn ranked(order: &[Grant], grant: Grant) -> RankedGrant {
    let place = order.iter().position(|other| other.id == grant.id);
    let spending_rank = place.and_then(|place| i64::try_from(place).ok()).map(|place| place.saturating_add(1));
    RankedGrant { grant, spending_rank }
}
