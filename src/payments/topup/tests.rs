//! The decisions alone: cases first, then any history.

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::payments::purchase::{Failure, tests::created};

const HOUR: i64 = 3_600;

fn credits(amount: i64) -> Credits {
    Credits::new(amount).expect("small")
}

fn cents(amount: i64) -> Cents {
    Cents::new(amount).expect("small")
}

fn rule() -> TopUp {
    TopUp {
        account: AccountId::from_ulid(Ulid::from(2u128)),
        settings: TopUpSettings {
            threshold: credits(50),
            package: "Starter".into(),
            monthly_cap: cents(3_000),
            enabled: true,
        },
        episode: 4,
        attempt: None,
        failures: 0,
        failure_code: None,
        wait_until: Timestamp::from_millis(0),
        halted: None,
        halted_card: None,
    }
}

fn figures() -> Figures<'static> {
    Figures {
        now: Timestamp::from_millis(0).plus_days(10),
        available: credits(10),
        coming: Credits::ZERO,
        suspended: false,
        spent: Cents::ZERO,
        card: Some("pm_1"),
        price: Some(cents(1_000)),
        attempt: None,
    }
}

fn attempt(state: PurchaseState, code: &str) -> Purchase {
    let failure = (!code.is_empty()).then(|| Failure { code: code.into(), message: "No.".into() });
    Purchase { state, failure, created_at: figures().now, ..created() }
}

fn under_way(rule: TopUp, attempt: &Purchase) -> TopUp {
    TopUp { attempt: Some(attempt.id), ..rule }
}

#[test]
fn a_low_balance_begins_an_episode_and_nothing_else_does() {
    assert_eq!(decide(&rule(), &figures()), Decision::Begin);
    let off = TopUp { settings: TopUpSettings { enabled: false, ..rule().settings }, ..rule() };
    assert_eq!(decide(&off, &figures()), Decision::Rest);
    for rests in [
        Figures { available: credits(50), ..figures() },
        Figures { coming: credits(40), ..figures() },
        Figures { suspended: true, ..figures() },
    ] {
        assert_eq!(decide(&rule(), &rests), Decision::Rest, "{rests:?}");
    }
    let later = TopUp { wait_until: figures().now.plus_seconds(1), ..rule() };
    assert_eq!(decide(&later, &figures()), Decision::Rest);
}

#[test]
fn the_months_limit_counts_what_is_under_way_and_ends_with_the_month() {
    assert_eq!(decide(&rule(), &Figures { spent: cents(2_000), ..figures() }), Decision::Begin);
    let reached = decide(&rule(), &Figures { spent: cents(2_001), ..figures() });
    assert_eq!(reached, Decision::CapReached(Timestamp::from_millis(0).plus_days(31)));
}

#[test]
fn without_a_card_or_a_package_it_stops_and_says_why() {
    assert_eq!(decide(&rule(), &Figures { card: None, ..figures() }), Decision::Stop(Halt::NoCard));
    assert_eq!(decide(&rule(), &Figures { price: None, ..figures() }), Decision::Stop(Halt::NoPackage));
}

#[test]
fn an_attempt_without_an_answer_is_sent_again_for_some_hours_and_never_beside_another() {
    for state in [PurchaseState::Created, PurchaseState::Pending] {
        let attempt = attempt(state, "");
        let at = |hours: i64| Figures {
            now: attempt.created_at.plus_seconds(hours * HOUR),
            attempt: Some(&attempt),
            ..figures()
        };
        let rule = under_way(rule(), &attempt);
        assert_eq!(decide(&rule, &at(0)), Decision::Continue);
        assert_eq!(decide(&rule, &at(20)), Decision::Continue);
        assert_eq!(decide(&rule, &at(21)), Decision::Stop(Halt::NoAnswer));
        let leased = TopUp { wait_until: figures().now.plus_seconds(60), ..rule };
        assert_eq!(decide(&leased, &at(0)), Decision::Rest);
    }
    let processing = attempt(PurchaseState::Processing, "");
    let waits = decide(&under_way(rule(), &processing), &Figures { attempt: Some(&processing), ..figures() });
    assert_eq!(waits, Decision::Wait(figures().now.plus_seconds(60)));
}

