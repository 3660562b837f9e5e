//! Batches by example, by chance, and before the till.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::billing::store::testing::databases;
use crate::billing::{Kernel, KernelError, NewAccount, Order};
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Clock, Command, Credits, IdSource, Refusal, Tier};

fn example(slug: &str) -> NewBatch {
    let example = batch_examples().iter().find(|example| example.slug == slug).expect("the example");
    NewBatch {
        atomic: example.atomic,
        balances_csv: Some(example.balances.to_owned()),
        transactions_csv: Some(example.transactions.to_owned()),
        ..NewBatch::default()
    }
}

fn report(batch: NewBatch) -> BatchReport {
    verify(&batch.read().expect("readable")).expect("both orders agree")
}

fn transaction(id: &str, from: &str, to: &str, amount: &str) -> NewTransaction {
    let account = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    NewTransaction {
        id: id.into(),
        from: account(from),
        to: account(to),
        asset: "EUR".into(),
        amount: amount.parse().expect("an amount"),
        guard: None,
    }
}

fn problems(batch: NewBatch) -> Vec<String> {
    let problems = batch.read().expect_err("unreadable");
    problems.into_iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect()
}

#[test]
fn every_example_comes_to_what_it_promises() {
    for example in batch_examples() {
        let report = report(self::example(example.slug));
        let verdict = crate::billing::Outcome::verdict(&report);
        assert_eq!((verdict, report.schedule.depth), (example.verdict, example.depth), "{}: {report:?}", example.slug);
        assert!(report.totals.iter().all(|total| total.conserved), "{}", example.slug);
    }
}

#[test]
fn a_refusal_says_why_in_numbers() {
    let report = report(example("short-of-funds"));
    let verdicts: Vec<_> = report.transactions.iter().map(|one| one.verdict).collect();
    let (applied, refused) = (TransactionVerdict::Applied, TransactionVerdict::Refused);
    assert_eq!(verdicts, [applied, refused, refused]);
    let reasons: Vec<_> =
        report.transactions.iter().filter_map(|one| one.reason.as_ref().map(Reason::sentence)).collect();
    assert_eq!(reasons, ["ada has 5 and 12.5 is needed", "shop has 0 and 5 is needed"]);
    assert_eq!((report.applied, report.refused), (1, 2));
}

#[test]
fn one_refusal_undoes_an_atomic_batch() {
    let report = report(example("all-or-none"));
    let verdicts: Vec<_> = report.transactions.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [TransactionVerdict::Undone, TransactionVerdict::Undone, TransactionVerdict::Refused]);
    assert!(report.balances.iter().all(|balance| balance.opening == balance.closing));
    assert_eq!(report.transactions[2].reason, Some(Reason::Guard { guard: "from_balance - amount >= 100".into() }));
}

#[test]
fn what_enters_and_leaves_is_told_by_asset() {
    let report = report(example("mint-and-burn"));
    let total = &report.totals[0];
    let told = [&total.opening, &total.entered, &total.left, &total.closing].map(ToString::to_string);
    assert_eq!(told, ["900", "100", "250", "750"]);
}

#[test]
fn a_thousand_fit_and_one_more_does_not() {
    let many = |count: usize| NewBatch {
        transactions: (0..count).map(|n| transaction(&format!("t{n}"), "", &format!("a{n}"), "1")).collect(),
        ..NewBatch::default()
    };
    let report = report(many(TRANSACTIONS_MAX));
    assert_eq!((report.applied, report.schedule.depth, report.schedule.width), (1_000, 1, 1_000));
    assert_eq!(
        problems(many(TRANSACTIONS_MAX + 1)),
        ["transactions: a batch has at most 1,000 transactions, and these are 1001"]
    );
}

