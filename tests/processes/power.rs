//! Power cuts: the writes of a real server under load are recorded, and the files are built again as a cut at any
//! moment would leave them. Whatever was acknowledged before the cut is there, once, and the audit finds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use aethel::billing::AuditReport;
use aethel::billing::store::{Database, Failure, FaultPlan, Sql, Step, When};

use crate::house::{House, charge, grant, open, setting, times};
use crate::recording::{Disk, Event, read, shim};

/// Images of a test run; `make hammer` builds more, from another seed.
const CUTS: u32 = 1_000;
const SEED: u64 = 15;
const CONNECTIONS: usize = 2;
/// Charges of each: enough that the write-ahead log is carried over into the database in between.
const ROUNDS: usize = 80;
/// How many images are looked at side by side.
const AT_ONCE: usize = 2;

const CHARGES: Sql = Sql::both("select id, request from entries where kind = 'charge'");
const REQUESTS: Sql = Sql::both("select count(*) from requests where scope = $1 and request like '%charged-%'");

/// What happened to the disk, and when each charge was acknowledged: the length of the recording at that moment.
struct Recording {
    before: Disk,
    events: Vec<(usize, Event)>,
    acknowledged: Vec<(usize, String)>,
    account: String,
}

async fn record() -> Recording {
    let house = House::sqlite();
    let key = house.operator_key();
    let (file, log) = (house.file("house.db"), house.file("recording"));
    let before = Disk { files: [std::fs::read(&file).expect("a database"), Vec::new()] };
    assert!(!house.file("house.db-wal").exists(), "the command line closes what it opened");
    let settings: [(&str, &Path); 3] = [("LD_PRELOAD", shim()), ("AETHEL_DISK_FILE", &file), ("AETHEL_DISK_LOG", &log)];
    let mut server = house.serve_with(&settings);
    let account = open(&server.address, &key, "open").await;
    assert_eq!(grant(&server.address, &key, &account, "grant", 1_000_000).await.status, 200);
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let sent = (0..CONNECTIONS).map(|index| {
            let (address, key, account, log) = (&server.address, &key, &account, &log);
            async move {
                let answer = charge(address, key, account, &format!("charged-{round}-{index}"), 1).await;
                let answer = answer.expect("an answer");
                assert_eq!(answer.status, 200, "{answer:?}");
                // Whatever was written down by now was written before the answer was here.
                let length = std::fs::metadata(log).expect("a recording").len();
                let entry = answer.body["transaction_id"].as_str().expect("an id").to_owned();
                (usize::try_from(length).expect("small"), entry)
            }
        });
        acknowledged.extend(futures::future::join_all(sent).await);
    }
    server.kill();
    let events = read(&std::fs::read(&log).expect("a recording"));
    Recording { before, events, acknowledged, account }
}

/// SplitMix64: the same seed cuts at the same places.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).expect("small")).expect("small")
    }
}

/// The files after a cut before event number `cut`: what was synced, and of the rest what the disk got to.
fn image(recording: &Recording, cut: usize, chance: &mut Chance) -> Disk {
    let mut disk = recording.before.clone();
    let events = recording.events[..cut].iter().map(|(_, event)| event);
    let synced: BTreeMap<usize, usize> = events
        .clone()
        .enumerate()
        .filter(|(_, event)| event.is_sync())
        .map(|(index, event)| (event.file(), index))
        .collect();
    let is_synced = |index: usize, event: &Event| synced.get(&event.file()).is_some_and(|last| index < *last);
    let weather = chance.below(4);
    let mut rest = Vec::new();
    for (index, event) in events.enumerate() {
        if is_synced(index, event) {
            disk.carry_out(event);
        } else {
            rest.push(event);
        }
    }
    let last = rest.len().saturating_sub(1);
    for (index, event) in rest.into_iter().enumerate() {
        match weather {
            // Everything unsynced is lost.
            0 => {}
            // Written in order, and the last write only up to some sector.
            1 if index == last => {
                let whole = chance.below(8);
                disk.tear(event, |sector| sector <= whole);
            }
            1 => disk.carry_out(event),
            // Some were written and some were not, in no order.
            2 if chance.below(2) == 0 => disk.carry_out(event),
            2 => {}
            // The same, sector by sector.
            _ => disk.tear(event, |_| chance.below(2) == 0),
        }
    }
    disk
}

