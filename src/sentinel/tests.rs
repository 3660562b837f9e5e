//! Monitors by rule and by chance, with the clock moved by hand, on both stores and by two servers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use num_rational::BigRational;
use proptest::prelude::*;

use super::baseline::{is_strange, median};
use super::mode::Pulse;
use super::*;
use crate::billing::store::Database;
use crate::billing::store::testing::{databases, postgres};
use crate::billing::{Kernel, KernelError, NewAccount, Order};
use crate::language::Decimal;
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Clock, Command, Credits, IdSource, Refusal, Tier};
use crate::mail::Mail;

const HOUR: i64 = 3_600;

struct House {
    name: &'static str,
    sentinel: Sentinel,
    kernel: Kernel,
    clock: Arc<ManualClock>,
    ids: Arc<CountingIds>,
    database: Database,
    account: AccountId,
}

fn sentinel(database: &Database, kernel: &Kernel, clock: &Arc<ManualClock>, ids: &Arc<CountingIds>) -> Sentinel {
    let (clock, ids): (Arc<dyn Clock>, Arc<dyn IdSource>) = (clock.clone(), ids.clone());
    let mail = Mail::outbox(database.clone(), Arc::clone(&clock), Arc::clone(&ids));
    Sentinel::new(database.clone(), kernel.clone(), mail, "http://here", clock, ids)
}

async fn house(name: &'static str, database: Database, credits: i64) -> House {
    let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
    let kernel = Kernel::start(database.clone(), price_book(), clock.clone(), ids.clone());
    let new = NewAccount::by_operator("Sentinel".into(), Tier::Developer);
    let account = kernel.open(new, "open", None).await.expect("opened").account;
    let sentinel = sentinel(&database, &kernel, &clock, &ids);
    let house = House { name, sentinel, kernel, clock, ids, database, account };
    house.give(credits).await;
    house
}

async fn houses(credits: i64) -> Vec<House> {
    let mut houses = Vec::new();
    for (name, database) in databases().await {
        houses.push(house(name, database, credits).await);
    }
    houses
}

fn new_monitor(hours: i64) -> NewMonitor {
    let rules = Rules { laws: vec!["reserves >= issued".into()], metrics: vec![Metric::named("reserves")] };
    NewMonitor { name: "Reserves".into(), rules, hours, keep_going: false }
}

fn observation(reserves: &str, issued: &str) -> NewObservation {
    let number = |text: &str| text.parse::<Decimal>().expect("a number");
    let values = BTreeMap::from([("reserves".to_owned(), number(reserves)), ("issued".to_owned(), number(issued))]);
    NewObservation { at: None, values }
}

impl House {
    async fn give(&self, credits: i64) {
        let grant = Command::Grant {
            grant: self.kernel.next_grant(),
            credits: Credits::new(credits).expect("small"),
            reason: "tests".into(),
            expires_at: None,
        };
        let request = format!("gift-{}", self.kernel.next_grant());
        self.kernel.submit(Order::new(self.account, request, grant)).await.expect("given");
    }

    async fn start(&self, new: NewMonitor) -> Monitor {
        self.sentinel.start(self.account, None, new, "start").await.expect("started").0
    }

    /// Available and held.
    async fn credits(&self) -> (i64, i64) {
        let account = self.kernel.account(self.account).await.expect("reachable").expect("there");
        (account.available.get(), account.held.get())
    }

    async fn pass(&self, seconds: i64) {
        // A clock that stands still between two looks would be an outage.
        for _ in 0..seconds / 300 {
            self.clock.advance(300);
            self.sentinel.tick().await.expect("ticked");
        }
    }

    async fn monitor(&self, id: crate::ledger::MonitorId) -> Monitor {
        self.sentinel.monitor(self.account, id).await.expect("there")
    }

