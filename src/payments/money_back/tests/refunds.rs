//! Refunds that an operator orders.

use super::{forget_answers, line, order, text};
use crate::billing::store::testing::databases;
use crate::ledger::{Cents, Credits, PurchaseId};
use crate::payments::money_back::{RefundError, RefundOrder};
use crate::payments::purchase::Purchase;
use crate::payments::testing::shop::Shop;
use crate::payments::{Halt, PaymentError, TopUpSettings};

#[tokio::test]
async fn an_operators_refund_is_made_once_and_its_credits_follow_at_once() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let payments = &shop.till.payments;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let first = payments.refund(order(&purchase, Some(250), "r-1"), line).await.expect("refunded");
        assert_eq!((first.amount.get(), first.purchase.state.name(), first.replayed), (250, "partly_refunded", false));
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 250, 25, 75, 0), "{store}");
        let again = payments.refund(order(&purchase, Some(250), "r-1"), line).await.expect("the same");
        assert_eq!((again.refund, again.replayed), (first.refund, true), "{store}");
        for other in [
            order(&purchase, Some(251), "r-1"),
            order(&purchase, None, "r-1"),
            RefundOrder { reason: "x", ..order(&purchase, Some(250), "r-1") },
        ] {
            assert_eq!(payments.refund(other, line).await, Err(PaymentError::Conflict.into()), "{store}");
        }
        let rest = payments.refund(order(&purchase, None, "r-2"), line).await.expect("refunded");
        assert_eq!((rest.amount.get(), rest.purchase.refundable()), (750, Cents::ZERO), "{store}");
        assert_eq!(shop.stands(&purchase).await, ("refunded", 1_000, 100, 0, 0), "{store}");
        let found = shop.ask("/v1/refunds?limit=10", None).await;
        let ids: Vec<_> =
            found["data"].as_array().expect("a list").iter().map(|one| text(&one["metadata"]["refund"])).collect();
        assert_eq!(ids, [rest.refund.to_string(), first.refund.to_string()], "{store}: two and no more");
    }
}

#[tokio::test]
async fn an_operators_refund_is_never_more_than_is_left() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let payments = &shop.till.payments;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let cents = |amount| Cents::new(amount).expect("small");
        // The dashboard has refunded a part, and nothing has told us.
        shop.refund(&purchase, Some(700)).await;
        let too_much = payments.refund(order(&purchase, Some(301), "r-1"), line).await;
        assert_eq!(too_much, Err(RefundError::TooMuch { asked: cents(301), left: cents(300) }), "{store}");
        let nothing = payments.refund(order(&purchase, Some(0), "r-1"), line).await;
        assert_eq!(nothing, Err(RefundError::AmountNotPositive), "{store}");
        assert!(
            payments.refund(order(&purchase, Some(300), "r-1"), line).await.is_ok(),
            "{store}: the key is still free"
        );
        assert_eq!(
            payments.refund(order(&purchase, None, "r-2"), line).await,
            Err(RefundError::NothingLeft),
            "{store}"
        );
        let disputed = shop.bought("key-2", "pm_card_visa").await;
        shop.dispute(&disputed).await;
        assert_eq!(payments.refund(order(&disputed, None, "r-3"), line).await, Err(RefundError::Disputed), "{store}");
        let unpaid = shop.till.purchase("key-3").await;
        assert_eq!(payments.refund(order(&unpaid, None, "r-4"), line).await, Err(RefundError::NotPaid), "{store}");
        let lost = Purchase { id: PurchaseId::from_ulid(ulid::Ulid::from(9u128)), ..unpaid };
        assert_eq!(payments.refund(order(&lost, None, "r-5"), line).await, Err(RefundError::NoSuchPurchase), "{store}");
    }
}

#[tokio::test]
async fn two_orders_at_once_give_back_no_more_than_was_paid() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let payments = &shop.till.payments;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let (one, two, same) = tokio::join!(
            payments.refund(order(&purchase, Some(600), "r-1"), line),
            payments.refund(order(&purchase, Some(601), "r-2"), line),
            payments.refund(order(&purchase, Some(600), "r-1"), line),
        );
        assert!(one.is_ok() != two.is_ok() || same.is_ok() != two.is_ok(), "{store}: {one:?} {two:?} {same:?}");
        let (_, money, credits, ..) = shop.stands(&purchase).await;
        assert!(matches!((money, credits), (600 | 601, 60)), "{store}: {money} {credits}");
    }
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_continued_and_made_once() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        till.payments.refund(order(&purchase, Some(100), "r-1"), line).await.expect("refunded");
        let forget = forget_answers();
        till.database.write(vec![forget.clone()]).await.expect("a store");
        let unreachable = till.peer().refund(order(&purchase, Some(100), "r-1"), line).await;
        assert_eq!(unreachable, Err(PaymentError::Unreachable.into()), "{store}");
        till.payments.refund(order(&purchase, Some(100), "r-1"), line).await.expect("continued");
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 100, 10, 90, 0), "{store}: once");
        till.database.write(vec![forget]).await.expect("a store");
        till.clock.advance(21 * 3_600);
        let stale = till.payments.refund(order(&purchase, Some(100), "r-1"), line).await;
        assert_eq!(stale, Err(PaymentError::Conflict.into()), "{store}: stripe may have forgotten the key");
    }
}

#[tokio::test]
async fn a_rule_that_buys_by_itself_does_not_buy_what_was_just_refunded() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let rule = || TopUpSettings {
            threshold: Credits::new(50).expect("small"),
            package: "Starter".into(),
            monthly_cap: Cents::new(5_000).expect("small"),
            enabled: true,
        };
        till.payments.set_top_up(till.account, rule(), Vec::new()).await.expect("a rule");
        till.payments.refund(order(&purchase, None, "r-1"), line).await.expect("refunded");
        till.payments.top_up_round().await.expect("a round");
        assert_eq!(shop.stands(&purchase).await, ("refunded", 1_000, 100, 0, 0), "{store}: nothing was bought");
        let halted = till.payments.top_up(till.account).await.expect("a store").expect("a rule").halted;
        assert_eq!(halted, Some(Halt::MoneyBack), "{store}");
        let letters = till.mail.member_letters(10).await.expect("a store");
        let text = letters.first().expect("a letter").to("Ada", "ada@example.test").text;
        assert!(text.contains("Automatic purchases have stopped"), "{store}: {text}");
        till.payments.set_top_up(till.account, rule(), Vec::new()).await.expect("a rule");
        till.payments.top_up_round().await.expect("a round");
        assert_eq!(till.available().await, 100, "{store}: switched on again it buys");
    }
}
