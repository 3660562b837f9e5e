//! Alerts: one mail each time something begins, whichever of two servers sees it, with the clock moved by hand.

use super::{ADA, PASSWORD};
use crate::billing::{AlertSettings, Order};
use crate::identity::testing::{House, houses};
use crate::ledger::{AccountId, Command, Credits, KeyId, Operation};

const DAY: i64 = 86_400;

async fn submit(house: &House, account: AccountId, command: Command) {
    let request = house.kernel.next_grant().to_string();
    house.kernel.submit(Order::new(account, request, command)).await.expect("carried out");
}

async fn spend(house: &House, account: AccountId, quantity: i64) {
    let operation = Operation::ProofVerification;
    submit(house, account, Command::Charge { operation, quantity, at_most: None, metadata: "{}".into() }).await;
}

async fn give(house: &House, account: AccountId, credits: i64, days: Option<i64>) {
    let grant = Command::Grant {
        grant: house.kernel.next_grant(),
        credits: Credits::new(credits).expect("small"),
        reason: "a gift".into(),
        expires_at: days.map(|days| house.kernel.now().plus_days(days)),
    };
    submit(house, account, grant).await;
}

/// What Ada was told since she confirmed her address, oldest first.
async fn told(house: &House) -> Vec<String> {
    let mails = house.mail.recent(200).await.expect("the outbox opens");
    let alerts = mails.into_iter().rev().filter(|mail| mail.to == ADA && !mail.subject.contains("Confirm"));
    alerts.map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn a_low_balance_is_told_once_and_again_after_it_has_recovered() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        assert_eq!(house.identity.tell_alerts().await, Ok(0), "{}", house.store);
        spend(&house, account, 1).await;
        assert_eq!(house.identity.tell_alerts().await, Ok(1), "{}", house.store);
        spend(&house, account, 1).await;
        assert_eq!(house.identity.tell_alerts().await, Ok(0));
        // Above the threshold by a hair is no recovery; a quarter above is.
        give(&house, account, 3, None).await;
        house.identity.tell_alerts().await.expect("a round");
        spend(&house, account, 2).await;
        assert_eq!(house.identity.tell_alerts().await, Ok(0));
        give(&house, account, 3, None).await;
        assert_eq!(house.identity.tell_alerts().await, Ok(0));
        spend(&house, account, 4).await;
        assert_eq!(house.identity.tell_alerts().await, Ok(1));
        let low = |left: i64| format!("Your balance is low: {left} credits left");
        assert_eq!(told(&house).await, [low(9), low(8)], "{}", house.store);
    }
}

#[tokio::test]
async fn two_servers_and_a_restarted_one_tell_it_once() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        house.identity.tell_alerts().await.expect("a round");
        for episode in 1..=3 {
            spend(&house, account, 9).await;
            let servers = [house.identity.clone(), house.neighbour().await, house.neighbour().await];
            let rounds = servers.iter().map(|server| server.tell_alerts());
            let rounds = futures::future::join_all(rounds).await;
            let told_by: usize = rounds.into_iter().map(|round| round.expect("a round")).sum();
            assert_eq!((told_by, told(&house).await.len()), (1, episode), "{}", house.store);
            // Ten again and more: recovered. The server that saw it happen falls; one that starts finds it.
            give(&house, account, 19, None).await;
            house.neighbour().await.tell_alerts().await.expect("a round");
            spend(&house, account, 10).await;
        }
    }
}

#[tokio::test]
async fn credits_about_to_expire_are_told_once_a_week_before() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        give(&house, account, 50, Some(30)).await;
        give(&house, account, 20, Some(31)).await;
        // Given for less than a week: that was known from the start.
        give(&house, account, 5, Some(6)).await;
        house.clock.advance(22 * DAY);
        assert_eq!(house.identity.tell_expiring().await, Ok(0), "{}", house.store);
        house.clock.advance(2 * DAY);
        let (one, two) = (house.identity.clone(), house.neighbour().await);
        let (one, two) = tokio::join!(one.tell_expiring(), two.tell_expiring());
        assert_eq!(one.unwrap_or(0) + two.unwrap_or(0), 1);
        for _ in 0..6 {
            house.clock.advance(DAY);
            assert_eq!(house.identity.tell_expiring().await, Ok(0));
        }
        assert_eq!(told(&house).await, ["70 credits expire soon, the first on 2026-01-31"], "{}", house.store);
    }
}

