//! Exact evaluation: the second opinion on everything a solver says.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::ast::{BinaryOperator, Expr, ExprKind, Function, Name, UnaryOperator};
use super::budget::{self, Budget};
use super::limits::{CONSTANT_EXPONENT_MAX, VALUE_BITS_MAX};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(BigRational),
    Boolean(bool),
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(BigRational::from_integer(BigInt::from(value)))
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("division by zero")]
    DivisionByZero,
    #[error("`{0}` has no value")]
    NoValue(String),
    #[error("a value has more than {VALUE_BITS_MAX} bits")]
    TooLarge,
    #[error("computing it takes too many steps")]
    TooMuchWork,
    #[error("a value of another kind was expected")]
    Mismatch,
}

/// The value of `expr`, with names looked up in `values`. `&&`, `||`, `=>` and `if` look no further than they must.
///
/// # Errors
/// A [`Fault`] when there is no such value.
pub fn evaluate(expr: &Expr, values: &dyn Fn(&Name) -> Option<Value>) -> Result<Value, Fault> {
    evaluate_within(&Budget::default(), expr, values)
}

/// As [`evaluate`], where several expressions share what they may cost.
///
/// # Errors
/// A [`Fault`] when there is no such value, or the budget is spent before it is found.
pub fn evaluate_within(budget: &Budget, expr: &Expr, values: &dyn Fn(&Name) -> Option<Value>) -> Result<Value, Fault> {
    // Only this function recurses, and it keeps its frame small: trees are as high as `HEIGHT_MAX`.
    budget.spend(1)?;
    match &expr.kind {
        ExprKind::Unary(operator, operand) => unary(*operator, evaluate_within(budget, operand, values)?),
        ExprKind::Binary(operator, left, right) => {
            let left = evaluate_within(budget, left, values)?;
            match decided(*operator, &left) {
                Some(value) => Ok(Value::Boolean(value)),
                None => binary(budget, *operator, left, evaluate_within(budget, right, values)?),
            }
        }
        ExprKind::If(condition, yes, no) => match evaluate_within(budget, condition, values)? {
            Value::Boolean(true) => evaluate_within(budget, yes, values),
            Value::Boolean(false) => evaluate_within(budget, no, values),
            Value::Number(_) | Value::Text(_) => Err(Fault::Mismatch),
        },
        ExprKind::Call(function, arguments) => {
            let arguments: Result<Vec<Value>, Fault> =
                arguments.iter().map(|argument| evaluate_within(budget, argument, values)).collect();
            call(budget, *function, arguments?)
        }
        _ => {
            let value = leaf(expr, values)?;
            budget.spend(budget::weight(&value))?;
            Ok(value)
        }
    }
}

fn leaf(expr: &Expr, values: &dyn Fn(&Name) -> Option<Value>) -> Result<Value, Fault> {
    match &expr.kind {
        ExprKind::Number { value, .. } => Ok(Value::Number(value.clone())),
        ExprKind::Boolean(value) => Ok(Value::Boolean(*value)),
        ExprKind::Text(text) => Ok(Value::Text(text.clone())),
        ExprKind::Name(name) => values(name).ok_or_else(|| Fault::NoValue(name.to_string())),
        _ => Err(Fault::Mismatch),
    }
}

fn number(value: Value) -> Result<BigRational, Fault> {
    match value {
        Value::Number(value) => Ok(value),
        Value::Boolean(_) | Value::Text(_) => Err(Fault::Mismatch),
    }
}

fn truth(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Boolean(value) => Ok(*value),
        Value::Number(_) | Value::Text(_) => Err(Fault::Mismatch),
    }
}

fn unary(operator: UnaryOperator, operand: Value) -> Result<Value, Fault> {
    match operator {
        UnaryOperator::Negate => Ok(Value::Number(-number(operand)?)),
        UnaryOperator::Not => Ok(Value::Boolean(!truth(&operand)?)),
    }
}

/// What a logical operator is worth when its left side settles it.
fn decided(operator: BinaryOperator, left: &Value) -> Option<bool> {
    match (operator, left) {
        (BinaryOperator::And, Value::Boolean(false)) => Some(false),
        (BinaryOperator::Or, Value::Boolean(true)) | (BinaryOperator::Implies, Value::Boolean(false)) => Some(true),
        _ => None,
    }
}

