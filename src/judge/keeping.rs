//! What is kept: the sums of the balances, and the 64 bits they are stored in.

use super::decide::{Court, UNCONFIRMED};
use super::evidence::Conservation;
use super::examine::Values;
use super::linear;
use super::obligation::{Fact, Law, symbol_expr};
use super::question::{Reach, Target};
use super::request::JudgeError;
use crate::solver::{Model, Outcome};

impl Court<'_> {
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
            Outcome::Unsat { .. } => return Ok(false),
            Outcome::Unknown(reason) => {
                self.unknown(reason);
                return Ok(false);
            }
            Outcome::Sat(model) => model,
        };
        let confirmed = Values::compute(self.task, &model).filter(|(_, fault)| fault.is_none());
        let Some((values, index)) = confirmed.and_then(|(v, _)| v.overflowing(self.task).map(|index| (v, index)))
        else {
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
