//! What puts right: refunds, reversals, reinstatements, adjustments; and what keeps from spending: budgets, quotes.

use super::*;
use crate::ledger::Promise;

#[test]
fn a_refund_goes_back_into_the_grants_that_were_eaten_last_first() {
    let mut till = Till::open(Tier::Developer, 0);
    till.give(10, Some(5));
    till.give(10, None);
    let charge = till.charge(Operation::StateStorage, 15).unwrap()[0].id;
    let back = |entries: &[Entry]| entries[0].grants.iter().map(|part| part.amount.get()).collect::<Vec<_>>();
    assert_eq!(back(&till.refund(charge, Some(3)).unwrap()), [3]);
    assert_eq!(back(&till.refund(charge, Some(4)).unwrap()), [2, 2]);
    let too_much = Refusal::RefundExceedsCharge { amount: credits(9), left: credits(8) };
    assert_eq!(till.refund(charge, Some(9)), Err(too_much));
    assert_eq!(back(&till.refund(charge, None).unwrap()), [8]);
    let nothing_left = Refusal::RefundExceedsCharge { amount: credits(15), left: credits(0) };
    assert_eq!(till.refund(charge, None), Err(nothing_left));
    assert_eq!((till.available(), till.account().balances.spent.get()), (20, 0));
    assert!(till.account().grants.iter().all(|grant| grant.remaining == grant.size));
    till.assert_lawful();
}

#[test]
fn what_is_refunded_into_an_expired_grant_expires_at_once() {
    let mut till = Till::open(Tier::Developer, 0);
    till.give(10, Some(1));
    let charge = till.charge(Operation::StateStorage, 10).unwrap()[0].id;
    till.clock.advance(2 * 86_400);
    let posted = till.refund(charge, None).unwrap();
    assert_eq!(posted.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [EntryKind::Refund, EntryKind::Expiry]);
    assert_eq!((till.available(), till.account().balances.expired.get()), (0, 10));
    till.assert_lawful();
}

#[test]
fn only_a_charge_or_a_capture_can_be_refunded() {
    let mut till = Till::open(Tier::Developer, 10);
    let gift = till.entries[0].id;
    assert_eq!(till.refund(gift, None), Err(Refusal::NoSuchCharge));
    let hold = till.hold(Operation::ProofVerification, 4, 60).unwrap();
    let captured = till.run(&Command::Capture { hold, amount: Some(credits(3)), metadata: "{}".into() }).unwrap();
    till.refund(captured[0].id, Some(2)).unwrap();
    assert_eq!((till.available(), till.account().balances.spent.get()), (9, 1));
    till.assert_lawful();
}

#[test]
fn a_reversal_takes_what_is_unspent_and_makes_the_rest_owed() {
    let mut till = Till::open(Tier::Developer, 0);
    let purchase = till.buy("Starter");
    till.give(50, None);
    // Gifts go first, so 30 of the purchase are spent.
    till.charge(Operation::StateStorage, 80).unwrap();
    let reverse = |amount| Command::Reverse { purchase, credits: credits(amount), reason: "dispute".into() };
    till.run(&reverse(100)).unwrap();
    let balances = till.account().balances;
    assert_eq!((balances.available.get(), balances.reversed.get(), balances.owed.get()), (0, 100, -30));
    let nothing_left = Refusal::ReversalExceedsPurchase { amount: credits(1), left: credits(0) };
    assert_eq!(till.run(&reverse(1)), Err(nothing_left));
    till.run(&Command::Reinstate { purchase, credits: credits(40), reason: "won in part".into() }).unwrap();
    let balances = till.account().balances;
    assert_eq!((balances.available.get(), balances.reversed.get(), balances.owed.get()), (10, 60, 0));
    let too_much = Refusal::ReinstatementExceedsReversal { amount: credits(61), reversed: credits(60) };
    let reinstate = Command::Reinstate { purchase, credits: credits(61), reason: String::new() };
    assert_eq!(till.run(&reinstate), Err(too_much));
    till.assert_lawful();
}

