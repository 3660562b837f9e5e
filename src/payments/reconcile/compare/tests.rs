//! Tables of books and what differs between them.

use ulid::Ulid;

use super::*;
use crate::ledger::{AccountId, Cents, Credits};
use crate::payments::promotion::Terms;
use crate::payments::reconcile::books::{Granted, Movement};

/// Purchases are paid at this moment, and runs begin a minute later.
const PAID: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn cents(amount: i64) -> Cents {
    Cents::new(amount).expect("small")
}

fn credits(amount: i64) -> Credits {
    Credits::new(amount).expect("small")
}

fn id(number: u128) -> PurchaseId {
    PurchaseId::from_ulid(Ulid::from_parts(1, number))
}

/// Starter, as it was bought.
fn booked(number: u128, state: PurchaseState) -> Booked {
    let paid = state.was_paid();
    Booked {
        purchase: id(number),
        account: AccountId::from_ulid(Ulid::from_parts(1, 1)),
        state,
        price: cents(1_000),
        discount: cents(0),
        tax: cents(0),
        credits: credits(100),
        paid_at: paid.then_some(PAID),
        session: Some(format!("cs_{number}")),
        intent: paid.then(|| format!("pi_{number}")),
        granted: paid.then(|| Granted { size: credits(100), reversed: credits(0), paid: cents(1_000) }),
    }
}

fn back(mut booked: Booked, reversed: i64) -> Booked {
    booked.granted = Some(Granted { size: credits(100), reversed: credits(reversed), paid: cents(1_000) });
    booked
}

fn payment(number: u128, progress: Progress) -> Payment {
    let received = if progress == Progress::Succeeded { 1_000 } else { 0 };
    Payment {
        intent: format!("pi_{number}"),
        purchase: Some(id(number).to_string()),
        progress,
        received,
        currency: "usd".into(),
        created: 1_767_225_600,
    }
}

fn session(number: u128, expired: bool) -> Session {
    Session { id: format!("cs_{number}"), purchase: Some(id(number).to_string()), intent: None, expired, terms: None }
}

fn charge(number: u128, refunded: i64) -> Charge {
    Charge {
        id: format!("ch_{number}"),
        intent: Some(format!("pi_{number}")),
        amount: 1_000,
        refunded,
        paid: true,
        movement: Some(format!("txn_{number}")),
    }
}

fn movement(id: &str, category: &str, amount: i64, fee: i64, source: &str) -> Movement {
    Movement {
        id: id.into(),
        category: category.into(),
        amount,
        fee,
        net: amount - fee,
        currency: "usd".into(),
        source: Some(source.into()),
    }
}

fn dispute(number: u128, withdrawn: i64, lost: bool) -> Dispute {
    Dispute {
        id: format!("du_{number}"),
        charge: Some(format!("ch_{number}")),
        intent: Some(format!("pi_{number}")),
        lost,
        withdrawn,
        moved: true,
        movements: Vec::new(),
    }
}

/// Stripe's side of one payment that has succeeded, with what of it was refunded.
fn paid(number: u128, refunded: i64) -> StripeBooks {
    let mut books = StripeBooks {
        payments: vec![payment(number, Progress::Succeeded)],
        charges: vec![charge(number, refunded)],
        movements: vec![movement(&format!("txn_{number}"), "charge", 1_000, 59, &format!("ch_{number}"))],
        ..StripeBooks::default()
    };
    if refunded > 0 {
        let (charge, intent) = (Some(format!("ch_{number}")), Some(format!("pi_{number}")));
        let (id, booked) = (format!("re_{number}"), Some("txn_back".to_owned()));
        books.refunds.push(Refund { id, charge, intent, amount: refunded, settled: true, movement: booked });
        books.movements.push(movement("txn_back", "refund", -refunded, 0, &format!("re_{number}")));
    }
    books
}

fn found(stripe: &StripeBooks, ours: &[Booked]) -> Vec<(Difference, Option<i64>, Option<i64>)> {
    let comparison = compare(stripe, ours, PAID.plus_seconds(60));
    comparison.findings.iter().map(|one| (one.difference, one.at_stripe, one.in_books)).collect()
}

