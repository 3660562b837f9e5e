//! Replays an account's entries from nothing and names every fault it finds.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Account, Balances, Bucket, Credits, Entry, EntryKind, GrantId, Hash, Hold, HoldId, HoldState, Law, PurchaseId,
    Standing, Timestamp, TransactionId, seal,
};

mod faults;
mod lots;
#[cfg(test)]
mod tests;

pub use faults::{Fault, Faults};
pub(super) use lots::effect;
use lots::{Lot, Lots, Moment, OpenHold, follow};

/// Checks the chain, the ids, the sums and the grants of one account against its entries, oldest first. The account
/// comes with its open holds.
///
/// Returns every fault; none means that the row of the account is exactly what its entries make it.
#[must_use]
pub fn audit(account: &Account, entries: &[Entry]) -> Vec<Fault> {
    let mut replay = Replay::new(account);
    for entry in entries {
        replay.step(entry);
    }
    replay.finish()
}

/// A replay under way: entries may be fed a page at a time.
pub struct Replay<'a> {
    account: &'a Account,
    faults: Faults,
    seq: i64,
    head: Hash,
    last_at: Timestamp,
    balances: Balances,
    grants: Lots,
    /// The open holds; unknown to a replay that does not begin with the first entry.
    holds: Option<BTreeMap<HoldId, OpenHold>>,
    /// Whether the entry before could not be read, so that nothing is known of its hash.
    is_behind_a_gap: bool,
    /// Whether every entry so far could be read: without one of them no later sum is known.
    is_summed: bool,
    purchases: BTreeSet<PurchaseId>,
    refunds: BTreeMap<TransactionId, i128>,
}

impl<'a> Replay<'a> {
    /// Starts from nothing.
    #[must_use]
    pub fn new(account: &'a Account) -> Self {
        Self {
            account,
            faults: Faults::of(account.id),
            seq: 0,
            head: Hash::ZERO,
            last_at: Timestamp::from_millis(i64::MIN),
            balances: Balances::default(),
            grants: BTreeMap::new(),
            holds: Some(BTreeMap::new()),
            is_behind_a_gap: false,
            is_summed: true,
            purchases: BTreeSet::new(),
            refunds: BTreeMap::new(),
        }
    }

    /// Goes on where an earlier replay, or a statement's opening, stopped; `lots` is what remains of each grant and
    /// what is owed for it.
    #[must_use]
    pub fn resume(
        account: &'a Account,
        standing: &Standing,
        lots: impl IntoIterator<Item = (GrantId, i128, i128)>,
    ) -> Self {
        Self {
            seq: standing.seq,
            head: standing.head,
            last_at: standing.at,
            balances: standing.balances,
            grants: lots.into_iter().map(|(grant, remaining, owed)| (grant, Lot::known(remaining, owed))).collect(),
            holds: None,
            ..Self::new(account)
        }
    }

