//! Observations held against the law: which break it, and how far an equation's two sides lie apart.

use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::query::{Row, values};
use crate::language::{BinaryOperator, Condition, Expr, ExprKind, Value, evaluate};

/// The most breaks that are told one by one.
const BREAKS_MAX: usize = 100;

/// What observations say about a law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    pub rows: usize,
    pub holding: usize,
    pub breaking: usize,
    /// The first rows that break it.
    pub breaks: Vec<Break>,
    /// For a law that is one equation: left side less right side.
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
pub(super) fn drift(conditions: &[Condition], rows: &[Row]) -> Option<Drift> {
    if rows.is_empty() {
        return None;
    }
    let (mut breaks, mut breaking) = (Vec::new(), 0);
    for (index, row) in rows.iter().enumerate() {
        if let Some(condition) = conditions.iter().find(|condition| !holds(condition, row)) {
            breaking += 1;
            if breaks.len() < BREAKS_MAX {
                breaks.push(Break {
                    row: index + 1,
                    condition: condition.text.clone(),
                    difference: told(condition, row),
                });
            }
        }
    }
    let difference = match conditions {
        [only] => differences(&only.expression, rows),
        _ => None,
    };
    Some(Drift { rows: rows.len(), holding: rows.len() - breaking, breaking, breaks, difference })
}

fn holds(condition: &Condition, row: &Row) -> bool {
    evaluate(&condition.expression, &values(row)) == Ok(Value::Boolean(true))
}

fn told(condition: &Condition, row: &Row) -> Option<String> {
    match apart(&condition.expression, row)? {
        Ok(value) => Some(Value::Number(value).to_string()),
        Err(reason) => Some(reason),
    }
}

/// The left side less the right side of an equation; `None` where there is no equation.
fn apart(expression: &Expr, row: &Row) -> Option<Result<BigRational, String>> {
    let ExprKind::Binary(BinaryOperator::Equal, left, right) = &expression.kind else { return None };
    let side = |expr: &Expr| evaluate(expr, &values(row));
    Some(match (side(left), side(right)) {
        (Ok(Value::Number(left)), Ok(Value::Number(right))) => Ok(left - right),
        (Err(fault), _) | (_, Err(fault)) => Err(fault.to_string()),
        _ => return None,
    })
}

fn differences(expression: &Expr, rows: &[Row]) -> Option<Difference> {
    let each: Vec<BigRational> = rows.iter().map(|row| apart(expression, row)?.ok()).collect::<Option<_>>()?;
    let (first, last) = (each.first()?, each.last()?);
    let text = |value: &BigRational| Value::Number(value.clone()).to_string();
    Some(Difference {
        first: text(first),
        last: text(last),
        least: text(each.iter().min()?),
        most: text(each.iter().max()?),
        total: text(&each.iter().sum()),
        trend: text(&(last - first)),
        each: each.iter().map(text).collect(),
    })
}
