//! What exact computing may cost, counted and not timed: the same program always costs the same.

use std::cell::Cell;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::ast::BinaryOperator;
use super::evaluate::{Fault, Value};
use super::limits::STEPS_MAX;

const WORD_BITS: u64 = 64;

/// Steps that are left for one task. A step is about what one machine word costs.
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    left: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(STEPS_MAX)
    }
}

impl Budget {
    /// For a task that may cost so many steps.
    pub fn of(steps: u64) -> Self {
        Self { steps, left: Cell::new(steps) }
    }

    /// Takes steps, before they are gone.
    ///
    /// # Errors
    /// `TooMuchWork` when fewer are left; then none are.
    pub fn spend(&self, steps: u64) -> Result<(), Fault> {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.map(drop).ok_or(Fault::TooMuchWork)
    }

    /// Takes what it costs to add, subtract or compare two numbers.
    ///
    /// # Errors
    /// As [`Budget::spend`].
    pub fn join(&self, left: &BigRational, right: &BigRational) -> Result<(), Fault> {
        self.spend(joining(BinaryOperator::Add, left, right))
    }

    /// What it costs to carry a number around.
    pub fn number(value: &BigRational) -> u64 {
        words(value.numer()).saturating_add(words(value.denom()))
    }

    /// What it costs to write a number in digits.
    pub fn digits(value: &BigRational) -> u64 {
        raising(value.numer().bits().saturating_add(value.denom().bits()))
    }

    /// What was spent already.
    pub fn spent(&self) -> u64 {
        self.steps.saturating_sub(self.left.get())
    }
}

fn words(value: &BigInt) -> u64 {
    value.bits() / WORD_BITS + 1
}

/// What it costs to carry a value around.
pub(super) fn weight(value: &Value) -> u64 {
    match value {
        Value::Number(value) => Budget::number(value),
        Value::Text(text) => u64::try_from(text.len()).unwrap_or(u64::MAX) / (WORD_BITS / 8) + 1,
        Value::Boolean(_) => 1,
    }
}

/// What it costs to join two numbers.
pub(super) fn joining(operator: BinaryOperator, left: &BigRational, right: &BigRational) -> u64 {
    let whole = left.is_integer() && right.is_integer();
    if whole && operator != BinaryOperator::Divide {
        return words(left.numer()).saturating_mul(words(right.numer()));
    }
    // Fractions are shortened bit by bit, and each bit costs a walk over all words.
    let bits = [left, right].iter().map(|value| value.numer().bits().saturating_add(value.denom().bits())).sum::<u64>();
    bits.saturating_mul(bits / WORD_BITS + 1)
}

/// What it costs to raise a number to this size.
pub(super) fn raising(value_bits: u64) -> u64 {
    let words = value_bits / WORD_BITS + 1;
    words.saturating_mul(words)
}
