//! The seeds of a simulation: those of a test run, one that is named, or many fresh ones. One that fails is told.

/// The seeds to play: 1 to `usual` unless `AETHEL_SIMULATION_SEED` names one or `AETHEL_SIMULATION_SEEDS` asks for so many
/// fresh ones.
#[expect(clippy::disallowed_methods, reason = "fresh seeds have to come from somewhere; each is printed if it fails")]
pub fn seeds(usual: u64) -> Vec<u64> {
    if let Some(seed) = setting("AETHEL_SIMULATION_SEED") {
        return vec![seed];
    }
    let Some(count) = setting("AETHEL_SIMULATION_SEEDS") else { return (1..=usual).collect() };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let first = u64::try_from(now.as_millis()).unwrap_or(0);
    (first..first + count).collect()
}

#[expect(clippy::disallowed_methods, reason = "settings that tests take from outside")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

/// A seed being played: when its test fails, it says how to have it again.
pub struct Playing {
    pub seed: u64,
    /// The test, as the test runner names it.
    pub test: &'static str,
}

impl Drop for Playing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { seed, test } = self;
            eprintln!(
                "seed {seed} failed; again: AETHEL_SIMULATION_SEED={seed} cargo test --features ssr --lib {test}"
            );
        }
    }
}