#[test]
fn all_that_is_wrong_is_told_with_its_place() {
    let mut batch = NewBatch {
        transactions: vec![
            transaction("t", "a", "a", "1"),
            transaction("t", "", "", "1"),
            transaction(" u", "a", "b", "-1"),
            NewTransaction { guard: Some("to_balance > && x".into()), ..transaction("v", "a", "b", "1") },
            NewTransaction { guard: Some("to_balance > x".into()), ..transaction("w", "a", "", "1") },
            NewTransaction { guard: Some("amount + 1".into()), ..transaction("x", "a", "b", "1") },
        ],
        ..NewBatch::default()
    };
    let told = problems(batch.clone());
    for part in [
        "transactions[0]: from and to are the same account",
        "transactions[1]: say from, to or both",
        "transactions[1].id: t stands twice",
        "transactions[2].id: write 1 to 100 characters without spaces around them",
        "transactions[2].amount: an amount is more than zero",
        "transactions[3].guard: ",
        "transactions[4].guard: the transaction has no account for to_balance",
        "transactions[5].guard: ",
        "transactions[4].guard: a guard speaks of amount, from_balance, to_balance, not of x",
    ] {
        assert!(told.iter().any(|line| line.starts_with(part)), "{part} in {told:#?}");
    }
    batch.transactions.clear();
    assert_eq!(problems(batch), ["transactions: a batch has at least one transaction"]);
}

/// Each guard has its own share of steps: a heavy one refuses its own transaction and takes nothing from the next.
#[test]
fn a_guard_that_takes_too_many_steps_refuses_its_transaction_alone() {
    let guarded = |id: &str, guard: &str| NewTransaction {
        guard: Some(guard.into()),
        ..transaction(id, "", id, "123456789012345678")
    };
    let report = report(NewBatch {
        transactions: vec![
            guarded("light", "amount > 1"),
            guarded("heavy", "(amount ** 64) ** 8 > 1"),
            guarded("last", "amount ** 5 > 1"),
        ],
        ..NewBatch::default()
    });
    let verdicts: Vec<_> = report.transactions.iter().map(|one| one.verdict).collect();
    let (applied, refused) = (TransactionVerdict::Applied, TransactionVerdict::Refused);
    assert_eq!(verdicts, [applied, refused, applied]);
    let reason = &report.transactions[1].reason;
    assert!(matches!(reason, Some(Reason::GuardFault { .. })), "{reason:?}");
}

#[test]
fn a_table_that_cannot_be_read_names_its_line() {
    let table = |text: &str| NewBatch { transactions_csv: Some(text.into()), ..NewBatch::default() };
    assert_eq!(
        problems(table("id,from,to,asset\n")),
        ["transactions_csv: the first line names the columns, and amount is not among them"]
    );
    let told = problems(table("id,from,to,asset,amount\na,x,y,EUR,1\nb,x,y,EUR,1e3\nc,x,y,EUR\n,x,y,EUR,1\n"));
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].starts_with("transactions_csv line 3: amount: write a decimal number"), "{told:#?}");
    assert!(told[1].starts_with("transactions_csv line 4: the row has another number of columns"), "{told:#?}");
    assert_eq!(told[2], "transactions_csv line 5: id is empty");
}

proptest! {
    /// The serial order, told once more in whole numbers and without any of the above.
    #[test]
    fn random_batches_agree_with_a_plain_reckoning(
        opening in proptest::collection::vec(0_i64..50, 5),
        moves in proptest::collection::vec((0_usize..6, 0_usize..6, 1_i64..30), 1..60),
    ) {
        let name = |index: usize| if index == 5 { String::new() } else { format!("a{index}") };
        let moves: Vec<_> = moves.into_iter().filter(|(from, to, _)| from != to).collect();
        prop_assume!(!moves.is_empty());
        let batch = NewBatch {
            balances: opening.iter().enumerate().map(|(index, amount)| NewOpening {
                account: name(index), asset: "EUR".into(), amount: amount.to_string().parse().expect("an amount"),
            }).collect(),
            transactions: moves.iter().enumerate().map(|(index, (from, to, amount))| {
                transaction(&format!("t{index}"), &name(*from), &name(*to), &amount.to_string())
            }).collect(),
            ..NewBatch::default()
        };
        let mut plain: BTreeMap<usize, i64> = opening.into_iter().enumerate().collect();
        let mut expected = Vec::new();
        for (from, to, amount) in &moves {
            let covered = *from == 5 || plain[from] >= *amount;
            if covered {
                plain.entry(*from).and_modify(|balance| *balance -= amount);
                plain.entry(*to).and_modify(|balance| *balance += amount);
            }
            expected.push(covered);
        }
        let report = report(batch);
        let applied: Vec<bool> = report.transactions.iter().map(|one| one.verdict == TransactionVerdict::Applied).collect();
        prop_assert_eq!(applied, expected);
        for balance in &report.balances {
            let index: usize = balance.account[1..].parse().expect("a number");
            prop_assert_eq!(balance.closing.to_string(), plain[&index].to_string());
        }
        prop_assert!(report.totals.iter().all(|total| total.conserved));
        // No two of a layer meet, and each comes after what it waits for.
        let layer: BTreeMap<&str, usize> = report.transactions.iter().map(|one| (one.id.as_str(), one.layer)).collect();
        for one in &report.transactions {
            prop_assert!(one.waits_for.iter().all(|earlier| layer[earlier.as_str()] < one.layer));
        }
    }

    #[test]
    fn no_table_brings_the_reader_down(text in ".{0,200}", lines in proptest::collection::vec("[a-z,\"\n0-9.]{0,30}", 0..10)) {
        let table = format!("id,from,to,asset,amount,guard\n{}\n{text}", lines.join("\n"));
        let _told = NewBatch { transactions_csv: Some(table), ..NewBatch::default() }.read();
    }
}

