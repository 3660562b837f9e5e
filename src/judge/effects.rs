//! What a transition adds to each name, as a linear form in what it is given: for those who look for what never changes.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::evidence::RowRole;
use super::linear::{Form, form};
use super::obligation::{Fact, Row, Task, build, symbol_expr};
use super::request::{JudgeError, ProofRequest, ProofType, Question};
use crate::language::{Batch, Condition, Name, Program, parse, parse_formula};

/// What one transition does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    /// The intent's or the program's name.
    pub name: String,
    /// Every name with a value before and one after.
    pub changes: Vec<Change>,
}

/// What a transition adds to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    /// Coefficients by the names it is given, the constant under the empty name; nothing where the name stays as it is,
    /// `None` where the change is no linear form, or may be anything.
    pub by: Option<BTreeMap<String, BigRational>>,
}

/// The transitions of a program: each intent of a batch for itself, a `solve` program as a whole.
///
/// # Errors
/// `Unreadable` with places in the source; `Invalid` for a formula, which changes nothing.
pub fn effects(source: &str) -> Result<Vec<Effects>, JudgeError> {
    let program = parse(source).map_err(JudgeError::Unreadable)?;
    let each: Vec<Program> = match program {
        Program::Formula(_) => {
            let message = "a formula changes nothing: give an intent, an atomic_batch or a solve program";
            return Err(JudgeError::Invalid(message.to_owned()));
        }
        Program::Intents(batch) => batch.intents.into_iter().map(alone).collect(),
        solve @ Program::Solve(_) => vec![solve],
    };
    let first: Vec<Effects> = each.iter().map(|program| effects_of(program.clone(), Vec::new())).collect();
    let state: BTreeSet<&str> = first.iter().flat_map(|one| &one.changes).map(|change| change.name.as_str()).collect();
    let mut found = Vec::with_capacity(each.len());
    for (program, one) in each.into_iter().zip(&first) {
        let more = state_only_elsewhere(&program, one, &state);
        found.push(if more.is_empty() { one.clone() } else { effects_of(program, has_a_value_before(&more)?) });
    }
    Ok(found)
}

/// Names that have a value before because another intent says so, whether this one sets them, leaves them open or does
/// not speak of them: what it does not say it keeps may be anything.
fn state_only_elsewhere<'a>(program: &Program, known: &Effects, state: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let Program::Intents(batch) = program else { return names };
    for intent in &batch.intents {
        names.extend(state.iter().copied().filter(|name| {
            let parameter = intent.parameters.iter().any(|parameter| parameter.name == *name);
            !parameter && !known.changes.iter().any(|change| change.name == *name)
        }));
    }
    names
}

fn has_a_value_before(names: &BTreeSet<&str>) -> Result<Vec<Condition>, JudgeError> {
    let old = |base: &str| Name { base: base.to_owned(), old: true }.to_string();
    let formula: Vec<String> = names.iter().map(|base| format!("{0} == {0}", old(base))).collect();
    parse_formula(&formula.join("; ")).map_err(JudgeError::Unreadable)
}

fn alone(intent: crate::language::Intent) -> Program {
    Program::Intents(Batch { name: None, intents: vec![intent] })
}

fn effects_of(program: Program, assumptions: Vec<Condition>) -> Effects {
    let name = program.title().unwrap_or_default().to_owned();
    let question =
        Question { proof_type: ProofType::Conservation, program, assumptions, goal: Vec::new(), rlimit: None };
    let task = build(&question);
    let mut known: BTreeMap<usize, Option<Form>> = BTreeMap::new();
    for fact in &task.facts {
        if let Fact::Define { symbol, expression, .. } = fact {
            let form = form(&task, expression, &known);
            known.insert(*symbol, form);
        }
    }
    let chosen: BTreeSet<usize> = task.inputs().into_iter().collect();
    let changes = task.rows.iter().filter_map(|row| change(&task, row, &known, &chosen)).collect();
    Effects { name, changes }
}

fn change(task: &Task, row: &Row, known: &BTreeMap<usize, Option<Form>>, chosen: &BTreeSet<usize>) -> Option<Change> {
    let (before, after) = (row.before?, row.after?);
    if !task.symbols.get(after)?.kind.is_number() {
        return None;
    }
    // What is given to the transition is no part of the state.
    if before == after && row.role != RowRole::State {
        return None;
    }
    let name = row.name.clone();
    if before == after {
        return Some(Change { name, by: Some(BTreeMap::new()) });
    }
    // Chosen by nobody: it may become anything.
    if chosen.contains(&after) {
        return Some(Change { name, by: None });
    }
    let by = form(task, &symbol_expr(after), known).map(|mut form| {
        *form.entry(Some(before)).or_insert_with(BigRational::zero) -= BigRational::one();
        form.retain(|_, value| !value.is_zero());
        form.into_iter().map(|(symbol, value)| (shown(task, symbol), value)).collect()
    });
    Some(Change { name, by })
}

fn shown(task: &Task, symbol: Option<usize>) -> String {
    symbol.and_then(|index| task.symbols.get(index)).map_or_else(String::new, |symbol| symbol.shown.to_string())
}

/// The names of numbers and of truths that a formula and its assumptions speak of, in the order they first stand there.
///
/// # Errors
/// As [`super::prepare`].
pub fn free_names(request: &ProofRequest) -> Result<Vec<(String, crate::language::Type)>, JudgeError> {
    let question = request.read()?;
    let task = build(&question);
    let inputs: BTreeSet<usize> = task.inputs().into_iter().collect();
    let named = task.symbols.iter().enumerate().filter(|(index, _)| inputs.contains(index));
    Ok(named.map(|(_, symbol)| (symbol.shown.to_string(), symbol.kind)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> Vec<(String, Vec<(String, String)>)> {
        let written = |change: &Change| {
            let by = match &change.by {
                Some(form) => form.iter().map(|(name, value)| format!("{value}*{name}")).collect::<Vec<_>>().join(" "),
                None => "?".to_owned(),
            };
            (change.name.clone(), by)
        };
        let transitions = effects(source).expect("readable");
        transitions.into_iter().map(|one| (one.name.clone(), one.changes.iter().map(written).collect())).collect()
    }

    #[test]
    fn each_intent_tells_what_it_adds_to_each_name() {
        let source = "atomic_batch b {
            intent pay(amount: Int) { verify {
                a_balance == old_a_balance - amount; b_balance == old_b_balance + amount; count == old_count + 1;
            } }
            intent fee(amount: Int) { verify { a_balance == old_a_balance - amount / 2; keep b_balance; } }
        }";
        let pair = |name: &str, by: &str| (name.to_owned(), by.to_owned());
        assert_eq!(
            told(source),
            [
                (
                    "pay".to_owned(),
                    vec![pair("a_balance", "-1*amount"), pair("b_balance", "1*amount"), pair("count", "1*")]
                ),
                ("fee".to_owned(), vec![pair("a_balance", "-1/2*amount"), pair("b_balance", ""), pair("count", "?")]),
            ]
        );
    }

    #[test]
    fn what_is_not_linear_or_free_is_not_told() {
        let source = "intent t(n: Int) { verify { x == old_x * n; y > old_y; z == old_z + 2 * n; } }";
        let (_, changes) = told(source).remove(0);
        let by = |name: &str| changes.iter().find(|(known, _)| known == name).map(|(_, by)| by.clone());
        assert_eq!((by("x"), by("y"), by("z")), (Some("?".into()), Some("?".into()), Some("2*n".into())));
        assert!(matches!(effects("x + y == 1"), Err(JudgeError::Invalid(_))));
    }
}
