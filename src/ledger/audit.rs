//! Replays an account's entries from nothing and names every fault it finds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Account, Balances, Bucket, Credits, Entry, EntryKind, GrantId, Hash, HoldState, Law, PurchaseId, Standing,
    Timestamp, TransactionId, seal,
};

/// Something the laws forbid, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{account}, entry {seq}: {what}")]
pub struct Fault {
    /// Whose ledger.
    pub account: String,
    /// At which entry; the last one when it is the account's own row.
    pub seq: i64,
    /// Which law it breaks.
    pub law: Law,
    /// What is wrong, in a sentence.
    pub what: String,
}

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
    faults: Vec<Fault>,
    seq: i64,
    head: Hash,
    last_at: Timestamp,
    balances: Balances,
    grants: BTreeMap<GrantId, Lot>,
    purchases: BTreeSet<PurchaseId>,
    refunds: BTreeMap<TransactionId, i128>,
}

/// What the entries leave of a grant.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Lot {
    remaining: i128,
    owed: i128,
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
            last_at: Timestamp::from_millis(i64::MIN),
            balances: Balances::default(),
            grants: BTreeMap::new(),
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
            grants: lots.into_iter().map(|(grant, remaining, owed)| (grant, Lot { remaining, owed })).collect(),
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
        self.faults
    }

    fn fault(&mut self, law: Law, what: impl Into<String>) {
        self.faults.push(Fault { account: self.account.id.to_string(), seq: self.seq, law, what: what.into() });
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
        self.last_at = entry.at;
        if entry.previous != self.head {
            self.fault(Law::Chain, "the chain is broken: the entry does not point at the one before");
        }
        if entry.hash != seal(entry) {
            self.fault(Law::Chain, "the entry is not what was sealed: its hash does not match");
        }
        self.head = entry.hash;
        self.check_movement(entry);
        self.check_grants(entry);
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

    fn check_grants(&mut self, entry: &Entry) {
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
        for part in &entry.grants {
            let amount = i128::from(part.amount.get());
            let (remaining, owed) = effect(entry.from, entry.to);
            let lot = self.grants.entry(part.grant).or_default();
            lot.remaining += remaining * amount;
            lot.owed += owed * amount;
            if lot.remaining < 0 || lot.owed < 0 {
                self.fault(Law::Grants, format!("grant {} gave more than it held", part.grant));
            }
        }
    }

    /// What the entries refunded, by the charge they name: whoever has the charges at hand compares.
    #[must_use]
    pub const fn refunds(&self) -> &BTreeMap<TransactionId, i128> {
        &self.refunds
    }

    /// Compares what the entries make with what the account's row says.
    #[must_use]
    pub fn finish(mut self) -> Vec<Fault> {
        let account = self.account;
        if account.seq != self.seq || account.head != self.head {
            self.fault(
                Law::Chain,
                format!("the account's row says entry {} is the last, with head {}", account.seq, account.head),
            );
        }
        if account.balances != self.balances {
            self.fault(Law::Balances, "the balances kept are not the sums of the entries");
        }
        let lot = |grant: &super::Grant| Lot { remaining: grant.remaining.get().into(), owed: grant.owed.get().into() };
        let kept: BTreeMap<GrantId, Lot> = account.grants.iter().map(|grant| (grant.id, lot(grant))).collect();
        for (grant, made) in self.grants.clone() {
            if kept.get(&grant).copied().unwrap_or_default() != made {
                self.fault(
                    Law::Grants,
                    format!("grant {grant} should have {} left and {} owed", made.remaining, made.owed),
                );
            }
        }
        if kept.keys().any(|grant| !self.grants.contains_key(grant)) {
            self.fault(Law::Grants, "a grant is kept that no entry brought in");
        }
        let mut in_holds: BTreeMap<GrantId, i128> = BTreeMap::new();
        let open = account.holds.iter().filter(|hold| hold.state == HoldState::Open);
        for part in open.flat_map(|hold| &hold.parts) {
            *in_holds.entry(part.grant).or_insert(0) += i128::from(part.amount.get());
        }
        let held = account.grants.iter().filter(|grant| grant.held != Credits::ZERO);
        if held.map(|grant| (grant.id, i128::from(grant.held.get()))).collect::<BTreeMap<_, _>>() != in_holds {
            self.fault(Law::Grants, "the open holds are not what the grants say is held");
        }
        if !account.grants_agree() {
            self.fault(Law::Grants, "what the grants hold and owe does not sum to the balances");
        }
        self.faults
    }
}

/// What a movement does to the grants it names: to what remains of them, and to what is owed for them.
pub(super) const fn effect(from: Bucket, to: Bucket) -> (i128, i128) {
    use Bucket::{Available, Expired, Held, Issued, Owed, Reversed, Spent};
    match (from, to) {
        (Issued | Spent | Reversed, Available) => (1, 0),
        (Available | Held, Spent | Expired | Issued) | (Available, Reversed) => (-1, 0),
        (Available, Owed) => (-1, -1),
        (Owed, Reversed) => (0, 1),
        (Reversed | Issued, Owed) => (0, -1),
        _ => (0, 0),
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