    /// The same replay, to be compared with the account's row as it is by now.
    #[must_use]
    pub fn against<'b>(self, account: &'b Account) -> Replay<'b>
    where
        'a: 'b,
    {
        Replay { account, ..self }
    }

    /// Where the entries have led so far.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing { seq: self.seq, head: self.head, at: self.last_at, balances: self.balances }
    }

    /// What was found so far, without a look at the account's row.
    #[must_use]
    pub fn faults(self) -> Vec<Fault> {
        self.faults.into_list()
    }

    fn fault(&mut self, law: Law, what: impl Into<String>) {
        self.faults.add(self.seq, law, what);
    }

    /// Goes past an entry that stands there and cannot be read. What follows from its sums cannot be checked any more.
    pub fn unreadable(&mut self, seq: i64, why: &str) {
        self.seq = seq;
        (self.is_behind_a_gap, self.is_summed) = (true, false);
        self.fault(Law::Chain, format!("the entry cannot be read: {why}; the sums after it are not checked"));
    }

    /// Takes the next entry, oldest first.
    pub fn step(&mut self, entry: &Entry) {
        let expected = self.seq.saturating_add(1);
        self.seq = entry.seq;
        if entry.seq != expected {
            self.fault(
                Law::Chain,
                format!("the entry after {} has seq {}, so one is missing or doubled", expected - 1, entry.seq),
            );
        }
        if entry.account != self.account.id {
            self.fault(Law::Chain, "the entry belongs to another account");
        }
        if entry.id != TransactionId::of(entry.account, entry.seq, entry.at) {
            self.fault(Law::Chain, "the id does not belong to this place and moment");
        }
        if entry.at < self.last_at {
            self.fault(Law::Chain, "the entry is older than the one before");
        }
        let moment = Moment { at: entry.at, exact: entry.at > self.last_at && !self.is_behind_a_gap };
        self.last_at = entry.at;
        if entry.previous != self.head && !self.is_behind_a_gap {
            self.fault(Law::Chain, "the chain is broken: the entry does not point at the one before");
        }
        if entry.hash != seal(entry) {
            self.fault(Law::Chain, "the entry is not what was sealed: its hash does not match");
        }
        self.head = entry.hash;
        self.is_behind_a_gap = false;
        self.check_movement(entry);
        self.check_names(entry);
        if self.is_summed {
            self.check_lots(entry, moment);
        }
    }

    fn check_movement(&mut self, entry: &Entry) {
        if !lawful_route(entry.kind, entry.from, entry.to) || !entry.amount.is_positive() {
            let what = format!(
                "a {} cannot move {} from {} to {}",
                entry.kind.name(),
                entry.amount.get(),
                entry.from.name(),
                entry.to.name()
            );
            self.fault(Law::Conservation, what);
        }
        if !self.is_summed {
            return;
        }
        if self.balances.shift(entry.from, entry.to, entry.amount).is_err() || !self.balances.lawful() {
            self.fault(Law::Conservation, "the entry takes more than was there");
        }
        if entry.balance != self.balances.available {
            let what = format!(
                "the entry says {} were available, the sums say {}",
                entry.balance.get(),
                self.balances.available.get()
            );
            self.fault(Law::Balances, what);
        }
    }

    fn check_names(&mut self, entry: &Entry) {
        let sum: i128 = entry.grants.iter().map(|part| i128::from(part.amount.get())).sum();
        if sum != i128::from(entry.amount.get()) {
            self.fault(Law::Grants, "the grants named do not sum to the amount");
        }
        if entry.kind == EntryKind::Purchase {
            match entry.purchase {
                Some(purchase) if !self.purchases.insert(purchase) => {
                    self.fault(Law::Purchases, "a purchase was granted twice")
                }
                Some(_) => {}
                None => self.fault(Law::Purchases, "a purchase entry names no purchase"),
            }
        }
        match (entry.kind == EntryKind::Refund, entry.refunds) {
            (true, Some(charge)) => *self.refunds.entry(charge).or_insert(0) += i128::from(entry.amount.get()),
            (false, None) => {}
            _ => self.fault(Law::Refunds, "a refund, and nothing else, names the charge it gives back"),
        }
    }

    fn check_lots(&mut self, entry: &Entry, moment: Moment) {
        for part in &entry.grants {
            if let Some(wrong) = self.grants.entry(part.grant).or_default().take(entry, part, moment) {
                self.fault(Law::Grants, format!("grant {} {wrong}", part.grant));
            }
        }
        if let Some(wrong) = self.holds.as_mut().and_then(|holds| follow(holds, entry, moment)) {
            self.fault(Law::Grants, wrong);
        }
    }

    /// What the entries refunded, by the charge they name: whoever has the charges at hand compares.
    #[must_use]
    pub const fn refunds(&self) -> &BTreeMap<TransactionId, i128> {
        &self.refunds
    }

    /// Whether every entry could be read, so that the sums are known.
    #[must_use]
    pub const fn is_summed(&self) -> bool {
        self.is_summed
    }

    /// Compares what the entries make with what the account's row says, given every grant that it ever had.
    #[must_use]
    pub fn finish_with_every_grant(mut self) -> Vec<Fault> {
        if self.is_summed {
            let kept: BTreeSet<GrantId> = self.account.grants.iter().map(|grant| grant.id).collect();
            // What is not empty is missed by `finish` too, which then says how much it should have.
            let gone = self.grants.iter().filter(|(grant, lot)| lot.is_empty() && !kept.contains(grant));
            let gone: Vec<_> = gone.map(|(grant, lot)| (*grant, lot.seq())).collect();
            for (grant, seq) in gone {
                self.faults.add(seq.unwrap_or(self.seq), Law::Grants, format!("grant {grant} has no row"));
            }
        }
        self.finish()
    }

    /// Compares what the entries make with what the account's row says.
    #[must_use]
    pub fn finish(mut self) -> Vec<Fault> {
        let account = self.account;
        let last_at = if self.seq == 0 { Timestamp::default() } else { self.last_at };
        if account.seq != self.seq || (account.head != self.head && !self.is_behind_a_gap) {
            self.fault(
                Law::Chain,
                format!("the account's row says entry {} is the last, with head {}", account.seq, account.head),
            );
        }
        if !self.is_summed {
            return self.faults.into_list();
        }
        if account.last_at != last_at {
            self.fault(Law::Chain, "the account's row says that the last entry was posted at another moment");
        }
        if account.balances != self.balances {
            self.fault(Law::Balances, "the balances kept are not the sums of the entries");
        }
        self.finish_grants();
        self.finish_holds();
        if !account.grants_agree() {
            self.fault(Law::Grants, "what the grants hold and owe does not sum to the balances");
        }
        self.faults.into_list()
    }

    fn finish_grants(&mut self) {
        let mut kept: BTreeMap<GrantId, _> = self.account.grants.iter().map(|grant| (grant.id, grant)).collect();
        for (id, made) in &self.grants {
            let seq = made.seq().unwrap_or(self.seq);
            match kept.remove(id) {
                None if made.is_empty() => {}
                None => {
                    let what = format!("grant {id} should have {} left and {} owed", made.remaining, made.owed);
                    self.faults.add(seq, Law::Grants, what);
                }
                Some(row) => made.compare(row).into_iter().for_each(|what| self.faults.add(seq, Law::Grants, what)),
            }
        }
        if !kept.is_empty() {
            self.fault(Law::Grants, "a grant is kept that no entry brought in");
        }
    }

    fn finish_holds(&mut self) {
        let account = self.account;
        let open = || account.holds.iter().filter(|hold| hold.state == HoldState::Open);
        let mut in_holds: BTreeMap<GrantId, i128> = BTreeMap::new();
        for part in open().flat_map(|hold| &hold.parts) {
            *in_holds.entry(part.grant).or_insert(0) += i128::from(part.amount.get());
        }
        let held = account.grants.iter().filter(|grant| grant.held != Credits::ZERO);
        if held.map(|grant| (grant.id, i128::from(grant.held.get()))).collect::<BTreeMap<_, _>>() != in_holds {
            self.fault(Law::Grants, "the open holds are not what the grants say is held");
        }
        let Some(made) = self.holds.take() else { return };
        let mut kept: BTreeMap<HoldId, &Hold> = open().map(|hold| (hold.id, hold)).collect();
        for (id, hold) in &made {
            match kept.remove(id) {
                None => self.faults.add(hold.seq, Law::Grants, format!("hold {id} was not settled, and is not open")),
                Some(row) if !hold.is(row) => {
                    self.faults.add(hold.seq, Law::Grants, format!("hold {id} is not what its entry says"));
                }
                Some(_) => {}
            }
        }
        for id in kept.into_keys() {
            self.fault(Law::Grants, format!("hold {id} is open, and the entries say otherwise"));
        }
    }
}