#[test]
fn a_soft_decline_backs_off_twice_and_then_stops() {
    let declined = attempt(PurchaseState::Failed, "insufficient_funds");
    let after = |failures: i64| {
        decide(&TopUp { failures, ..under_way(rule(), &declined) }, &Figures { attempt: Some(&declined), ..figures() })
    };
    assert_eq!(after(0), Decision::BackOff(figures().now.plus_seconds(HOUR)));
    assert_eq!(after(1), Decision::BackOff(figures().now.plus_seconds(24 * HOUR)));
    assert_eq!(after(2), Decision::Stop(Halt::DeclinedOften));
}

#[test]
fn a_hard_decline_stops_until_another_card_is_there() {
    for (code, halt) in [
        ("stolen_card", Halt::Declined),
        ("expired_card", Halt::Declined),
        ("authentication_required", Halt::NeedsOwner),
        ("card_missing", Halt::NoCard),
    ] {
        let failed = attempt(PurchaseState::Failed, code);
        let seen = Figures { attempt: Some(&failed), ..figures() };
        let rule = under_way(rule(), &failed);
        assert_eq!(decide(&rule, &seen), Decision::Stop(halt), "{code}");
        let halted = TopUp { halted: Some(halt), halted_card: Some("pm_1".into()), ..rule };
        assert_eq!(decide(&halted, &seen), Decision::Rest, "{code}");
        let another = decide(&halted, &Figures { card: Some("pm_2"), ..seen });
        let first = if halt == Halt::NeedsOwner { Decision::GiveUpAttempt } else { Decision::Begin };
        assert_eq!(another, first, "{code}");
    }
}

#[test]
fn a_confirmed_payment_ends_what_it_halted() {
    let paid = attempt(PurchaseState::Paid, "authentication_required");
    let halted = TopUp { halted: Some(Halt::NeedsOwner), halted_card: Some("pm_1".into()), ..under_way(rule(), &paid) };
    assert_eq!(decide(&halted, &Figures { attempt: Some(&paid), ..figures() }), Decision::Succeeded);
}

#[test]
fn every_reason_reads_back_and_has_a_sentence() {
    for halt in Halt::ALL {
        assert_eq!(halt.name().parse::<Halt>().ok(), Some(halt));
        assert!(halt.sentence().ends_with('.'));
    }
}

fn any_state() -> impl Strategy<Value = PurchaseState> {
    proptest::sample::select(PurchaseState::ALL.to_vec())
}

fn any_code() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["", "insufficient_funds", "stolen_card", "authentication_required", "card_missing"])
}

proptest! {
    /// Whatever is known of an attempt, a next one begins only when this one can never be paid.
    #[test]
    fn no_episode_begins_beside_one_that_can_still_be_paid(
        state in any_state(), code in any_code(), halted in proptest::option::of(proptest::sample::select(Halt::ALL.to_vec())),
        new_card in any::<bool>(), hours in 0_i64..50, available in 0_i64..100, failures in 0_i64..4,
    ) {
        let attempt = attempt(state, code);
        let rule = TopUp { halted, halted_card: Some("pm_1".into()), failures, ..under_way(rule(), &attempt) };
        let card = if new_card { "pm_2" } else { "pm_1" };
        let now = figures().now.plus_seconds(hours * HOUR);
        let seen = Figures { now, available: credits(available), card: Some(card), attempt: Some(&attempt), ..figures() };
        match decide(&rule, &seen) {
            Decision::Begin => {
                prop_assert!(new_card && halted.is_some(), "only another card goes on past a halt");
                prop_assert!(!state.was_paid() && !needs_owner(&attempt) && state != PurchaseState::Pending);
                prop_assert!(available < 50);
            }
            Decision::Succeeded => prop_assert!(state.was_paid()),
            Decision::Continue => prop_assert!(matches!(state, PurchaseState::Created | PurchaseState::Pending)),
            Decision::BackOff(until) => prop_assert!(until > now && state != PurchaseState::Created),
            _ => {}
        }
    }
}
