//! What is heard of a subscription, in any order.

use proptest::prelude::*;

use super::*;

const DAY: i64 = 86_400;
const MONTH: i64 = 30 * DAY;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn paid(until: i64) -> SubscriptionNews {
    SubscriptionNews::Paid { until, subtotal: PRICE_CENTS, currency: "usd".into() }
}

fn unpaid(until: i64) -> SubscriptionNews {
    SubscriptionNews::Unpaid { until, invoice_url: None }
}

fn told(cancels: bool, ended: bool) -> SubscriptionNews {
    SubscriptionNews::Told { cancels, ended }
}

fn play(events: &[(i64, SubscriptionNews)]) -> Standing {
    events.iter().fold(Standing::NEW, |standing, (at, news)| advance(&standing, *at, news))
}

#[test]
fn only_a_paid_invoice_entitles_and_some_days_of_grace_follow() {
    let begun = play(&[(1, SubscriptionNews::Begun), (1, told(false, false))]);
    assert!(!begun.is_entitled(at(1)));
    let standing = play(&[(1, SubscriptionNews::Begun), (2, paid(MONTH))]);
    assert!(standing.is_entitled(at(2)) && standing.is_entitled(at(MONTH + GRACE_SECONDS - 1)));
    assert!(!standing.is_entitled(at(MONTH + GRACE_SECONDS)));
    assert_eq!(standing.state(), "active");
}

#[test]
fn a_failed_payment_is_past_due_until_it_is_paid_after_all() {
    let failed = play(&[(1, paid(MONTH)), (MONTH, unpaid(2 * MONTH))]);
    assert_eq!((failed.state(), failed.is_entitled(at(MONTH + DAY))), ("past_due", true));
    let recovered = advance(&failed, MONTH + DAY, &paid(2 * MONTH));
    assert_eq!((recovered.state(), recovered.is_entitled(at(2 * MONTH))), ("active", true));
    let late = play(&[(MONTH + DAY, paid(2 * MONTH)), (MONTH, unpaid(2 * MONTH))]);
    assert_eq!(late.state(), "active", "the failure that is heard after the payment is old news");
}

#[test]
fn one_that_is_to_end_has_no_grace_and_one_that_has_ended_is_over() {
    let canceling = play(&[(1, paid(MONTH)), (5, told(true, false))]);
    assert!(canceling.is_entitled(at(MONTH - 1)) && !canceling.is_entitled(at(MONTH)));
    assert_eq!(canceling.state(), "canceling");
    let resumed = advance(&canceling, 6, &told(false, false));
    assert!(resumed.is_entitled(at(MONTH)));
    let ended = advance(&resumed, 7, &told(false, true));
    assert_eq!((ended.state(), ended.is_entitled(at(8))), ("ended", false));
}

#[test]
fn a_page_that_was_left_lets_another_one_be_opened() {
    let left = play(&[(1, SubscriptionNews::Abandoned)]);
    assert!(left.stage.is_over() && !left.is_entitled(at(1)));
}

fn any_news() -> impl Strategy<Value = (i64, SubscriptionNews)> {
    let news = prop_oneof![
        Just(SubscriptionNews::Begun),
        (1_i64..6).prop_map(|months| paid(months * MONTH)),
        (1_i64..6).prop_map(|months| unpaid(months * MONTH)),
        (any::<bool>(), 0..5_u8).prop_map(|(cancels, ended)| told(cancels, ended == 0)),
    ];
    (1_i64..50, news)
}

proptest! {
    #[test]
    fn any_order_and_repetition_of_the_same_news_ends_the_same(
        (events, shuffled) in proptest::collection::vec(any_news(), 0..12)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        let once = play(&events);
        let mut twice = shuffled.clone();
        twice.extend(shuffled);
        prop_assert_eq!(play(&twice), once);
    }
}
