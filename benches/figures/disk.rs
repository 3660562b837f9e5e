//! One durable charge against the least that durability can cost: a raw 4 KiB append and `fdatasync`.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Instant;

use crate::house::House;
use crate::{ROUNDS, load};

const APPENDS: usize = 400;
const CHARGE_MILLIS: u64 = 1_000;

/// Medians in microseconds: (raw append, charge), a pair for each round.
pub fn compare(house: &House) -> Vec<(u64, u64)> {
    let load = load::Load { connections: 1, millis: CHARGE_MILLIS, ..house.load() };
    (0..ROUNDS).map(|_| (append(house), load.run(&|number| house.charge(0, number)).percentile(50))).collect()
}

fn append(house: &House) -> u64 {
    let path = house.directory.path().join("raw");
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a file on the ledger's disk");
    let page = [7_u8; 4_096];
    let mut micros: Vec<u64> = (0..APPENDS)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&page).and_then(|()| file.sync_data()).expect("the disk writes");
            u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
        })
        .collect();
    micros.sort_unstable();
    micros[micros.len() / 2]
}
