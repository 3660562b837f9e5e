//! One account on its way through an audit: its entries, and all that must follow from them.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Effects;
use super::slots::Slots;
use crate::billing::store::{self, Reader, StoreError};
use crate::ledger::{Account, AccountId, Charge, Fault, Faults, Law, Replay, TransactionId};

/// What has been followed so far.
pub(super) struct Trail<'a> {
    account: AccountId,
    replay: Replay<'a>,
    slots: Slots,
    effects: Effects,
    pub(super) faults: Faults,
    pub(super) seq: i64,
    pub(super) entries: u64,
}

impl<'a> Trail<'a> {
    /// Before the first entry. The account's rows are read at the end.
    pub(super) fn of(account: &'a Account) -> Self {
        Self {
            account: account.id,
            replay: Replay::new(account),
            slots: Slots::new(),
            effects: Effects::new(),
            faults: Faults::of(account.id),
            seq: 0,
            entries: 0,
        }
    }

    /// Takes the next entries and answers how many there were: none at the end.
    pub(super) async fn page(&mut self, reader: &mut Reader<'_>, limit: i64) -> Result<usize, StoreError> {
        let page = store::entries_to_check(reader, self.account, self.seq, limit).await?;
        for (seq, entry) in &page {
            self.seq = *seq;
            match entry {
                Ok(entry) => {
                    self.replay.step(entry);
                    self.slots.add(entry);
                    let held = self.replay.is_summed().then(|| self.replay.standing().balances.held);
                    self.effects.add(entry, held);
                }
                Err(why) => {
                    self.replay.unreadable(*seq, why);
                    self.slots.give_up();
                    self.effects.interrupt();
                }
            }
        }
        self.entries = self.entries.saturating_add(u64::try_from(page.len()).unwrap_or(0));
        self.slots.compare_much(reader, self.account, &mut self.faults, self.seq).await?;
        self.effects.judge(reader, self.account, &mut self.faults).await?;
        Ok(page.len())
    }

    /// Compares what the entries made with the account's rows, as one moment saw them.
    pub(super) async fn finish(mut self, reader: &mut Reader<'_>) -> Result<Vec<Fault>, StoreError> {
        let Some(rows) = store::account_rows(reader, self.account).await? else { return Ok(Vec::new()) };
        self.effects.end();
        self.effects.judge(reader, self.account, &mut self.faults).await?;
        self.slots.compare_rest(reader, self.account, &mut self.faults, self.seq).await?;
        if self.replay.is_summed() {
            self.check_refunds(reader).await?;
        }
        for what in rows.unreadable {
            self.faults.add(self.seq, Law::Grants, what);
        }
        let mut list = match &rows.account {
            Ok(account) => self.replay.against(account).finish_with_every_grant(),
            Err(why) => {
                self.faults.add(self.seq, Law::Balances, format!("the account's row cannot be read: {why}"));
                self.replay.faults()
            }
        };
        list.extend(self.faults.into_list());
        Ok(list)
    }

    /// Compares the refunds with the charges they name and with what is kept of each: all of one charge's together give
    /// back no more than it took.
    async fn check_refunds(&mut self, reader: &mut Reader<'_>) -> Result<(), StoreError> {
        let mut kept = BTreeMap::new();
        for (charge, credits) in store::refunds_of(reader, self.account).await? {
            match charge.parse::<TransactionId>() {
                Ok(id) => _ = kept.insert(id, credits),
                Err(_) => self.faults.add(self.seq, Law::Refunds, format!("something was refunded of {charge:?}")),
            }
        }
        let refunds = self.replay.refunds();
        let named: BTreeSet<_> = refunds.keys().map(|charge| (self.account, *charge)).collect();
        let found = store::charges_to_check(reader, &named).await?;
        let found: BTreeMap<TransactionId, Charge> = found.into_iter().map(|charge| (charge.id, charge)).collect();
        for (id, refunded) in refunds {
            let row = kept.remove(id);
            let what = match found.get(id) {
                None => format!("a refund names {id}, which is no charge of this account"),
                Some(charge) if charge.charged() < *refunded => format!("more was refunded of {id} than it took"),
                Some(_) if row.map(i128::from) != Some(*refunded) => {
                    format!("the refunds of {id} sum to {refunded}, its row says {}", row.unwrap_or(0))
                }
                Some(_) => continue,
            };
            self.faults.add(id.seq(), Law::Refunds, what);
        }
        for (id, credits) in kept {
            let what = format!("{credits} credits are kept as refunded of {id}, and no entry gave them back");
            self.faults.add(id.seq(), Law::Refunds, what);
        }
        Ok(())
    }
}
