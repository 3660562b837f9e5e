//! Replays an account's entries from nothing and names every fault it finds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Account, Balances, Bucket, Credits, Entry, EntryKind, GrantId, Hash, PurchaseId, TransactionId, seal};

/// Something the laws forbid, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{account}, entry {seq}: {what}")]
pub struct Fault {
    /// Whose ledger.
    pub account: String,
    /// At which entry; the last one when it is the account's own row.
    pub seq: i64,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// Checks the chain, the ids, the sums and the grants of one account against its entries, oldest first.
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
    faults: Vec<Fault>,
    seq: i64,
    head: Hash,
    balances: Balances,
    grants: BTreeMap<GrantId, i128>,
    purchases: Vec<PurchaseId>,
}

impl<'a> Replay<'a> {
    /// Starts from nothing.
    #[must_use]
    pub fn new(account: &'a Account) -> Self {
        Self {
            account,
            faults: Vec::new(),
            seq: 0,
            head: Hash::ZERO,
            balances: Balances::default(),
            grants: BTreeMap::new(),
            purchases: Vec::new(),
        }
    }

    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(Fault { account: self.account.id.to_string(), seq: self.seq, what: what.into() });
    }

    /// Takes the next entry, oldest first.
    pub fn step(&mut self, entry: &Entry) {
        let expected = self.seq.saturating_add(1);
        self.seq = entry.seq;
        if entry.seq != expected {
            self.fault(format!("the entry after {} has seq {}, so one is missing or doubled", expected - 1, entry.seq));
        }
        if entry.account != self.account.id {
            self.fault("the entry belongs to another account");
        }
        if entry.id != TransactionId::of(entry.account, entry.seq, entry.at) {
            self.fault("the id does not belong to this place and moment");
        }
        if entry.previous != self.head {
            self.fault("the chain is broken: the entry does not point at the one before");
        }
        if entry.hash != seal(entry) {
            self.fault("the entry is not what was sealed: its hash does not match");
        }
        self.head = entry.hash;
        self.check_movement(entry);
        self.check_grants(entry);
    }

    fn check_movement(&mut self, entry: &Entry) {
        if !lawful_route(entry.kind, entry.from, entry.to) || !entry.amount.is_positive() {
            self.fault(format!(
                "a {} cannot move {} from {} to {}",
                entry.kind.name(),
                entry.amount.get(),
                entry.from.name(),
                entry.to.name()
            ));
        }
        if self.balances.shift(entry.from, entry.to, entry.amount).is_err() || !self.balances.lawful() {
            self.fault("the entry takes more than was there");
        }
        if entry.balance != self.balances.available {
            self.fault(format!(
                "the entry says {} were available, the sums say {}",
                entry.balance.get(),
                self.balances.available.get()
            ));
        }
    }

    fn check_grants(&mut self, entry: &Entry) {
        let sum: i128 = entry.grants.iter().map(|part| i128::from(part.amount.get())).sum();
        if sum != i128::from(entry.amount.get()) {
            self.fault("the grants named do not sum to the amount");
        }
        if entry.kind == EntryKind::Purchase {
            match entry.purchase {
                Some(purchase) if self.purchases.contains(&purchase) => self.fault("a purchase was granted twice"),
                Some(purchase) => self.purchases.push(purchase),
                None => self.fault("a purchase entry names no purchase"),
            }
        }
        for part in &entry.grants {
            let change = match (entry.from, entry.to) {
                (Bucket::Issued, _) | (Bucket::Spent, _) => i128::from(part.amount.get()),
                (_, Bucket::Spent | Bucket::Expired | Bucket::Reversed) => -i128::from(part.amount.get()),
                _ => 0,
            };
            let remaining = self.grants.entry(part.grant).or_insert(0);
            *remaining += change;
            if *remaining < 0 {
                self.fault(format!("grant {} gave more than it held", part.grant));
            }
        }
    }

    /// Compares what the entries make with what the account's row says.
    #[must_use]
    pub fn finish(mut self) -> Vec<Fault> {
        let account = self.account;
        if account.seq != self.seq || account.head != self.head {
            self.fault(format!("the account's row says entry {} is the last, with head {}", account.seq, account.head));
        }
        if account.balances != self.balances {
            self.fault("the balances kept are not the sums of the entries");
        }
        let kept: BTreeMap<GrantId, i128> =
            account.grants.iter().map(|grant| (grant.id, i128::from(grant.remaining.get()))).collect();
        for (grant, remaining) in self.grants.clone() {
            if kept.get(&grant).copied().unwrap_or(0) != remaining {
                self.fault(format!("grant {grant} should have {remaining} left"));
            }
        }
        if kept.keys().any(|grant| !self.grants.contains_key(grant)) {
            self.fault("a grant is kept that no entry brought in");
        }
        let held: i128 = account.grants.iter().map(|grant| i128::from(grant.held.get())).sum();
        let remaining: i128 = kept.values().sum();
        let Balances { available, held: in_holds, .. } = account.balances;
        if held != i128::from(in_holds.get()) || remaining != i128::from(available.get()) + held {
            self.fault("what the grants hold does not sum to available and held");
        }
        self.faults
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
            | (EntryKind::Reinstatement, Reversed, Available | Owed)
            | (EntryKind::Adjustment, Issued, Available)
            | (EntryKind::Adjustment, Available, Issued)
    )
}

impl Account {
    /// Whether the account obeys the laws that need no history.
    #[must_use]
    pub fn lawful(&self) -> bool {
        let sum = |amount: fn(&super::Grant) -> Credits| -> i128 {
            self.grants.iter().map(|grant| i128::from(amount(grant).get())).sum()
        };
        let (available, held) = (self.balances.available.get(), self.balances.held.get());
        self.balances.lawful()
            && sum(|grant| grant.held) == i128::from(held)
            && sum(|grant| grant.remaining) == i128::from(available) + i128::from(held)
    }
}
