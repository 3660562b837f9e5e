//! What is kept: the sums of the balances, and the 64 bits they are stored in.

use std::collections::BTreeSet;

use super::decide::{COURTESY_RLIMIT, Court, UNCONFIRMED};
use super::evidence::Conservation;
use super::examine::{Finding, Values};
use super::linear;
use super::obligation::{Fact, Law, symbol_expr};
use super::question::{Reach, Target};
use super::request::JudgeError;
use super::translate::Translator;
use crate::solver::{Model, Outcome};

/// Names that an overflow is tried without: more of them nobody reads.
const LEAST_TRIED_MAX: usize = 12;

impl Court<'_> {
    /// A division by zero in a law: then nothing can be said of what is kept. It refutes where nothing else has yet.
    pub async fn undefined_laws(&mut self) -> Result<bool, JudgeError> {
        let mut may_be = false;
        for law in &self.task.laws {
            may_be |= Translator::new(self.task).may_be_undefined(&law.drift)?;
        }
        if !may_be {
            return Ok(false);
        }
        let confirm = |court: &Self, model: &Model| {
            let (values, fault) = Values::compute(court.task, model)?;
            let undefined = if fault.is_some() { None } else { values.undefined_law(court.task) }?;
            Some((values, undefined))
        };
        match self.ask(Target::LawsDefined, Reach::Any, self.rlimit).await? {
            Outcome::Unsat { core } => self.use_lines(&core),
            Outcome::Unknown(reason) => drop(self.unknown(reason)),
            Outcome::Sat(model) => match self.readable(Target::LawsDefined, &model, &confirm).await? {
                Some((values, index)) => {
                    if let Some(law) = self.task.laws.get(index).filter(|_| self.evidence.failing.is_none()) {
                        self.refute(&values, Finding::DividesByZero(law.place(), law.drift.clone()));
                    }
                    return Ok(true);
                }
                None => drop(self.unknown(UNCONFIRMED.to_owned())),
            },
        }
        Ok(false)
    }

    pub async fn laws(&mut self) -> Result<bool, JudgeError> {
        if self.task.laws.is_empty() {
            return Ok(false);
        }
        let confirm = |court: &Self, model: &Model| {
            let (values, fault) = Values::compute(court.task, model)?;
            let broken = if fault.is_some() { None } else { values.broken_law(court.task) }?;
            Some((values, broken))
        };
        let all: Vec<&Law> = self.task.laws.iter().collect();
        match self.ask(Target::Laws, Reach::Any, self.rlimit).await? {
            Outcome::Unsat { core } => {
                self.use_lines(&core);
                self.evidence.conserved = Some(conservation(Some(true), &all));
            }
            Outcome::Unknown(reason) => {
                self.evidence.conserved = Some(conservation(None, &all));
                self.unknown(reason);
            }
            Outcome::Sat(model) => match self.readable(Target::Laws, &model, &confirm).await? {
                Some((values, (index, drift))) => {
                    if let Some(law) = self.task.laws.get(index) {
                        self.broken(law, &values, drift.to_string());
                    }
                    return Ok(true);
                }
                None => {
                    self.evidence.conserved = Some(conservation(None, &all));
                    self.unknown(UNCONFIRMED.to_owned());
                }
            },
        }
        Ok(false)
    }

    fn broken(&mut self, law: &Law, values: &Values, drift: String) {
        self.evidence.conserved = Some(conservation(Some(false), &[law]));
        let concrete = if self.task.is_hidden(&law.drift) { "secret".to_owned() } else { drift };
        let how_much = linear::describe(self.task, &law.drift).unwrap_or(concrete);
        if self.evidence.failing.is_none() && self.evidence.counterexample.is_empty() {
            self.evidence.counterexample = values.rows(self.task, Some(&law.drift));
            self.evidence.failing = law.line.clone();
            let names = conservation(None, &[law]).text;
            self.evidence.reason = Some(format!("the sum of {names} changes by {how_much}"));
            self.evidence.used.clear();
        }
        self.evidence.by_how_much = Some(how_much);
    }

    pub async fn overflows(&mut self) -> Result<bool, JudgeError> {
        if self.task.closing.is_empty() {
            return Ok(false);
        }
        let model = match self.ask(Target::Overflow, Reach::Any, self.rlimit).await? {
            Outcome::Unsat { core } => {
                self.use_lines(&core);
                return Ok(false);
            }
            Outcome::Unknown(reason) => {
                self.unknown(reason);
                return Ok(false);
            }
            Outcome::Sat(model) => model,
        };
        let Some((values, index)) = self.readable_overflow(&model).await? else {
            self.unknown(UNCONFIRMED.to_owned());
            return Ok(false);
        };
        let defining =
            self.task.facts.iter().find(|fact| matches!(fact, Fact::Define { symbol, .. } if *symbol == index));
        self.evidence.failing = defining.map(|fact| fact.line().clone());
        self.evidence.counterexample = values.rows(self.task, Some(&symbol_expr(index)));
        let name = self.task.symbols.get(index).map_or_else(String::new, |symbol| symbol.shown.to_string());
        self.evidence.reason = Some(format!("`{name}` leaves 64 bits for these values"));
        self.evidence.used.clear();
        Ok(true)
    }

    /// The balance that overflows, with values as small as they can be: one of them must be large, the rest need not.
    async fn readable_overflow(&self, model: &Model) -> Result<Option<(Values, usize)>, JudgeError> {
        let confirm = |court: &Self, model: &Model| {
            let (values, fault) = Values::compute(court.task, model)?;
            let index = if fault.is_some() { None } else { values.overflowing(court.task) }?;
            Some((values, index))
        };
        let Some(mut best) = self.readable(Target::Overflow, model, &confirm).await? else { return Ok(None) };
        let mut least: Vec<usize> = Vec::new();
        let opening: BTreeSet<usize> = self.task.opening.iter().copied().collect();
        // A full account is easier to believe than a huge amount: what is paid is made small before what is there.
        let mut inputs = self.task.inputs();
        inputs.sort_by_key(|input| opening.contains(input));
        for input in inputs.into_iter().take(LEAST_TRIED_MAX) {
            least.push(input);
            let smaller = match self.ask(Target::Overflow, Reach::Least(&least), Some(COURTESY_RLIMIT)).await? {
                Outcome::Sat(smaller) => confirm(self, &smaller),
                Outcome::Unsat { .. } | Outcome::Unknown(_) => None,
            };
            match smaller {
                Some(found) => best = found,
                None => drop(least.pop()),
            }
        }
        Ok(Some(best))
    }
}

fn conservation(holds: Option<bool>, laws: &[&Law]) -> Conservation {
    let mut names: Vec<String> = Vec::new();
    for name in laws.iter().flat_map(|law| &law.names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let short = |name: &String| {
        let bare = name.strip_suffix("_balance").or_else(|| name.strip_suffix(".balance"));
        bare.or_else(|| name.strip_prefix("balance_")).unwrap_or(name).to_owned()
    };
    let text = names.iter().map(short).collect::<Vec<_>>().join(" + ");
    Conservation { holds, names, text }
}
