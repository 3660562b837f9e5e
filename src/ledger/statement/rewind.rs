//! From how an account stands now back to how it stood before a month: the entries since are undone.

use std::collections::BTreeMap;

use super::lot::moves;
use super::{Lot, Standing};
use crate::ledger::{Balances, Credits, Entry, Grant, GrantId, Refusal};

/// Entries being undone. They may come in any order, a page at a time: what they did only adds up.
#[derive(Clone, Debug)]
pub struct Rewind {
    now: Balances,
    came: Balances,
    parts: BTreeMap<GrantId, (i128, i128, i128)>,
}

impl Rewind {
    /// Starts from the balances of now.
    #[must_use]
    pub fn new(now: Balances) -> Self {
        Self { now, came: Balances::default(), parts: BTreeMap::new() }
    }

    /// Undoes one entry.
    ///
    /// # Errors
    /// When a sum leaves the range that is kept exactly.
    pub fn undo(&mut self, entry: &Entry) -> Result<(), Refusal> {
        self.came.shift(entry.from, entry.to, entry.amount)?;
        for part in &entry.grants {
            let (remaining, gone, owed) = moves(entry);
            let amount = i128::from(part.amount.get());
            let sums = self.parts.entry(part.grant).or_default();
            sums.0 += remaining * amount;
            sums.1 += gone * amount;
            sums.2 += owed * amount;
        }
        Ok(())
    }

    /// Where the chain stood, given its last entry then, and how each grant did.
    ///
    /// # Errors
    /// When the entries undone and the account's row do not belong together.
    pub fn opening(&self, last: Standing, grants: Vec<Grant>) -> Result<(Standing, Vec<(Grant, Lot)>), Refusal> {
        let balances = self.now.minus(&self.came).ok_or(Refusal::AmountTooLarge)?;
        let mut lots = Vec::with_capacity(grants.len());
        for grant in grants {
            let lot = self.before(&grant).ok_or(Refusal::AmountTooLarge)?;
            lots.push((grant, lot));
        }
        Ok((Standing { balances, ..last }, lots))
    }

    fn before(&self, grant: &Grant) -> Option<Lot> {
        let now = Lot::now(grant);
        let (remaining, gone, owed) = self.parts.get(&grant.id).copied().unwrap_or_default();
        let less = |amount: Credits, came: i128| {
            let before = i128::from(amount.get()).checked_sub(came)?;
            Credits::new(i64::try_from(before).ok()?)
        };
        Some(Lot {
            remaining: less(now.remaining, remaining)?,
            gone: less(now.gone, gone)?,
            owed: less(now.owed, owed)?,
        })
    }
}
