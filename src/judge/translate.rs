//! Expressions in SMT-LIB 2. Names are the task's own symbols, so no text of a user reaches the solver.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::obligation::Task;
use crate::language::{
    BinaryOperator, Budget, Expr, ExprKind, Fault, Function, Type, UnaryOperator, Value, evaluate_within, exponent,
    small_constant,
};
use crate::solver::{Script, Sort};

/// Terms longer than this are named once instead of being written twice.
const REPEATED_TERM_MAX: usize = 24;
/// Copying is cheaper than writing.
const COPIED_LETTERS_PER_STEP: u64 = 8;

pub(super) struct Translator<'a> {
    pub task: &'a Task,
    pub script: Script,
    shared: usize,
    /// What writing the whole script may cost: a power of constants is short to write down and long to write out.
    budget: Budget,
}

/// A term and what it is worth.
type Term = (String, Type);

pub(super) fn sort(kind: Type) -> Sort {
    match kind {
        // Texts are only ever compared; each is a number of its own.
        Type::Integer | Type::Text => Sort::Integer,
        Type::Rational => Sort::Rational,
        Type::Boolean => Sort::Boolean,
    }
}

impl<'a> Translator<'a> {
    pub fn new(task: &'a Task) -> Self {
        Self { task, script: Script::default(), shared: 0, budget: Budget::default() }
    }

    /// Counts text that was written: a letter is a step.
    pub fn written(&self, text: &str) -> Result<(), Fault> {
        self.budget.spend(u64::try_from(text.len()).unwrap_or(u64::MAX))
    }

    pub fn condition(&mut self, expr: &Expr) -> Result<String, Fault> {
        self.term(expr).map(|(term, _)| term)
    }

    fn share(&mut self, (term, kind): Term) -> String {
        if term.len() <= REPEATED_TERM_MAX {
            return term;
        }
        let symbol = format!("d{}", self.shared);
        self.shared += 1;
        self.script.define(&symbol, sort(kind), &term);
        symbol
    }

    pub fn term(&mut self, expr: &Expr) -> Result<Term, Fault> {
        let term = self.unmeasured(expr)?;
        // Each level of the tree copies what is below it, many letters at once.
        self.budget.spend(u64::try_from(term.0.len()).unwrap_or(u64::MAX) / COPIED_LETTERS_PER_STEP + 1)?;
        Ok(term)
    }

    fn unmeasured(&mut self, expr: &Expr) -> Result<Term, Fault> {
        match &expr.kind {
            ExprKind::Number { value, decimal } => Ok(literal(value, *decimal)),
            ExprKind::Boolean(value) => Ok((value.to_string(), Type::Boolean)),
            ExprKind::Text(text) => Ok((self.task.text_number(text).to_string(), Type::Text)),
            ExprKind::Name(name) => {
                let symbol = self.task.symbol(name).ok_or_else(|| Fault::NoValue(name.to_string()))?;
                Ok((symbol.smt.clone(), symbol.kind))
            }
            ExprKind::Unary(UnaryOperator::Negate, operand) => {
                let (term, kind) = self.term(operand)?;
                Ok((format!("(- {term})"), kind))
            }
            ExprKind::Unary(UnaryOperator::Not, operand) => {
                Ok((format!("(not {})", self.condition(operand)?), Type::Boolean))
            }
            ExprKind::Binary(BinaryOperator::Power, base, power) => self.power(expr, base, power),
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right),
            ExprKind::If(condition, yes, no) => {
                let condition = self.condition(condition)?;
                let (yes, no, kind) = unified(self.term(yes)?, self.term(no)?);
                Ok((format!("(ite {condition} {yes} {no})"), kind))
            }
            ExprKind::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Expr, right: &Expr) -> Result<Term, Fault> {
        use BinaryOperator::*;
        let product = match operator {
            Multiply => has_names(left) && has_names(right),
            Divide | Remainder => has_names(right),
            _ => false,
        };
        self.script.nonlinear |= product;
        let (a, b) = (self.term(left)?, self.term(right)?);
        let (head, result) = match operator {
            Divide => {
                let (a, b) = (real(a), real(b));
                return Ok((format!("(/ {a} {b})"), Type::Rational));
            }
            Add => ("+", None),
            Subtract => ("-", None),
            Multiply => ("*", None),
            Remainder | Power => ("mod", None),
            NotEqual => ("distinct", Some(Type::Boolean)),
            Equal => ("=", Some(Type::Boolean)),
            Less => ("<", Some(Type::Boolean)),
            LessOrEqual => ("<=", Some(Type::Boolean)),
            Greater => (">", Some(Type::Boolean)),
            GreaterOrEqual => (">=", Some(Type::Boolean)),
            And => ("and", Some(Type::Boolean)),
            Or => ("or", Some(Type::Boolean)),
            Implies => ("=>", Some(Type::Boolean)),
        };
        let (a, b, kind) = unified(a, b);
        Ok((format!("({head} {a} {b})"), result.unwrap_or(kind)))
    }

    fn power(&mut self, whole: &Expr, base: &Expr, power: &Expr) -> Result<Term, Fault> {
        if !has_names(base) {
            let decimal = real_written(base);
            return match evaluate_within(&self.budget, whole, &|_| None) {
                Ok(Value::Number(value)) => {
                    self.budget.spend(Budget::digits(&value))?;
                    Ok(literal(&value, decimal))
                }
                // No value: `defined` says so, and then nobody asks which.
                Err(Fault::DivisionByZero) => Ok(literal(&BigRational::from_integer(BigInt::from(0)), decimal)),
                Ok(Value::Boolean(_) | Value::Text(_)) => Err(Fault::Mismatch),
                Err(fault) => Err(fault),
            };
        }
        let times = exponent(power).ok_or(Fault::Mismatch)?;
        let (term, kind) = self.term(base)?;
        if times == 0 {
            return Ok((if kind == Type::Rational { "1.0" } else { "1" }.to_owned(), kind));
        }
        self.script.nonlinear |= times > 1;
        let term = self.share((term, kind));
        let factors = vec![term.as_str(); usize::try_from(times).map_err(|_| Fault::TooLarge)?];
        Ok((if times == 1 { term.clone() } else { format!("(* {})", factors.join(" ")) }, kind))
    }

