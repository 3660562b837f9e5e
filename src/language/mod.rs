//! The Aethel language: read a program, say what is wrong with it, and compute with it exactly.
//!
//! One parser serves the Judge, the Oracle, the batches and the editor in the browser.
//! Knows no solver, no clock, no files and no floating point; every number is exact.
//! The reference is `docs/language.md`.

mod arithmetic;
mod ast;
mod budget;
mod decimal;
mod diagnostic;
mod evaluate;
mod examples;
mod expression;
mod lexer;
mod limits;
mod parser;
mod print;
mod statement;
mod types;

#[cfg(test)]
mod tests;

pub use arithmetic::{exponent, small_constant};
pub use ast::{
    Batch, BinaryOperator, Condition, Conserve, Expr, ExprKind, Function, Intent, Name, Parameter, Program, Setting,
    Solve, Span, Statement, UnaryOperator, Visibility,
};
pub use budget::Budget;
pub use decimal::{DECIMAL_DIGITS_MAX, Decimal, DecimalError};
pub use diagnostic::Diagnostic;
pub use evaluate::{Fault, Value, evaluate, evaluate_within};
pub use examples::{AREAS, Example, examples};
pub use limits::*;
pub use parser::{parse, parse_formula, parse_law};
pub use types::{Type, Types, disagreements, infer};
