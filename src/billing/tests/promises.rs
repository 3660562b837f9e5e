//! Quotes and budgets on both stores, with the clock moved by hand.

use super::*;
use crate::billing::{PricesNotKept, QuoteError, Quoted};
use crate::ledger::{BudgetName, KeyId, QuoteId};

const ORACLE: Operation = Operation::ConservationOracle;

/// A server on the same database whose price book asks so much for an oracle query.
fn server_asking(till: &Till, credits: i64) -> Kernel {
    let text = PriceBook::STANDARD
        .replace("conservation_oracle = 5", &format!("conservation_oracle = {credits}"))
        .replace("version = 1", "version = 2");
    let prices = prices_from(&text).unwrap();
    assert_eq!((prices.unit_price(ORACLE, Tier::Developer).get(), prices.version), (credits, 2));
    Kernel::start(till.database.clone(), prices, till.clock.clone(), Arc::new(CountingIds::default()))
}

fn asking<'a>(till: &Till, request: &'a str) -> Quoted<'a> {
    Quoted { account: till.account, operation: ORACLE, quantity: 2, request }
}

/// Charges two oracle queries under a quote.
async fn charge_under(till: &Till, kernel: &Kernel, quote: QuoteId, request: &str) -> Result<i64, QuoteError> {
    let at_most = Some(kernel.promised(quote, asking(till, request)).await?);
    let command = Command::Charge { operation: ORACLE, quantity: 2, at_most, metadata: "{}".into() };
    Ok(kernel.submit(Order::new(till.account, request, command)).await?.amount.get())
}

fn key(number: u128) -> KeyId {
    KeyId::from_ulid(ulid::Ulid::from_parts(1, number))
}

fn set_key(key: KeyId, month: i64) -> Command {
    Command::SetKeyBudget { key, month: Credits::new(month), used: Credits::ZERO }
}

#[tokio::test]
async fn a_quote_caps_the_charge_when_prices_rise_and_gives_way_when_they_fall() {
    for till in tills().await {
        let (quote, replayed) = till.kernel.quote(till.account, ORACLE, 2, "quote").await.unwrap();
        assert_eq!((quote.credits.get(), quote.unit_price.get(), replayed), (10, 5, false), "{}", till.name);
        let dear = server_asking(&till, 9);
        assert_eq!(charge_under(&till, &dear, quote.id, "dear").await, Ok(10));
        assert_eq!(charge_under(&till, &server_asking(&till, 2), quote.id, "cheap").await, Ok(4));
        let without = Command::Charge { operation: ORACLE, quantity: 2, at_most: None, metadata: "{}".into() };
        assert_eq!(dear.submit(Order::new(till.account, "without", without)).await.unwrap().amount.get(), 18);
        // The tier changes the price as the price book does.
        let tier = |tier| Order::new(till.account, format!("{tier:?}"), Command::SetTier { tier });
        till.kernel.submit(tier(Tier::Enterprise)).await.unwrap();
        assert_eq!(charge_under(&till, &till.kernel, quote.id, "enterprise").await, Ok(6));
        let (quote, _) = till.kernel.quote(till.account, ORACLE, 2, "quote-2").await.unwrap();
        till.kernel.submit(tier(Tier::Developer)).await.unwrap();
        assert_eq!(charge_under(&till, &till.kernel, quote.id, "developer").await, Ok(6));
        assert_lawful(&till).await;
    }
}

/// The versions of the price book that the entries of a request name.
async fn books(till: &Till, request: &str) -> Vec<u32> {
    let entries = till.kernel.entries(till.account, None, 100).await.unwrap();
    entries.iter().rev().filter(|entry| entry.request == request).map(|entry| entry.price_book).collect()
}

