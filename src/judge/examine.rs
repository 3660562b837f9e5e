//! The second opinion: a solver's model is computed through, exactly, before anyone is shown it.

use std::collections::BTreeMap;

use num_traits::ToPrimitive;

use super::evidence::{ExampleRow, Line, RowRole};
use super::obligation::{Fact, Task};
use super::question::{default_value, leaves_64_bits};
use crate::language::{Budget, Expr, Fault, Name, Type, Value, evaluate_within};
use crate::solver::{Model, ModelValue};

/// The values of all symbols: inputs from the model, the rest computed by us.
pub(super) struct Values {
    values: BTreeMap<usize, Value>,
    /// What may still be computed with them: models come from outside, and their numbers can be long.
    budget: Budget,
}

/// What was found wrong under some values.
pub(super) enum Finding {
    /// The line and the expression that is at fault.
    Fails(Line, Expr),
    DividesByZero(Line, Expr),
}

impl Values {
    /// `None` when the model does not fit: a guard fails, or a value is missing or of the wrong kind.
    /// A fact that divides by zero ends the computation there, with the finding.
    pub fn compute(task: &Task, model: &Model) -> Option<(Values, Option<Finding>)> {
        let mut values = Values { values: BTreeMap::new(), budget: Budget::default() };
        for index in task.inputs() {
            let symbol = task.symbols.get(index)?;
            let value = match (model.get(&symbol.smt), symbol.kind) {
                (Some(ModelValue::Boolean(value)), Type::Boolean) => Value::Boolean(*value),
                (Some(ModelValue::Number(value)), Type::Rational) => Value::Number(value.clone()),
                (Some(ModelValue::Number(value)), Type::Integer) if value.is_integer() => Value::Number(value.clone()),
                (Some(ModelValue::Number(value)), Type::Text) if value.is_integer() => text_value(task, value),
                (None, kind) if !kind.is_number() => default_value(kind),
                _ => return None,
            };
            values.values.insert(index, value);
        }
        for fact in &task.facts {
            match values.follow(task, fact) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(Fault::DivisionByZero) => {
                    let finding = Finding::DividesByZero(fact.line().clone(), fact.expression().clone());
                    return Some((values, Some(finding)));
                }
                Err(_) => return None,
            }
        }
        Some((values, None))
    }

    fn follow(&mut self, task: &Task, fact: &Fact) -> Result<bool, Fault> {
        match fact {
            Fact::Assume { expression, .. } => self.holds(task, expression),
            Fact::Define { symbol, expression, .. } => {
                let value = self.value(task, expression)?;
                self.values.insert(*symbol, value);
                Ok(true)
            }
        }
    }

    pub fn value(&self, task: &Task, expr: &Expr) -> Result<Value, Fault> {
        evaluate_within(&self.budget, expr, &|name: &Name| self.values.get(&task.index(name)?).cloned())
    }

    pub fn holds(&self, task: &Task, expr: &Expr) -> Result<bool, Fault> {
        match self.value(task, expr)? {
            Value::Boolean(value) => Ok(value),
            Value::Number(_) | Value::Text(_) => Err(Fault::Mismatch),
        }
    }

    /// The first claim that fails under these values.
    pub fn failing_claim(&self, task: &Task) -> Option<Finding> {
        task.claims.iter().find_map(|claim| {
            let (line, expression) = (claim.line.clone(), claim.expression.clone());
            match self.holds(task, &claim.expression) {
                Ok(false) => Some(Finding::Fails(line, expression)),
                Err(Fault::DivisionByZero) => Some(Finding::DividesByZero(line, expression)),
                Ok(true) | Err(_) => None,
            }
        })
    }

    /// The first law that does not hold, and how much is made or lost.
    pub fn broken_law(&self, task: &Task) -> Option<(usize, Value)> {
        let zero = Value::from(0);
        task.laws.iter().enumerate().find_map(|(index, law)| match self.value(task, &law.drift) {
            Ok(drift) if drift != zero => Some((index, drift)),
            _ => None,
        })
    }

    /// Whether every law has a value and holds.
    pub fn laws_hold(&self, task: &Task) -> bool {
        let zero = Value::from(0);
        task.laws.iter().all(|law| self.value(task, &law.drift).is_ok_and(|drift| drift == zero))
    }

    /// The first law that divides by zero.
    pub fn undefined_law(&self, task: &Task) -> Option<usize> {
        task.laws.iter().position(|law| self.value(task, &law.drift) == Err(Fault::DivisionByZero))
    }

    /// The first balance outside 64 bits.
    pub fn overflowing(&self, task: &Task) -> Option<usize> {
        task.closing.iter().copied().find(|index| match self.values.get(index) {
            Some(Value::Number(value)) => leaves_64_bits(value),
            _ => false,
        })
    }

    /// The rows that people see; secrets, and what was computed from them, stay secret.
    pub fn rows(&self, task: &Task, at_fault: Option<&Expr>) -> Vec<ExampleRow> {
        let mut blamed = Vec::new();
        if let Some(expr) = at_fault {
            expr.for_each_name(&mut |name| blamed.extend(task.index(name)));
        }
        (task.rows.iter())
            .map(|row| {
                let secret = row.role == RowRole::Secret;
                let show = |index: Option<usize>| {
                    let index = index?;
                    let hidden = secret || task.symbols.get(index).is_none_or(|symbol| symbol.hidden);
                    if hidden { Some("secret".to_owned()) } else { self.values.get(&index).map(Value::to_string) }
                };
                let at_fault = [row.before, row.after].into_iter().flatten().any(|index| blamed.contains(&index));
                ExampleRow {
                    name: row.name.clone(),
                    before: show(row.before),
                    after: show(row.after),
                    role: row.role,
                    at_fault,
                }
            })
            .collect()
    }
}

/// The solver knows texts by number; one beyond the program's own stands for any other text.
fn text_value(task: &Task, number: &num_rational::BigRational) -> Value {
    let known = task.texts.iter().find(|(_, index)| number.to_integer().to_usize() == Some(**index));
    Value::Text(match known {
        Some((text, _)) => text.clone(),
        None => format!("another text, number {}", number.to_integer()),
    })
}