#[tokio::test]
async fn spent_credits_and_those_that_nobody_wants_to_hear_of_are_not_told() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        give(&house, account, 50, Some(30)).await;
        spend(&house, account, 60).await;
        house.clock.advance(25 * DAY);
        assert_eq!(house.identity.tell_expiring().await, Ok(0), "{}", house.store);
        give(&house, account, 9, Some(30)).await;
        let settings = AlertSettings { low_balance: Some(Credits::ZERO), budgets: false, expiring: false };
        house.kernel.set_alerts(account, settings, Vec::new()).await.expect("set");
        house.clock.advance(25 * DAY);
        assert_eq!(house.identity.tell_expiring().await, Ok(0));
        assert_eq!(house.identity.tell_alerts().await, Ok(0));
        // Wanting to hear of it again tells what is so now.
        house.kernel.set_alerts(account, AlertSettings::default(), Vec::new()).await.expect("set");
        assert_eq!(house.identity.tell_alerts().await, Ok(1));
        assert_eq!(house.identity.tell_expiring().await, Ok(1));
    }
}

#[tokio::test]
async fn a_budget_is_told_at_eighty_and_at_a_hundred_percent_of_each_day() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        give(&house, account, 1_000, None).await;
        let budget = Command::SetBudgets { day: Credits::new(10), month: Credits::new(1_000) };
        submit(&house, account, budget).await;
        for quantity in [7, 1, 1] {
            spend(&house, account, quantity).await;
            house.identity.tell_alerts().await.expect("a round");
        }
        spend(&house, account, 1).await;
        house.identity.tell_alerts().await.expect("a round");
        house.clock.advance(DAY);
        house.identity.tell_alerts().await.expect("a round");
        spend(&house, account, 10).await;
        house.identity.tell_alerts().await.expect("a round");
        let day = |percent: i64| format!("{percent} % of the daily budget of the account is used");
        assert_eq!(told(&house).await, [day(80), day(100), day(100)], "{}", house.store);
        let lasting = house.kernel.alerts(account).await.expect("a read").expect("an account").lasting;
        assert_eq!(lasting.len(), 2, "{lasting:?}");
    }
}

#[tokio::test]
async fn a_keys_budget_is_told_under_the_keys_name() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        give(&house, account, 100, None).await;
        let key = KeyId::from_ulid(ulid::Ulid::from_parts(1, 7));
        submit(&house, account, Command::SetKeyBudget { key, month: Credits::new(10), used: Credits::ZERO }).await;
        let charge = Command::Charge {
            operation: Operation::ProofVerification,
            quantity: 9,
            at_most: None,
            metadata: "{}".into(),
        };
        house.kernel.submit(Order::new(account, "by key", charge).with_key(Some(key))).await.expect("charged");
        assert_eq!(house.identity.tell_alerts().await, Ok(1), "{}", house.store);
        assert_eq!(told(&house).await, [format!("80 % of the monthly budget of the API key {key} is used")]);
    }
}

#[tokio::test]
async fn the_threshold_follows_the_last_purchase_until_one_is_chosen() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        let threshold = async |house: &House| {
            let report = house.kernel.alerts(account).await.expect("a read").expect("an account");
            (report.threshold.get(), report.rule.name())
        };
        assert_eq!(threshold(&house).await, (10, "fixed"), "{}", house.store);
        for (number, credits) in [(1, 1_000), (2, 100)] {
            let buy = Command::Purchase {
                grant: house.kernel.next_grant(),
                purchase: crate::ledger::PurchaseId::from_ulid(ulid::Ulid::from_parts(1, number)),
                credits: Credits::new(credits).expect("small"),
                paid: crate::ledger::Cents::new(1_000).expect("small"),
            };
            submit(&house, account, buy).await;
            assert_eq!(threshold(&house).await, (credits / 5, "last_purchase"));
            house.clock.advance(1);
        }
        let settings = AlertSettings { low_balance: Credits::new(777), ..AlertSettings::default() };
        house.kernel.set_alerts(account, settings, Vec::new()).await.expect("set");
        assert_eq!(threshold(&house).await, (777, "chosen"));
    }
}
