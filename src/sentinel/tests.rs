//! Monitors by rule and by chance, with the clock moved by hand, on both stores and by two servers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use proptest::prelude::*;

use super::baseline::{Baseline, median};
use super::*;
use crate::billing::store::testing::databases;
use crate::billing::store::{Database, Sql};
use crate::billing::{Kernel, KernelError, NewAccount, Order};
use crate::language::Decimal;
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Clock, Command, Credits, IdSource, Refusal, Tier};
use crate::mail::Mail;

mod clock;
mod many;

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

    /// What the customer's servers are told of alerts, oldest first.
    async fn announced(&self) -> Vec<String> {
        let events = Sql::both("select payload from webhook_events where account_id = $1 and kind = $2 order by id");
        let args = vec![self.account.to_string().into(), "monitor.alert".into()];
        let rows = self.database.fetch(events, args).await.expect("read");
        rows.iter().map(|row| row.text(0).expect("a text")).collect()
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
        let (longer, _) = house.sentinel.extend(house.account, monitor.id, 2, "more").await.expect("extended");
        assert_eq!((longer.hours_held, house.credits().await), (3, (70, 30)), "{}", house.name);
        let again = house.sentinel.extend(house.account, monitor.id, 2, "more").await.expect("the same again");
        assert_eq!((again.0.hours_held, again.1, house.credits().await), (3, true, (70, 30)));
        house.pass(3 * HOUR + 600).await;
        let ended = house.monitor(monitor.id).await;
        assert_eq!((ended.state, ended.hours_captured, house.credits().await), (MonitorState::Ended, 3, (70, 0)));
        let (again, _) = house.sentinel.extend(house.account, monitor.id, 1, "again").await.expect("extended");
        assert_eq!((again.state, again.hours_held), (MonitorState::Running, 1));
        house.pass(HOUR + 300).await;
        assert_eq!(house.credits().await, (60, 0));
    }
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
        let (report, complete) = report.expect("reported");
        assert!(complete);
        assert_eq!((report.len(), report[0].observations, report[0].violations), (1, 6, 3));
        assert_eq!(report[0].metrics[0].median, "100.1");
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
        let mut here = baseline(values.iter().map(|one| decimal(*one)));
        let mut there = baseline(values.iter().map(|one| decimal(*one + by)));
        prop_assert_eq!(here.is_strange(&metric, &decimal(value)), there.is_strange(&metric, &decimal(value + by)));
        here.remember(&metric, decimal(1_000_000));
        prop_assert!(here.is_strange(&metric, &decimal(1_000_000)));
    }

    /// Halving comes to what sorting comes to, also when the window slides and between numbers with many places.
    #[test]
    fn what_is_usual_is_found_as_by_sorting_everything(
        values in proptest::collection::vec((-40_i64..40, 1_usize..5), 10..80),
        window in 10_usize..40,
        sensitivity in 1_u32..4,
    ) {
        let metric = Metric { window, sensitivity, ..Metric::named("x") };
        let text = |(number, places)| format!("{number}.{}", "7".repeat(places));
        let decimal = |value: (i64, usize)| text(value).parse::<Decimal>().expect("a number");
        let values: Vec<Decimal> = values.into_iter().map(decimal).collect();
        let mut baseline = Baseline::default();
        for (index, value) in values.iter().enumerate() {
            let before = &values[index.saturating_sub(window)..index];
            prop_assert_eq!(baseline.is_strange(&metric, value), is_strange_by_sorting(&metric, before, value));
            baseline.remember(&metric, value.clone());
        }
    }
}

fn baseline(values: impl Iterator<Item = Decimal>) -> Baseline {
    values.collect::<VecDeque<Decimal>>().into()
}

/// The definition, word for word.
fn is_strange_by_sorting(metric: &Metric, before: &[Decimal], value: &Decimal) -> bool {
    if before.len() < 10 {
        return false;
    }
    let values: Vec<BigRational> = before.iter().map(|value| value.value().clone()).collect();
    let middle = median(values.clone());
    let spread = median(values.into_iter().map(|value| (value - &middle).abs()).collect());
    let distance = (value.value() - &middle).abs();
    match spread.is_zero() {
        true => !distance.is_zero(),
        false => distance > spread * BigRational::new((14_826 * metric.sensitivity).into(), 10_000.into()),
    }
}