/// Which buckets each kind of entry may move credits between.
fn lawful_route(kind: EntryKind, from: Bucket, to: Bucket) -> bool {
    use Bucket::{Available, Expired, Held, Issued, Owed, Reversed, Spent};
    matches!(
        (kind, from, to),
        (EntryKind::Purchase | EntryKind::Grant, Issued, Available)
            | (EntryKind::Charge, Available, Spent)
            | (EntryKind::Hold, Available, Held)
            | (EntryKind::Capture, Held, Spent)
            | (EntryKind::Release, Held, Available)
            | (EntryKind::Refund, Spent, Available)
            | (EntryKind::Expiry, Available, Expired)
            | (EntryKind::Reversal, Available | Owed, Reversed)
            | (EntryKind::Reversal, Available, Owed)
            | (EntryKind::Reinstatement, Reversed, Available | Owed)
            | (EntryKind::Adjustment, Issued, Available | Owed)
            | (EntryKind::Adjustment, Available, Issued)
    )
}

impl Account {
    /// Whether the account obeys the laws that need no history.
    #[must_use]
    pub fn lawful(&self) -> bool {
        self.balances.lawful() && self.grants_agree()
    }

    /// Whether the grants sum to what is available, held and owed.
    fn grants_agree(&self) -> bool {
        let sum = |amount: fn(&super::Grant) -> Credits| -> i128 {
            self.grants.iter().map(|grant| i128::from(amount(grant).get())).sum()
        };
        let Balances { available, held, owed, .. } = self.balances;
        sum(|grant| grant.held) == i128::from(held.get())
            && sum(|grant| grant.remaining) == i128::from(available.get()) + i128::from(held.get())
            && sum(|grant| grant.owed) == -i128::from(owed.get())
    }
}