    async fn alert_kinds(&self, id: crate::ledger::MonitorId) -> Vec<String> {
        let alerts = self.sentinel.alerts(self.account, id, None, 50).await.expect("listed");
        alerts.into_iter().rev().map(|alert| alert.kind).collect()
    }
}

#[tokio::test]
async fn hours_are_held_at_once_paid_as_they_pass_and_the_rest_given_back() {
    for house in houses(100).await {
        let monitor = house.start(new_monitor(4)).await;
        assert_eq!(house.credits().await, (60, 40), "{}", house.name);
        house.pass(HOUR + 600).await;
        assert_eq!(house.credits().await, (60, 30));
        let monitor_now = house.monitor(monitor.id).await;
        assert_eq!((monitor_now.hours_captured, monitor_now.hours_held), (1, 3));
        // The second hour has begun and is paid; two come back.
        let stopped = house.sentinel.stop(house.account, monitor.id).await.expect("stopped");
        assert_eq!((stopped.state, stopped.hours_captured, stopped.hours_held), (MonitorState::Stopped, 2, 0));
        assert_eq!(house.credits().await, (80, 0));
        house.sentinel.stop(house.account, monitor.id).await.expect("stopped again, which changes nothing");
        assert_eq!(house.credits().await, (80, 0));
        let late = house.sentinel.observe(house.account, monitor.id, vec![observation("1", "1")], "late").await;
        assert_eq!(late.err(), Some(SentinelError::NotRunning("stopped")));
        let more = house.sentinel.extend(house.account, monitor.id, 1, "more").await;
        assert_eq!(more.err(), Some(SentinelError::NotRunning("stopped")));
    }
}

#[tokio::test]
async fn a_start_sent_twice_is_one_monitor_and_without_credits_none() {
    for house in houses(40).await {
        let first = house.start(new_monitor(4)).await;
        let (again, replayed) =
            house.sentinel.start(house.account, None, new_monitor(4), "start").await.expect("again");
        assert_eq!((again.id, replayed, house.credits().await), (first.id, true, (0, 40)), "{}", house.name);
        let other = house.sentinel.start(house.account, None, new_monitor(5), "start").await;
        assert_eq!(other.err(), Some(SentinelError::Kernel(KernelError::IdempotencyConflict)));
        let poor = house.sentinel.start(house.account, None, new_monitor(1), "poor").await;
        assert!(matches!(poor, Err(SentinelError::Kernel(KernelError::Refused(Refusal::InsufficientCredits { .. })))));
        assert_eq!(house.sentinel.list(house.account, None, 10).await.expect("listed").len(), 1);
    }
}

