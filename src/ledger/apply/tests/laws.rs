//! The laws of the ledger over random histories.

use proptest::prelude::*;

use super::*;
use crate::ledger::Replay;

fn replayed(till: &Till) -> Replay<'_> {
    let mut replay = Replay::new(till.account());
    till.entries.iter().for_each(|entry| replay.step(entry));
    replay
}

/// What a random history is made of.
#[derive(Clone, Debug)]
enum Step {
    Buy(i64),
    Give(i64, Option<i64>),
    Charge(usize, i64),
    Hold(usize, i64, i64),
    Capture(usize, Option<i64>),
    Release(usize),
    Refund(usize, Option<i64>),
    Reverse(usize, i64),
    Reinstate(usize, i64),
    Adjust(i64),
    Forgive(usize, i64),
    Budget(Option<i64>),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Step> {
    let operation = 0..Operation::ALL.len();
    prop_oneof![
        (1_i64..5_000).prop_map(Step::Buy),
        (-2_i64..500, proptest::option::of(0_i64..4)).prop_map(|(amount, days)| Step::Give(amount, days)),
        (operation.clone(), -1_i64..30).prop_map(|(operation, quantity)| Step::Charge(operation, quantity)),
        (operation, 0_i64..20, 0_i64..200_000)
            .prop_map(|(operation, quantity, life)| Step::Hold(operation, quantity, life)),
        (0_usize..8, proptest::option::of(-1_i64..300)).prop_map(|(hold, amount)| Step::Capture(hold, amount)),
        (0_usize..8).prop_map(Step::Release),
        (0_usize..20, proptest::option::of(-1_i64..200)).prop_map(|(entry, amount)| Step::Refund(entry, amount)),
        (0_usize..4, -1_i64..5_000).prop_map(|(purchase, amount)| Step::Reverse(purchase, amount)),
        (0_usize..4, -1_i64..5_000).prop_map(|(purchase, amount)| Step::Reinstate(purchase, amount)),
        (-300_i64..300).prop_map(Step::Adjust),
        (0_usize..4, -1_i64..500).prop_map(|(purchase, amount)| Step::Forgive(purchase, amount)),
        proptest::option::of(0_i64..2_000).prop_map(Step::Budget),
        (0_i64..200_000).prop_map(Step::Wait),
    ]
}

fn nth_purchase(till: &Till, index: usize) -> PurchaseId {
    let bought: Vec<PurchaseId> = till.account().grants.iter().filter_map(|grant| grant.purchase).collect();
    bought.get(index).or(bought.first()).copied().unwrap_or(PurchaseId::from_ulid(ulid::Ulid::nil()))
}

fn take(till: &mut Till, holds: &mut Vec<HoldId>, step: &Step) -> Result<Vec<Entry>, Refusal> {
    let pick =
        |holds: &[HoldId], index: usize| holds.get(index).copied().unwrap_or(HoldId::from_ulid(ulid::Ulid::nil()));
    match *step {
        Step::Buy(amount) => {
            let purchase = PurchaseId::from_ulid(till.ids.next(till.clock.now()));
            let grant = till.grant_id();
            till.run(&Command::Purchase { grant, purchase, credits: credits(amount), paid: Cents::ZERO })
        }
        Step::Give(amount, days) => {
            let expires_at = days.map(|days| till.clock.now().plus_days(days));
            let grant = till.grant_id();
            till.run(&Command::Grant { grant, credits: credits(amount), reason: String::new(), expires_at })
        }
        Step::Charge(operation, quantity) => till.charge(Operation::ALL[operation], quantity),
        Step::Hold(operation, quantity, life) => {
            let hold = till.hold(Operation::ALL[operation], quantity, life)?;
            holds.push(hold);
            Ok(Vec::new())
        }
        Step::Capture(hold, amount) => {
            let hold = pick(holds, hold);
            till.run(&Command::Capture { hold, amount: amount.map(credits), metadata: String::new() })
        }
        Step::Release(hold) => {
            let hold = pick(holds, hold);
            till.run(&Command::Release { hold, reason: String::new() })
        }
        Step::Refund(entry, amount) => {
            let charge = till.entries.get(entry).map_or(till.entries[0].id, |entry| entry.id);
            till.refund(charge, amount)
        }
        Step::Reverse(purchase, amount) => {
            let (purchase, credits) = (nth_purchase(till, purchase), credits(amount));
            till.run(&Command::Reverse { purchase, credits, reason: String::new() })
        }
        Step::Reinstate(purchase, amount) => {
            let (purchase, credits) = (nth_purchase(till, purchase), credits(amount));
            till.run(&Command::Reinstate { purchase, credits, reason: String::new() })
        }
        Step::Adjust(amount) if amount < 0 => {
            till.run(&Command::Take { credits: credits(-amount), reason: String::new() })
        }
        Step::Adjust(amount) => {
            let grant = till.grant_id();
            till.run(&Command::Add { grant, credits: credits(amount), reason: String::new() })
        }
        Step::Forgive(purchase, amount) => {
            let (purchase, credits) = (nth_purchase(till, purchase), credits(amount));
            till.run(&Command::Forgive { purchase, credits, reason: String::new() })
        }
        Step::Budget(month) => till.run(&Command::SetBudgets { day: None, month: month.map(credits) }),
        Step::Wait(seconds) => {
            till.clock.advance(seconds);
            Ok(Vec::new())
        }
    }
}

proptest! {
    #[test]
    fn any_history_obeys_the_laws_and_a_refusal_changes_nothing(history in proptest::collection::vec(steps(), 1..60)) {
        let mut till = Till::open(Tier::Fintech, 10);
        let mut holds = Vec::new();
        for step in &history {
            let uncharged = |slot: &Option<Account>| slot.clone().map(|one| Account { charges: Vec::new(), ..one });
            let before = uncharged(&till.slot);
            if take(&mut till, &mut holds, step).is_err() {
                prop_assert_eq!(before, uncharged(&till.slot));
            }
            prop_assert!(till.account().lawful());
        }
        prop_assert_eq!(audit(till.account(), &till.entries), []);
        for (charge, refunded) in replayed(&till).refunds() {
            let charged = till.entries.iter().find(|entry| entry.id == *charge).map(|entry| entry.amount.get());
            prop_assert!(*refunded <= i128::from(charged.unwrap_or(0)));
        }
    }

    #[test]
    fn the_same_history_gives_the_same_hashes(history in proptest::collection::vec(steps(), 1..40)) {
        let heads = [(); 2].map(|()| {
            let (mut till, mut holds) = (Till::open(Tier::Developer, 10), Vec::new());
            for step in &history {
                let _refused = take(&mut till, &mut holds, step);
            }
            till.account().head
        });
        prop_assert_eq!(heads[0], heads[1]);
    }
}