#[test]
fn what_was_held_during_a_reversal_pays_what_is_owed_when_it_comes_back() {
    let mut till = Till::open(Tier::Developer, 0);
    let purchase = till.buy("Starter");
    let hold = till.hold(Operation::StateStorage, 60, 600).unwrap();
    till.run(&Command::Reverse { purchase, credits: credits(100), reason: "refund".into() }).unwrap();
    assert_eq!(till.account().balances.owed.get(), -60);
    till.run(&Command::Capture { hold, amount: Some(credits(25)), metadata: "{}".into() }).unwrap();
    let balances = till.account().balances;
    assert_eq!((balances.available.get(), balances.spent.get(), balances.owed.get()), (0, 25, -25));
    let charge = till.entries.iter().find(|entry| entry.kind == EntryKind::Capture).unwrap().id;
    till.refund(charge, None).unwrap();
    let balances = till.account().balances;
    assert_eq!((balances.available.get(), balances.spent.get(), balances.owed.get()), (0, 0, 0));
    till.assert_lawful();
}

#[test]
fn an_operator_adds_takes_and_writes_off_with_a_reason() {
    let mut till = Till::open(Tier::Developer, 0);
    let purchase = till.buy("Starter");
    let grant = till.grant_id();
    till.run(&Command::Add { grant, credits: credits(7), reason: "missed".into() }).unwrap();
    till.run(&Command::Take { credits: credits(2), reason: "given twice".into() }).unwrap();
    assert_eq!(till.available(), 105);
    assert_eq!(till.account().grants[1].kind, GrantKind::Gift);
    let poor = Refusal::InsufficientCredits { required: credits(106), available: credits(105) };
    assert_eq!(till.run(&Command::Take { credits: credits(106), reason: String::new() }), Err(poor));
    till.charge(Operation::StateStorage, 105).unwrap();
    till.run(&Command::Reverse { purchase, credits: credits(100), reason: "dispute".into() }).unwrap();
    till.run(&Command::Forgive { purchase, credits: credits(100), reason: "old customer".into() }).unwrap();
    assert_eq!(till.account().balances.owed, Credits::ZERO);
    let nothing_owed = Refusal::NotOwed { amount: credits(1), owed: credits(0) };
    let more = Command::Forgive { purchase, credits: credits(1), reason: String::new() };
    assert_eq!(till.run(&more), Err(nothing_owed));
    till.assert_lawful();
}

#[test]
fn a_quote_caps_the_price_and_never_raises_it() {
    let mut till = Till::open(Tier::Developer, 100);
    let capped = |at_most| Command::Charge {
        operation: Operation::GhostIdentity,
        quantity: 1,
        at_most: Some(Promise { credits: credits(at_most), price_book: 1 }),
        metadata: "{}".into(),
    };
    till.run(&capped(12)).unwrap();
    assert_eq!(till.available(), 88);
    till.run(&capped(1_000)).unwrap();
    assert_eq!(till.available(), 68);
    assert_eq!(till.run(&capped(0)), Err(Refusal::AmountNotPositive { amount: credits(0) }));
    till.assert_lawful();
}

fn over(budget: BudgetName, limit: i64, used: i64, required: i64) -> Refusal {
    let [limit, used, required] = [limit, used, required].map(credits);
    Refusal::BudgetExceeded { budget, limit, used, required }
}

#[test]
fn held_work_counts_in_a_budget_until_it_is_given_back() {
    let mut till = Till::open(Tier::Developer, 100);
    till.run(&Command::SetBudgets { day: Some(credits(20)), month: None }).unwrap();
    till.charge(Operation::StateStorage, 5).unwrap();
    let hold = till.hold(Operation::StateStorage, 10, 3_600).unwrap();
    assert_eq!(till.charge(Operation::StateStorage, 6), Err(over(BudgetName::Day, 20, 15, 6)));
    till.run(&Command::Capture { hold, amount: Some(credits(4)), metadata: "{}".into() }).unwrap();
    let charge = till.charge(Operation::StateStorage, 11).unwrap()[0].id;
    assert_eq!(till.charge(Operation::StateStorage, 1), Err(over(BudgetName::Day, 20, 20, 1)));
    till.refund(charge, Some(3)).unwrap();
    till.charge(Operation::StateStorage, 3).unwrap();
    till.clock.advance(86_400);
    till.charge(Operation::StateStorage, 20).unwrap();
    till.assert_lawful();
}

