//! What the clock does: notices, outages, stops that broke off, crises that nobody ends.

use super::*;
use crate::billing::store::testing::postgres;
use crate::sentinel::mode::Pulse;
use crate::sentinel::store;

#[tokio::test]
async fn a_monitor_that_keeps_going_gives_notice_and_pauses_when_the_credits_end() {
    for house in houses(50).await {
        let monitor = house.start(NewMonitor { keep_going: true, ..new_monitor(4) }).await;
        house.pass(2 * HOUR + 300).await;
        // The fifth hour was held as the first had passed; a sixth cannot be.
        let now = house.monitor(monitor.id).await;
        assert_eq!((now.state, now.hours_captured, now.hours_held), (MonitorState::Running, 2, 3), "{}", house.name);
        assert_eq!(house.alert_kinds(monitor.id).await, ["credits_low"]);
        house.pass(3 * HOUR).await;
        let now = house.monitor(monitor.id).await;
        assert_eq!((now.state, now.hours_captured, house.credits().await), (MonitorState::Paused, 5, (0, 0)));
        assert_eq!(house.alert_kinds(monitor.id).await, ["credits_low", "paused"]);
        house.give(30).await;
        house.sentinel.extend(house.account, monitor.id, 2, "on").await.expect("runs again");
        house.pass(HOUR).await;
        assert_eq!(house.monitor(monitor.id).await.state, MonitorState::Running);
    }
}

#[tokio::test]
async fn an_hour_in_which_the_house_was_down_is_not_paid_for() {
    for house in houses(100).await {
        let monitor = house.start(new_monitor(5)).await;
        house.pass(HOUR).await;
        // Down for two and a half hours, then started again: another process with an empty memory.
        house.clock.advance(2 * HOUR + 1_800);
        let fresh = sentinel(&house.database, &house.kernel, &house.clock, &house.ids);
        fresh.tick().await.expect("ticked");
        let now = house.monitor(monitor.id).await;
        assert_eq!((now.hours_captured, now.hours_held), (1, 2), "{}", house.name);
        house.pass(2 * HOUR).await;
        // Of the fourth hour only half was served, so it is released too; the fifth is paid.
        assert_eq!(house.monitor(monitor.id).await.hours_captured, 2);
        assert_eq!(house.credits().await, (80, 0));
    }
}

#[tokio::test]
async fn two_servers_settle_every_hour_once() {
    let house = house("postgres", postgres().await, 1_000).await;
    let mut monitors = Vec::new();
    for number in 0..5 {
        let new = NewMonitor { keep_going: true, ..new_monitor(3) };
        let request = format!("start-{number}");
        monitors.push(house.sentinel.start(house.account, None, new, &request).await.expect("started").0.id);
    }
    let kernel = Kernel::start(house.database.clone(), price_book(), house.clock.clone(), house.ids.clone());
    let other = sentinel(&house.database, &kernel, &house.clock, &house.ids);
    for _ in 0..6 * 12 {
        house.clock.advance(300);
        let (first, second) = tokio::join!(house.sentinel.tick(), other.tick());
        first.and(second).expect("ticked");
    }
    for id in monitors {
        let monitor = house.monitor(id).await;
        assert_eq!((monitor.hours_captured, monitor.hours_held), (6, 3));
    }
    assert_eq!(house.credits().await, (1_000 - 5 * 90, 150));
}

#[tokio::test]
async fn one_that_keeps_going_by_single_hours_gives_notice_while_an_hour_is_left() {
    for house in houses(20).await {
        let monitor = house.start(NewMonitor { keep_going: true, ..new_monitor(1) }).await;
        house.pass(300).await;
        // The hour after the one that runs is held at once.
        assert_eq!((house.monitor(monitor.id).await.hours_held, house.credits().await), (2, (0, 20)), "{}", house.name);
        house.pass(HOUR).await;
        let now = house.monitor(monitor.id).await;
        assert_eq!((now.state, now.hours_captured, now.hours_held), (MonitorState::Running, 1, 1));
        assert_eq!(house.alert_kinds(monitor.id).await, ["credits_low"]);
        house.pass(HOUR).await;
        assert_eq!(house.monitor(monitor.id).await.state, MonitorState::Paused);
        assert_eq!(house.alert_kinds(monitor.id).await, ["credits_low", "paused"]);
    }
}

