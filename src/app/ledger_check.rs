//! Checks a ledger by the ledger's own code, which is here the browser's: what a replay found, as a page shows it.

use crate::ledger::{Account, Credits, Entry, Fault, Hash, Law, Replay};

/// The laws that a ledger's entries and its account's row show by themselves.
pub const CHECKED_HERE: [Law; 5] = [Law::Chain, Law::Conservation, Law::Grants, Law::Purchases, Law::Balances];
/// Entries kept in the browser, to plant a corruption in: some tens of megabytes.
pub const COPY_MAX: usize = 50_000;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many entries were replayed.
    pub entries: i64,
    /// The hash of the last one, as computed here.
    pub head: Hash,
    /// The head that the server's row of the account names.
    pub server_head: Hash,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
}

impl Found {
    /// The faults of the first entry that has any.
    #[must_use]
    pub fn first(&self) -> Vec<&Fault> {
        let seq = self.faults.iter().map(|fault| fault.seq).min();
        self.faults.iter().filter(|fault| Some(fault.seq) == seq).collect()
    }

    /// Whether a law holds.
    #[must_use]
    pub fn holds(&self, law: Law) -> bool {
        self.faults.iter().all(|fault| fault.law != law)
    }
}

/// The end of a replay of the whole chain: compares it with the account's row.
#[must_use]
pub fn found(account: &Account, replay: Replay<'_>) -> Found {
    let standing = replay.standing();
    Found { entries: standing.seq, head: standing.head, server_head: account.head, faults: replay.finish() }
}

/// What was changed in the browser's copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planted {
    /// In which entry.
    pub seq: i64,
    /// What its amount was.
    pub before: Credits,
    /// What it is now.
    pub after: Credits,
}

/// Changes the amount of one entry of the copy, the one in the middle, and checks the copy again. `None` when there
/// is no entry. The copy itself stays as it was.
#[must_use]
pub fn plant(account: &Account, copy: &[Entry]) -> Option<(Planted, Found)> {
    let place = copy.len() / 2;
    let target = copy.get(place)?;
    let more = Credits::new(1)?;
    let after = target.amount.checked_add(more).or_else(|| target.amount.checked_sub(more))?;
    let corrupted = Entry { amount: after, ..target.clone() };
    let mut replay = Replay::new(account);
    for (index, entry) in copy.iter().enumerate() {
        replay.step(if index == place { &corrupted } else { entry });
    }
    let standing = replay.standing();
    let (entries, head) = (standing.seq, standing.head);
    let found = Found { entries, head, server_head: account.head, faults: replay.faults() };
    Some((Planted { seq: target.seq, before: target.amount, after }, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::testing::{CountingIds, ManualClock, price_book};
    use crate::ledger::{AccountId, Clock, Command, GrantId, IdSource, Operation, Request, Tier, apply};

    fn history() -> (Account, Vec<Entry>) {
        let (clock, ids) = (ManualClock::default(), CountingIds::default());
        let id = AccountId::from_ulid(ids.next(clock.now()));
        let free = Credits::new(100).map(|credits| (GrantId::from_ulid(ids.next(clock.now())), credits));
        let mut commands = vec![Command::Open { name: "Ada".into(), tier: Tier::Free, free }];
        let operation = Operation::ProofVerification;
        let charge = |quantity| Command::Charge { operation, quantity, at_most: None, metadata: "{}".into() };
        commands.extend((1..=9).map(charge));
        let (mut slot, mut entries) = (None, Vec::new());
        for (index, command) in commands.iter().enumerate() {
            let request = Request { id: format!("r{index}"), key: None };
            entries.extend(apply(&mut slot, id, command, &request, &price_book(), clock.now()).unwrap());
        }
        (slot.unwrap(), entries)
    }

    #[test]
    fn a_whole_ledger_checks_and_a_planted_corruption_is_named_by_its_entry() {
        let (account, entries) = history();
        let mut replay = Replay::new(&account);
        entries.iter().for_each(|entry| replay.step(entry));
        let whole = found(&account, replay);
        assert_eq!((whole.entries, whole.head, whole.faults.len()), (10, account.head, 0));
        assert!(CHECKED_HERE.iter().all(|law| whole.holds(*law)) && whole.first().is_empty());

        let (planted, broken) = plant(&account, &entries).unwrap();
        assert_eq!((planted.seq, planted.before.get(), planted.after.get()), (6, 5, 6));
        let first = broken.first();
        assert!(first.iter().all(|fault| fault.seq == 6), "{first:?}");
        assert!(first.iter().any(|fault| fault.what.contains("not what was sealed")), "{first:?}");
        assert!(!broken.holds(Law::Chain) && broken.holds(Law::Purchases));
        assert_eq!(plant(&account, &[]), None);
    }
}