#[test]
fn clean_books_have_no_difference() {
    use PurchaseState::{Created, Expired, Failed, Paid, PartlyRefunded, Pending, Processing, Refunded};
    assert_eq!(found(&StripeBooks::default(), &[]), []);
    let with = |progress, sessions: Vec<Session>| StripeBooks {
        payments: vec![payment(1, progress)],
        sessions,
        ..StripeBooks::default()
    };
    for (stripe, ours) in [
        (paid(1, 0), booked(1, Paid)),
        (paid(1, 0), booked(1, PurchaseState::Reinstated)),
        (paid(1, 1_000), back(booked(1, Refunded), 100)),
        (paid(1, 255), back(booked(1, PartlyRefunded), 25)),
        (paid(1, 5), back(booked(1, PartlyRefunded), 0)),
        (StripeBooks::default(), booked(1, Created)),
        (with(Progress::Open, vec![session(1, false)]), booked(1, Pending)),
        (with(Progress::Processing, vec![]), booked(1, Processing)),
        (with(Progress::Open, vec![]), booked(1, Failed)),
        (with(Progress::Canceled, vec![session(1, true)]), booked(1, Expired)),
        (with(Progress::Processing, vec![session(1, true)]), booked(1, Processing)),
    ] {
        assert_eq!(found(&stripe, std::slice::from_ref(&ours)), [], "{stripe:?} {ours:?}");
    }
}

#[test]
fn every_difference_has_its_name_and_the_money_of_both_sides() {
    use PurchaseState::{Expired, Paid, PartlyRefunded, Pending};
    let open = StripeBooks { payments: vec![payment(1, Progress::Open)], ..StripeBooks::default() };
    let unknown = StripeBooks { unknown: BTreeSet::from(["pi_1".to_owned()]), ..StripeBooks::default() };
    let mut other_amount = paid(1, 0);
    (other_amount.payments[0].received, other_amount.charges[0].amount) = (999, 999);
    other_amount.movements[0].amount = 999;
    let mut other_currency = paid(1, 0);
    other_currency.payments[0].currency = "eur".into();
    let mut twice = paid(1, 0);
    twice.payments.insert(0, Payment { intent: "pi_second".into(), ..payment(1, Progress::Succeeded) });
    let mut unbooked = paid(1, 0);
    unbooked.charges[0].movement = None;
    let ungranted = Booked { granted: None, ..booked(1, Paid) };
    let expired = StripeBooks { sessions: vec![session(1, true)], ..StripeBooks::default() };
    let canceled = StripeBooks { payments: vec![payment(1, Progress::Canceled)], ..StripeBooks::default() };
    for (stripe, ours, difference, at_stripe, in_books) in [
        (paid(1, 0), booked(1, Pending), Difference::PaidNotGranted, Some(1_000), Some(0)),
        (paid(1, 0), booked(1, Expired), Difference::PaidNotGranted, Some(1_000), Some(0)),
        (open, booked(1, Paid), Difference::GrantedWithoutMoney, Some(0), Some(1_000)),
        (unknown, booked(1, Paid), Difference::StripeDoesNotKnow, None, Some(1_000)),
        (other_amount.clone(), booked(1, Paid), Difference::OtherAmount, Some(999), Some(1_000)),
        (other_amount, booked(1, Pending), Difference::OtherAmount, Some(999), Some(1_000)),
        (other_currency, booked(1, Paid), Difference::OtherAmount, Some(1_000), Some(1_000)),
        (twice, booked(1, Paid), Difference::PaidTwice, Some(1_000), Some(0)),
        (paid(1, 400), booked(1, Paid), Difference::RefundNotFollowed, Some(400), Some(0)),
        (paid(1, 400), back(booked(1, PartlyRefunded), 30), Difference::RefundNotFollowed, Some(400), Some(300)),
        (paid(1, 0), back(booked(1, PartlyRefunded), 40), Difference::RefundNotFollowed, Some(0), Some(400)),
        (unbooked, booked(1, Paid), Difference::NotInBalance, Some(1_000), Some(0)),
        (paid(1, 0), ungranted, Difference::GrantDiffers, Some(1_000), None),
        (expired, booked(1, Pending), Difference::NotHeard, None, None),
        (canceled, booked(1, Pending), Difference::NotHeard, None, None),
    ] {
        let told = format!("{stripe:?} {ours:?}");
        assert_eq!(found(&stripe, &[ours]), [(difference, at_stripe, in_books)], "{told}");
    }
    assert_eq!(found(&paid(7, 0), &[]), [(Difference::UnknownPurchase, Some(1_000), None)]);
}