/// The process ends after the monitor is stopped and two of its hours are settled. Nobody sends the stop again.
#[tokio::test]
async fn a_stop_that_broke_off_is_finished_by_the_clock_and_charges_nothing_more() {
    for house in houses(100).await {
        let id = house.start(new_monitor(6)).await.id;
        house.pass(HOUR + 600).await;
        let stop = store::stop(id, house.clock.now());
        house.database.write(vec![stop]).await.expect("stopped");
        let held = store::held_hours(&house.database, id).await.expect("read");
        assert_eq!(held.len(), 5, "{}", house.name);
        for hour in held.iter().rev().take(2) {
            house.sentinel.settle(hour, false).await.expect("released");
        }
        assert_eq!(house.credits().await, (60, 30));
        let fresh = sentinel(&house.database, &house.kernel, &house.clock, &house.ids);
        house.clock.advance(300);
        fresh.tick().await.expect("ticked");
        // The hour that had begun is paid, as by a stop that was not broken off.
        let now = house.monitor(id).await;
        assert_eq!((now.state, now.hours_captured, now.hours_held), (MonitorState::Stopped, 2, 0));
        house.pass(6 * HOUR).await;
        assert_eq!(house.credits().await, (80, 0));
    }
}

/// Sent again long after it broke off, a stop settles by when the monitor was stopped.
#[tokio::test]
async fn a_stop_sent_again_later_pays_no_hour_that_began_after_the_first() {
    for house in houses(100).await {
        let id = house.start(new_monitor(4)).await.id;
        house.clock.advance(600);
        house.database.write(vec![store::stop(id, house.clock.now())]).await.expect("stopped");
        house.clock.advance(2 * HOUR);
        let stopped = house.sentinel.stop(house.account, id).await.expect("stopped");
        assert_eq!(
            (stopped.hours_captured, stopped.hours_held, house.credits().await),
            (1, 0, (90, 0)),
            "{}",
            house.name
        );
    }
}

#[tokio::test]
async fn a_stop_whose_caller_goes_away_holds_nothing_for_long() {
    for house in houses(3_000).await {
        let id = house.start(new_monitor(200)).await.id;
        let (sentinel, account) = (house.sentinel.clone(), house.account);
        let stopping = tokio::spawn(async move { sentinel.stop(account, id).await });
        while house.monitor(id).await.state != MonitorState::Stopped {
            tokio::task::yield_now().await;
        }
        stopping.abort();
        drop(stopping.await);
        house.clock.advance(60);
        house.sentinel.tick().await.expect("ticked");
        let now = house.monitor(id).await;
        assert_eq!((now.hours_captured, now.hours_held, house.credits().await), (1, 0, (2_990, 0)), "{}", house.name);
    }
}

/// An extension and a stop at the same time: whichever is first, no hour stays held.
#[tokio::test]
async fn hours_added_while_a_monitor_is_stopped_are_given_back() {
    for house in houses(200).await {
        let kept = house.start(new_monitor(1)).await;
        let before = house.sentinel.kept(house.account, kept.id).await.expect("there");
        house.sentinel.stop(house.account, kept.id).await.expect("stopped");
        // What an extension does that had read the monitor while it still ran.
        let along = vec![store::keep_stopping(kept.id)];
        let first_at = house.clock.now().plus_seconds(HOUR);
        house.sentinel.hold_hours(&before, "late", 1..4, first_at, along).await.expect("held");
        assert_eq!(house.credits().await, (160, 30), "{}", house.name);
        house.sentinel.tick().await.expect("ticked");
        assert_eq!(house.credits().await, (190, 0));
    }
}