#[tokio::test]
async fn every_entry_names_the_price_book_that_priced_it() {
    for till in tills().await {
        let (quote, _) = till.kernel.quote(till.account, ORACLE, 2, "quote").await.unwrap();
        let (dear, cheap) = (server_asking(&till, 9), server_asking(&till, 2));
        charge_under(&till, &dear, quote.id, "dear").await.unwrap();
        charge_under(&till, &cheap, quote.id, "cheap").await.unwrap();
        // A promise that was kept is priced by the book that promised, a lower price by the one in force.
        assert_eq!((books(&till, "dear").await, books(&till, "cheap").await), (vec![1], vec![2]), "{}", till.name);
        let charged = till.kernel.submit(Order::new(till.account, "before", charge(3))).await.unwrap();
        let expires_at = till.clock.now().plus_days(1);
        let hold = |hold, at_most| {
            let metadata = "{}".to_owned();
            Command::Hold { hold, operation: ORACLE, quantity: 2, at_most, expires_at, metadata }
        };
        let (held, lapsing) = (till.kernel.next_hold(), till.kernel.next_hold());
        till.kernel.submit(Order::new(till.account, "hold", hold(held, None))).await.unwrap();
        let at_most = Some(dear.promised(quote.id, asking(&till, "lapsing")).await.unwrap());
        dear.submit(Order::new(till.account, "lapsing", hold(lapsing, at_most))).await.unwrap();
        assert_eq!((books(&till, "hold").await, books(&till, "lapsing").await), (vec![1], vec![1]));
        let capture = Command::Capture { hold: held, amount: Credits::new(6), metadata: "{}".into() };
        dear.submit(Order::new(till.account, "capture", capture)).await.unwrap();
        let refund =
            Command::Refund { charge: charged.transaction.unwrap(), credits: Credits::new(1), reason: "sorry".into() };
        dear.submit(Order::new(till.account, "refund", refund)).await.unwrap();
        // What is captured, what goes back of it, and what is refunded was priced when it was held or charged.
        assert_eq!((books(&till, "capture").await, books(&till, "refund").await), (vec![1, 1], vec![1]));
        till.clock.advance(2 * 86_400);
        assert_eq!(dear.settle_due().await, Ok(1));
        assert_eq!(books(&till, "clock").await, [1]);
        dear.submit(Order::new(till.account, "after", charge(1))).await.unwrap();
        assert_eq!(books(&till, "after").await, [2]);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_price_book_that_was_in_force_can_always_be_read_and_never_means_other_prices() {
    for till in tills().await {
        let (dear, cheap) = (server_asking(&till, 9), server_asking(&till, 2));
        till.kernel.keep_prices().await.unwrap();
        assert_eq!(dear.price_book_of(1).await, Ok(Some(till.kernel.price_book().clone())), "{}", till.name);
        assert_eq!(till.kernel.price_book_of(2).await, Ok(None));
        dear.keep_prices().await.unwrap();
        dear.keep_prices().await.unwrap();
        assert_eq!(till.kernel.price_book_of(2).await, Ok(Some(dear.price_book().clone())));
        assert_eq!(cheap.keep_prices().await, Err(PricesNotKept::Changed { version: 2 }));
    }
}

#[tokio::test]
async fn an_expired_quote_promises_nothing_but_to_the_retry_of_what_was_done_under_it() {
    for till in tills().await {
        let (quote, _) = till.kernel.quote(till.account, ORACLE, 2, "quote").await.unwrap();
        till.clock.advance(899);
        assert_eq!(charge_under(&till, &till.kernel, quote.id, "in-time").await, Ok(10), "{}", till.name);
        till.clock.advance(1);
        assert_eq!(charge_under(&till, &till.kernel, quote.id, "late").await, Err(QuoteError::Expired));
        assert_eq!(charge_under(&till, &server_asking(&till, 9), quote.id, "in-time").await, Ok(10));
        assert_eq!(available(&till).await, (90, 0));
        // The same request is still the same quote, and is forgotten only long after.
        assert_eq!(till.kernel.quote(till.account, ORACLE, 2, "quote").await.unwrap(), (quote.clone(), true));
        till.clock.advance(31 * 86_400);
        till.kernel.quote(till.account, ORACLE, 1, "another").await.unwrap();
        assert_eq!(till.kernel.promised(quote.id, asking(&till, "in-time")).await, Err(QuoteError::NotFound));
    }
}

#[tokio::test]
async fn a_quote_is_for_one_account_and_one_piece_of_work() {
    for till in tills().await {
        let (quote, _) = till.kernel.quote(till.account, ORACLE, 2, "quote").await.unwrap();
        let new = NewAccount { name: "Other".into(), tier: Tier::Developer, free: Credits::ZERO };
        let other = till.kernel.open(new, "other", None).await.unwrap().account;
        let foreign = Quoted { account: other, ..asking(&till, "x") };
        assert_eq!(till.kernel.promised(quote.id, foreign).await, Err(QuoteError::NotFound), "{}", till.name);
        let more = Quoted { quantity: 3, ..asking(&till, "x") };
        let mismatch = QuoteError::ForSomethingElse { operation: ORACLE, quantity: 2 };
        assert_eq!(till.kernel.promised(quote.id, more).await, Err(mismatch));
        let again = till.kernel.quote(till.account, ORACLE, 3, "quote").await;
        assert_eq!(again, Err(KernelError::IdempotencyConflict));
        let many = till.kernel.quote(till.account, ORACLE, 0, "none").await;
        assert_eq!(many, Err(KernelError::Refused(Refusal::QuantityOutOfRange { quantity: 0 })));
    }
}

#[tokio::test]
async fn a_keys_first_budget_counts_this_month_and_what_it_holds_and_no_earlier_month() {
    for till in tills().await {
        let by = |request: &str, command| Order::new(till.account, request, command).with_key(Some(key(1)));
        till.kernel.submit(by("december", charge(7))).await.unwrap();
        till.clock.advance(31 * 86_400);
        till.kernel.submit(by("january", charge(20))).await.unwrap();
        till.kernel.meter(Work { key: Some(key(1)), ..work(&till, "held") }).await.map(std::mem::forget).unwrap();
        till.kernel.submit(Order::new(till.account, "by nobody", charge(5))).await.unwrap();
        till.kernel.submit(Order::new(till.account, "budget", set_key(key(1), 35))).await.unwrap();
        let report = till.kernel.budgets(till.account).await.unwrap().unwrap();
        let (limited, month) = report.keys[0];
        let figures = (month.limit.map(Credits::get), month.used.get());
        assert_eq!((limited, figures), (key(1), (Some(35), 30)), "{}", till.name);
        let refused = till.kernel.submit(by("too much", charge(6))).await;
        let [limit, used, required] = [35, 30, 6].map(|amount| Credits::new(amount).unwrap());
        let exceeded = Refusal::BudgetExceeded { budget: BudgetName::KeyMonth, limit, used, required };
        assert_eq!(refused, Err(KernelError::Refused(exceeded)));
        till.kernel.submit(by("enough", charge(5))).await.unwrap();
        // Set again, it goes on counting where it was; the hold that runs out comes off.
        till.clock.advance(61);
        till.kernel.settle_due().await.unwrap();
        till.kernel.submit(Order::new(till.account, "budget again", set_key(key(1), 26))).await.unwrap();
        let report = till.kernel.budgets(till.account).await.unwrap().unwrap();
        assert_eq!(report.keys[0].1.used.get(), 25);
        till.clock.advance(31 * 86_400);
        assert_eq!(till.kernel.budgets(till.account).await.unwrap().unwrap().keys[0].1.used.get(), 0);
        till.kernel.submit(by("a new month", charge(26))).await.unwrap();
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn budgets_say_when_their_windows_end() {
    for till in tills().await {
        till.clock.advance(30 * 86_400 + 3_600);
        till.kernel.submit(Order::new(till.account, "spend", charge(3))).await.unwrap();
        let report = till.kernel.budgets(till.account).await.unwrap().unwrap();
        let ends = [report.day.ends_at, report.month.ends_at].map(|at| at.millis());
        // The 31st of January 2026: day and month end at the same midnight.
        assert_eq!(ends, [1_767_225_600_000 + 31 * 86_400_000; 2], "{}", till.name);
        assert_eq!((report.day.used.get(), report.month.used.get(), report.day.limit), (3, 3, None));
        till.clock.advance(86_400);
        let report = till.kernel.budgets(till.account).await.unwrap().unwrap();
        assert_eq!((report.day.used.get(), report.month.used.get()), (0, 0));
        let nobody = AccountId::from_ulid(ulid::Ulid::from_parts(9, 9));
        assert_eq!(till.kernel.budgets(nobody).await, Ok(None));
    }
}

#[tokio::test]
async fn two_servers_together_never_pass_a_budget() {
    for till in tills().await {
        let command = Command::SetBudgets { day: Credits::new(30), month: None };
        till.kernel.submit(Order::new(till.account, "budget", command)).await.unwrap();
        let other = server_asking(&till, 5);
        let tasks: Vec<_> = (0..50)
            .map(|index| {
                let kernel = if index % 2 == 0 { till.kernel.clone() } else { other.clone() };
                let order = Order::new(till.account, format!("k{index}"), charge(1));
                tokio::spawn(async move { kernel.submit(order).await })
            })
            .collect();
        let mut paid = 0;
        for task in tasks {
            paid += i64::from(task.await.unwrap().is_ok());
        }
        assert_eq!((paid, available(&till).await), (30, (70, 0)), "{}", till.name);
        assert_lawful(&till).await;
    }
}