fn binary(budget: &Budget, operator: BinaryOperator, left: Value, right: Value) -> Result<Value, Fault> {
    use BinaryOperator::*;
    if let (Value::Number(left), Value::Number(right)) = (&left, &right) {
        budget.spend(budget::joining(operator, left, right))?;
    }
    let result = match operator {
        // The left side did not settle it, so the right side does.
        And | Or | Implies => truth(&left).and_then(|_| truth(&right))?,
        Equal => same(&left, &right)?,
        NotEqual => !same(&left, &right)?,
        Less => number(left)? < number(right)?,
        LessOrEqual => number(left)? <= number(right)?,
        Greater => number(left)? > number(right)?,
        GreaterOrEqual => number(left)? >= number(right)?,
        Add | Subtract | Multiply | Divide | Remainder => {
            return arithmetic(operator, number(left)?, number(right)?).map(Value::Number);
        }
        Power => return power(budget, &number(left)?, &number(right)?).map(Value::Number),
    };
    Ok(Value::Boolean(result))
}

fn same(left: &Value, right: &Value) -> Result<bool, Fault> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Ok(a == b),
        (Value::Boolean(a), Value::Boolean(b)) => Ok(a == b),
        (Value::Text(a), Value::Text(b)) => Ok(a == b),
        _ => Err(Fault::Mismatch),
    }
}

fn arithmetic(operator: BinaryOperator, left: BigRational, right: BigRational) -> Result<BigRational, Fault> {
    use BinaryOperator::*;
    let whole = left.is_integer() && right.is_integer();
    bounded(match operator {
        // Whole numbers stay whole: nothing to shorten, which is what costs.
        Add if whole => BigRational::from_integer(left.numer() + right.numer()),
        Subtract if whole => BigRational::from_integer(left.numer() - right.numer()),
        Multiply if whole => BigRational::from_integer(left.numer() * right.numer()),
        Add => left + right,
        Subtract => left - right,
        Multiply => left * right,
        Divide | Remainder if right.is_zero() => return Err(Fault::DivisionByZero),
        Divide => left / right,
        // Never negative, whatever the signs: what `mod` means to the solver too.
        Remainder if whole => {
            let rest = left.numer() % right.numer();
            BigRational::from_integer(if rest.is_negative() { rest + right.numer().abs() } else { rest })
        }
        Remainder => {
            let size = right.abs();
            &left - (&left / &size).floor() * &size
        }
        _ => return Err(Fault::Mismatch),
    })
}

fn bits(value: &BigRational) -> u64 {
    value.numer().bits().max(value.denom().bits())
}

fn bounded(value: BigRational) -> Result<BigRational, Fault> {
    if bits(&value) > VALUE_BITS_MAX { Err(Fault::TooLarge) } else { Ok(value) }
}

fn power(budget: &Budget, base: &BigRational, exponent: &BigRational) -> Result<BigRational, Fault> {
    if !exponent.is_integer() || exponent.is_negative() {
        return Err(Fault::Mismatch);
    }
    let exponent = exponent.to_integer().to_u32().filter(|n| *n <= CONSTANT_EXPONENT_MAX).ok_or(Fault::TooLarge)?;
    let size = bits(base).saturating_mul(u64::from(exponent));
    if size > VALUE_BITS_MAX && !base.is_zero() && !base.abs().is_one() {
        return Err(Fault::TooLarge);
    }
    budget.spend(budget::raising(size))?;
    // What shares no factor shares none when it is raised: there is nothing to shorten.
    Ok(BigRational::new_raw(base.numer().pow(exponent), base.denom().pow(exponent)))
}

fn call(budget: &Budget, function: Function, arguments: Vec<Value>) -> Result<Value, Fault> {
    let mut result: Option<BigRational> = None;
    for argument in arguments {
        let value = number(argument)?;
        if let Some(known) = &result {
            budget.spend(budget::joining(BinaryOperator::Add, known, &value))?;
        }
        result = Some(match (function, result) {
            (Function::Abs, _) => value.abs(),
            (_, None) => value,
            (Function::Min, Some(known)) => known.min(value),
            (Function::Max, Some(known)) => known.max(value),
            (Function::Sum, Some(known)) => arithmetic(BinaryOperator::Add, known, value)?,
        });
    }
    result.map(Value::Number).ok_or(Fault::Mismatch)
}
