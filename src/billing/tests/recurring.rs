//! Recurring grants on both stores: month ends, downtime, restarts and two servers, with the clock moved by hand.

use super::*;
use crate::billing::{Every, NewRecurringGrant, RecurringError};
use crate::ledger::{EntryKind, Timestamp};

const DAY: i64 = 86_400;

fn every(till: &Till, every: Every, credits: i64) -> NewRecurringGrant {
    NewRecurringGrant {
        account: till.account,
        credits: Credits::new(credits).unwrap(),
        every,
        starts_at: None,
        ends_at: None,
        expires_after_days: None,
        reason: "allowance".into(),
        request: "api:recurring".into(),
        key: None,
        along: Vec::new(),
    }
}

/// The recurring grants posted so far, as (days since the year began, credits).
async fn posted(till: &Till) -> Vec<(i64, i64)> {
    let entries = till.kernel.entries(till.account, None, 500).await.unwrap();
    let given = entries.iter().rev().filter(|entry| entry.kind == EntryKind::Grant && entry.memo == "allowance");
    given.map(|entry| ((entry.at.millis() - 1_767_225_600_000) / (DAY * 1_000), entry.amount.get())).collect()
}

#[tokio::test]
async fn each_occurrence_is_posted_when_it_is_due_and_only_once() {
    for till in tills().await {
        till.kernel.add_recurring(every(&till, Every::Week, 5)).await.unwrap();
        for _ in 0..15 {
            till.kernel.grant_recurring().await.unwrap();
            till.kernel.grant_recurring().await.unwrap();
            till.clock.advance(DAY);
        }
        assert_eq!(posted(&till).await, [(0, 5), (7, 5), (14, 5)], "{}", till.name);
        assert_eq!(available(&till).await, (115, 0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn a_month_without_a_thirty_first_takes_its_last_day() {
    for till in tills().await {
        let starts_at = Some(till.clock.now().plus_days(30));
        till.kernel.add_recurring(NewRecurringGrant { starts_at, ..every(&till, Every::Month, 5) }).await.unwrap();
        for _ in 0..151 {
            till.kernel.grant_recurring().await.unwrap();
            till.clock.advance(DAY);
        }
        // 31 January, 28 February, 31 March, 30 April, 31 May, counted in days since the year began.
        let days: Vec<i64> = posted(&till).await.into_iter().map(|(day, _)| day).collect();
        assert_eq!(days, [30, 58, 89, 119, 150], "{}", till.name);
    }
}

#[tokio::test]
async fn after_downtime_every_missed_occurrence_comes_once_however_many_servers_post_it() {
    for till in tills().await {
        till.kernel.add_recurring(every(&till, Every::Day, 1)).await.unwrap();
        till.clock.advance(249 * DAY);
        let servers = [till.kernel.clone(), other_server(&till), other_server(&till)];
        for _ in 0..4 {
            let rounds: Vec<_> = servers
                .iter()
                .cloned()
                .map(|kernel| tokio::spawn(async move { kernel.grant_recurring().await }))
                .collect();
            for round in rounds {
                round.await.unwrap().unwrap();
            }
        }
        assert_eq!((posted(&till).await.len(), available(&till).await), (250, (350, 0)), "{}", till.name);
        let grant = till.kernel.recurring(till.account, None, 10).await.unwrap().remove(0);
        assert_eq!((grant.posted, grant.next_at), (250, Some(till.clock.now().plus_days(1))));
        assert_eq!(other_server(&till).grant_recurring().await, Ok(0));
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn what_comes_again_expires_again_and_what_is_over_already_is_not_given() {
    for till in tills().await {
        let new = NewRecurringGrant { expires_after_days: Some(2), ..every(&till, Every::Day, 10) };
        till.kernel.add_recurring(new).await.unwrap();
        till.kernel.grant_recurring().await.unwrap();
        assert_eq!(available(&till).await, (110, 0), "{}", till.name);
        till.clock.advance(5 * DAY);
        till.kernel.grant_recurring().await.unwrap();
        till.kernel.settle_due().await.unwrap();
        // Of six occurrences the first has expired, three were over before they could be posted, two are there.
        assert_eq!(posted(&till).await, [(0, 10), (5, 10), (5, 10)]);
        assert_eq!(available(&till).await, (120, 0));
        let grant = till.kernel.recurring(till.account, None, 10).await.unwrap().remove(0);
        assert_eq!(grant.posted, 6);
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn an_ended_one_still_gives_what_was_due_and_nothing_after() {
    for till in tills().await {
        let (grant, _) = till.kernel.add_recurring(every(&till, Every::Day, 1)).await.unwrap();
        till.clock.advance(2 * DAY + 1);
        let ended = till.kernel.end_recurring(till.account, grant.id, Vec::new()).await.unwrap().unwrap();
        assert_eq!((ended.ended_at, ended.posted), (Some(till.clock.now()), 0), "{}", till.name);
        till.clock.advance(10 * DAY);
        assert_eq!(till.kernel.grant_recurring().await, Ok(3));
        assert_eq!(till.kernel.grant_recurring().await, Ok(0));
        let done = till.kernel.end_recurring(till.account, grant.id, Vec::new()).await.unwrap().unwrap();
        assert_eq!((done.ended_at, done.next_at), (ended.ended_at, None));
        assert_eq!(available(&till).await, (103, 0));

        let ends_at = Some(till.clock.now().plus_days(2));
        let new = NewRecurringGrant { ends_at, request: "api:two".into(), ..every(&till, Every::Day, 1) };
        till.kernel.add_recurring(new).await.unwrap();
        till.clock.advance(10 * DAY);
        assert_eq!(till.kernel.grant_recurring().await, Ok(2));
        assert_eq!(till.kernel.grant_recurring().await, Ok(0));
        let nobody = AccountId::from_ulid(ulid::Ulid::from_parts(9, 9));
        assert_eq!(till.kernel.end_recurring(nobody, grant.id, Vec::new()).await, Ok(None));
    }
}

#[tokio::test]
async fn the_same_request_is_one_recurring_grant_and_what_gives_nothing_is_refused() {
    for till in tills().await {
        let new = every(&till, Every::Month, 5);
        let (first, _) = till.kernel.add_recurring(new.clone()).await.unwrap();
        // A retry that comes later, from another server, means the same start.
        till.clock.advance(60);
        let (again, replayed) = other_server(&till).add_recurring(new.clone()).await.unwrap();
        assert_eq!((again.id, again.starts_at, replayed), (first.id, first.starts_at, true), "{}", till.name);
        let other = till.kernel.add_recurring(every(&till, Every::Week, 5)).await;
        assert_eq!(other, Err(RecurringError::Kernel(KernelError::IdempotencyConflict)));

        let fresh = |request: &str| NewRecurringGrant { request: request.into(), ..new.clone() };
        let past = NewRecurringGrant { starts_at: Some(Timestamp::from_millis(0)), ..fresh("past") };
        assert_eq!(till.kernel.add_recurring(past).await, Err(RecurringError::StartsInThePast));
        let never = NewRecurringGrant { ends_at: Some(till.clock.now()), ..fresh("never") };
        assert_eq!(till.kernel.add_recurring(never).await, Err(RecurringError::EndsBeforeItStarts));
        let nobody = AccountId::from_ulid(ulid::Ulid::from_parts(9, 9));
        let missing = till.kernel.add_recurring(NewRecurringGrant { account: nobody, ..fresh("nobody") }).await;
        assert_eq!(missing, Err(RecurringError::Kernel(KernelError::Refused(Refusal::NoSuchAccount))));
        assert_eq!(till.kernel.recurring(till.account, None, 10).await.unwrap().len(), 1);
    }
}