#[test]
fn what_was_held_yesterday_does_not_free_todays_budget() {
    let mut till = Till::open(Tier::Developer, 100);
    till.run(&Command::SetBudgets { day: Some(credits(20)), month: Some(credits(60)) }).unwrap();
    let hold = till.hold(Operation::StateStorage, 20, 10 * 86_400).unwrap();
    till.clock.advance(86_400);
    till.charge(Operation::StateStorage, 15).unwrap();
    till.run(&Command::Release { hold, reason: "no use".into() }).unwrap();
    assert_eq!(till.charge(Operation::StateStorage, 6), Err(over(BudgetName::Day, 20, 15, 6)));
    assert_eq!(till.account().budgets.month.used, credits(15));
}

#[test]
fn a_clock_that_is_set_back_does_not_open_a_budget_anew() {
    let mut till = Till::open(Tier::Developer, 100);
    till.run(&Command::SetBudgets { day: Some(credits(20)), month: None }).unwrap();
    let hold = till.hold(Operation::StateStorage, 4, 10 * 86_400).unwrap();
    till.charge(Operation::StateStorage, 16).unwrap();
    till.clock.advance(-86_400);
    assert_eq!(till.charge(Operation::StateStorage, 1), Err(over(BudgetName::Day, 20, 20, 1)));
    till.run(&Command::Release { hold, reason: "no use".into() }).unwrap();
    assert_eq!(till.account().budgets.day.used, credits(16));
}

#[test]
fn what_was_written_off_and_reinstated_is_not_refunded_too() {
    let mut till = Till::open(Tier::Developer, 0);
    let purchase = till.buy("Starter");
    let charge = till.charge(Operation::StateStorage, 50).unwrap()[0].id;
    till.run(&Command::Reverse { purchase, credits: credits(100), reason: "dispute".into() }).unwrap();
    till.run(&Command::Forgive { purchase, credits: credits(50), reason: "settled".into() }).unwrap();
    till.run(&Command::Reinstate { purchase, credits: credits(100), reason: "won".into() }).unwrap();
    assert_eq!(till.refund(charge, None), Err(Refusal::GrantFull));
    assert_eq!(till.available(), 100);
    till.assert_lawful();
}

#[test]
fn a_key_has_a_budget_of_its_own() {
    let mut till = Till::open(Tier::Developer, 100);
    let [mine, other] = [1, 2].map(|number| KeyId::from_ulid(ulid::Ulid::from_parts(1, number)));
    let set = |month| Command::SetKeyBudget { key: mine, month, used: credits(2) };
    till.run(&set(Some(credits(5)))).unwrap();
    till.key = Some(mine);
    till.charge(Operation::StateStorage, 3).unwrap();
    assert_eq!(till.charge(Operation::StateStorage, 1), Err(over(BudgetName::KeyMonth, 5, 5, 1)));
    till.key = Some(other);
    till.charge(Operation::StateStorage, 9).unwrap();
    till.key = Some(mine);
    till.run(&set(None)).unwrap();
    till.charge(Operation::StateStorage, 1).unwrap();
    assert_eq!(till.account().budgets.keys[0].month.used, credits(6));
}

#[test]
fn a_clock_that_is_set_back_does_not_set_the_ledger_back() {
    let mut till = Till::open(Tier::Developer, 10);
    till.clock.advance(60);
    till.charge(Operation::ProofVerification, 1).unwrap();
    till.clock.advance(-3_600);
    till.charge(Operation::ProofVerification, 1).unwrap();
    assert_eq!(till.entries[1].at, till.entries[2].at);
    till.assert_lawful();
}