#[tokio::test]
async fn a_monitor_ends_with_its_hours_and_runs_on_when_they_are_added() {
    for house in houses(100).await {
        let monitor = house.start(new_monitor(1)).await;
        let longer = house.sentinel.extend(house.account, monitor.id, 2, "more").await.expect("extended");
        assert_eq!((longer.hours_held, house.credits().await), (3, (70, 30)), "{}", house.name);
        let again = house.sentinel.extend(house.account, monitor.id, 2, "more").await.expect("the same again");
        assert_eq!((again.hours_held, house.credits().await), (3, (70, 30)));
        house.pass(3 * HOUR + 600).await;
        let ended = house.monitor(monitor.id).await;
        assert_eq!((ended.state, ended.hours_captured, house.credits().await), (MonitorState::Ended, 3, (70, 0)));
        let again = house.sentinel.extend(house.account, monitor.id, 1, "again").await.expect("extended");
        assert_eq!((again.state, again.hours_held), (MonitorState::Running, 1));
        house.pass(HOUR + 300).await;
        assert_eq!(house.credits().await, (60, 0));
    }
}

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
async fn observations_are_judged_exactly_told_once_and_kept() {
    for house in houses(100).await {
        let id = house.start(new_monitor(2)).await.id;
        let observe = |values: Vec<NewObservation>, request: &'static str| {
            house.sentinel.observe(house.account, id, values, request)
        };
        let first = vec![observation("100.1", "100.1"), observation("100.1", "100.2"), observation("100.1", "100.3")];
        let (observed, _) = observe(first.clone(), "one").await.expect("observed");
        let verdicts: Vec<_> = observed.iter().map(|one| one.judged.verdict.name()).collect();
        assert_eq!(verdicts, ["ok", "violation", "violation"], "{}", house.name);
        assert_eq!(house.alert_kinds(id).await, ["violation"], "told once while it lasts");
        let (again, replayed) = observe(first, "one").await.expect("the same again");
        assert_eq!((again, replayed, house.monitor(id).await.observations), (observed, true, 3));
        let (healed, _) =
            observe(vec![observation("100.2", "100"), observation("99", "100")], "two").await.expect("observed");
        assert_eq!(healed[1].seq, 5);
        assert_eq!(house.alert_kinds(id).await, ["violation", "violation"]);
        let missing = NewObservation { at: None, values: BTreeMap::from([("reserves".into(), Decimal::zero())]) };
        let (incomplete, _) = observe(vec![missing], "three").await.expect("observed");
        assert_eq!(incomplete[0].judged.verdict, ObservationVerdict::Incomplete);
        let listed = house.sentinel.observations(house.account, id, Some(6), 3).await.expect("listed");
        assert_eq!(listed.iter().map(|one| one.seq).collect::<Vec<_>>(), [5, 4, 3]);
        let report =
            house.sentinel.report(house.account, id, crate::ledger::Timestamp::from_millis(0), Window::Day).await;
        let report = report.expect("reported");
        assert_eq!((report.len(), report[0].observations, report[0].violations), (1, 6, 3));
        assert_eq!(report[0].metrics[0].median, "100.1");
    }
}

#[tokio::test]
async fn ten_thousand_observations_are_one_request_and_one_more_is_not() {
    let house = houses(100).await.remove(0);
    let id = house.start(new_monitor(1)).await.id;
    let many = |count: usize| (0..count).map(|n| observation(&(1_000 + n % 7).to_string(), "5")).collect::<Vec<_>>();
    let (observed, _) = house.sentinel.observe(house.account, id, many(10_000), "bulk").await.expect("observed");
    assert_eq!((observed.len(), observed[9_999].seq), (10_000, 10_000));
    let refused = house.sentinel.observe(house.account, id, many(10_001), "more").await;
    assert!(matches!(refused, Err(SentinelError::Invalid(_))));
}

/// A request that takes too many steps is refused whole, whether its laws or its windows are heavy, and none of it is
/// taken: the same key is free for less.
#[tokio::test]
async fn what_takes_too_many_steps_to_judge_is_refused_and_nothing_is_taken() {
    for house in houses(100).await {
        let names: Vec<String> = (0..20).map(|n| format!("m{n}")).collect();
        let heavy = [
            Rules { laws: vec!["(reserves ** 64) ** 8 >= issued".into()], metrics: Vec::new() },
            Rules {
                laws: Vec::new(),
                metrics: names.iter().map(|name| Metric { window: 500, ..Metric::named(name) }).collect(),
            },
        ];
        for (index, rules) in heavy.into_iter().enumerate() {
            let new = NewMonitor { rules, ..new_monitor(1) };
            let id = house.sentinel.start(house.account, None, new, &format!("start-{index}")).await.expect("on").0.id;
            let one = || {
                let values = names.iter().map(|name| (name.clone(), "7".parse().expect("a number")));
                let mut one = observation("123456789012345678", "1");
                one.values.extend(values);
                one
            };
            let many = vec![one(); 3_000];
            let refused = house.sentinel.observe(house.account, id, many, "key").await;
            let Err(SentinelError::Invalid(error)) = refused else { panic!("{} {index}: {refused:?}", house.name) };
            assert_eq!(error.place, "observations");
            assert!(error.message.contains("send fewer"), "{error}");
            assert_eq!(house.monitor(id).await.observations, 0);
            let (taken, replayed) = house.sentinel.observe(house.account, id, vec![one()], "key").await.expect("taken");
            assert_eq!((taken.len(), taken[0].seq, replayed), (1, 1, false));
        }
    }
}

