//! The kernel on both stores: idempotency, group commit, metered work, reports, audits.

mod charging;
mod once;
mod promises;
mod recurring;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::kernel::QUEUE_MAX;
use super::store::testing::databases;
use super::store::{Database, Sql, Statement};
use super::{AuditReport, Kernel, KernelError, NewAccount, Order, Together, Work, prices_from};
use crate::ledger::testing::{CountingIds, ManualClock};
use crate::ledger::{AccountId, Clock, Command, Credits, IdSource, Operation, PriceBook, PurchaseId, Refusal, Tier};

mod reports;

pub(super) struct Till {
    pub(super) name: &'static str,
    pub(super) database: Database,
    pub(super) kernel: Kernel,
    pub(super) clock: Arc<ManualClock>,
    pub(super) account: AccountId,
}

/// A kernel over each store, with one account of 100 credits.
pub(super) async fn tills() -> Vec<Till> {
    let mut tills = Vec::new();
    for (name, database) in databases().await {
        let clock = Arc::new(ManualClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let prices = prices_from(PriceBook::STANDARD).unwrap();
        let kernel = Kernel::start(database.clone(), prices, clock.clone(), ids);
        let new = NewAccount { name: "Acme".into(), tier: Tier::Developer, free: Credits::new(100).unwrap() };
        let account = kernel.open(new, "open", None).await.unwrap().account;
        tills.push(Till { name, database, kernel, clock, account });
    }
    tills
}

/// Another server on the till's database, with ids of its own: two servers never draw the same ones.
fn other_server(till: &Till) -> Kernel {
    static SERVERS: AtomicU64 = AtomicU64::new(1);
    let ids = CountingIds::default();
    for _ in 0..1_000 * SERVERS.fetch_add(1, Ordering::SeqCst) {
        ids.next(till.clock.now());
    }
    let prices = prices_from(PriceBook::STANDARD).unwrap();
    Kernel::start(till.database.clone(), prices, till.clock.clone(), Arc::new(ids))
}

pub(super) fn charge(quantity: i64) -> Command {
    Command::Charge { operation: Operation::ProofVerification, quantity, at_most: None, metadata: "{}".into() }
}

fn work(till: &Till, request: &str) -> Work {
    Work {
        account: till.account,
        operation: Operation::ConservationOracle,
        quantity: 2,
        request: request.into(),
        key: None,
        metadata: "{}".into(),
        ttl_seconds: 60,
    }
}

async fn available(till: &Till) -> (i64, i64) {
    let account = till.kernel.account(till.account).await.unwrap().unwrap();
    (account.available.get(), account.held.get())
}

/// Takes the raw entries away, so that whatever is read afterwards was not read from them.
async fn forget_entries(till: &Till) {
    let forget =
        Statement::new(Sql::both("delete from entries where account_id = $1"), vec![till.account.to_string().into()]);
    till.database.write(vec![forget]).await.unwrap();
}

async fn assert_lawful(till: &Till) {
    let report = AuditReport::of(&till.database).await.unwrap();
    assert_eq!(report.faults, [], "{}", till.name);
    assert!(report.accounts > 0 && report.entries > 0);
}

#[tokio::test]
async fn the_same_request_twice_is_one_effect() {
    for till in tills().await {
        let order = || Order::new(till.account, "key-1", charge(3));
        let first = till.kernel.submit(order()).await.unwrap();
        let again = till.kernel.submit(order()).await.unwrap();
        assert!(!first.replayed && again.replayed, "{}", till.name);
        assert_eq!((first.transaction, first.available), (again.transaction, again.available));
        let other = till.kernel.submit(Order::new(till.account, "key-1", charge(4))).await;
        assert_eq!(other, Err(KernelError::IdempotencyConflict));
        assert_eq!(available(&till).await, (97, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_leaves_nothing_behind() {
    for till in tills().await {
        let refused = till.kernel.submit(Order::new(till.account, "big", charge(101))).await;
        let (required, available) = (Credits::new(101).unwrap(), Credits::new(100).unwrap());
        assert_eq!(refused, Err(KernelError::Refused(Refusal::InsufficientCredits { required, available })));
        let grant = Command::Grant {
            grant: till.kernel.next_grant(),
            credits: Credits::new(1).unwrap(),
            reason: "sorry".into(),
            expires_at: None,
        };
        till.kernel.submit(Order::new(till.account, "gift", grant)).await.unwrap();
        till.kernel.submit(Order::new(till.account, "big", charge(101))).await.unwrap();
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn many_at_once_never_spend_more_than_there_is() {
    for till in tills().await {
        let tasks: Vec<_> = (0..150)
            .map(|index| {
                let (kernel, account) = (till.kernel.clone(), till.account);
                tokio::spawn(async move { kernel.submit(Order::new(account, format!("k{index}"), charge(1))).await })
            })
            .collect();
        let mut paid = 0;
        for task in tasks {
            paid += i64::from(task.await.unwrap().is_ok());
        }
        assert_eq!((paid, available(&till).await), (100, (0, 0)), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_full_queue_says_so_and_loses_nothing_of_what_it_took() {
    const JOB: usize = 1_024;
    for till in tills().await {
        let grant = Command::Grant {
            grant: till.kernel.next_grant(),
            credits: Credits::new(10_000).unwrap(),
            reason: "to spend".into(),
            expires_at: None,
        };
        till.kernel.submit(Order::new(till.account, "much", grant)).await.unwrap();
        // The store stands still: SQLite's writer is taken, and on PostgreSQL the account's row.
        let mut stalled = till.database.begin().await.unwrap();
        let touch = Sql::both("update accounts set name = name where id = $1");
        stalled.execute(Statement::new(touch, vec![till.account.to_string().into()])).await.unwrap();
        let order = |index: usize| Order::new(till.account, format!("k{index}"), charge(1));
        let mut taken = Vec::new();
        for from in (0..QUEUE_MAX).step_by(JOB) {
            let orders = (from..from + JOB).map(order).collect();
            let mut job = Box::pin(till.kernel.submit_all(orders, Together::EachForItself));
            assert!(futures::poll!(&mut job).is_pending(), "{}: {from}", till.name);
            taken.push(job);
        }
        // Eight jobs are few, their orders are as many as may wait.
        assert_eq!(till.kernel.submit(order(QUEUE_MAX)).await, Err(KernelError::Busy), "{}", till.name);
        stalled.commit().await.unwrap();
        for job in taken {
            assert!(job.await.iter().all(Result::is_ok), "{}", till.name);
        }
        till.kernel.submit(order(QUEUE_MAX)).await.unwrap();
        let left = 10_100 - i64::try_from(QUEUE_MAX).unwrap() - 1;
        assert_eq!(available(&till).await, (left, 0), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn in_one_job_too_a_row_that_cannot_be_written_spoils_only_its_own_order() {
    for till in tills().await {
        let spoilt = Statement::new(Sql::both("insert into accounts (id) values ($1)"), vec!["x".into()]);
        let orders = |together: &str| -> Vec<Order> {
            let order = |index| Order::new(till.account, format!("{together}{index}"), charge(1));
            (0..9)
                .map(|index| if index == 4 { order(index).along(vec![spoilt.clone()]) } else { order(index) })
                .collect()
        };
        let outcomes = till.kernel.submit_all(orders("each"), Together::EachForItself).await;
        let failed: Vec<usize> = (0..9).filter(|index| outcomes[*index] == Err(KernelError::Unavailable)).collect();
        assert_eq!((failed, available(&till).await), (vec![4], (92, 0)), "{}", till.name);
        let outcomes = till.kernel.submit_all(orders("all"), Together::AllOrNone).await;
        assert!(outcomes.iter().all(Result::is_err), "{}: {outcomes:?}", till.name);
        assert_eq!(available(&till).await, (92, 0), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_written_along_spoils_only_its_own_order() {
    for till in tills().await {
        let spoilt = Statement::new(Sql::both("insert into accounts (id) values ($1)"), vec!["x".into()]);
        let tasks: Vec<_> = (0..20)
            .map(|index| {
                let mut order = Order::new(till.account, format!("k{index}"), charge(1));
                if index == 7 {
                    order = order.along(vec![spoilt.clone()]);
                }
                let kernel = till.kernel.clone();
                tokio::spawn(async move { (index, kernel.submit(order).await) })
            })
            .collect();
        for task in tasks {
            let (index, outcome) = task.await.unwrap();
            assert_eq!(outcome.is_ok(), index != 7, "{} {index}: {outcome:?}", till.name);
        }
        assert_eq!(available(&till).await, (81, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn metered_work_is_paid_when_captured_and_free_when_released_or_dropped() {
    for till in tills().await {
        let metered = till.kernel.meter(work(&till, "a")).await.unwrap();
        assert_eq!(available(&till).await, (90, 10));
        let busy = till.kernel.meter(work(&till, "a")).await.err();
        assert_eq!(busy, Some(KernelError::InProgress));
        let receipt = metered.capture("{}".into(), Vec::new()).await.unwrap();
        assert_eq!((receipt.amount.get(), receipt.available.get()), (10, 90));
        let metered = till.kernel.meter(work(&till, "b")).await.unwrap();
        metered.release("unknown", Vec::new()).await.unwrap();
        assert_eq!(available(&till).await, (90, 0));
        drop(till.kernel.meter(work(&till, "c")).await.unwrap());
        // The dropped hold's release waits in the queue before this order, and is done when it answers.
        tokio::task::yield_now().await;
        till.kernel.submit(Order::new(till.account, "after", charge(1))).await.unwrap();
        assert_eq!(available(&till).await, (89, 0), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn one_key_pays_for_one_thing_only() {
    for till in tills().await {
        till.kernel.submit(Order::new(till.account, "charged", charge(1))).await.unwrap();
        let metered = till.kernel.meter(work(&till, "charged")).await.err();
        assert_eq!(metered, Some(KernelError::IdempotencyConflict), "{}", till.name);
        till.kernel.meter(work(&till, "metered")).await.unwrap().capture("{}".into(), Vec::new()).await.unwrap();
        let charged = till.kernel.submit(Order::new(till.account, "metered", charge(1))).await;
        assert_eq!(charged, Err(KernelError::IdempotencyConflict));
        assert_eq!(available(&till).await, (89, 0));
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_held() {
    for till in tills().await {
        for number in 0..20 {
            let mut asking = Box::pin(till.kernel.meter(work(&till, &format!("gone-{number}"))));
            // Asked once, so that the hold is on its way; then the caller is gone, sooner or later.
            assert!(futures::poll!(&mut asking).is_pending());
            tokio::time::sleep(std::time::Duration::from_micros(200 * number)).await;
            drop(asking);
        }
        tokio::task::yield_now().await;
        till.kernel.submit(Order::new(till.account, "after", charge(1))).await.unwrap();
        assert_eq!(available(&till).await, (99, 0), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn an_audit_waits_for_nobody_and_holds_up_nobody() {
    for till in tills().await {
        let mut writing = till.database.begin().await.unwrap();
        let touch = Sql::both("update accounts set name = 'x' where id = $1");
        writing.execute(Statement::new(touch, vec![till.account.to_string().into()])).await.unwrap();
        assert_lawful(&till).await;
        writing.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_hold_that_nobody_settles_is_released_by_the_clock_and_its_work_can_be_tried_again() {
    for till in tills().await {
        let metered = till.kernel.meter(work(&till, "a")).await.unwrap();
        std::mem::forget(metered);
        till.clock.advance(61);
        assert_eq!(till.kernel.settle_due().await, Ok(1));
        assert_eq!(till.kernel.settle_due().await, Ok(0));
        assert_eq!(available(&till).await, (100, 0));
        let again = till.kernel.meter(work(&till, "a")).await.unwrap();
        again.capture("{}".into(), Vec::new()).await.unwrap();
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_purchase_is_granted_once_under_whatever_key() {
    for till in tills().await {
        let purchase = PurchaseId::from_ulid(ulid::Ulid::from_parts(1, 1));
        let buy = || Command::Purchase {
            grant: till.kernel.next_grant(),
            purchase,
            credits: Credits::new(100).unwrap(),
            paid: crate::ledger::Cents::new(1_000).unwrap(),
        };
        till.kernel.submit(Order::new(till.account, "purchase", buy())).await.unwrap();
        till.kernel.submit(Order::new(till.account, "spend", charge(200))).await.unwrap();
        let again = till.kernel.submit(Order::new(till.account, "purchase-again", buy())).await;
        assert_eq!(again, Err(KernelError::Refused(Refusal::AlreadyGranted)), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn two_servers_on_one_database_do_not_double_or_lose() {
    for till in tills().await {
        let prices = prices_from(PriceBook::STANDARD).unwrap();
        let other = Kernel::start(till.database.clone(), prices, till.clock.clone(), Arc::new(CountingIds::default()));
        let tasks: Vec<_> = (0..60)
            .map(|index| {
                let kernel = if index % 2 == 0 { till.kernel.clone() } else { other.clone() };
                // Each key is sent through both servers.
                let order = Order::new(till.account, format!("k{}", index / 2), charge(1));
                tokio::spawn(async move { kernel.submit(order).await })
            })
            .collect();
        let mut replays = 0;
        for task in tasks {
            replays += i64::from(task.await.unwrap().unwrap().replayed);
        }
        assert_eq!((replays, available(&till).await), (30, (70, 0)), "{}", till.name);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn the_usage_report_sums_by_operation_and_day() {
    for till in tills().await {
        till.kernel.submit(Order::new(till.account, "1", charge(3))).await.unwrap();
        till.clock.advance(86_400);
        till.kernel.submit(Order::new(till.account, "2", charge(4))).await.unwrap();
        let ghost =
            Command::Charge { operation: Operation::GhostIdentity, quantity: 1, at_most: None, metadata: "{}".into() };
        till.kernel.submit(Order::new(till.account, "3", ghost)).await.unwrap();
        let report = till.kernel.usage(till.account, 30).await.unwrap().unwrap();
        assert_eq!((report.total_credits_spent, report.transaction_count), (27, 3));
        let proofs = report.usage_by_operation[&Operation::ProofVerification];
        assert_eq!((proofs.charges, proofs.count, proofs.credits), (2, 7, 7));
        let days: Vec<(&str, i64)> = report.by_day.iter().map(|day| (day.day.as_str(), day.credits)).collect();
        assert_eq!(days, [("2026-01-01", 3), ("2026-01-02", 20), ("2026-01-02", 4)]);
        let today = till.kernel.usage(till.account, 1).await.unwrap().unwrap();
        assert_eq!((today.total_credits_spent, today.average_daily_hundredths), (24, 2_400));
        let nobody = AccountId::from_ulid(CountingIds::default().next(till.clock.now()));
        assert_eq!(till.kernel.usage(nobody, 30).await, Ok(None));
    }
}

#[tokio::test]
async fn both_stores_give_the_same_entries_and_hashes() {
    let mut heads = Vec::new();
    for till in tills().await {
        for index in 0..5 {
            till.kernel.submit(Order::new(till.account, format!("k{index}"), charge(index + 1))).await.unwrap();
        }
        let metered = till.kernel.meter(work(&till, "w")).await.unwrap();
        metered.capture("{\"a\":1}".into(), Vec::new()).await.unwrap();
        heads.push(till.kernel.entries(till.account, None, 100).await.unwrap());
    }
    assert_eq!(heads[0].len(), 8);
    assert_eq!(heads[0], heads[1]);
}

#[tokio::test]
async fn the_audit_names_a_changed_row_and_the_store_refuses_a_negative_balance() {
    for till in tills().await {
        till.kernel.submit(Order::new(till.account, "1", charge(3))).await.unwrap();
        let id = till.account.to_string();
        let negative = Sql::both("update accounts set available = -1, spent = 101 where id = $1");
        assert!(till.database.write(vec![Statement::new(negative, vec![id.clone().into()])]).await.is_err());
        let change = Sql::both("update entries set memo = 'x' where account_id = $1 and seq = 2");
        till.database.write(vec![Statement::new(change, vec![id.into()])]).await.unwrap();
        let report = AuditReport::of(&till.database).await.unwrap();
        assert!(report.faults.iter().any(|fault| fault.seq == 2 && fault.what.contains("sealed")), "{:?}", report);
    }
}
