//! Refunds that an operator orders.

use super::{forget_answers, line, order, text};
use crate::billing::store::testing::databases;
use crate::billing::store::{Sql, Statement};
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

/// Another payment of a purchase at Stripe, of which the inbox hears. Answers Stripe's name of it.
async fn another_payment(shop: &Shop, purchase: &Purchase, amount: i64) -> String {
    let known = shop.till.payments.inner.store.customer(purchase.account).await.expect("a store").unwrap_or_default();
    let (customer, card) = (known.customer.expect("a customer"), known.card.expect("a card").payment_method);
    let form = format!(
        "amount={amount}&currency=usd&customer={customer}&payment_method={card}&confirm=true&off_session=true\
         &metadata[purchase]={}",
        purchase.id
    );
    let intent = shop.ask("/v1/payment_intents", Some(&form)).await;
    let id = text(&intent["id"]);
    shop.till
        .hear(&serde_json::json!({ "id": format!("evt_{id}"), "object": "event", "type": "payment_intent.succeeded",
            "created": 1_767_225_600, "livemode": false, "data": { "object": intent } }))
        .await;
    id
}

#[tokio::test]
async fn a_payment_that_brought_no_credits_can_be_given_back_and_only_such_a_one() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let payments = &shop.till.payments;
        let paid = shop.bought("key-1", "pm_card_visa").await;
        let second = another_payment(&shop, &paid, 1_000).await;
        let of = |purchase: &Purchase, payment: &str, amount: Option<i64>, request: &str| {
            let (payment, request) = (payment.to_owned(), request.to_owned());
            let purchase = purchase.clone();
            async move {
                let order = RefundOrder { payment: Some(&payment), ..order(&purchase, amount, &request) };
                payments.refund(order, line).await
            }
        };
        assert_eq!(of(&paid, "pi_invented", None, "r-0").await, Err(RefundError::NoSuchPayment), "{store}");
        let part = of(&paid, &second, Some(400), "r-1").await.expect("refunded");
        assert_eq!((part.amount.get(), part.purchase.state.name()), (400, "paid"), "{store}");
        let rest = of(&paid, &second, None, "r-2").await.expect("refunded");
        assert_eq!(rest.amount.get(), 600, "{store}");
        assert_eq!(of(&paid, &second, None, "r-3").await, Err(RefundError::NothingLeft), "{store}");
        assert_eq!(shop.stands(&paid).await, ("paid", 0, 0, 100, 0), "{store}: its credits stay");
        let own = paid.stripe_intent.clone().expect("paid");
        let own = of(&paid, &own, None, "r-4").await.expect("refunded");
        assert_eq!((own.amount.get(), own.purchase.state.name()), (1_000, "refunded"), "{store}: the usual way");

        let unpaid = shop.till.purchase("key-2").await;
        let wrong = another_payment(&shop, &unpaid, 900).await;
        assert_eq!(of(&paid, &wrong, None, "r-5").await, Err(RefundError::NoSuchPayment), "{store}: another's");
        assert_eq!(payments.refund(order(&unpaid, None, "r-6"), line).await, Err(RefundError::NotPaid), "{store}");
        let given = of(&unpaid, &wrong, None, "r-7").await.expect("refunded");
        assert_eq!((given.amount.get(), given.purchase.state.name()), (900, "created"), "{store}");
    }
}

/// The steps that the audit log was told, of all refunds, by their names.
async fn steps(shop: &Shop) -> Vec<String> {
    let sql = Sql::both("select id from stripe_events where type = 'line'");
    let rows = shop.till.database.fetch(sql, vec![]).await.expect("a store");
    let step = |name: String| name.rsplit("00_").next().unwrap_or_default().to_owned();
    let mut steps: Vec<String> = rows.iter().map(|row| step(row.text(0).expect("a name"))).collect();
    steps.sort();
    steps
}

#[tokio::test]
async fn an_order_that_a_crash_left_is_carried_out_later_and_what_came_of_it_is_told_once() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let unreachable = till.peer().refund(order(&purchase, Some(100), "r-1"), line).await;
        assert_eq!(unreachable, Err(PaymentError::Unreachable.into()), "{store}");
        // Whoever asks what is left asks Stripe first, so nothing was written down.
        assert_eq!(steps(&shop).await, Vec::<String>::new(), "{store}");
        till.payments.refund(order(&purchase, Some(100), "r-1"), line).await.expect("refunded");
        assert_eq!(steps(&shop).await, ["money_refund_ordered", "money_refunded"], "{store}");

        let lose = || {
            let sql = "update money_refunds set state = 'asked', stripe_refund = null where request = 'r-1'";
            vec![Statement::new(Sql::both(sql), vec![]), no_lines()]
        };
        till.database.write(lose()).await.expect("a store");
        till.payments.resume_refunds(line).await.expect("a round");
        assert_eq!(steps(&shop).await, Vec::<String>::new(), "{store}: its server may still be at it");
        till.clock.advance(61);
        assert_eq!(till.peer().resume_refunds(line).await, Err(PaymentError::Unreachable), "{store}");
        till.payments.resume_refunds(line).await.expect("a round");
        till.payments.resume_refunds(line).await.expect("a round");
        assert_eq!(steps(&shop).await, ["money_refunded"], "{store}");
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 100, 10, 90, 0), "{store}: once");

        // After a day Stripe may have forgotten the key: it is asked whether it has the refund.
        till.database.write(lose()).await.expect("a store");
        till.clock.advance(21 * 3_600);
        till.payments.resume_refunds(line).await.expect("a round");
        assert_eq!(steps(&shop).await, ["money_refunded"], "{store}");
        assert_eq!(shop.stands(&purchase).await, ("partly_refunded", 100, 10, 90, 0), "{store}: once");
    }
}

#[tokio::test]
async fn an_old_order_that_never_reached_stripe_is_closed_and_moves_nothing() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let purchase = shop.bought("key-1", "pm_card_visa").await;
        let written = Sql::both(
            "insert into money_refunds (id, account_id, purchase_id, request, amount, asked, reason, state, created_at)
             values ('REF_01J9ZQ3V5R8N2M4K6T7W8X9YAB', $1, $2, 'r-1', 100, '100', 'charged by mistake', 'asked', 0)",
        );
        let args = vec![till.account.to_string().into(), purchase.id.to_string().into()];
        till.database.write(vec![Statement::new(written, args)]).await.expect("a store");
        till.payments.resume_refunds(line).await.expect("a round");
        assert_eq!(steps(&shop).await, ["money_refund_refused"], "{store}");
        assert_eq!(shop.stands(&purchase).await, ("paid", 0, 0, 100, 0), "{store}");
        let again = till.payments.refund(order(&purchase, Some(100), "r-1"), line).await;
        let Err(RefundError::Payment(PaymentError::Refused { message })) = again else { panic!("{store}: {again:?}") };
        assert!(message.contains("order it again"), "{store}: {message}");
    }
}

fn no_lines() -> Statement {
    Statement::new(Sql::both("delete from stripe_events where type = 'line'"), vec![])
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
        let text = letters.last().expect("a letter").to("Ada", "ada@example.test").text;
        assert!(text.contains("Automatic purchases have stopped"), "{store}: {text}");
        till.payments.set_top_up(till.account, rule(), Vec::new()).await.expect("a rule");
        till.payments.top_up_round().await.expect("a round");
        assert_eq!(till.available().await, 100, "{store}: switched on again it buys");
    }
}
