//! A task as scripts for a solver. Each asks for a way to break something; none found means it holds.

use num_bigint::BigInt;

use super::obligation::{Claim, Fact, Law, Task, symbol_expr};
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
    /// The same, with the claims and the laws named, or only those of these names: which of them contradict?
    Contradiction(Option<&'a [String]>),
    /// One of these claims, or one of these divisions by zero.
    Claims(&'a [Claim]),
    /// The value of this definition or assumption, given those before it.
    Defined(usize),
    /// The value of one of the laws.
    LawsDefined,
    /// One of the laws, where it has a value.
    Laws,
    /// A balance that leaves 64 bits, when all that comes in fits.
    Overflow,
}

/// How far the values of an example may lie, so that people can read it.
#[derive(Clone, Copy)]
pub(super) enum Reach<'a> {
    Any,
    Within(i64, i64),
    /// These symbols are 0 or 1, the rest anything.
    Least(&'a [usize]),
}

/// # Errors
/// When a constant cannot be computed, or the script would be too long. If [`Target::Everything`] can be asked,
/// so can all the rest: no other script says more.
pub(super) fn script(task: &Task, target: Target<'_>, reach: Reach<'_>, rlimit: Option<u64>) -> Result<Script, Fault> {
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
    if let Target::Contradiction(only) = target {
        for (label, term) in translator.everything()? {
            if only.is_none_or(|only| only.contains(&label)) {
                translator.written(&term)?;
                translator.script.assert_labelled(&label, &term);
            }
        }
    }
    if let Some(wanted) = translator.wanted(target)? {
        translator.written(&wanted)?;
        translator.script.assert(&wanted);
    }
    match reach {
        Reach::Any => {}
        Reach::Within(low, high) => translator.within(&task.inputs(), low, high),
        Reach::Least(symbols) => translator.within(symbols, 0, 1),
    }
    Ok(translator.script)
}

/// The claim or the law that a label of [`Target::Contradiction`] names: claims first, laws after them.
pub(super) fn labelled(task: &Task, label: &str) -> Option<usize> {
    let place = |letter: char| label.strip_prefix(letter)?.parse::<usize>().ok();
    place('c').or_else(|| place('l').map(|law| task.claims.len() + law))
}

fn number(value: i64) -> String {
    if value < 0 { format!("(- {})", value.unsigned_abs()) } else { value.to_string() }
}

impl Translator<'_> {
    fn wanted(&mut self, target: Target) -> Result<Option<String>, Fault> {
        Ok(match target {
            Target::Facts | Target::Contradiction(_) => None,
            Target::Everything => {
                let all: Vec<String> = self.everything()?.into_iter().map(|(_, term)| term).collect();
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
            Target::LawsDefined => {
                let mut all = Vec::new();
                for law in &self.task.laws {
                    all.extend(self.defined(&law.drift)?);
                }
                Some(format!("(not (and true {}))", all.join(" ")))
            }
            Target::Laws => {
                let mut any = Vec::new();
                for law in &self.task.laws {
                    any.push(self.law(law, "distinct")?);
                }
                Some(format!("(or false {})", any.join(" ")))
            }
            Target::Overflow => Some(self.overflow()),
        })
    }

    /// What must be so for everything to hold, each part with a label: that facts have values, claims, laws.
    fn everything(&mut self) -> Result<Vec<(String, String)>, Fault> {
        let mut all = Vec::new();
        for (index, fact) in self.task.facts.iter().enumerate() {
            all.extend(self.defined(fact.expression())?.map(|term| (format!("g{index}"), term)));
        }
        for (index, claim) in self.task.claims.iter().enumerate() {
            all.push((format!("c{index}"), self.holds(&claim.expression)?));
        }
        for (index, law) in self.task.laws.iter().enumerate() {
            all.push((format!("l{index}"), self.law(law, "=")?));
        }
        Ok(all)
    }

    /// That a law's sum has a value, and that this stays (`=`) or changes (`distinct`).
    fn law(&mut self, law: &Law, sign: &str) -> Result<String, Fault> {
        let defined = self.defined(&law.drift)?;
        let (drift, _) = self.term(&law.drift)?;
        let said = format!("({sign} {drift} 0)");
        Ok(match defined {
            Some(defined) => format!("(and {defined} {said})"),
            None => said,
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
