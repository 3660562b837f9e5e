//! What is usual for a metric: the median of its last values and how far they lie from it, both exact.
//!
//! Median and median deviation, because a few wild values must not move what they are judged by.

use std::collections::VecDeque;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::rules::Metric;
use crate::language::{Budget, Decimal};

/// Before so many values nothing is usual yet.
const VALUES_LEAST: usize = 10;
/// For values spread like a bell curve, one standard deviation is 1.4826 median deviations.
const SCALE: (i64, i64) = (14_826, 10_000);

/// Whether a value is an anomaly after these.
pub(super) fn is_strange(metric: &Metric, before: &VecDeque<Decimal>, value: &Decimal) -> bool {
    if metric.low.as_ref().is_some_and(|low| value < low) || metric.high.as_ref().is_some_and(|high| value > high) {
        return true;
    }
    if before.len() < VALUES_LEAST {
        return false;
    }
    let values: Vec<BigRational> = before.iter().map(|value| value.value().clone()).collect();
    let middle = median(values.clone());
    let spread = median(values.into_iter().map(|value| (value - &middle).abs()).collect());
    let distance = (value.value() - &middle).abs();
    if spread.is_zero() {
        // Half of all values were the same: any other one is an anomaly.
        return !distance.is_zero();
    }
    let scale = BigRational::new(BigInt::from(SCALE.0), BigInt::from(SCALE.1));
    distance > spread * scale * BigRational::from_integer(BigInt::from(metric.sensitivity))
}

/// What it costs, in steps, to judge a value after these.
pub(super) fn cost(before: &VecDeque<Decimal>) -> u64 {
    before.iter().map(|value| Budget::number(value.value())).sum()
}

/// Remembers a value, and forgets what is older than the metric's window.
pub(super) fn remember(metric: &Metric, before: &mut VecDeque<Decimal>, value: Decimal) {
    before.push_back(value);
    while before.len() > metric.window {
        before.pop_front();
    }
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