/// Pages reach back over requests, and end where they should inside of one.
#[tokio::test]
async fn observations_are_paged_over_the_requests_they_came_in() {
    for house in houses(100).await {
        let id = house.start(new_monitor(1)).await.id;
        for (request, count) in [("a", 3), ("b", 1), ("c", 5), ("d", 2)] {
            let new = vec![observation("2", "1"); count];
            house.sentinel.observe(house.account, id, new, request).await.expect("observed");
        }
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = house.sentinel.observations(house.account, id, before, 4).await.expect("listed");
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            seen.push(page.iter().map(|one| one.seq).collect::<Vec<_>>());
        }
        assert_eq!(seen, [vec![11, 10, 9, 8], vec![7, 6, 5, 4], vec![3, 2, 1]], "{}", house.name);
    }
}

#[tokio::test]
async fn requests_at_once_are_each_kept() {
    for house in houses(100).await {
        let id = house.start(new_monitor(1)).await.id;
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let (sentinel, account) = (house.sentinel.clone(), house.account);
                tokio::spawn(async move {
                    sentinel.observe(account, id, vec![observation("5", "5")], &format!("at-once-{n}")).await
                })
            })
            .collect();
        let mut seqs = Vec::new();
        for task in tasks {
            seqs.push(task.await.expect("ran").expect("observed").0[0].seq);
        }
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=8).collect::<Vec<_>>(), "{}", house.name);
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

#[test]
fn rules_that_cannot_be_read_are_named() {
    let sentence = |rules: Rules| rules.read().err().map(|error| (error.place, error.message)).expect("refused");
    assert_eq!(sentence(Rules::default()).0, "laws");
    assert_eq!(sentence(Rules { laws: vec!["x >".into()], metrics: Vec::new() }).0, "laws[0]");
    let number = sentence(Rules { laws: vec!["x > 1".into(), "x + 1".into()], metrics: Vec::new() });
    assert_eq!(number.0, "laws[1]", "{number:?}");
    let metric = |metric: Metric| Rules { laws: Vec::new(), metrics: vec![metric] };
    assert_eq!(sentence(metric(Metric { window: 9, ..Metric::named("x") })).0, "metrics[0].window");
    let (low, high) = (Some("2".parse().expect("two")), Some("1".parse().expect("one")));
    assert_eq!(sentence(metric(Metric { low, high, ..Metric::named("x") })).0, "metrics[0].low");
}

proptest! {
    #[test]
    fn the_median_is_the_middle_of_what_is_sorted(values in proptest::collection::vec(-1_000_i64..1_000, 1..40)) {
        let middle = median(values.iter().map(|value| BigRational::from_integer((*value).into())).collect());
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        prop_assert_eq!(middle, BigRational::new((low + high).into(), 2.into()));
    }

    /// What is usual is judged alike whatever is added to all values, and one wild value does not become usual.
    #[test]
    fn a_baseline_moves_with_its_values(values in proptest::collection::vec(0_i64..20, 12..60), value in -100_i64..100, by in -500_i64..500) {
        let metric = Metric::named("x");
        let decimal = |number: i64| number.to_string().parse::<Decimal>().expect("a number");
        let here: VecDeque<Decimal> = values.iter().map(|one| decimal(*one)).collect();
        let there: VecDeque<Decimal> = values.iter().map(|one| decimal(one + by)).collect();
        prop_assert_eq!(is_strange(&metric, &here, &decimal(value)), is_strange(&metric, &there, &decimal(value + by)));
        let mut wild = here.clone();
        wild.push_back(decimal(1_000_000));
        prop_assert!(is_strange(&metric, &wild, &decimal(1_000_000)));
    }
}
