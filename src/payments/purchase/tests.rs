//! The state machine alone: cases, then any order, repetition and subset.

use super::*;
use proptest::prelude::*;
use ulid::Ulid;

const PRICE: i64 = 1_000;

pub(crate) fn created() -> Purchase {
    Purchase {
        id: PurchaseId::from_ulid(Ulid::from(1u128)),
        account: AccountId::from_ulid(Ulid::from(2u128)),
        request: "request-1".into(),
        way: Way::Checkout,
        package: "Starter".into(),
        credits: Credits::new(100).expect("in range"),
        amount: Cents::new(PRICE).expect("in range"),
        grant: GrantId::from_ulid(Ulid::from(3u128)),
        email: Some("ada@example.test".into()),
        state: PurchaseState::Created,
        state_at: 0,
        failure: None,
        received: Cents::new(PRICE).expect("in range"),
        returned: money_back::Returned::default(),
        late_failure_told: false,
        created_at: Timestamp::from_millis(0),
        paid_at: None,
        stripe_session: None,
        stripe_intent: None,
        checkout_url: None,
        payment_method: None,
    }
}

fn paid(amount: i64, currency: &str) -> News {
    News::Succeeded { amount, currency: currency.into(), intent: Some("pi_1".into()), terms: None }
}

/// Plays the events and counts the grants, as the inbox does.
fn play(events: &[PaymentEvent]) -> (Purchase, usize) {
    let mut purchase = created();
    let mut grants = 0;
    for event in events {
        let step = advance(&purchase, event);
        assert!(step.next.finality() >= purchase.state.finality(), "no step leads back");
        assert!(
            step.effect.is_none_or(|effect| effect == Effect::ReportMismatch || step.next == PurchaseState::Paid),
            "credits come with the paid state only"
        );
        grants += usize::from(matches!(step.effect, Some(Effect::GrantCredits { .. })));
        purchase.state = step.next;
        purchase.state_at = step.next_at;
        if let (Some(Effect::GrantCredits { .. }), News::Succeeded { intent, .. }) = (step.effect, &event.news) {
            purchase.stripe_intent.clone_from(intent);
        }
    }
    (purchase, grants)
}

fn at(at: i64, news: News) -> PaymentEvent {
    PaymentEvent { at, news }
}

#[test]
fn a_payment_of_the_asked_amount_grants_what_our_row_says() {
    let step = advance(&created(), &at(5, paid(PRICE, "usd")));
    assert_eq!(step.next, PurchaseState::Paid);
    let credits = Credits::new(100).expect("in range");
    let paid = Cents::new(PRICE).expect("in range");
    assert_eq!(step.effect, Some(Effect::GrantCredits { credits, paid }));
}

#[test]
fn a_second_announcement_of_the_same_payment_grants_nothing() {
    let (purchase, grants) = play(&[at(5, paid(PRICE, "usd")), at(6, paid(PRICE, "usd"))]);
    assert_eq!((purchase.state, grants), (PurchaseState::Paid, 1));
}

#[test]
fn another_amount_or_currency_changes_nothing_and_is_reported() {
    for news in [paid(PRICE - 1, "usd"), paid(PRICE + 1, "usd"), paid(0, "usd"), paid(PRICE, "eur"), paid(PRICE, "")] {
        let step = advance(&created(), &at(5, news));
        assert_eq!(step, Step { next: PurchaseState::Created, next_at: 0, effect: Some(Effect::ReportMismatch) });
    }
}

#[test]
fn a_second_payment_of_a_paid_purchase_is_reported_and_grants_nothing() {
    let purchase =
        Purchase { state: PurchaseState::Paid, state_at: 4, stripe_intent: Some("pi_0".into()), ..created() };
    let step = advance(&purchase, &at(9, paid(PRICE, "usd")));
    assert_eq!(step, Step { next: PurchaseState::Paid, next_at: 4, effect: Some(Effect::ReportMismatch) });
}

#[test]
fn a_failed_attempt_does_not_stop_a_later_one() {
    let failed = at(5, News::AttemptFailed(Failure::default()));
    let (purchase, _) = play(&[failed.clone(), at(9, News::Processing)]);
    assert_eq!(purchase.state, PurchaseState::Processing);
    let (purchase, grants) = play(&[failed, at(9, paid(PRICE, "usd"))]);
    assert_eq!((purchase.state, grants), (PurchaseState::Paid, 1));
}

#[test]
fn money_that_arrives_after_an_expiry_still_counts() {
    let (purchase, grants) = play(&[at(9, News::Closed), at(5, paid(PRICE, "usd"))]);
    assert_eq!((purchase.state, grants), (PurchaseState::Paid, 1));
}

#[test]
fn what_follows_a_payment_is_not_undone_by_old_news() {
    for state in PurchaseState::ALL.into_iter().filter(|state| state.was_paid()) {
        let purchase = Purchase { state, state_at: 4, ..created() };
        for news in [News::Opened, News::Processing, News::Closed, paid(PRICE, "usd")] {
            let step = advance(&purchase, &at(9, news));
            assert_eq!((step.next, step.effect), (state, None));
        }
    }
}

#[test]
fn every_state_and_way_is_read_back_from_its_name() {
    for state in PurchaseState::ALL {
        assert_eq!(state.name().parse::<PurchaseState>().expect("known"), state);
    }
    for way in Way::ALL {
        assert_eq!(way.name().parse::<Way>().expect("known"), way);
    }
    assert!("Paid".parse::<PurchaseState>().is_err());
}

fn any_event() -> impl Strategy<Value = PaymentEvent> {
    let news = prop_oneof![
        Just(News::Opened),
        Just(News::Processing),
        Just(News::AttemptFailed(Failure::default())),
        Just(News::Closed),
        Just(paid(PRICE, "usd")),
        Just(paid(PRICE + 1, "usd")),
        Just(paid(PRICE, "eur")),
    ];
    (1..6i64, news).prop_map(|(at, news)| PaymentEvent { at, news })
}

proptest! {
    #[test]
    fn any_order_and_repetition_ends_the_same(
        events in proptest::collection::vec(any_event(), 0..8),
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..16),
        shuffle in any::<u64>(),
    ) {
        let (straight, grants) = play(&events);
        let mut other = events.clone();
        if !events.is_empty() {
            other.extend(picks.iter().map(|pick| events[pick.index(events.len())].clone()));
        }
        let len = other.len();
        for i in 0..len {
            let j = (shuffle.rotate_left(u32::try_from(i).expect("few")) % (len as u64)) as usize;
            other.swap(i, j);
        }
        let (shuffled, grants_shuffled) = play(&other);
        prop_assert_eq!(shuffled.state, straight.state);
        prop_assert_eq!(shuffled.state_at, straight.state_at);
        prop_assert_eq!(grants_shuffled, grants);
    }

    #[test]
    fn any_subset_grants_exactly_when_the_right_money_is_in_it(
        events in proptest::collection::vec(any_event(), 0..8),
        keep in any::<u8>(),
    ) {
        let subset: Vec<_> = events.into_iter().enumerate()
            .filter(|(i, _)| keep >> i & 1 == 1).map(|(_, event)| event).collect();
        let right = subset.iter().any(|event| event.news == paid(PRICE, "usd"));
        let (purchase, grants) = play(&subset);
        prop_assert_eq!(grants, usize::from(right));
        prop_assert_eq!(purchase.state == PurchaseState::Paid, right);
    }
}