/// No faults of its own: the image is fault enough.
#[derive(Debug)]
struct Calm;

impl FaultPlan for Calm {
    fn strike(&self, _: Step) -> Option<(When, Failure)> {
        None
    }
}

/// Opens an image as the next start of a server would, and says what is wrong with it, and where it is.
async fn wrong_with(recording: &Recording, cut: usize, disk: &Disk) -> Option<(String, tempfile::TempDir)> {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("house.db");
    std::fs::write(&file, &disk.files[0]).expect("an image");
    if !disk.files[1].is_empty() {
        std::fs::write(directory.path().join("house.db-wal"), &disk.files[1]).expect("an image");
    }
    let found = match Database::rehearse_sqlite(&file, Arc::new(Calm)).await {
        Ok(database) => {
            let found = look(recording, cut, &database).await;
            database.close().await;
            found
        }
        Err(error) => Some(format!("it does not open: {error:?}")),
    };
    found.map(|found| (found, directory))
}

async fn look(recording: &Recording, cut: usize, database: &Database) -> Option<String> {
    let report = AuditReport::of(database).await.expect("it reads");
    if !report.faults.is_empty() {
        return Some(format!("{:?}", report.faults));
    }
    let rows = database.fetch(CHARGES, Vec::new()).await.expect("it reads");
    let charged: BTreeSet<String> = rows.iter().map(|row| row.text(0).expect("an id")).collect();
    let requests: BTreeSet<String> = rows.iter().map(|row| row.text(1).expect("a key")).collect();
    let rows = database.fetch(REQUESTS, vec![recording.account.as_str().into()]).await.expect("it reads");
    let answered = usize::try_from(rows[0].int(0).expect("a number")).expect("small");
    if (charged.len(), answered) != (requests.len(), requests.len()) {
        return Some(format!("{} charges, {} keys, {answered} answers", charged.len(), requests.len()));
    }
    let length = cut.checked_sub(1).map_or(0, |last| recording.events[last].0);
    let before = recording.acknowledged.iter().filter(|(at, _)| *at <= length);
    before.map(|(_, entry)| entry).find(|entry| !charged.contains(*entry)).map(|lost| format!("{lost} is lost"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_at_any_moment_loses_nothing_acknowledged() {
    let started = Instant::now();
    let seed = setting("AETHEL_POWER_SEED").map_or(SEED, |text| text.parse().expect("a whole number"));
    let recording = record().await;
    let recorded = started.elapsed();
    let checkpoints = recording.events.iter().filter(|(_, event)| event.file() == 1 && event.is_sync()).count();
    assert!(checkpoints > 0, "{} events, none in the database file", recording.events.len());
    let cuts = usize::try_from(times("AETHEL_POWER_CUTS", CUTS)).expect("small");
    let mut chance = Chance(seed);
    let mut known = 0;
    let places: Vec<usize> = (0..cuts).map(|_| chance.below(recording.events.len() + 1)).collect();
    for group in places.chunks(AT_ONCE) {
        let images: Vec<Disk> = group.iter().map(|cut| image(&recording, *cut, &mut chance)).collect();
        let found = group.iter().zip(&images).map(|(cut, disk)| wrong_with(&recording, *cut, disk));
        for (cut, wrong) in group.iter().zip(futures::future::join_all(found).await) {
            let length = cut.checked_sub(1).map_or(0, |last| recording.events[last].0);
            known += recording.acknowledged.iter().filter(|(at, _)| *at <= length).count();
            if let Some((wrong, directory)) = wrong {
                // The recording depends on the moment, so the image itself is what can be looked at again.
                panic!("cut {cut} of seed {seed}: {wrong}; the files are kept in {}", directory.keep().display());
            }
        }
    }
    println!(
        "seed {seed}: {} events with {checkpoints} syncs of the database file recorded in {:.1} s; {cuts} cuts, \
         {known} times an acknowledged charge was looked for and found, in {:.1} s",
        recording.events.len(),
        recorded.as_secs_f64(),
        (started.elapsed() - recorded).as_secs_f64()
    );
    assert!(known > 0);
    // An image that lost what was synced must not pass, or the others have shown nothing.
    let forgetful = wrong_with(&recording, recording.events.len(), &recording.before).await;
    assert!(forgetful.is_some_and(|(wrong, _)| wrong.contains("is lost")), "a lost ledger went unseen");
}
