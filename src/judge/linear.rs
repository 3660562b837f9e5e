//! Linear forms: how much is made or lost, said in the program's own names where that is possible.

use std::collections::BTreeMap;
use std::fmt::Write;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::obligation::{Fact, Task};
use crate::language::{BinaryOperator, Expr, ExprKind, Function, UnaryOperator, Value};

/// More terms than this are no answer to "how much".
const TERMS_SHOWN_MAX: usize = 6;

/// While it is computed a form may have more of them, which then cancel out.
const TERMS_MAX: usize = 64;
/// A longer coefficient cannot be read either, and definitions that follow each other can make it long.
const COEFFICIENT_BITS_MAX: u64 = 512;

/// Coefficients by symbol; the constant stands under `None`.
pub(super) type Form = BTreeMap<Option<usize>, BigRational>;

/// `expr` in the names that nothing defines, as text; `None` when it is not linear or too long to read.
pub(super) fn describe(task: &Task, expr: &Expr) -> Option<String> {
    let mut known: BTreeMap<usize, Option<Form>> = BTreeMap::new();
    for fact in &task.facts {
        if let Fact::Define { symbol, expression, .. } = fact {
            let form = form(task, expression, &known);
            known.insert(*symbol, form);
        }
    }
    let form = form(task, expr, &known)?;
    if form.is_empty() || form.len() > TERMS_SHOWN_MAX { None } else { Some(text(task, &form)) }
}

pub(super) fn form(task: &Task, expr: &Expr, known: &BTreeMap<usize, Option<Form>>) -> Option<Form> {
    let short = |value: &BigRational| value.numer().bits().max(value.denom().bits()) <= COEFFICIENT_BITS_MAX;
    unbounded(task, expr, known).filter(|form| form.len() <= TERMS_MAX && form.values().all(short))
}

fn unbounded(task: &Task, expr: &Expr, known: &BTreeMap<usize, Option<Form>>) -> Option<Form> {
    match &expr.kind {
        ExprKind::Number { value, .. } => Some(scaled(&Form::from([(None, value.clone())]), &BigRational::one())),
        ExprKind::Name(name) => {
            let index = task.index(name)?;
            match known.get(&index) {
                Some(form) => form.clone(),
                None if task.symbols.get(index)?.kind.is_number() => {
                    Some(Form::from([(Some(index), BigRational::one())]))
                }
                None => None,
            }
        }
        ExprKind::Unary(UnaryOperator::Negate, operand) => {
            Some(scaled(&form(task, operand, known)?, &-BigRational::one()))
        }
        ExprKind::Binary(operator, left, right) => {
            let (left, right) = (form(task, left, known)?, form(task, right, known)?);
            match operator {
                BinaryOperator::Add => Some(added(left, &right)),
                BinaryOperator::Subtract => Some(added(left, &scaled(&right, &-BigRational::one()))),
                BinaryOperator::Multiply => match (constant(&left), constant(&right)) {
                    (Some(factor), _) => Some(scaled(&right, &factor)),
                    (_, Some(factor)) => Some(scaled(&left, &factor)),
                    _ => None,
                },
                BinaryOperator::Divide => match constant(&right) {
                    Some(divisor) if !divisor.is_zero() => Some(scaled(&left, &divisor.recip())),
                    _ => None,
                },
                _ => None,
            }
        }
        ExprKind::Call(Function::Sum, arguments) => {
            let mut sum = Form::new();
            for argument in arguments {
                sum = added(sum, &form(task, argument, known)?);
                if sum.len() > TERMS_MAX {
                    return None;
                }
            }
            Some(sum)
        }
        _ => None,
    }
}

fn constant(form: &Form) -> Option<BigRational> {
    match form.len() {
        0 => Some(BigRational::zero()),
        1 => form.get(&None).cloned(),
        _ => None,
    }
}

fn scaled(form: &Form, factor: &BigRational) -> Form {
    let scaled = form.iter().map(|(symbol, value)| (*symbol, value * factor));
    scaled.filter(|(_, value)| !value.is_zero()).collect()
}

fn added(mut left: Form, right: &Form) -> Form {
    for (symbol, value) in right {
        let sum = left.entry(*symbol).or_insert_with(BigRational::zero);
        *sum += value;
    }
    left.retain(|_, value| !value.is_zero());
    left
}

fn text(task: &Task, form: &Form) -> String {
    let mut text = String::new();
    // Names first, and among them what is added before what is taken away.
    let mut terms: Vec<(&Option<usize>, &BigRational)> = form.iter().collect();
    terms.sort_by_key(|(symbol, value)| (symbol.is_none(), value.is_negative()));
    for (symbol, value) in terms {
        let sign = match (text.is_empty(), value.is_negative()) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        let size = value.abs();
        let name = symbol.and_then(|index| task.symbols.get(index)).map(|symbol| symbol.shown.to_string());
        let shown = Value::Number(size.clone());
        // Writing to a string does not fail.
        let _ = match name {
            Some(name) if size.is_one() => write!(text, "{sign}{name}"),
            Some(name) => write!(text, "{sign}{shown} * {name}"),
            None => write!(text, "{sign}{shown}"),
        };
    }
    text
}