#[test]
fn a_dispute_is_followed_by_what_the_bank_took_and_gave() {
    use PurchaseState::{Disputed, Lost, Paid, Reinstated};
    for (withdrawn, lost, ours, expected) in [
        (1_000, false, booked(1, Paid), Some((1_000, 0))),
        (1_000, false, back(booked(1, Disputed), 100), None),
        (1_000, false, back(booked(1, Disputed), 60), Some((1_000, 600))),
        (1_000, true, back(booked(1, Disputed), 100), Some((1_000, 1_000))),
        (1_000, true, back(booked(1, Lost), 100), None),
        (0, false, back(booked(1, Disputed), 100), Some((0, 1_000))),
        (0, false, booked(1, Reinstated), None),
    ] {
        let stripe = StripeBooks { disputes: vec![dispute(1, withdrawn, lost)], ..paid(1, 0) };
        let expected: Vec<_> = expected
            .map(|(at_stripe, in_books)| (Difference::DisputeNotFollowed, Some(at_stripe), Some(in_books)))
            .into_iter()
            .collect();
        assert_eq!(found(&stripe, std::slice::from_ref(&ours)), expected, "{withdrawn} {lost} {ours:?}");
    }
    let mut unnamed = dispute(1, 1_000, false);
    unnamed.intent = None;
    let stripe = StripeBooks { disputes: vec![unnamed], ..paid(1, 0) };
    let comparison = compare(&stripe, &[booked(1, Paid)], PAID.plus_seconds(60));
    assert_eq!(comparison.findings[0].object.as_deref(), Some("du_1"), "it is found by its charge");
}

#[test]
fn a_payment_without_credits_that_is_given_back_needs_nobody_any_more() {
    use PurchaseState::{Paid, Pending};
    let mut twice = paid(1, 0);
    twice.payments.insert(0, Payment { intent: "pi_second".into(), ..payment(1, Progress::Succeeded) });
    let second = |refunded| Charge { id: "ch_second".into(), intent: Some("pi_second".into()), ..charge(1, refunded) };
    for (refunded, left) in [(0, 1), (999, 1), (1_000, 0)] {
        let mut stripe = twice.clone();
        stripe.charges.push(second(refunded));
        assert_eq!(found(&stripe, &[booked(1, Paid)]).len(), left, "{refunded}");
    }
    let mut other_amount = paid(1, 0);
    (other_amount.payments[0].received, other_amount.charges[0].amount) = (999, 999);
    other_amount.movements[0].amount = 999;
    assert_eq!(found(&other_amount, &[booked(1, Pending)]).len(), 1);
    other_amount.charges[0].refunded = 999;
    assert_eq!(found(&other_amount, &[booked(1, Pending)]), []);
    // One that brought credits stays, whatever has gone back of it.
    let found = found(&other_amount, &[back(booked(1, PurchaseState::Refunded), 100)]);
    assert_eq!(found, [(Difference::OtherAmount, Some(999), Some(1_000))]);
}

#[test]
fn refunds_and_disputes_are_in_the_balance_with_their_own_amounts() {
    use PurchaseState::{Disputed, PartlyRefunded};
    let ours = [back(booked(1, PartlyRefunded), 40)];
    let other = |change: fn(&mut StripeBooks)| {
        let mut stripe = paid(1, 400);
        change(&mut stripe);
        found(&stripe, &ours)
    };
    assert_eq!(other(|_| {}), []);
    let wrong = |in_books| vec![(Difference::NotInBalance, Some(-400), Some(in_books))];
    assert_eq!(other(|stripe| stripe.movements[1].amount = -300), wrong(-300));
    assert_eq!(other(|stripe| stripe.refunds[0].movement = None), wrong(0));
    let waits = other(|stripe| (stripe.refunds[0].movement, stripe.refunds[0].settled) = (None, false));
    assert_eq!(waits, [], "it has not moved yet");
    assert_eq!(other(|stripe| stripe.movements.truncate(1)), [], "of before the lists began");
    let moved = |amount| StripeBooks {
        disputes: vec![Dispute { movements: vec![("txn_du".into(), -1_000)], ..dispute(1, 1_000, false) }],
        movements: vec![
            movement("txn_1", "charge", 1_000, 59, "ch_1"),
            movement("txn_du", "dispute", amount, 1_500, "du_1"),
        ],
        ..paid(1, 0)
    };
    let ours = [back(booked(1, Disputed), 100)];
    assert_eq!(found(&moved(-1_000), &ours), []);
    assert_eq!(found(&moved(-900), &ours), [(Difference::NotInBalance, Some(-1_000), Some(-900))]);
}

