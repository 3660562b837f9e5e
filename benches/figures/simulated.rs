//! The simulation of the kernel: how much faster its clock goes than ours, with the faults, crashes and checks of the
//! tests.

use std::time::Instant;

use crate::ROUNDS;
use crate::house::directory;
use crate::table::{Goal, Line, Table, grouped, median};
use crate::world::World;

const SEEDS: u64 = 20;
/// As long as a seed is in the tests.
const STEPS: usize = 24;

pub fn measure(table: &mut Table) {
    let (mut ratios, mut seeds_per_minute) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS as u64 {
        let directory = directory();
        let begun = Instant::now();
        let seeds = round * SEEDS + 1..=(round + 1) * SEEDS;
        let simulated: i64 = seeds.map(|seed| World::new(seed, directory.path()).play(STEPS).simulated_seconds).sum();
        let real = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        ratios.push(simulated.unsigned_abs() * 1_000 / real);
        seeds_per_minute.push(SEEDS * 60_000 / real);
    }
    let method = "simulated seconds in a real one: the kernel over a real file with faults, crashes, a reference and an \
                  audit, one thread, 20 seeds a round";
    table.value(&Line { figure: "F16", method, unit: "", goal: Goal::AtLeast(100) }, &ratios);
    table.note(format!("F16: {} seeds a minute on one thread", grouped(median(seeds_per_minute))));
}
