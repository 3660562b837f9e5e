//! A month of one account's ledger with what it really cost: made from entries and grants, and checked from the
//! statement alone.
//!
//! What a credit was paid for. A grant of `size` credits was paid `paid` cents (a gift: none). Once `gone` of its
//! credits have left it, they stand for `floor(paid × gone / size)` cents. A line stands for the difference between
//! after and before, summed over the grants it touched. So the lines of one grant always sum to the rounded share,
//! and to exactly what was paid once all of it is gone, whatever the order and sizes. What comes back, by a refund or a
//! reinstatement, is negative; a hold and its release move nothing.

mod check;
mod lot;
mod rewind;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    AccountId, Balances, Bucket, Cents, Credits, Entry, EntryKind, Grant, GrantId, Hash, Month, Operation, PurchaseId,
    Refusal, Timestamp,
};
use lot::Lots;
pub use lot::{Lot, StatementGrant};
pub use rewind::Rewind;

/// Where a chain stands: its last entry and the sums so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The seq of the last entry; 0 before the first.
    pub seq: i64,
    /// Its hash; zeros before the first.
    pub head: Hash,
    /// Its moment; the beginning of 1970 before the first.
    pub at: Timestamp,
    /// The seven buckets.
    pub balances: Balances,
}

/// One line: an entry, and what the credits it moved were paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The entry as it stands in the chain.
    pub entry: Entry,
    /// What its credits were paid for, in cents.
    pub paid_cents: Cents,
}

/// What all entries of one kind sum to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindTotal {
    /// How many.
    pub entries: i64,
    /// How many credits they moved.
    pub credits: Credits,
    /// What those were paid for.
    pub paid_cents: Cents,
}

/// What was spent on one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationTotal {
    /// How many charges and captures.
    pub charges: i64,
    /// How many units.
    pub quantity: i64,
    /// How many credits.
    pub credits: Credits,
    /// How many credits were given back.
    pub refunded: Credits,
    /// What it was paid for, less what was given back.
    pub paid_cents: Cents,
}

/// The sums of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// By kind of entry; those without entries are left out.
    pub by_kind: BTreeMap<EntryKind, KindTotal>,
    /// By operation; those without charges and refunds are left out.
    pub by_operation: BTreeMap<Operation, OperationTotal>,
    /// What was paid for the credits bought in the month.
    pub bought_cents: Cents,
    /// What the credits spent in the month were paid for, less what was given back.
    pub spent_cents: Cents,
}

/// A month of one account's ledger. Its signature covers the canonical form of all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Whose.
    pub account: AccountId,
    /// What the customer is called.
    pub name: String,
    /// Which month, UTC.
    pub month: Month,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// Whether the month was over when the statement was made.
    pub complete: bool,
    /// Where the chain stood before the first line.
    pub opening: Standing,
    /// Every entry of the month, in the chain's order.
    pub lines: Vec<Line>,
    /// The grants that held something or were touched.
    pub grants: Vec<StatementGrant>,
    /// The sums.
    pub totals: Totals,
    /// Where the chain stood after the last line.
    pub closing: Standing,
}

/// What a statement is made from.
#[derive(Clone, Debug)]
pub struct StatementParts {
    /// Whose.
    pub account: AccountId,
    /// What the customer is called.
    pub name: String,
    /// Which month.
    pub month: Month,
    /// Whether it is over.
    pub complete: bool,
    /// Where the chain stood before it.
    pub opening: Standing,
    /// Every grant of the account, as it stood then.
    pub grants: Vec<(Grant, Lot)>,
    /// The entries of the month, oldest first.
    pub entries: Vec<Entry>,
}

impl Statement {
    /// Makes the statement of a month.
    ///
    /// # Errors
    /// When the parts do not belong together: an entry names a grant that is not there, or takes more than there was.
    pub fn of(parts: StatementParts) -> Result<Self, Refusal> {
        let StatementParts { account, name, month, complete, opening, grants, entries } = parts;
        let touched: BTreeSet<GrantId> =
            entries.iter().flat_map(|entry| &entry.grants).map(|part| part.grant).collect();
        let mut grants: Vec<StatementGrant> = grants
            .into_iter()
            .filter(|(grant, lot)| lot.holds_something() || touched.contains(&grant.id))
            .map(|(grant, lot)| StatementGrant::of(&grant, lot))
            .collect();
        grants.sort_by_key(|grant| (grant.granted_at, grant.id));
        let mut lots = Lots::opening(&grants);
        let mut closing = opening;
        let mut lines = Vec::with_capacity(entries.len());
        for entry in entries {
            let paid_cents = lots.post(&entry).ok_or(Refusal::AmountTooLarge)?;
            closing.balances.shift(entry.from, entry.to, entry.amount)?;
            closing = Standing { seq: entry.seq, head: entry.hash, at: entry.at, balances: closing.balances };
            lines.push(Line { entry, paid_cents });
        }
        for grant in &mut grants {
            grant.closing = lots.lot(grant.id).ok_or(Refusal::AmountTooLarge)?;
        }
        let totals = Totals::of(&lines, &grants).ok_or(Refusal::AmountTooLarge)?;
        let (from, to) = (month.start(), month.end());
        Ok(Self { account, name, month, from, to, complete, opening, lines, grants, totals, closing })
    }
}

impl Totals {
    /// The sums of lines; `None` past the range that is kept exactly.
    fn of(lines: &[Line], grants: &[StatementGrant]) -> Option<Self> {
        let paid: BTreeMap<PurchaseId, Cents> =
            grants.iter().filter_map(|grant| Some((grant.purchase?, grant.paid_cents))).collect();
        let mut totals = Self::default();
        for Line { entry, paid_cents } in lines {
            let kind = totals.by_kind.entry(entry.kind).or_default();
            kind.entries = kind.entries.checked_add(1)?;
            kind.credits = kind.credits.checked_add(entry.amount)?;
            kind.paid_cents = kind.paid_cents.checked_add(*paid_cents)?;
            if entry.kind == EntryKind::Purchase {
                let bought = entry.purchase.and_then(|purchase| paid.get(&purchase)).copied().unwrap_or(Cents::ZERO);
                totals.bought_cents = totals.bought_cents.checked_add(bought)?;
            }
            let (spends, refunds) = (entry.to == Bucket::Spent, entry.kind == EntryKind::Refund);
            let (true, Some(operation)) = (spends || refunds, entry.operation) else { continue };
            totals.spent_cents = totals.spent_cents.checked_add(*paid_cents)?;
            let total = totals.by_operation.entry(operation).or_default();
            total.paid_cents = total.paid_cents.checked_add(*paid_cents)?;
            if spends {
                total.charges = total.charges.checked_add(1)?;
                total.quantity = total.quantity.checked_add(entry.quantity)?;
                total.credits = total.credits.checked_add(entry.amount)?;
            } else {
                total.refunded = total.refunded.checked_add(entry.amount)?;
            }
        }
        Some(totals)
    }
}
