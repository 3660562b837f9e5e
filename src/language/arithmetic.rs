//! What arithmetic asks of its operands beyond their kind: exponents are constants, remainders are whole.

use num_traits::ToPrimitive;

use super::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};
use super::diagnostic::Mistake;
use super::limits::{CONSTANT_EXPONENT_MAX, EXPONENT_MAX, SMALL_CONSTANT_NODES_MAX};
use super::types::Types;

/// The value of an exponent, which is written out for the solver and so must be known beforehand.
pub fn exponent(expr: &Expr) -> Option<u32> {
    small_constant(expr).and_then(|value| u32::try_from(value).ok())
}

/// The value of a short expression of whole numbers, where no step of it leaves 64 bits. It costs next to nothing,
/// whatever is written there; `None` does not say that there is no value.
pub fn small_constant(expr: &Expr) -> Option<i64> {
    let mut nodes_left = SMALL_CONSTANT_NODES_MAX;
    small(expr, &mut nodes_left)
}

fn small(expr: &Expr, nodes_left: &mut u32) -> Option<i64> {
    *nodes_left = nodes_left.checked_sub(1)?;
    match &expr.kind {
        ExprKind::Number { value, .. } if value.is_integer() => value.numer().to_i64(),
        ExprKind::Unary(UnaryOperator::Negate, operand) => small(operand, nodes_left)?.checked_neg(),
        ExprKind::Binary(operator, left, right) => {
            let (left, right) = (small(left, nodes_left)?, small(right, nodes_left)?);
            match operator {
                BinaryOperator::Add => left.checked_add(right),
                BinaryOperator::Subtract => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                BinaryOperator::Divide if left.checked_rem(right)? == 0 => left.checked_div(right),
                BinaryOperator::Remainder => left.checked_rem_euclid(right),
                BinaryOperator::Power => left.checked_pow(u32::try_from(right).ok()?),
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.for_each_name(&mut |_| constant = false);
    constant
}

pub(super) fn check_arithmetic(expr: &Expr, types: &Types, mistakes: &mut Vec<Mistake>) {
    expr.for_each_node(&mut |node| match &node.kind {
        ExprKind::Binary(BinaryOperator::Power, base, power) => {
            let most = if is_constant(base) { CONSTANT_EXPONENT_MAX } else { EXPONENT_MAX };
            if exponent(power).is_none_or(|value| value > most) {
                let message = format!("an exponent is a constant whole number from 0 to {most}");
                mistakes.push(Mistake::new(power.span, message));
            }
        }
        ExprKind::Binary(BinaryOperator::Remainder, left, right)
            if types.is_rational(left) || types.is_rational(right) =>
        {
            mistakes.push(Mistake::new(node.span, "`%` is for whole numbers, and one of these is a rational"));
        }
        _ => {}
    });
}
