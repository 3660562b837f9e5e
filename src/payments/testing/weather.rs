//! A store that goes away at any step, and the dice.

use std::sync::Mutex;

use crate::billing::store::{Failure, FaultPlan, Step, When};

/// A delivery takes a few steps of the store and a round over the inbox some dozens.
const STEPS_MAX: usize = 40;

/// The store goes away once, so many steps from now.
#[derive(Debug, Default)]
pub struct Weather(Mutex<Option<(usize, When)>>);

impl FaultPlan for Weather {
    fn strike(&self, _: Step) -> Option<(When, Failure)> {
        let mut ahead = self.0.lock().expect("nobody panics here");
        match *ahead {
            Some((0, when)) => {
                *ahead = None;
                Some((when, Failure::Outage))
            }
            Some((steps, when)) => {
                *ahead = Some((steps - 1, when));
                None
            }
            None => None,
        }
    }
}

/// SplitMix64: the same seed tells the same story.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).expect("small")).expect("small")
    }
}

impl Weather {
    /// Now and then something lies ahead.
    pub fn roll(&self, chance: &mut Chance) {
        let when = if chance.below(2) == 0 { When::Before } else { When::After };
        let ahead = (chance.below(2) == 0).then(|| (chance.below(STEPS_MAX), when));
        *self.0.lock().expect("nobody panics here") = ahead;
    }

    pub fn clear(&self) {
        *self.0.lock().expect("nobody panics here") = None;
    }
}