#[test]
fn a_promotion_code_and_tax_are_part_of_what_was_paid() {
    let terms = Terms { subtotal: 1_000, discount: 200, tax: 64, promotion: Some("promo_1".into()) };
    let mut stripe = paid(1, 0);
    (stripe.payments[0].received, stripe.charges[0].amount, stripe.movements[0].amount) = (864, 864, 864);
    stripe.sessions = vec![Session { terms: Some(terms), ..session(1, false) }];
    let mut ours = booked(1, PurchaseState::Paid);
    (ours.discount, ours.tax) = (cents(200), cents(64));
    ours.granted = Some(Granted { size: credits(100), reversed: credits(0), paid: cents(800) });
    assert_eq!(found(&stripe, &[ours]), []);
    let lost = [(Difference::PaidNotGranted, Some(864), Some(0))];
    assert_eq!(found(&stripe, &[booked(1, PurchaseState::Pending)]), lost);
    stripe.sessions.clear();
    let unexplained = [(Difference::OtherAmount, Some(864), Some(1_000))];
    assert_eq!(found(&stripe, &[booked(1, PurchaseState::Pending)]), unexplained);
}

#[test]
fn what_was_paid_after_the_lists_were_read_is_not_held_against_stripe() {
    let open = StripeBooks { payments: vec![payment(1, Progress::Processing)], ..StripeBooks::default() };
    let ours = [booked(1, PurchaseState::Paid)];
    assert_eq!(compare(&open, &ours, PAID).findings, []);
    assert_eq!(compare(&open, &ours, PAID.plus_seconds(1)).findings.len(), 1);
    // One that was neither listed nor asked for says nothing.
    assert_eq!(found(&StripeBooks::default(), &ours), []);
}

#[test]
fn a_payment_without_our_id_is_found_by_the_intent_that_we_noted() {
    let mut stripe = paid(1, 0);
    stripe.payments[0].purchase = None;
    assert_eq!(found(&stripe, &[booked(1, PurchaseState::Paid)]), []);
    // And one that names nothing of ours is somebody else's.
    assert_eq!(found(&stripe, &[]), []);
}

#[test]
fn every_cent_of_the_balance_is_in_one_sum() {
    let mut stripe = paid(1, 300);
    stripe.payments.push(Payment { purchase: None, ..payment(2, Progress::Succeeded) });
    stripe.charges.push(charge(2, 0));
    stripe.movements.extend([
        movement("txn_2", "charge", 500_000, 14_530, "ch_2"),
        movement("txn_old", "charge", 70, 32, "ch_of_last_year"),
        movement("txn_du", "dispute", -1_000, 1_500, "du_1"),
        movement("txn_won", "dispute_reversal", 1_000, 0, "du_1"),
        movement("txn_re", "refund_failure", 100, 0, "re_1"),
        movement("txn_fee", "fee", -25, 0, "fee_1"),
        movement("txn_adj", "other_adjustment", 7, 0, "adj_1"),
        movement("txn_out", "payout", -400_000, 0, "po_1"),
        Movement { currency: "eur".into(), ..movement("txn_eur", "charge", 9_999, 0, "ch_eur") },
    ]);
    let ours = [back(booked(1, PurchaseState::PartlyRefunded), 30)];
    let totals = compare(&stripe, &ours, PAID.plus_seconds(60)).totals;
    assert_eq!(
        totals,
        Totals {
            gross: 501_070,
            gross_purchases: 1_000,
            gross_other: 500_070,
            refunds: -200,
            disputes: 0,
            other: 7,
            fees: 59 + 14_530 + 32 + 1_500 + 25,
            net: 501_070 - 200 + 7 - 16_146,
            payouts: -400_000,
            booked: 1_000,
            movements: 11,
            other_currency: 1,
            payments: 2,
            purchases: 1,
        }
    );
    assert_eq!(totals.gross + totals.refunds + totals.disputes + totals.other - totals.fees, totals.net);
    assert_eq!(totals.gross_purchases + totals.gross_other, totals.gross);
}

#[test]
fn every_difference_reads_back_and_says_what_to_do() {
    for difference in Difference::ALL {
        assert_eq!(difference.name().parse::<Difference>().ok(), Some(difference));
        assert!(difference.advice().ends_with('.') && !difference.title().is_empty(), "{difference}");
    }
    assert!("nonsense".parse::<Difference>().is_err());
}