struct Counter {
    name: &'static str,
    batches: Batches,
    kernel: Kernel,
    account: AccountId,
}

async fn counters() -> Vec<Counter> {
    let mut counters = Vec::new();
    for (name, database) in databases().await {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let kernel = Kernel::start(database.clone(), price_book(), Arc::clone(&clock), Arc::clone(&ids));
        let new = NewAccount::by_operator("Batches".into(), Tier::Developer);
        let account = kernel.open(new, "open", None).await.expect("opened").account;
        counters.push(Counter { name, batches: Batches::new(database, kernel.clone(), clock, ids), kernel, account });
    }
    counters
}

impl Counter {
    async fn give(&self, credits: i64) {
        let grant = Command::Grant {
            grant: self.kernel.next_grant(),
            credits: Credits::new(credits).expect("small"),
            reason: "tests".into(),
            expires_at: None,
        };
        self.kernel.submit(Order::new(self.account, "gift", grant)).await.expect("given");
    }

    async fn available(&self) -> i64 {
        self.kernel.account(self.account).await.expect("reachable").expect("there").available.get()
    }
}

#[tokio::test]
async fn a_batch_is_charged_once_kept_and_answered_again() {
    for counter in counters().await {
        counter.give(1_200).await;
        let ask = |key: &'static str| counter.batches.verify(counter.account, None, example("payroll"), key, None);
        let first = ask("one").await.expect("verified");
        assert_eq!((first.charged.get(), first.balance.get(), first.replayed), (500, 700, false), "{}", counter.name);
        assert!(first.paid.is_some());
        let again = ask("one").await.expect("the same again");
        assert_eq!((again.id.clone(), again.replayed, counter.available().await), (first.id.clone(), true, 700));
        let other = counter.batches.verify(counter.account, None, example("settlement"), "one", None).await;
        assert_eq!(other.err(), Some(BatchError::Kernel(KernelError::IdempotencyConflict)));
        let id = first.id.parse().expect("a batch's id");
        let kept = counter.batches.batch(counter.account, id).await.expect("reachable").expect("kept");
        assert_eq!((kept.answer, kept.paid), (first.answer, first.paid));
        ask("two").await.expect("a new one");
        let listed = counter.batches.list(counter.account, None, 10).await.expect("listed");
        assert_eq!(listed.len(), 2);
        let older = counter.batches.list(counter.account, Some(listed[0].id.parse().expect("an id")), 10).await;
        assert_eq!(older.expect("listed").iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [first.id]);
    }
}

#[tokio::test]
async fn what_cannot_be_read_or_paid_costs_nothing() {
    for counter in counters().await {
        counter.give(499).await;
        let poor = counter.batches.verify(counter.account, None, example("payroll"), "poor", None).await;
        assert!(matches!(poor, Err(BatchError::Kernel(KernelError::Refused(Refusal::InsufficientCredits { .. })))));
        let unreadable = counter.batches.verify(counter.account, None, NewBatch::default(), "none", None).await;
        assert!(matches!(unreadable, Err(BatchError::Unreadable(_))), "{}", counter.name);
        assert_eq!(counter.available().await, 499);
    }
}
