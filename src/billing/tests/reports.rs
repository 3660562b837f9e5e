//! Reports on both stores: usage in the viewer's zone, balances of the past, grants, forecasts, exports.

use super::*;
use crate::billing::{KeyFilter, KeyUsage, UsageQuery, UsageReport, Zone};
use crate::ledger::{KeyId, Timestamp};

fn moment(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Moves the clock on to a moment.
fn wait_until(till: &Till, text: &str) {
    till.clock.advance((moment(text).millis() - till.kernel.now().millis()) / 1_000);
}

async fn spend(till: &Till, request: &str, quantity: i64) -> crate::ledger::TransactionId {
    till.kernel.submit(Order::new(till.account, request, charge(quantity))).await.unwrap().transaction.unwrap()
}

async fn refund(till: &Till, request: &str, charge: crate::ledger::TransactionId, credits: i64) {
    let command = Command::Refund { charge, credits: Credits::new(credits), reason: "sorry".into() };
    till.kernel.submit(Order::new(till.account, request, command)).await.unwrap();
}

async fn gift(till: &Till, credits: i64, expires_at: Option<Timestamp>) {
    let grant = till.kernel.next_grant();
    let command = Command::Grant { grant, credits: Credits::new(credits).unwrap(), reason: "gift".into(), expires_at };
    till.kernel.submit(Order::new(till.account, grant.to_string(), command)).await.unwrap();
}

async fn report(till: &Till, zone: &str, days: i64) -> UsageReport {
    let query = UsageQuery { zone: zone.parse().unwrap(), ..UsageQuery::last(days) };
    till.kernel.usage_report(till.account, &query).await.unwrap().unwrap()
}

fn days(report: &UsageReport) -> Vec<(&str, i64)> {
    report.by_day.iter().map(|day| (day.day.as_str(), day.credits)).collect()
}

#[tokio::test]
async fn a_day_is_the_viewers_day_however_long_it_is() {
    for till in tills().await {
        // Each instant with its day in Berlin, New York, Kathmandu and on Lord Howe.
        for (place, at) in [
            "2026-03-28T22:59:59Z", // the last second of the 28th in Berlin
            "2026-03-28T23:00:00Z", // the first of the 29th, which has 23 hours
            "2026-03-29T21:59:59Z", // the last of the 29th
            "2026-03-29T22:00:00Z", // the first of the 30th
        ]
        .into_iter()
        .enumerate()
        {
            wait_until(&till, at);
            spend(&till, &format!("spring-{place}"), 1 << place).await;
        }
        let berlin = report(&till, "Europe/Berlin", 3).await;
        assert_eq!(days(&berlin), [("2026-03-28", 1), ("2026-03-29", 2 + 4), ("2026-03-30", 8)], "{}", till.name);
        assert_eq!(days(&report(&till, "UTC", 3).await), [("2026-03-28", 1 + 2), ("2026-03-29", 4 + 8)]);
        // In Kathmandu, 5:45 ahead, the 29th begins at 18:15 the day before.
        let kathmandu = report(&till, "Asia/Kathmandu", 2).await;
        assert_eq!(days(&kathmandu), [("2026-03-29", 1 + 2), ("2026-03-30", 4 + 8)]);
        assert_eq!(days(&report(&till, "America/New_York", 2).await), [("2026-03-28", 1 + 2), ("2026-03-29", 4 + 8)]);
        for (place, at) in [
            "2026-10-24T21:59:59Z", // the last second of the 24th in Berlin
            "2026-10-24T22:00:00Z", // the first of the 25th, which has 25 hours
            "2026-10-25T22:59:59Z", // the last of the 25th
            "2026-10-25T23:00:00Z", // the first of the 26th
        ]
        .into_iter()
        .enumerate()
        {
            wait_until(&till, at);
            spend(&till, &format!("autumn-{place}"), 1 << place).await;
        }
        let berlin = report(&till, "Europe/Berlin", 3).await;
        assert_eq!(days(&berlin), [("2026-10-24", 1), ("2026-10-25", 2 + 4), ("2026-10-26", 8)], "{}", till.name);
        assert_eq!((berlin.first_day.as_str(), berlin.zone.as_str()), ("2026-10-24", "Europe/Berlin"));
    }
}

#[tokio::test]
async fn half_an_hour_of_daylight_saving_moves_the_day_by_half_an_hour() {
    for till in tills().await {
        // Lord Howe: the 4th of October begins at 13:30 UTC and ends at 13:00.
        for (place, at) in
            ["2026-10-03T13:29:59Z", "2026-10-03T13:30:00Z", "2026-10-04T12:59:59Z", "2026-10-04T13:00:00Z"]
                .into_iter()
                .enumerate()
        {
            wait_until(&till, at);
            spend(&till, &format!("k{place}"), 1 << place).await;
        }
        let howe = report(&till, "Australia/Lord_Howe", 3).await;
        assert_eq!(days(&howe), [("2026-10-03", 1), ("2026-10-04", 2 + 4), ("2026-10-05", 8)], "{}", till.name);
    }
}

#[tokio::test]
async fn usage_is_told_by_key_and_operation_and_filtered_by_them() {
    for till in tills().await {
        let key = KeyId::from_ulid(ulid::Ulid::from_parts(1, 7));
        spend(&till, "person", 3).await;
        for (request, quantity) in [("a", 4), ("b", 5)] {
            let order = Order::new(till.account, request, charge(quantity)).with_key(Some(key));
            till.kernel.submit(order).await.unwrap();
        }
        till.kernel.meter(work(&till, "oracle")).await.unwrap().capture("{}".into(), Vec::new()).await.unwrap();
        let whole = report(&till, "UTC", 1).await;
        let row = |operation, key, charges, count, credits| KeyUsage {
            day: "2026-01-01".into(),
            operation,
            key,
            charges,
            count,
            credits,
        };
        let (oracle, proof) = (Operation::ConservationOracle, Operation::ProofVerification);
        let expected = [row(oracle, None, 1, 2, 10), row(proof, None, 1, 3, 3), row(proof, Some(key), 2, 9, 9)];
        assert_eq!(whole.by_key, expected, "{}", till.name);
        assert_eq!(days(&whole), [("2026-01-01", 10), ("2026-01-01", 12)], "keys are added up");
        assert_eq!((whole.total_credits_spent, whole.transaction_count), (22, 4));
        for (operation, key, credits) in [
            (Some(oracle), KeyFilter::Any, 10),
            (None, KeyFilter::NoKey, 13),
            (None, KeyFilter::Key(key), 9),
            (Some(oracle), KeyFilter::Key(key), 0),
        ] {
            let query = UsageQuery { operation, key, ..UsageQuery::last(1) };
            let report = till.kernel.usage_report(till.account, &query).await.unwrap().unwrap();
            assert_eq!(report.total_credits_spent, credits, "{query:?}");
        }
    }
}

#[tokio::test]
async fn a_refund_is_taken_off_the_day_it_is_given_on() {
    for till in tills().await {
        let charged = spend(&till, "1", 10).await;
        till.clock.advance(86_400);
        refund(&till, "back", charged, 4).await;
        let whole = report(&till, "UTC", 2).await;
        assert_eq!(days(&whole), [("2026-01-01", 10), ("2026-01-02", -4)], "{}", till.name);
        assert_eq!((whole.total_credits_spent, whole.by_key[1].count, whole.transaction_count), (6, -4, 1));
        let today = report(&till, "UTC", 1).await;
        assert_eq!((today.total_credits_spent, today.average_daily_hundredths), (-4, -400));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn reports_never_read_raw_entries() {
    for till in tills().await {
        spend(&till, "1", 10).await;
        let before = report(&till, "Asia/Kathmandu", 30).await;
        let forecast = till.kernel.forecast(till.account).await.unwrap();
        forget_entries(&till).await;
        assert_eq!(report(&till, "Asia/Kathmandu", 30).await, before, "{}", till.name);
        assert_eq!(till.kernel.forecast(till.account).await.unwrap(), forecast);
    }
}

#[tokio::test]
async fn the_pages_of_usage_are_the_report() {
    for till in tills().await {
        for day in 0..70 {
            spend(&till, &format!("k{day}"), 1).await;
            till.clock.advance(86_400);
        }
        let query = UsageQuery { zone: "Europe/Berlin".parse::<Zone>().unwrap(), ..UsageQuery::last(366) };
        let report = till.kernel.usage_report(till.account, &query).await.unwrap().unwrap();
        let (mut pages, mut rows, mut count) = (till.kernel.usage_pages(till.account, query), Vec::new(), 0);
        while let Some(page) = pages.next().await.unwrap() {
            rows.extend(page);
            count += 1;
        }
        assert_eq!((rows.len(), count), (70, 12), "{}", till.name);
        assert_eq!(rows, report.by_key);
    }
}

#[tokio::test]
async fn the_balance_of_any_instant_is_that_of_the_last_entry_before_it() {
    for till in tills().await {
        let opened = till.kernel.now();
        till.clock.advance(10);
        spend(&till, "1", 30).await;
        spend(&till, "2", 5).await;
        let spent = till.kernel.now();
        till.clock.advance(10);
        spend(&till, "3", 1).await;
        let entries = till.kernel.entries(till.account, None, 10).await.unwrap();
        let at = async |moment| till.kernel.balance_at(till.account, moment).await.unwrap().unwrap();
        let before = at(Timestamp::from_millis(opened.millis() - 1)).await;
        assert_eq!((before.balance.get(), before.seq, before.hash.to_string()), (0, 0, "0".repeat(64)));
        for (moment, balance, seq) in [
            (opened, 100, 1),
            (Timestamp::from_millis(spent.millis() - 1), 100, 1),
            // Two entries of one millisecond: the later one counts.
            (spent, 65, 3),
            (spent.plus_seconds(5), 65, 3),
            (spent.plus_days(4_000), 64, 4),
        ] {
            let found = at(moment).await;
            assert_eq!((found.balance.get(), found.seq), (balance, seq), "{} {moment:?}", till.name);
            assert!(entries.iter().any(|entry| entry.seq == seq && entry.hash == found.hash));
        }
        let nobody = AccountId::from_ulid(CountingIds::default().next(till.clock.now()));
        assert_eq!(till.kernel.balance_at(nobody, spent).await, Ok(None));
    }
}

#[tokio::test]
async fn grants_come_newest_first_by_cursor_and_say_when_they_are_spent() {
    for till in tills().await {
        let now = till.kernel.now();
        gift(&till, 10, Some(now.plus_days(9))).await;
        till.clock.advance(1);
        gift(&till, 20, Some(now.plus_days(3))).await;
        gift(&till, 30, None).await;
        // Eats the 20 that expire first, and one of the 10.
        spend(&till, "1", 21).await;
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = till.kernel.grants(till.account, before, 2).await.unwrap().unwrap();
            assert!(page.grants.len() <= 2);
            seen.extend(
                page.grants
                    .iter()
                    .map(|ranked| (ranked.grant.size.get(), ranked.grant.remaining.get(), ranked.spending_rank)),
            );
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        let expected = [(30, 30, Some(3)), (20, 0, None), (10, 9, Some(1)), (100, 100, Some(2))];
        assert_eq!(seen, expected, "{}", till.name);
        let order = till.kernel.grants_to_spend(till.account).await.unwrap();
        assert_eq!(order.iter().map(|grant| grant.size.get()).collect::<Vec<_>>(), [10, 100, 30]);
        // Its time is over, whether or not that was posted: nobody will spend it.
        till.clock.advance(10 * 86_400);
        let page = till.kernel.grants(till.account, None, 10).await.unwrap().unwrap();
        assert_eq!(page.grants[2].spending_rank, None);
        let stranger = crate::ledger::GrantId::from_ulid(ulid::Ulid::from_parts(1, 1));
        assert_eq!(till.kernel.grants(till.account, Some(stranger), 10).await, Ok(None), "a cursor of nobody's");
    }
}

#[tokio::test]
async fn a_forecast_goes_by_the_last_seven_full_days_and_the_real_grants() {
    for till in tills().await {
        let start = till.kernel.now();
        // 2 a day for seven days, and a burst today that does not count yet.
        for day in 0..7 {
            spend(&till, &format!("k{day}"), 2).await;
            till.clock.advance(86_400);
        }
        spend(&till, "today", 50).await;
        gift(&till, 20, Some(start.plus_days(7 + 4))).await;
        let told = till.kernel.forecast(till.account).await.unwrap().unwrap();
        assert_eq!((told.spent_week, told.daily_hundredths), (14, 200), "{}", till.name);
        let lost: Vec<_> = told.forecast.lost.iter().map(|loss| (loss.credits.get(), loss.at)).collect();
        // Four days save 8 of the 20; then 36 last 18 days.
        assert_eq!(lost, [(12, start.plus_days(11))]);
        assert_eq!(told.forecast.runs_out_at, Some(start.plus_days(11 + 18)));
        assert_eq!(told.forecast.available.get(), 56);
        assert_eq!(told.next_expiry, Credits::new(20).map(|credits| (credits, start.plus_days(11))));
    }
}

#[tokio::test]
async fn the_pages_of_entries_are_the_ledger_as_it_was_when_the_reading_began() {
    for till in tills().await {
        let orders = (0..1_100).map(|index| Order::new(till.account, format!("k{index}"), by_turns(index)));
        let outcomes = till.kernel.submit_all(orders.collect(), super::super::Together::EachForItself).await;
        assert!(outcomes.iter().all(Result::is_ok));
        let mut pages = till.kernel.entry_pages(till.account).await.unwrap().unwrap();
        let mut seqs: Vec<i64> = pages.next().await.unwrap().unwrap().iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs.len(), 500);
        spend(&till, "later", 1).await;
        while let Some(page) = pages.next().await.unwrap() {
            seqs.extend(page.iter().map(|entry| entry.seq));
        }
        assert_eq!(seqs, (1..=1_101).collect::<Vec<_>>(), "{}", till.name);
        let mut torn = till.kernel.entry_pages(till.account).await.unwrap().unwrap();
        torn.next().await.unwrap();
        forget_entries(&till).await;
        assert_eq!(torn.next().await, Err(KernelError::Unavailable), "a part must not look like the whole");
    }
}

/// Gives one credit and takes it again, by turns.
fn by_turns(index: i64) -> Command {
    if index % 2 == 0 {
        let grant = crate::ledger::GrantId::from_ulid(ulid::Ulid::from_parts(2, u128::try_from(index).unwrap()));
        Command::Grant { grant, credits: Credits::new(1).unwrap(), reason: "give".into(), expires_at: None }
    } else {
        charge(1)
    }
}
