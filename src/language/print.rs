//! Expressions back to text, with no more brackets than are needed, so that what is printed parses to the same tree.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::ast::{BinaryOperator, Expr, ExprKind, Function, Name, UnaryOperator};
use super::evaluate::Value;

/// Decimals longer than this are shown as a fraction.
const DECIMALS_MAX: usize = 12;

/// Binding of an expression: a looser one inside a tighter one gets brackets.
fn binding(expr: &Expr) -> u8 {
    use BinaryOperator::*;
    match &expr.kind {
        ExprKind::If(..) => 0,
        ExprKind::Binary(operator, ..) => match operator {
            Implies => 1,
            Or => 2,
            And => 3,
            Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual => 5,
            Add | Subtract => 6,
            Multiply | Divide | Remainder => 7,
            Power => 9,
        },
        ExprKind::Unary(..) => 8,
        // A fraction or a negative constant made by rewriting prints as a division or a negation.
        ExprKind::Number { value, .. } if value.is_negative() || decimal(value).is_none() => 7,
        _ => 10,
    }
}

fn write_within(f: &mut fmt::Formatter<'_>, expr: &Expr, least: u8) -> fmt::Result {
    if binding(expr) < least { write!(f, "({expr})") } else { write!(f, "{expr}") }
}

fn heads(expr: &Expr, operator: BinaryOperator) -> bool {
    matches!(&expr.kind, ExprKind::Binary(own, ..) if *own == operator)
}

impl fmt::Display for BinaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use BinaryOperator::*;
        f.write_str(match self {
            Add => "+",
            Subtract => "-",
            Multiply => "*",
            Divide => "/",
            Remainder => "%",
            Power => "**",
            Equal => "==",
            NotEqual => "!=",
            Less => "<",
            LessOrEqual => "<=",
            Greater => ">",
            GreaterOrEqual => ">=",
            And => "&&",
            Or => "||",
            Implies => "=>",
        })
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Number { value, decimal } => match (*decimal, value.is_integer()) {
                (true, true) => write!(f, "{}.0", value.to_integer()),
                _ => f.write_str(&number(value)),
            },
            ExprKind::Boolean(value) => write!(f, "{value}"),
            ExprKind::Text(text) if text.contains('"') => write!(f, "'{text}'"),
            ExprKind::Text(text) => write!(f, "\"{text}\""),
            ExprKind::Name(name) => write!(f, "{name}"),
            ExprKind::Unary(operator, operand) => {
                f.write_str(if *operator == UnaryOperator::Not { "!" } else { "-" })?;
                write_within(f, operand, 8)
            }
            ExprKind::Binary(operator, left, right) => {
                let own = binding(self);
                // `=>` and `**` lean to the right, comparisons to neither side, the rest to the left.
                let (on_left, on_right) = match operator {
                    BinaryOperator::Implies => (own + 1, own),
                    BinaryOperator::Power => (own + 1, 8),
                    _ if operator.is_associative() && heads(right, *operator) => (own, own),
                    _ if operator.is_comparison() => (own + 1, own + 1),
                    _ => (own, own + 1),
                };
                write_within(f, left, on_left)?;
                write!(f, " {operator} ")?;
                write_within(f, right, on_right)
            }
            ExprKind::If(condition, yes, no) => write!(f, "if {condition} {{ {yes} }} else {{ {no} }}"),
            ExprKind::Call(function, arguments) => {
                write!(f, "{function}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{argument}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Function::Abs => "abs",
            Function::Min => "min",
            Function::Max => "max",
            Function::Sum => "sum",
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.old { write!(f, "old_{}", self.base) } else { f.write_str(&self.base) }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(value) => f.write_str(&number(value)),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

fn number(value: &BigRational) -> String {
    decimal(value).unwrap_or_else(|| format!("{} / {}", value.numer(), value.denom()))
}

/// The digits of a number that has finitely many, and not too many, after the point.
fn decimal(value: &BigRational) -> Option<String> {
    if value.is_integer() {
        return Some(value.to_integer().to_string());
    }
    let mut rest = value.denom().clone();
    let mut decimals = 0;
    for factor in [2_u32, 5] {
        let mut times = 0;
        while (&rest % factor).is_zero() && times <= DECIMALS_MAX {
            rest /= factor;
            times += 1;
        }
        decimals = decimals.max(times);
    }
    if !rest.is_one() || decimals > DECIMALS_MAX {
        return None;
    }
    let scaled = value * BigRational::from_integer(BigInt::from(10u8).pow(u32::try_from(decimals).ok()?));
    let digits = format!("{:0>width$}", scaled.to_integer().abs().to_string(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    Some(format!("{}{whole}.{fraction}", if value.is_negative() { "-" } else { "" }))
}
