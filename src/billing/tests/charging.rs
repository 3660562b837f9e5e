//! Batches, holds and refunds on both stores: once each, across retries, restarts and two servers.

use super::*;
use crate::billing::{NewHold, Receipt, Together};
use crate::ledger::{HoldState, TransactionId};

fn batch(till: &Till, name: &str, quantities: &[i64]) -> Vec<Order> {
    let order =
        |(index, quantity): (usize, &i64)| Order::new(till.account, format!("{name}-{index}"), charge(*quantity));
    quantities.iter().enumerate().map(order).collect()
}

fn new_hold(till: &Till, request: &str, ttl_seconds: i64) -> NewHold {
    NewHold {
        account: till.account,
        operation: Operation::ConservationOracle,
        quantity: 4,
        at_most: None,
        ttl_seconds,
        metadata: "{}".into(),
        request: request.into(),
        key: None,
    }
}

fn refund(charge: TransactionId, credits: i64) -> Command {
    Command::Refund { charge, credits: Credits::new(credits), reason: "sorry".into() }
}

#[tokio::test]
async fn an_atomic_batch_sent_to_two_servers_and_after_a_restart_is_one_effect() {
    for till in tills().await {
        let (first, other) = (till.kernel.clone(), other_server(&till));
        let send = |kernel: &Kernel| {
            let (kernel, orders) = (kernel.clone(), batch(&till, "all", &[1, 2, 3]));
            tokio::spawn(async move { kernel.submit_all(orders, Together::AllOrNone).await })
        };
        let tasks: Vec<_> = (0..10).map(|index| send(if index % 2 == 0 { &first } else { &other })).collect();
        let mut answers: Vec<Vec<Receipt>> = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap().into_iter().collect::<Result<_, _>>().unwrap());
        }
        answers.push(
            other_server(&till)
                .submit_all(batch(&till, "all", &[1, 2, 3]), Together::AllOrNone)
                .await
                .into_iter()
                .collect::<Result<_, _>>()
                .unwrap(),
        );
        let fresh = answers.iter().filter(|answer| answer.iter().all(|receipt| !receipt.replayed)).count();
        let replayed = answers.iter().filter(|answer| answer.iter().all(|receipt| receipt.replayed)).count();
        assert_eq!((fresh, replayed, available(&till).await), (1, 10, (94, 0)), "{}", till.name);
        assert!(answers.iter().all(|answer| answer[2].transaction == answers[0][2].transaction));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_refused_atomic_batch_leaves_its_keys_free_on_every_server() {
    for till in tills().await {
        let outcomes = till.kernel.submit_all(batch(&till, "big", &[60, 60]), Together::AllOrNone).await;
        assert_eq!(outcomes[0], Err(KernelError::Undone), "{}", till.name);
        assert!(matches!(outcomes[1], Err(KernelError::Refused(Refusal::InsufficientCredits { .. }))));
        assert_eq!(available(&till).await, (100, 0));
        let outcomes = other_server(&till).submit_all(batch(&till, "big", &[60, 60]), Together::EachForItself).await;
        assert!(outcomes[0].as_ref().is_ok_and(|receipt| !receipt.replayed) && outcomes[1].is_err());
        // Now the first charge stands: in an atomic batch it is a replay and stays, whatever becomes of the second.
        let outcomes = till.kernel.submit_all(batch(&till, "big", &[60, 60]), Together::AllOrNone).await;
        assert!(outcomes[1].is_err(), "{outcomes:?}");
        assert_eq!(available(&till).await, (40, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_hold_is_placed_and_captured_once_across_two_servers_and_a_restart() {
    for till in tills().await {
        let other = other_server(&till);
        let placed = till.kernel.place_hold(new_hold(&till, "hold", 60)).await.unwrap();
        let again = other.place_hold(new_hold(&till, "hold", 60)).await.unwrap();
        assert_eq!((placed.hold, placed.replayed, again.replayed), (again.hold, false, true), "{}", till.name);
        let longer = other.place_hold(new_hold(&till, "hold", 61)).await;
        assert_eq!(longer, Err(KernelError::IdempotencyConflict));
        let hold = placed.hold.unwrap();
        let capture = || {
            let command = Command::Capture { hold, amount: Credits::new(5), metadata: "{}".into() };
            Order::new(till.account, "capture", command)
        };
        let (one, two) = tokio::join!(till.kernel.submit(capture()), other.submit(capture()));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_ne!(one.replayed, two.replayed);
        assert_eq!(one.transaction, two.transaction);
        assert!(other_server(&till).submit(capture()).await.unwrap().replayed);
        let release = Order::new(till.account, "release", Command::Release { hold, reason: "late".into() });
        let settled = KernelError::Refused(Refusal::HoldSettled { state: "captured".into() });
        assert_eq!(other.submit(release).await, Err(settled));
        let report = till.kernel.hold(hold).await.unwrap().unwrap();
        assert_eq!((report.hold.state, report.captured.get(), report.placed), (HoldState::Captured, 5, true));
        assert_eq!(available(&till).await, (95, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_hold_reads_as_expired_the_moment_it_is_over_and_is_given_back_by_the_clock() {
    for till in tills().await {
        let hold = till.kernel.place_hold(new_hold(&till, "hold", 60)).await.unwrap().hold.unwrap();
        till.clock.advance(59);
        assert_eq!(till.kernel.hold(hold).await.unwrap().unwrap().hold.state, HoldState::Open, "{}", till.name);
        till.clock.advance(1);
        assert_eq!(till.kernel.hold(hold).await.unwrap().unwrap().hold.state, HoldState::Expired);
        let command = Command::Capture { hold, amount: None, metadata: "{}".into() };
        let late = till.kernel.submit(Order::new(till.account, "late", command)).await;
        assert_eq!(late, Err(KernelError::Refused(Refusal::HoldSettled { state: "expired".into() })));
        till.kernel.settle_due().await.unwrap();
        assert_eq!(available(&till).await, (100, 0));
        // The retry of its own request still finds it rather than holding anew.
        assert_eq!(till.kernel.place_hold(new_hold(&till, "hold", 60)).await.unwrap().hold, Some(hold));
        assert_eq!(available(&till).await, (100, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_services_hold_is_not_one_that_a_caller_placed() {
    for till in tills().await {
        let metered = till.kernel.meter(work(&till, "judge")).await.unwrap();
        let entries = till.kernel.entries(till.account, None, 1).await.unwrap();
        let report = till.kernel.hold(entries[0].hold.unwrap()).await.unwrap().unwrap();
        assert_eq!((report.account, report.placed), (till.account, false), "{}", till.name);
        metered.capture("{}".into(), Vec::new()).await.unwrap();
    }
}

#[tokio::test]
async fn two_servers_refund_no_more_than_was_charged() {
    for till in tills().await {
        let charged = till.kernel.submit(Order::new(till.account, "spend", charge(30))).await.unwrap();
        let other = other_server(&till);
        let tasks: Vec<_> = (0..20)
            .map(|index| {
                let kernel = if index % 2 == 0 { till.kernel.clone() } else { other.clone() };
                // Each key goes through both servers; ten refunds of four would give back forty.
                let command = refund(charged.transaction.unwrap(), 4);
                let order = Order::new(till.account, format!("refund-{}", index / 2), command);
                tokio::spawn(async move { kernel.submit(order).await })
            })
            .collect();
        let mut refunded = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(receipt) => refunded += i64::from(!receipt.replayed),
                Err(error) => assert!(
                    matches!(error, KernelError::Refused(Refusal::RefundExceedsCharge { .. })),
                    "{} {error}",
                    till.name
                ),
            }
        }
        assert_eq!((refunded, available(&till).await), (7, (98, 0)), "{}", till.name);
        let rest = || {
            Order::new(
                till.account,
                "rest",
                Command::Refund { charge: charged.transaction.unwrap(), credits: None, reason: "the rest".into() },
            )
        };
        assert_eq!(till.kernel.submit(rest()).await.unwrap().amount.get(), 2);
        assert!(other_server(&till).submit(rest()).await.unwrap().replayed);
        assert_eq!(available(&till).await, (100, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_suspension_keeps_its_reason_and_stops_spending_on_every_server() {
    for till in tills().await {
        let other = other_server(&till);
        assert_eq!(till.kernel.suspension(till.account).await, Ok(None), "{}", till.name);
        let suspend = |kernel: &Kernel, suspended, reason: &str| {
            let (kernel, reason) = (kernel.clone(), reason.to_owned());
            async move {
                kernel.suspend(till.account, suspended, reason.clone(), format!("set-{reason}"), None, vec![]).await
            }
        };
        suspend(&till.kernel, true, "disputed").await.unwrap();
        assert!(suspend(&other, true, "disputed").await.unwrap().replayed);
        let refused = other.submit(Order::new(till.account, "spend", charge(1))).await;
        assert_eq!(refused, Err(KernelError::Refused(Refusal::Suspended)));
        let last = other.suspension(till.account).await.unwrap().unwrap();
        assert_eq!((last.suspended, last.reason.as_str(), last.at), (true, "disputed", till.clock.now()));
        till.clock.advance(1);
        suspend(&other, false, "settled").await.unwrap();
        till.kernel.submit(Order::new(till.account, "spend", charge(1))).await.unwrap();
        assert!(!till.kernel.suspension(till.account).await.unwrap().unwrap().suspended);
        assert_lawful(&till).await;
    }
}