    fn call(&mut self, function: Function, arguments: &[Expr]) -> Result<Term, Fault> {
        let mut result: Option<Term> = None;
        for argument in arguments {
            let next = self.term(argument)?;
            result = Some(match (function, result) {
                (Function::Abs, _) => {
                    let kind = next.1;
                    let term = self.share(next);
                    (format!("(ite (< {term} 0) (- {term}) {term})"), kind)
                }
                (_, None) => next,
                (Function::Sum, Some(known)) => {
                    let (a, b, kind) = unified(known, next);
                    (format!("(+ {a} {b})"), kind)
                }
                (Function::Min | Function::Max, Some(known)) => {
                    let (a, b, kind) = unified(known, next);
                    let (a, b) = (self.share((a, kind)), self.share((b, kind)));
                    let sign = if function == Function::Min { "<=" } else { ">=" };
                    (format!("(ite ({sign} {a} {b}) {a} {b})"), kind)
                }
            });
        }
        result.ok_or(Fault::Mismatch)
    }

    /// When an expression has a value at all; `None` when it always has.
    pub fn defined(&mut self, expr: &Expr) -> Result<Option<String>, Fault> {
        if !self.may_be_undefined(expr)? {
            return Ok(None);
        }
        let mut parts = Vec::new();
        match &expr.kind {
            ExprKind::Binary(operator, left, right) if operator.is_logical() => {
                parts.extend(self.defined(left)?);
                if let Some(right) = self.defined(right)? {
                    let left = self.condition(left)?;
                    let looks_right = if *operator == BinaryOperator::Or { format!("(not {left})") } else { left };
                    parts.push(format!("(=> {looks_right} {right})"));
                }
            }
            ExprKind::If(condition, yes, no) => {
                parts.extend(self.defined(condition)?);
                let (yes, no) = (self.defined(yes)?, self.defined(no)?);
                if yes.is_some() || no.is_some() {
                    let always = || "true".to_owned();
                    let (yes, no) = (yes.unwrap_or_else(always), no.unwrap_or_else(always));
                    parts.push(format!("(ite {} {yes} {no})", self.condition(condition)?));
                }
            }
            kind => {
                let mut children = Vec::new();
                expr.for_each_child(|child| children.push(child));
                for child in children {
                    parts.extend(self.defined(child)?);
                }
                if let ExprKind::Binary(BinaryOperator::Divide | BinaryOperator::Remainder, _, divisor) = kind {
                    let (divisor, _) = self.term(divisor)?;
                    parts.push(format!("(distinct {divisor} 0)"));
                }
            }
        }
        let defined = match parts.len() {
            0 => return Ok(None),
            1 => parts.pop().unwrap_or_default(),
            _ => format!("(and {})", parts.join(" ")),
        };
        self.budget.spend(u64::try_from(defined.len()).unwrap_or(u64::MAX) / COPIED_LETTERS_PER_STEP)?;
        Ok(Some(defined))
    }

    /// Whether there is a division whose divisor is not plainly a constant other than zero.
    pub fn may_be_undefined(&self, expr: &Expr) -> Result<bool, Fault> {
        let (mut found, mut nodes) = (false, 0_u64);
        expr.for_each_node(&mut |node| {
            nodes += 1;
            if let ExprKind::Binary(BinaryOperator::Divide | BinaryOperator::Remainder, _, divisor) = &node.kind {
                found |= match &divisor.kind {
                    ExprKind::Number { value, .. } => value.is_zero(),
                    _ => small_constant(divisor).is_none_or(|value| value == 0),
                };
            }
        });
        self.budget.spend(nodes)?;
        Ok(found)
    }
}

fn has_names(expr: &Expr) -> bool {
    let mut found = false;
    expr.for_each_name(&mut |_| found = true);
    found
}

fn real_written(expr: &Expr) -> bool {
    let mut found = false;
    expr.for_each_node(&mut |node| {
        found |= match &node.kind {
            ExprKind::Number { decimal, .. } => *decimal,
            ExprKind::Binary(BinaryOperator::Divide, ..) => true,
            _ => false,
        };
    });
    found
}

fn real((term, kind): Term) -> String {
    if kind == Type::Rational { term } else { format!("(to_real {term})") }
}

fn unified(left: Term, right: Term) -> (String, String, Type) {
    match (left.1, right.1) {
        (Type::Rational, Type::Integer) | (Type::Integer, Type::Rational) => (real(left), real(right), Type::Rational),
        (kind, _) => (left.0, right.0, kind),
    }
}

pub(super) fn literal(value: &BigRational, decimal: bool) -> Term {
    let magnitude = if value.is_integer() && !decimal {
        value.numer().abs().to_string()
    } else if value.is_integer() {
        format!("{}.0", value.numer().abs())
    } else {
        format!("(/ {}.0 {}.0)", value.numer().abs(), value.denom())
    };
    let kind = if value.is_integer() && !decimal { Type::Integer } else { Type::Rational };
    (if value.is_negative() { format!("(- {magnitude})") } else { magnitude }, kind)
}
