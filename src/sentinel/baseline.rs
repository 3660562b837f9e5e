//! What is usual for a metric: the median of its last values and how far they lie from it, both exact.
//!
//! Median and median deviation, because a few wild values must not move what they are judged by. The values are kept in
//! order, so that a value is judged by halving and not by sorting: ten thousand against twenty metrics are one request.

use std::collections::VecDeque;
use std::sync::LazyLock;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use super::rules::Metric;
use crate::language::{DECIMAL_DIGITS_MAX, Decimal};

/// Before so many values nothing is usual yet.
const VALUES_LEAST: usize = 10;
/// For values spread like a bell curve, one standard deviation is 1.4826 median deviations.
const SCALE: (i64, i64) = (14_826, 10_000);
/// What every value is multiplied by to be a whole number: no decimal has more digits. Whole numbers need no shortening.
static UNIT: LazyLock<BigInt> = LazyLock::new(|| BigInt::from(10).pow(u32::try_from(DECIMAL_DIGITS_MAX).unwrap_or(60)));

/// The last values of a metric, in the order in which they came, and sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "VecDeque<Decimal>", into = "VecDeque<Decimal>")]
pub(super) struct Baseline {
    values: VecDeque<Decimal>,
    /// The same, times [`UNIT`], least first; empty until it is needed.
    sorted: Vec<BigInt>,
}

impl From<VecDeque<Decimal>> for Baseline {
    fn from(values: VecDeque<Decimal>) -> Self {
        Self { values, sorted: Vec::new() }
    }
}

impl From<Baseline> for VecDeque<Decimal> {
    fn from(baseline: Baseline) -> Self {
        baseline.values
    }
}

impl Baseline {
    /// Whether a value is an anomaly after these.
    pub fn is_strange(&mut self, metric: &Metric, value: &Decimal) -> bool {
        if metric.low.as_ref().is_some_and(|low| value < low) || metric.high.as_ref().is_some_and(|high| value > high) {
            return true;
        }
        if self.values.len() < VALUES_LEAST {
            return false;
        }
        self.sort();
        // Twice the middle and twice the distance from it are whole numbers, also between two values.
        let middle = self.twice_the_middle();
        let distance = (twice(&whole(value)) - &middle).abs();
        let spread = self.four_times_the_spread(&middle);
        if spread.is_zero() {
            // Half of all values were the same: any other one is an anomaly.
            return !distance.is_zero();
        }
        twice(&distance) * SCALE.1 > spread * SCALE.0 * metric.sensitivity
    }

    /// Remembers a value, and forgets what is older than the metric's window.
    pub fn remember(&mut self, metric: &Metric, value: Decimal) {
        self.sort();
        let number = whole(&value);
        let place = self.sorted.partition_point(|one| *one < number);
        self.sorted.insert(place, number);
        self.values.push_back(value);
        while self.values.len() > metric.window {
            let oldest = self.values.pop_front().map(|oldest| self.sorted.binary_search(&whole(&oldest)));
            if let Some(Ok(place)) = oldest {
                self.sorted.remove(place);
            }
        }
    }

    /// What it costs, in steps, to judge and remember a value: what halving takes, whatever the numbers are, since none
    /// of them has more than some words.
    pub fn cost(&self) -> u64 {
        let halvings = u64::from(usize::BITS - self.values.len().leading_zeros());
        4 * halvings + 16
    }

    fn sort(&mut self) {
        if self.sorted.len() != self.values.len() {
            self.sorted = self.values.iter().map(whole).collect();
            self.sorted.sort_unstable();
        }
    }

    fn at(&self, index: usize) -> BigInt {
        self.sorted.get(index).cloned().unwrap_or_default()
    }

    fn twice_the_middle(&self) -> BigInt {
        let (odd, half) = (self.sorted.len() % 2 == 1, self.sorted.len() / 2);
        if odd { twice(&self.at(half)) } else { self.at(half.saturating_sub(1)) + self.at(half) }
    }

    /// Four times the median of the distances: the values that lie closest to the middle stand side by side, so that
    /// halving finds where they begin.
    fn four_times_the_spread(&self, twice_the_middle: &BigInt) -> BigInt {
        let (length, odd) = (self.sorted.len(), self.sorted.len() % 2 == 1);
        let wanted = length / 2 + 1;
        let distance = |index: usize| (twice(&self.at(index)) - twice_the_middle).abs();
        let (mut first, mut most) = (0, length.saturating_sub(wanted));
        while first < most {
            let start = first.midpoint(most);
            if distance(start) > distance(start + wanted) { first = start + 1 } else { most = start }
        }
        // The farthest of them stands at an end, and the next farthest at an end of the rest.
        let last = (first + wanted).saturating_sub(1);
        let (low, high) = (distance(first), distance(last));
        let next = if low > high {
            distance(first + 1).max(high.clone())
        } else {
            distance(last.saturating_sub(1)).max(low.clone())
        };
        let farthest = low.max(high);
        if odd { twice(&farthest) } else { farthest + next }
    }
}

fn twice(number: &BigInt) -> BigInt {
    number + number
}

/// A decimal times [`UNIT`]: its denominator divides it.
fn whole(value: &Decimal) -> BigInt {
    value.value().numer() * (&*UNIT / value.value().denom())
}

/// The middle value, or the mean of the two in the middle; zero of nothing.
pub(super) fn median(mut values: Vec<BigRational>) -> BigRational {
    if values.is_empty() {
        return BigRational::zero();
    }
    let (odd, half) = (values.len() % 2 == 1, values.len() / 2);
    let (below, middle, _) = values.select_nth_unstable(half);
    match below.iter().max() {
        Some(before) if !odd => (before + &*middle) / BigRational::from_integer(BigInt::from(2)),
        _ => middle.clone(),
    }
}
