//! Observations held against the law: which break it, and how far an equation's two sides lie apart.

use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::query::{Row, values};
use crate::language::{BinaryOperator, Budget, Condition, Expr, ExprKind, Fault, STEPS_MAX, Value, evaluate_within};

/// The most breaks that are told one by one.
const BREAKS_MAX: usize = 100;
/// What the figures of all differences may cost: an exact total of ten thousand quotients has many digits.
const DIFFERENCE_STEPS_MAX: u64 = 20 * STEPS_MAX;

/// What observations say about a law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    pub rows: usize,
    pub holding: usize,
    pub breaking: usize,
    /// The first rows that break it.
    pub breaks: Vec<Break>,
    /// For a law that is one equation: left side less right side. Not there when some row has no value, or when the
    /// total is too long to write.
    pub difference: Option<Difference>,
}

/// An observation that breaks the law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// Its place, from one.
    pub row: usize,
    /// The condition that does not hold.
    pub condition: String,
    /// Left side less right side, for an equation; or why there is no value.
    pub difference: Option<String>,
}

/// How far the two sides of an equation lie apart, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub first: String,
    pub last: String,
    pub least: String,
    pub most: String,
    /// All of them together.
    pub total: String,
    /// From the first to the last.
    pub trend: String,
    /// Of each row, in order, for a chart; as long as the observations.
    pub each: Vec<String>,
}

/// Holds every row against every condition. `None` where there is nothing to hold.
///
/// # Errors
/// [`Fault::TooMuchWork`] when all rows together take more steps than a program may.
pub(super) fn drift(conditions: &[Condition], rows: &[Row]) -> Result<Option<Drift>, Fault> {
    if rows.is_empty() {
        return Ok(None);
    }
    let budget = Budget::default();
    let (mut breaks, mut breaking, mut each) = (Vec::new(), 0, Vec::new());
    for (index, row) in rows.iter().enumerate() {
        for condition in conditions {
            let held = hold(condition, row, &budget)?;
            if let (1, Some(Ok(difference))) = (conditions.len(), &held.difference) {
                each.push(difference.clone());
            }
            if held.holds {
                continue;
            }
            breaking += 1;
            if breaks.len() < BREAKS_MAX {
                breaks.push(Break {
                    row: index + 1,
                    condition: condition.text.clone(),
                    difference: held.told(&budget)?,
                });
            }
            break;
        }
    }
    let difference = if each.len() == rows.len() { differences(&each).ok() } else { None };
    Ok(Some(Drift { rows: rows.len(), holding: rows.len() - breaking, breaking, breaks, difference }))
}

/// A condition at a row.
struct Held {
    holds: bool,
    /// For an equation of numbers: left side less right side, or why there is no value.
    difference: Option<Result<BigRational, Fault>>,
}

impl Held {
    fn told(self, budget: &Budget) -> Result<Option<String>, Fault> {
        self.difference
            .map(|found| match found {
                Ok(value) => text(&value, budget),
                Err(fault) => Ok(fault.to_string()),
            })
            .transpose()
    }
}

fn hold(condition: &Condition, row: &Row, budget: &Budget) -> Result<Held, Fault> {
    let value = |expr: &Expr| match evaluate_within(budget, expr, &values(row)) {
        Err(Fault::TooMuchWork) => Err(Fault::TooMuchWork),
        found => Ok(found),
    };
    let ExprKind::Binary(BinaryOperator::Equal, left, right) = &condition.expression.kind else {
        return Ok(Held { holds: value(&condition.expression)? == Ok(Value::Boolean(true)), difference: None });
    };
    Ok(match (value(left)?, value(right)?) {
        (Ok(Value::Number(left)), Ok(Value::Number(right))) => {
            budget.join(&left, &right)?;
            Held { holds: left == right, difference: Some(Ok(left - right)) }
        }
        (Err(fault), _) | (_, Err(fault)) => Held { holds: false, difference: Some(Err(fault)) },
        (left, right) => Held { holds: left == right, difference: None },
    })
}

/// All differences in figures.
///
/// # Errors
/// [`Fault::TooMuchWork`] when they have so many different denominators that nobody could read their total.
fn differences(each: &[BigRational]) -> Result<Difference, Fault> {
    let budget = Budget::of(DIFFERENCE_STEPS_MAX);
    let mut all = each.iter();
    let first = all.next().ok_or(Fault::Mismatch)?;
    let (mut last, mut least, mut most, mut total) = (first, first, first, first.clone());
    for value in all {
        budget.join(least, value)?;
        budget.join(most, value)?;
        budget.join(&total, value)?;
        (last, least, most) = (value, least.min(value), most.max(value));
        total += value;
    }
    budget.join(last, first)?;
    let text = |value: &BigRational| text(value, &budget);
    Ok(Difference {
        first: text(first)?,
        last: text(last)?,
        least: text(least)?,
        most: text(most)?,
        total: text(&total)?,
        trend: text(&(last - first))?,
        each: each.iter().map(text).collect::<Result<_, _>>()?,
    })
}

fn text(value: &BigRational, budget: &Budget) -> Result<String, Fault> {
    budget.spend(Budget::digits(value))?;
    Ok(Value::Number(value.clone()).to_string())
}
