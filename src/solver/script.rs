//! What is asked of a solver, and what it answers.

use std::collections::BTreeMap;
use std::fmt::Write;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::sexpr::{Sexpr, read_all};

/// A number longer than this is no value that anything here computes with, and slow to read.
const DIGITS_READ_MAX: usize = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Integer,
    Rational,
    Boolean,
}

/// One question: is there an assignment under which every assertion holds?
///
/// Symbols and labels are made by the caller, never taken from a user's text.
#[derive(Debug, Clone, Default)]
pub struct Script {
    text: String,
    symbols: Vec<(String, Sort)>,
    /// Products of names: Z3 decides those better in a process without history.
    pub nonlinear: bool,
    /// A lower limit than the pool's own.
    pub rlimit: Option<u64>,
}

impl Script {
    pub fn declare(&mut self, symbol: &str, sort: Sort) {
        let sort_name = match sort {
            Sort::Integer => "Int",
            Sort::Rational => "Real",
            Sort::Boolean => "Bool",
        };
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "(declare-const {symbol} {sort_name})");
        self.symbols.push((symbol.to_owned(), sort));
    }

    /// A shared part, written once and named.
    pub fn define(&mut self, symbol: &str, sort: Sort, term: &str) {
        let sort_name = match sort {
            Sort::Integer => "Int",
            Sort::Rational => "Real",
            Sort::Boolean => "Bool",
        };
        let _ = writeln!(self.text, "(define-fun {symbol} () {sort_name} {term})");
    }

    pub fn assert(&mut self, term: &str) {
        let _ = writeln!(self.text, "(assert {term})");
    }

    /// An assertion that an unsatisfiable core may name.
    pub fn assert_labelled(&mut self, label: &str, term: &str) {
        let _ = writeln!(self.text, "(assert (! {term} :named {label}))");
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn symbols(&self) -> &[(String, Sort)] {
        &self.symbols
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelValue {
    Number(BigRational),
    Boolean(bool),
}

/// Values of the declared symbols. A symbol whose value is no rational number is left out.
pub type Model = BTreeMap<String, ModelValue>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No assignment exists; `core` names labelled assertions that already contradict.
    Unsat { core: Vec<String> },
    /// An assignment, as the solver says; to be checked before anyone believes it.
    Sat(Model),
    /// A limit was reached, or the solver gave up; the text says which.
    Unknown(String),
}

pub(super) fn read_core(text: &str) -> Option<Vec<String>> {
    let read = read_all(text)?;
    let labels = read.first()?.list()?;
    labels.iter().map(|label| label.atom().map(str::to_owned)).collect()
}

pub(super) fn read_model(text: &str) -> Option<Model> {
    let read = read_all(text)?;
    let mut model = Model::new();
    for pair in read.first()?.list()? {
        let [symbol, value] = pair.list()? else { return None };
        if let Some(value) = read_value(value) {
            model.insert(symbol.atom()?.to_owned(), value);
        }
    }
    Some(model)
}

fn read_value(value: &Sexpr) -> Option<ModelValue> {
    match value {
        Sexpr::Atom(text) if text == "true" => Some(ModelValue::Boolean(true)),
        Sexpr::Atom(text) if text == "false" => Some(ModelValue::Boolean(false)),
        _ => read_number(value).map(ModelValue::Number),
    }
}

fn read_number(value: &Sexpr) -> Option<BigRational> {
    match value {
        Sexpr::Atom(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            if whole.is_empty() || text.len() > DIGITS_READ_MAX || !all_digits(whole) || !all_digits(fraction) {
                return None;
            }
            let digits = format!("{whole}{fraction}");
            let scale = BigInt::from(10u8).pow(u32::try_from(fraction.len()).ok()?);
            Some(BigRational::new(BigInt::parse_bytes(digits.as_bytes(), 10)?, scale))
        }
        Sexpr::List(items) => match items.as_slice() {
            [Sexpr::Atom(minus), operand] if minus == "-" => Some(-read_number(operand)?),
            [Sexpr::Atom(slash), numer, denom] if slash == "/" => {
                let denom = read_number(denom)?;
                if denom.is_zero() { None } else { Some(read_number(numer)? / denom) }
            }
            _ => None,
        },
        Sexpr::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(numer: i64, denom: i64) -> ModelValue {
        ModelValue::Number(BigRational::new(numer.into(), denom.into()))
    }

    #[test]
    fn values_of_every_shape_are_read() {
        let model =
            read_model("((a 5) (b (- 7)) (c (/ 1.0 3.0)) (d (- (/ 1.0 4.0))) (e 2.50) (f true))").expect("read");
        let expected =
            [number(5, 1), number(-7, 1), number(1, 3), number(-1, 4), number(5, 2), ModelValue::Boolean(true)];
        assert_eq!(model.into_values().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_irrational_value_is_left_out() {
        let model = read_model("((a (root-obj (+ (^ x 2) (- 2)) 1)) (b 1) (c 1.4142?) (d (/ 1 0)))").expect("read");
        assert_eq!(model.into_iter().collect::<Vec<_>>(), [("b".to_owned(), number(1, 1))]);
    }

    #[test]
    fn a_core_is_a_list_of_labels() {
        assert_eq!(read_core("(f0 f2)"), Some(vec!["f0".to_owned(), "f2".to_owned()]));
        assert_eq!(read_core("f0"), None);
        assert_eq!(read_core("((f0))"), None);
    }
}
