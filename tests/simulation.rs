//! The real kernel over a real SQLite file, with simulated time, faults and crashes, against a plain reference.
//!
//! `AETHEL_SIMULATION_SEED` replays one seed, `AETHEL_SIMULATION_SEEDS` plays so many from a fresh start; see
//! docs/testing.md.
#![cfg(feature = "ssr")]

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use aethel::billing::store::Sql;
use world::{Story, World};

#[path = "simulation/both_stores.rs"]
mod both_stores;
#[path = "simulation/chance.rs"]
mod chance;
#[path = "simulation/faults.rs"]
mod faults;
#[path = "simulation/model.rs"]
mod model;
#[path = "simulation/planted.rs"]
mod planted;
#[path = "simulation/reckoning.rs"]
mod reckoning;
#[path = "simulation/script.rs"]
mod script;
#[path = "simulation/world.rs"]
mod world;

/// Seeds of a test run: 1 to this.
const SEEDS: u64 = 500;
const STEPS: usize = 24;
/// What figure F16 asks of simulated against real time.
const TIMES_REAL_TIME: i64 = 100;

#[expect(clippy::disallowed_methods, reason = "settings that tests take from outside")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

/// Plays one seed; one that fails is named together with the way to have it again.
fn play(seed: u64, directory: &std::path::Path) -> Story {
    let played = std::panic::catch_unwind(AssertUnwindSafe(|| World::new(seed, directory).play(STEPS)));
    played.unwrap_or_else(|cause| {
        eprintln!(
            "seed {seed} failed; again: AETHEL_SIMULATION_SEED={seed} cargo test --features ssr --test simulation"
        );
        std::panic::resume_unwind(cause)
    })
}

/// The seeds to play: one named, many fresh ones, or those of a test run.
#[expect(clippy::disallowed_methods, reason = "fresh seeds have to come from somewhere; each is printed if it fails")]
fn seeds() -> Vec<u64> {
    if let Some(seed) = setting("AETHEL_SIMULATION_SEED") {
        return vec![seed];
    }
    let Some(count) = setting("AETHEL_SIMULATION_SEEDS") else { return (1..=SEEDS).collect() };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let first = u64::try_from(now.as_millis()).unwrap_or(0);
    (first..first + count).collect()
}

#[test]
fn the_kernel_and_the_reference_agree_through_faults_and_crashes() {
    let directory = tempfile::tempdir().expect("a directory");
    let (started, seeds) = (Instant::now(), seeds());
    // Each run is alone with its file; only how many go on side by side depends on the machine.
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let stories = std::thread::scope(|scope| {
        let played = |worker| {
            let (seeds, directory) = (&seeds, directory.path());
            move || seeds.iter().skip(worker).step_by(workers).map(|seed| play(*seed, directory)).collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..workers).map(|worker| scope.spawn(played(worker))).collect();
        let ended = workers.into_iter().map(|worker| worker.join());
        ended.flat_map(|stories| stories.unwrap_or_else(|cause| std::panic::resume_unwind(cause))).collect::<Vec<_>>()
    });
    let mut sum = Story::default();
    for story in stories {
        sum.simulated_seconds += story.simulated_seconds;
        sum.orders += story.orders;
        sum.acknowledged += story.acknowledged;
        sum.unknown += story.unknown;
        sum.crashes += story.crashes;
        for (code, count) in story.refusals {
            *sum.refusals.entry(code).or_default() += count;
        }
    }
    let real = started.elapsed();
    let ratio = sum.simulated_seconds / i64::try_from(real.as_secs()).expect("short").max(1);
    println!(
        "{} seeds: {} orders, {} done, {} without an answer, {} crashes; {} simulated days in {:.1} s, {ratio} times real time",
        seeds.len(),
        sum.orders,
        sum.acknowledged,
        sum.unknown,
        sum.crashes,
        sum.simulated_seconds / 86_400,
        real.as_secs_f64()
    );
    println!("refusals: {:?}", sum.refusals);
    assert!(ratio >= TIMES_REAL_TIME, "only {ratio} times real time");
    if seeds.len() >= 100 {
        // A simulation in which nothing goes wrong, or nothing goes right, shows nothing.
        assert!(sum.unknown > 100 && sum.crashes > 50 && sum.acknowledged > 1_000, "{sum:?}");
        let met = ["insufficient_credits", "budget_exceeded", "hold_settled", "already_granted", "account_suspended"];
        for code in met.iter().chain(&["refund_exceeds_charge", "reversal_exceeds_purchase", "not_owed"]) {
            assert!(sum.refusals.contains_key(code), "{code} was never met: {:?}", sum.refusals);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let traces: Vec<Story> =
        [7, 7, 8, 8].map(|seed| play(seed, tempfile::tempdir().expect("a directory").path())).into();
    assert_eq!(traces[0], traces[1]);
    assert_eq!(traces[2], traces[3]);
    assert_ne!(traces[0].trace, traces[2].trace);
}

#[test]
fn a_store_that_is_tampered_with_does_not_pass() {
    let tampered = [
        Sql::both("update accounts set available = available + 1, issued = issued - 1"),
        Sql::both("update grants set remaining = remaining - 1 where remaining > held"),
        Sql::both("update grants set reversed = reversed + 1 where reversed < size"),
        Sql::both("update entries set memo = 'another' where seq = 2"),
        Sql::both("delete from requests where request like 'r%'"),
    ];
    for (index, statement) in tampered.into_iter().enumerate() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut world = World::calm(3, directory.path());
        for step in 0..STEPS {
            world.step(step);
        }
        world.inspect();
        world.tamper(statement);
        let passed = std::panic::catch_unwind(AssertUnwindSafe(|| world.inspect()));
        assert!(passed.is_err(), "tampering {index} went unseen");
    }
}