#[tokio::test]
async fn an_extension_under_a_key_that_has_paid_for_other_hours_is_refused() {
    for house in houses(200).await {
        let id = house.start(new_monitor(1)).await.id;
        let other = house.sentinel.start(house.account, None, new_monitor(1), "other").await.expect("started").0.id;
        house.sentinel.extend(house.account, id, 2, "more").await.expect("extended");
        for (monitor, hours, request) in [(id, 3, "more"), (other, 2, "more"), (id, 2, "start"), (id, 1, "other")] {
            let refused = house.sentinel.extend(house.account, monitor, hours, request).await;
            assert_eq!(refused.err(), Some(KernelError::IdempotencyConflict.into()), "{} {request}", house.name);
        }
        let charge = Command::Charge {
            operation: crate::ledger::Operation::SentinelMonitoring,
            quantity: 1,
            at_most: None,
            metadata: "{}".into(),
        };
        let refused = house.kernel.submit(Order::new(house.account, "more", charge)).await;
        assert_eq!(refused.err(), Some(KernelError::IdempotencyConflict));
        assert_eq!(house.credits().await, (160, 40));
        // The same at once from two sides is one extension.
        let again = || house.sentinel.extend(house.account, id, 1, "both");
        let (first, second) = tokio::join!(again(), again());
        let replays = [first.expect("extended").1, second.expect("extended").1];
        assert_eq!((replays.iter().filter(|replay| !**replay).count(), house.credits().await), (1, (150, 50)));
    }
}

#[test]
fn a_crisis_is_over_ten_percent_of_a_minute_and_ends_by_recovery() {
    let mut pulse = Pulse::default();
    for second in 0..9 {
        assert_eq!(pulse.count(second, true), None, "too few to tell");
    }
    assert_eq!(pulse.count(9, true), Some(Mode::Crisis));
    assert_eq!(pulse.count(20, false), None);
    let mut changes = Vec::new();
    for second in 70..200 {
        changes.extend(pulse.count(second, false).map(|mode| (second, mode)));
    }
    assert_eq!(changes, [(70, Mode::Recovery), (130, Mode::Normal)]);
}

/// Nothing is observed any more: the clock alone ends the crisis, tells of it once, and the customer's servers hear it.
#[tokio::test]
async fn a_crisis_after_which_nothing_is_observed_is_ended_by_the_clock() {
    for house in houses(100).await {
        let id = house.start(new_monitor(2)).await.id;
        let bad = vec![observation("1", "2"); 10];
        house.sentinel.observe(house.account, id, bad, "bad").await.expect("observed");
        assert_eq!(house.monitor(id).await.mode, Mode::Crisis, "{}", house.name);
        let mut modes = Vec::new();
        for _ in 0..30 {
            house.clock.advance(5);
            house.sentinel.tick().await.expect("ticked");
            modes.push(house.monitor(id).await.mode);
        }
        let ended = modes.iter().position(|mode| *mode == Mode::Recovery);
        let well = modes.iter().position(|mode| *mode == Mode::Normal);
        assert_eq!((ended, well), (Some(11), Some(23)), "after one minute, and after two");
        assert_eq!(house.alert_kinds(id).await, ["violation", "crisis", "recovery", "normal"]);
    }
}

#[tokio::test]
async fn an_alert_is_a_letter_to_the_members_where_it_matters_and_always_an_event() {
    for house in houses(100).await {
        let id = house.start(new_monitor(2)).await.id;
        house.sentinel.observe(house.account, id, vec![observation("1", "2")], "bad").await.expect("observed");
        house.sentinel.observe(house.account, id, vec![observation("1", "2")], "bad").await.expect("the same again");
        let letters = house.sentinel.mail.member_letters(10).await.expect("read");
        assert_eq!(letters.len(), 1, "{}", house.name);
        assert_eq!(letters[0].account, house.account);
        let mail = letters[0].to("Ada", "ada@example.com");
        assert_eq!(mail.subject, "Monitor Reserves: reserves >= issued does not hold");
        assert!(mail.text.contains(&format!("http://here/sentinel/{id}")), "{}", mail.text);
        let events = house.announced().await;
        assert_eq!(events.len(), 1);
        let event: serde_json::Value = serde_json::from_str(&events[0]).expect("JSON");
        assert_eq!((&event["type"], &event["data"]["alert"]), (&"monitor.alert".into(), &"violation".into()));
        assert_eq!(event["data"]["monitor_id"], id.to_string());
        // The end of a crisis is news for programs, and no letter.
        house.sentinel.observe(house.account, id, vec![observation("1", "2"); 9], "crisis").await.expect("observed");
        house.pass(600).await;
        assert_eq!(house.announced().await.len(), 4);
        assert_eq!(house.sentinel.mail.member_letters(10).await.expect("read").len(), 2);
    }
}
