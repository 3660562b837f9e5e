//! What transitions keep: the linear combinations of names that none of them changes, whatever they are given.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::judge::Effects;
use crate::language::Value;

/// What transitions do and keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub transitions: Vec<TransitionEffect>,
    /// A basis: every combination that is kept is a sum of multiples of these.
    pub combinations: Vec<Combination>,
    /// Names whose change is no linear form or may be anything: they are in no combination.
    pub left_out: Vec<String>,
}

/// What one transition adds to each name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitionEffect {
    pub name: String,
    /// Name and what is added to it, as text.
    pub changes: Vec<(String, String)>,
}

/// A sum that never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combination {
    /// `payer_balance + payee_balance`
    pub text: String,
    /// Whole numbers without a common divisor; the first is positive.
    pub coefficients: Vec<(String, String)>,
}

type Vector = Vec<BigRational>;

/// Finds what the transitions keep.
#[must_use]
pub fn kept_by(transitions: &[Effects]) -> Kept {
    let mut names: Vec<&str> = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    for change in transitions.iter().flat_map(|one| &one.changes) {
        if change.by.is_none() {
            if !left_out.contains(&change.name) {
                left_out.push(change.name.clone());
            }
        } else if !names.contains(&change.name.as_str()) {
            names.push(&change.name);
        }
    }
    names.retain(|name| !left_out.iter().any(|out| out == name));
    let equations = equations(transitions, &names);
    let combinations =
        null_space(equations, names.len()).into_iter().map(|vector| combination(&names, vector)).collect();
    Kept { transitions: transitions.iter().map(effect).collect(), combinations, left_out }
}

/// One row for each thing a transition is given: what a unit of it adds to each name.
fn equations(transitions: &[Effects], names: &[&str]) -> Vec<Vector> {
    let mut rows = Vec::new();
    for transition in transitions {
        let mut by_given: BTreeMap<&str, Vector> = BTreeMap::new();
        for change in &transition.changes {
            let Some(column) = names.iter().position(|name| *name == change.name) else { continue };
            for (given, coefficient) in change.by.iter().flatten() {
                let row = by_given.entry(given).or_insert_with(|| vec![BigRational::zero(); names.len()]);
                if let Some(cell) = row.get_mut(column) {
                    *cell += coefficient;
                }
            }
        }
        rows.extend(by_given.into_values());
    }
    rows
}

/// The vectors that every row is orthogonal to, by elimination over the rationals.
fn null_space(mut rows: Vec<Vector>, width: usize) -> Vec<Vector> {
    let mut pivots: Vec<usize> = Vec::new();
    for column in 0..width {
        let done = pivots.len();
        let Some(found) = (done..rows.len()).find(|row| !at(&rows, *row, column).is_zero()) else { continue };
        rows.swap(done, found);
        let factor = at(&rows, done, column).recip();
        let pivot: Vector = rows.get(done).into_iter().flatten().map(|value| value * &factor).collect();
        for (index, row) in rows.iter_mut().enumerate() {
            if index == done {
                row.clone_from(&pivot);
                continue;
            }
            let times = row.get(column).cloned().unwrap_or_else(BigRational::zero);
            if !times.is_zero() {
                row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value -= &times * pivot);
            }
        }
        pivots.push(column);
    }
    let free = (0..width).filter(|column| !pivots.contains(column));
    free.map(|column| {
        let mut vector = vec![BigRational::zero(); width];
        if let Some(one) = vector.get_mut(column) {
            *one = BigRational::one();
        }
        for (row, pivot) in pivots.iter().enumerate() {
            if let Some(value) = vector.get_mut(*pivot) {
                *value = -at(&rows, row, column);
            }
        }
        vector
    })
    .collect()
}

fn at(rows: &[Vector], row: usize, column: usize) -> BigRational {
    rows.get(row).and_then(|row| row.get(column)).cloned().unwrap_or_else(BigRational::zero)
}

/// Whole numbers without a common divisor, the first of them positive.
fn combination(names: &[&str], vector: Vector) -> Combination {
    let denominator =
        vector.iter().fold(BigInt::one(), |product, value| &product / common(&product, value.denom()) * value.denom());
    let whole: Vec<BigInt> = vector.iter().map(|value| (value * &denominator).to_integer()).collect();
    let divisor = whole.iter().fold(BigInt::zero(), |divisor, value| common(&divisor, value));
    let sign = whole.iter().find(|value| !value.is_zero()).map_or_else(BigInt::one, BigInt::signum);
    let divisor = if divisor.is_zero() { BigInt::one() } else { divisor * sign };
    let terms: Vec<(&str, BigInt)> = names
        .iter()
        .zip(whole)
        .map(|(name, value)| (*name, value / &divisor))
        .filter(|(_, value)| !value.is_zero())
        .collect();
    let rational = terms.iter().map(|(name, value)| (*name, BigRational::from_integer(value.clone())));
    Combination {
        text: sum_text(rational),
        coefficients: terms.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect(),
    }
}

/// The greatest common divisor, never negative.
fn common(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.abs(), b.abs());
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a
}

fn effect(transition: &Effects) -> TransitionEffect {
    let changes = transition.changes.iter().map(|change| {
        let text = match &change.by {
            None => "anything".to_owned(),
            Some(form) if form.is_empty() => "0".to_owned(),
            Some(form) => sum_text(form.iter().rev().map(|(name, value)| (name.as_str(), value.clone()))),
        };
        (change.name.clone(), text)
    });
    TransitionEffect { name: transition.name.clone(), changes: changes.collect() }
}

/// `2 * a - b + 3`; the empty name is the constant.
fn sum_text<'a>(terms: impl Iterator<Item = (&'a str, BigRational)>) -> String {
    let mut text = String::new();
    for (name, value) in terms {
        let sign = match (text.is_empty(), value.is_negative()) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        text.push_str(sign);
        let size = value.abs();
        if name.is_empty() {
            text.push_str(&Value::Number(size).to_string());
        } else {
            if !size.is_one() {
                text.push_str(&format!("{} * ", Value::Number(size)));
            }
            text.push_str(name);
        }
    }
    text
}
