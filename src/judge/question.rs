//! A task as scripts for a solver. Each asks for a way to break something; none found means it holds.

use num_bigint::BigInt;

use super::obligation::{Claim, Fact, Task, symbol_expr};
use super::translate::{Translator, sort};
use crate::language::{BinaryOperator, Expr, Fault, Type};
use crate::solver::Script;

/// What a counterexample may break.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    /// Nothing: are the facts possible at all?
    Facts,
    /// Nothing: can the facts, the claims and the laws all hold?
    Everything,
    /// One of these claims, or one of these divisions by zero.
    Claims(&'a [Claim]),
    /// The value of this definition or assumption, given those before it.
    Defined(usize),
    /// One of the laws.
    Laws,
    /// A balance that leaves 64 bits, when all that comes in fits.
    Overflow,
}

/// How far the values of an example may lie, so that people can read it.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    Any,
    Within(i64, i64),
}

/// # Errors
/// When a constant cannot be computed, or the script would be too long. If [`Target::Everything`] can be asked,
/// so can all the rest: no other script says more.
pub(super) fn script(task: &Task, target: Target, reach: Reach, rlimit: Option<u64>) -> Result<Script, Fault> {
    let mut translator = Translator::new(task);
    translator.script.rlimit = rlimit;
    for symbol in &task.symbols {
        translator.script.declare(&symbol.smt, sort(symbol.kind));
    }
    let facts = if let Target::Defined(index) = target { index } else { task.facts.len() };
    for (index, fact) in task.facts.iter().enumerate().take(facts) {
        let term = match fact {
            Fact::Assume { expression, .. } => translator.condition(expression)?,
            Fact::Define { symbol, expression, .. } => {
                let equal = Expr::binary(BinaryOperator::Equal, symbol_expr(*symbol), expression.clone());
                translator.condition(&equal)?
            }
        };
        translator.written(&term)?;
        translator.script.assert_labelled(&format!("f{index}"), &term);
    }
    let wanted = translator.wanted(target)?;
    if let Some(wanted) = wanted {
        translator.written(&wanted)?;
        translator.script.assert(&wanted);
    }
    if let Reach::Within(low, high) = reach {
        translator.within(&task.inputs(), low, high);
    }
    Ok(translator.script)
}

fn number(value: i64) -> String {
    if value < 0 { format!("(- {})", value.unsigned_abs()) } else { value.to_string() }
}

impl Translator<'_> {
    fn wanted(&mut self, target: Target) -> Result<Option<String>, Fault> {
        Ok(match target {
            Target::Facts => None,
            Target::Everything => {
                let mut all = Vec::new();
                for fact in &self.task.facts {
                    all.extend(self.defined(fact.expression())?);
                }
                for claim in &self.task.claims {
                    all.push(self.holds(&claim.expression)?);
                }
                for law in &self.task.laws {
                    let (drift, _) = self.term(&law.drift)?;
                    all.push(format!("(= {drift} 0)"));
                }
                Some(format!("(and true {})", all.join(" ")))
            }
            Target::Claims(claims) => {
                let mut all = Vec::new();
                for claim in claims {
                    all.push(self.holds(&claim.expression)?);
                }
                Some(format!("(not (and true {}))", all.join(" ")))
            }
            Target::Defined(index) => {
                let fact = self.task.facts.get(index).map(Fact::expression);
                let defined = fact.map(|expr| self.defined(expr)).transpose()?.flatten();
                Some(format!("(not {})", defined.unwrap_or_else(|| "true".to_owned())))
            }
            Target::Laws => {
                let mut all = Vec::new();
                for law in &self.task.laws {
                    let (drift, _) = self.term(&law.drift)?;
                    all.push(format!("(= {drift} 0)"));
                }
                Some(format!("(not (and true {}))", all.join(" ")))
            }
            Target::Overflow => Some(self.overflow()),
        })
    }

    fn holds(&mut self, claim: &Expr) -> Result<String, Fault> {
        let defined = self.defined(claim)?;
        let holds = self.condition(claim)?;
        Ok(match defined {
            Some(defined) => format!("(and {defined} {holds})"),
            None => holds,
        })
    }

    fn overflow(&mut self) -> String {
        let (low, high) = (number(i64::MIN), number(i64::MAX));
        self.within(&self.task.inputs(), i64::MIN, i64::MAX);
        let symbol = |index: &usize| self.task.symbols.get(*index).map(|symbol| symbol.smt.clone());
        let opening: Vec<String> = self.task.opening.iter().filter_map(symbol).collect();
        let outside: Vec<String> = (self.task.closing.iter().filter_map(symbol))
            .map(|closing| format!("(or (< {closing} {low}) (> {closing} {high}))"))
            .collect();
        // Money that exists can be counted: all balances and debts together fit before the first step.
        if !opening.is_empty() {
            let sizes: Vec<String> =
                opening.iter().map(|name| format!("(ite (< {name} 0) (- {name}) {name})")).collect();
            self.script.assert(&format!("(<= (+ 0 {}) {high})", sizes.join(" ")));
        }
        format!("(or false {})", outside.join(" "))
    }

    fn within(&mut self, symbols: &[usize], low: i64, high: i64) {
        let (low, high) = (number(low), number(high));
        for symbol in symbols.iter().filter_map(|index| self.task.symbols.get(*index)) {
            if symbol.kind.is_number() {
                let name = &symbol.smt;
                self.script.assert(&format!("(and (<= {low} {name}) (<= {name} {high}))"));
            }
        }
    }
}

/// Whether a value of a balance leaves 64 bits.
pub(super) fn leaves_64_bits(value: &num_rational::BigRational) -> bool {
    let bound = |edge: i64| num_rational::BigRational::from_integer(BigInt::from(edge));
    *value < bound(i64::MIN) || *value > bound(i64::MAX)
}

/// Sorts that carry a number a person may read.
pub(super) fn default_value(kind: Type) -> crate::language::Value {
    match kind {
        Type::Boolean => crate::language::Value::Boolean(false),
        Type::Text => crate::language::Value::Text(String::new()),
        Type::Integer | Type::Rational => crate::language::Value::from(0),
    }
}
