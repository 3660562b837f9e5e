//! What a replay finds beside the sums: rows of grants and holds, and entries that cannot be read.

use super::*;
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Cents, Clock, Command, GrantKind, IdSource, KeyId, Operation, Request, Tier, apply};

fn credits(amount: i64) -> Credits {
    Credits::new(amount).unwrap()
}

/// A ledger with a gift, a purchase of which something was taken back, charges, and an open hold.
fn history() -> (Account, Vec<Entry>) {
    let (clock, ids) = (ManualClock::default(), CountingIds::default());
    let next = || ids.next(clock.now());
    let id = AccountId::from_ulid(next());
    let (grant, purchase) = (GrantId::from_ulid(next()), PurchaseId::from_ulid(next()));
    let operation = Operation::ProofVerification;
    let (at_most, metadata) = (None, "{}".to_owned());
    let expires_at = clock.now().plus_days(1);
    let hold = |hold, quantity| {
        let metadata = metadata.clone();
        Command::Hold { hold, operation, quantity, at_most, expires_at, metadata }
    };
    let settled = HoldId::from_ulid(next());
    let commands = [
        Command::Open { name: "Ada".into(), tier: Tier::Free, free: Some((GrantId::from_ulid(next()), credits(10))) },
        Command::Purchase { grant, purchase, credits: credits(100), paid: Cents::new(1_000).unwrap() },
        Command::Charge { operation, quantity: 15, at_most, metadata: metadata.clone() },
        Command::Reverse { purchase, credits: credits(20), reason: "refunded".into() },
        hold(settled, 8),
        Command::Capture { hold: settled, amount: Some(credits(3)), metadata: metadata.clone() },
        hold(HoldId::from_ulid(next()), 5),
    ];
    let (mut slot, mut entries) = (None, Vec::new());
    for (index, command) in commands.iter().enumerate() {
        let request = Request { id: format!("r{index}"), key: None };
        entries.extend(apply(&mut slot, id, command, &request, &price_book(), clock.now()).unwrap());
        clock.advance(1);
    }
    (slot.unwrap(), entries)
}

fn replayed<'a>(account: &'a Account, entries: &[Entry]) -> Replay<'a> {
    let mut replay = Replay::new(account);
    entries.iter().for_each(|entry| replay.step(entry));
    replay
}

#[test]
fn every_field_of_a_grant_that_its_entries_tell_is_compared() {
    let (account, entries) = history();
    assert_eq!(replayed(&account, &entries).finish_with_every_grant(), []);
    let spoil: [fn(&mut Account); 9] = [
        |account| account.grants[1].size = credits(101),
        |account| account.grants[1].reversed = credits(19),
        |account| account.grants[1].held = credits(4),
        |account| account.grants[1].kind = GrantKind::Gift,
        |account| account.grants[1].purchase = None,
        |account| account.grants[1].granted_at = account.grants[0].granted_at,
        |account| account.grants[1].remaining = credits(1),
        |account| account.grants[1].owed = credits(1),
        |account| {
            account.grants.remove(1);
        },
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let mut spoilt = account.clone();
        spoil(&mut spoilt);
        let faults = replayed(&spoilt, &entries).finish_with_every_grant();
        assert!(faults.iter().any(|fault| fault.law == Law::Grants && fault.seq == 2), "{index}: {faults:?}");
    }
    // The gift is spent: whoever lists open grants may leave it out, whoever has them all may not.
    let mut spoilt = account.clone();
    spoilt.grants.remove(0);
    assert_eq!(replayed(&spoilt, &entries).finish(), []);
    let faults = replayed(&spoilt, &entries).finish_with_every_grant();
    assert_eq!((faults.len(), faults[0].seq, faults[0].what.contains("has no row")), (1, 1, true));
}

#[test]
fn every_field_of_an_open_hold_that_its_entry_tells_is_compared() {
    let (account, entries) = history();
    let place = account.holds.iter().position(|hold| hold.state == HoldState::Open).unwrap();
    let spoil: [fn(&mut Hold); 7] = [
        |hold| hold.amount = credits(6),
        |hold| hold.quantity = 6,
        |hold| hold.operation = Operation::StateStorage,
        |hold| hold.price_book = 2,
        |hold| hold.key = Some(KeyId::from_ulid(ulid::Ulid::from_parts(1, 1))),
        |hold| hold.held_at = hold.held_at.plus_seconds(-1),
        |hold| hold.state = HoldState::Released,
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let mut spoilt = account.clone();
        spoil(&mut spoilt.holds[place]);
        let faults = replayed(&spoilt, &entries).finish();
        let seq = entries.last().unwrap().seq;
        assert!(faults.iter().any(|fault| fault.law == Law::Grants && fault.seq == seq), "{index}: {faults:?}");
    }
    let mut spoilt = account.clone();
    spoilt.holds[1 - place].state = HoldState::Open;
    let faults = replayed(&spoilt, &entries).finish();
    assert!(faults.iter().any(|fault| fault.what.contains("the entries say otherwise")), "{faults:?}");
}

#[test]
fn a_replay_goes_on_past_an_entry_that_cannot_be_read() {
    let (account, mut entries) = history();
    entries[5].memo = "changed".into();
    let mut replay = Replay::new(&account);
    for entry in &entries {
        if entry.seq == 3 { replay.unreadable(3, "column 4 holds \"nonsense\"") } else { replay.step(entry) }
    }
    assert!(!replay.is_summed());
    let faults = replay.finish();
    let named: Vec<(i64, Law)> = faults.iter().map(|fault| (fault.seq, fault.law)).collect();
    // The unreadable one, the changed one, and nothing that only follows from the gap.
    assert_eq!(named, [(3, Law::Chain), (6, Law::Chain)], "{faults:?}");
}

#[test]
fn a_lost_entry_does_not_fill_the_report() {
    let (account, entries) = history();
    let mut replay = Replay::new(&account);
    let target = entries.last().unwrap();
    for seq in 2..2_000 {
        replay.step(&Entry { seq, ..target.clone() });
    }
    let faults = replay.faults();
    let chain: Vec<_> = faults.iter().filter(|fault| fault.law == Law::Chain).collect();
    assert_eq!(chain.len(), 100);
    assert!(chain[99].what.contains("further faults"));
}
