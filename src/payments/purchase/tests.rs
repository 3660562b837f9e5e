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
        mismatch: None,
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
            !matches!(step.effect, Some(Effect::GrantCredits { .. })) || step.next == PurchaseState::Paid,
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
    for (news, mismatch) in [
        (paid(PRICE - 1, "usd"), Mismatch::OtherAmount),
        (paid(PRICE + 1, "usd"), Mismatch::OtherAmount),
        (paid(0, "usd"), Mismatch::NothingPaid),
        (paid(PRICE, "eur"), Mismatch::OtherAmount),
        (paid(PRICE, ""), Mismatch::OtherAmount),
    ] {
        let step = advance(&created(), &at(5, news));
        let effect = Some(Effect::ReportMismatch(mismatch));
        assert_eq!(step, Step { next: PurchaseState::Created, next_at: 0, effect });
    }
}

#[test]
fn a_second_payment_of_a_paid_purchase_is_reported_and_grants_nothing() {
    let purchase =
        Purchase { state: PurchaseState::Paid, state_at: 4, stripe_intent: Some("pi_0".into()), ..created() };
    let step = advance(&purchase, &at(9, paid(PRICE, "usd")));
    assert_eq!(
        step,
        Step { next: PurchaseState::Paid, next_at: 4, effect: Some(Effect::ReportMismatch(Mismatch::PaidTwice)) }
    );
}

/// Each state in its order of life, and what it becomes by news that it can be paid, is under way, has failed, is over
/// and is paid. A plus is the grant.
const TABLE: [(&str, [&str; 5]); 11] = [
    ("created", ["pending", "processing", "failed", "expired", "paid+"]),
    ("pending", ["pending", "processing", "failed", "expired", "paid+"]),
    ("processing", ["processing", "processing", "failed", "expired", "paid+"]),
    ("paid", ["paid", "paid", "paid", "paid", "paid"]),
    ("failed", ["failed", "processing", "failed", "expired", "paid+"]),
    ("expired", ["expired", "expired", "expired", "expired", "paid+"]),
    ("partly_refunded", ["partly_refunded"; 5]),
    ("refunded", ["refunded"; 5]),
    ("disputed", ["disputed"; 5]),
    ("reinstated", ["reinstated"; 5]),
    ("lost", ["lost"; 5]),
];

#[test]
fn every_state_hears_every_news_as_the_table_says() {
    assert_eq!(TABLE.map(|(state, _)| state), PurchaseState::ALL.map(PurchaseState::name));
    for (name, row) in TABLE {
        let state: PurchaseState = name.parse().expect("a state");
        let heard =
            [News::Opened, News::Processing, News::AttemptFailed(Failure::default()), News::Closed, paid(PRICE, "usd")];
        for (news, expected) in heard.into_iter().zip(row) {
            for seconds in [5, 3] {
                let purchase = Purchase { state, state_at: 4, stripe_intent: Some("pi_1".into()), ..created() };
                let step = advance(&purchase, &at(seconds, news.clone()));
                // Of two attempts the one that was told of later counts.
                let is_older_attempt =
                    seconds == 3 && matches!((name, expected), ("processing", "failed") | ("failed", "processing"));
                let expected = if is_older_attempt { name } else { expected };
                let plus = if matches!(step.effect, Some(Effect::GrantCredits { .. })) { "+" } else { "" };
                assert_eq!(format!("{}{plus}", step.next), expected, "{name} hears {news:?} of second {seconds}");
                assert!(!matches!(step.effect, Some(Effect::ReportMismatch(_))), "{name} {news:?}");
            }
        }
    }
}

#[test]
fn every_mismatch_reads_back_and_has_a_sentence() {
    for mismatch in Mismatch::ALL {
        assert_eq!(mismatch.name().parse::<Mismatch>().ok(), Some(mismatch));
        assert!(mismatch.sentence().ends_with('.'));
    }
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
    /// Two payment intents of one purchase, each announced any number of times, in any order.
    #[test]
    fn of_two_payments_the_first_grants_and_every_word_of_the_other_is_reported(
        words in proptest::collection::vec((any::<bool>(), 1..9_i64), 1..12),
    ) {
        let name = |second: bool| if second { "pi_2" } else { "pi_1" };
        let (mut purchase, mut grants, mut reported) = (created(), 0, 0);
        for (second, seconds) in &words {
            let intent = Some(name(*second).to_owned());
            let news = News::Succeeded { amount: PRICE, currency: "usd".into(), intent: intent.clone(), terms: None };
            let step = advance(&purchase, &at(*seconds, news));
            match step.effect {
                Some(Effect::GrantCredits { .. }) => {
                    grants += 1;
                    purchase.stripe_intent = intent;
                }
                Some(Effect::ReportMismatch(mismatch)) => {
                    prop_assert_eq!(mismatch, Mismatch::PaidTwice);
                    reported += 1;
                }
                None => {}
            }
            (purchase.state, purchase.state_at) = (step.next, step.next_at);
        }
        let first = words[0].0;
        prop_assert_eq!(grants, 1);
        prop_assert_eq!(purchase.stripe_intent.as_deref(), Some(name(first)));
        prop_assert_eq!(reported, words.iter().filter(|(second, _)| *second != first).count());
        prop_assert_eq!(purchase.state, PurchaseState::Paid);
    }

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
