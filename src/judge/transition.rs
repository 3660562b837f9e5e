//! Intents: guards are the state before, equations in `verify` define the state after, the rest must follow.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Line, RowRole};
use super::obligation::{Builder, Row, conserved_names, line_of, symbol_name};
use super::request::Question;
use crate::language::{Batch, BinaryOperator, Condition, Expr, ExprKind, Intent, Name, Span, Type, UnaryOperator};

/// Which symbol each name means in one intent, before and after it.
struct Step {
    before: BTreeMap<String, usize>,
    after: BTreeMap<String, usize>,
}

impl Step {
    /// In guards every name means the state before.
    fn before(&self, expr: &Expr) -> Expr {
        expr.renamed(&mut |name| self.find(&self.before, &name.base))
    }

    fn after(&self, expr: &Expr) -> Expr {
        expr.renamed(&mut |name| self.find(if name.old { &self.before } else { &self.after }, &name.base))
    }

    fn find(&self, moment: &BTreeMap<String, usize>, base: &str) -> Name {
        match moment.get(base) {
            Some(index) => symbol_name(*index),
            // Every name of the intent is entered before anything is resolved.
            None => Name { base: base.to_owned(), old: false },
        }
    }
}

/// What the intents before have left: values that stay, and values that nobody has seen.
#[derive(Default)]
struct Course {
    /// Names with one value, which all intents share.
    constants: BTreeMap<String, usize>,
    /// State whose value is anything, and of which nothing has been said since it became so.
    unseen: BTreeSet<String>,
}

/// An equation of `verify`, solved for the name that it defines.
struct Definition {
    base: String,
    value: Expr,
    line: Line,
    uses: BTreeSet<String>,
}

impl Builder {
    pub fn batch(&mut self, question: &Question, batch: &Batch) {
        for base in self.state.clone() {
            let index = self.symbol(&base, true);
            self.before.insert(base.clone(), index);
            self.current.insert(base, index);
        }
        let mut course = Course::default();
        let (mut enters, mut leaves) = (Vec::new(), Vec::new());
        let conserved = conserved_names(batch.intents.iter().flat_map(|intent| &intent.conserves));
        let last = batch.intents.len().saturating_sub(1);
        for (position, intent) in batch.intents.iter().enumerate() {
            let extra = if position == 0 { question.assumptions.as_slice() } else { &[] };
            let goal = if position == last { question.goal.as_slice() } else { &[] };
            let mut names = BTreeSet::new();
            let mut guarded = BTreeSet::new();
            let guards = intent.guards.iter().chain(extra);
            guards.for_each(|condition| condition.expression.collect_bases(&mut guarded));
            all_names(intent, &mut names);
            names.extend(guarded.iter().cloned());
            goal.iter().for_each(|condition| condition.expression.collect_bases(&mut names));
            let definitions = self.definitions(intent, &guarded);
            let step = self.step(batch, intent, &names, &definitions, &mut course);
            for condition in extra.iter().chain(&intent.guards) {
                self.assume(step.before(&condition.expression), line_of(condition));
            }
            let defining: BTreeSet<Span> = definitions.iter().map(|d| d.1).collect();
            for (definition, _) in definitions {
                if let Some(&index) = step.after.get(&definition.base) {
                    self.define(index, step.after(&definition.value), definition.line);
                }
            }
            let claims = intent.verify.iter().filter(|c| !defining.contains(&c.expression.span));
            for condition in claims.chain(goal) {
                self.claim(step.after(&condition.expression), line_of(condition));
            }
            let flow = |said: &Condition| (step.after(&said.expression), line_of(said));
            enters.extend(intent.enters.iter().map(flow));
            leaves.extend(intent.leaves.iter().map(flow));
            for law in &intent.conserves {
                let before = law.terms.iter().map(|term| step.before(term)).collect();
                let after = law.terms.iter().map(|term| step.after(term)).collect();
                let flows = [&law.enters, &law.leaves].map(|flow| flow.as_ref().map(|expr| step.after(expr)));
                self.conserve(law, before, after, flows);
            }
            self.after_step(&step, &names, &conserved);
        }
        self.balances(&conserved, enters, leaves);
        self.state_rows(batch);
    }

    /// What is now; and the balances that this intent speaks of, which must fit wherever it leaves them.
    fn after_step(&mut self, step: &Step, names: &BTreeSet<String>, conserved: &BTreeSet<String>) {
        for base in self.state.clone() {
            let Some(&index) = step.after.get(&base) else { continue };
            let changed = self.current.insert(base.clone(), index) != Some(index);
            if changed && names.contains(&base) && self.is_counted(&base, conserved) {
                self.task.closing.push(index);
            }
        }
    }

    /// A balance that `verify` sets has a value before, also where nobody writes `old_`: when a guard speaks of it,
    /// or when it is set to something that is no sum of balances. Money must not come from nowhere unseen.
    pub fn balances_without_old(&mut self, batch: &Batch) {
        for intent in &batch.intents {
            let mut guarded = BTreeSet::new();
            intent.guards.iter().for_each(|guard| guard.expression.collect_bases(&mut guarded));
            for condition in &intent.verify {
                let ExprKind::Binary(BinaryOperator::Equal, left, right) = &condition.expression.kind else { continue };
                for (name, value) in [(left, right), (right, left)] {
                    let ExprKind::Name(Name { base, old: false }) = &name.kind else { continue };
                    let parameter = intent.parameters.iter().any(|parameter| parameter.name == *base);
                    let mut used = BTreeSet::new();
                    value.collect_bases(&mut used);
                    let set = guarded.contains(base) || !used.iter().any(|other| self.is_balance(other));
                    if self.is_balance(base) && !parameter && !used.contains(base) && set {
                        self.state.insert(base.clone());
                    }
                }
            }
        }
    }

    /// Gives every name of an intent its symbols. All state has another value afterwards: what no equation defines may
    /// be anything, also what the intent says nothing of. One that keeps its value says so.
    fn step(
        &mut self,
        batch: &Batch,
        intent: &Intent,
        names: &BTreeSet<String>,
        definitions: &[(Definition, Span)],
        course: &mut Course,
    ) -> Step {
        let mut step = Step { before: self.current.clone(), after: self.current.clone() };
        for base in self.state.clone() {
            // Anything, unseen, and then anything again: one value does for both.
            let unseen = if names.contains(&base) {
                course.unseen.remove(&base);
                false
            } else {
                !course.unseen.insert(base.clone())
            };
            if !unseen {
                let index = self.symbol(&base, false);
                step.after.insert(base, index);
            }
        }
        for base in names {
            if self.state.contains(base) {
                continue;
            }
            let parameter = intent.parameters.iter().any(|parameter| parameter.name == *base);
            let local = parameter || definitions.iter().any(|(definition, _)| definition.base == *base);
            let index = match course.constants.get(base) {
                Some(index) if !local => *index,
                _ => {
                    let index = self.symbol(base, false);
                    let role = if parameter { self.parameter_role(base) } else { self.role(base) };
                    let several = batch.intents.len() > 1 && local;
                    let name = if several { format!("{}.{base}", intent.name) } else { base.clone() };
                    self.task.rows.push(Row { name, before: Some(index), after: Some(index), role });
                    index
                }
            };
            if !local {
                course.constants.insert(base.clone(), index);
            }
            step.before.insert(base.clone(), index);
            step.after.insert(base.clone(), index);
        }
        step
    }

    fn parameter_role(&self, base: &str) -> RowRole {
        match self.role(base) {
            RowRole::Value => RowRole::Parameter,
            role => role,
        }
    }

    /// The rows of the state, then all rows in the order of the source.
    fn state_rows(&mut self, batch: &Batch) {
        for base in self.state.clone() {
            let (before, after) = (self.before.get(&base).copied(), self.current.get(&base).copied());
            let role = self.role(&base);
            self.task.rows.push(Row { name: base, before, after, role });
        }
        let order: BTreeMap<&str, usize> =
            self.names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let several = batch.intents.len() > 1;
        self.task.rows.sort_by_key(|row| {
            let local = row.name.split_once('.').map(|(_, rest)| rest).filter(|_| several);
            order.get(row.name.as_str()).or_else(|| order.get(local.unwrap_or_default())).copied()
        });
    }

    /// The equations that say what a name is afterwards, none of them in a circle, in an order in which each
    /// uses only what stands before it. First those that name it alone on one side, then those that can be solved.
    fn definitions(&self, intent: &Intent, guarded: &BTreeSet<String>) -> Vec<(Definition, Span)> {
        let definable = |base: &str| {
            let parameter = intent.parameters.iter().any(|parameter| parameter.name == base);
            self.state.contains(base) || (!parameter && !guarded.contains(base))
        };
        let mut found: BTreeMap<String, (Definition, Span)> = BTreeMap::new();
        let mut taken: BTreeSet<Span> = BTreeSet::new();
        for solve_for in [alone as fn(&Expr, &Expr, &str) -> Option<Expr>, isolated] {
            for condition in &intent.verify {
                let ExprKind::Binary(BinaryOperator::Equal, left, right) = &condition.expression.kind else { continue };
                if taken.contains(&condition.expression.span) {
                    continue;
                }
                let mut candidates = Vec::new();
                condition.expression.for_each_name(&mut |name| {
                    if !name.old && definable(&name.base) && !candidates.contains(&name.base) {
                        candidates.push(name.base.clone());
                    }
                });
                for base in candidates {
                    let Some(value) = solve_for(left, right, &base) else { continue };
                    // An integer that is given a fraction is a claim, and a wrong one.
                    let fits = self.types.of(&base) != Type::Integer || !self.types.is_rational(&value);
                    let mut uses = BTreeSet::new();
                    value.for_each_name(&mut |name| {
                        if !name.old {
                            uses.insert(name.base.clone());
                        }
                    });
                    if found.contains_key(&base) || !fits || reaches(&found, &uses, &base) {
                        continue;
                    }
                    let definition = Definition { base: base.clone(), value, line: line_of(condition), uses };
                    taken.insert(condition.expression.span);
                    found.insert(base, (definition, condition.expression.span));
                    break;
                }
            }
        }
        ordered(found)
    }
}

fn all_names(intent: &Intent, names: &mut BTreeSet<String>) {
    let laws = intent.conserves.iter().flat_map(|law| law.terms.iter().chain(&law.enters).chain(&law.leaves));
    let conditions = intent.guards.iter().chain(&intent.verify).chain(&intent.enters).chain(&intent.leaves);
    conditions.map(|c| &c.expression).chain(laws).for_each(|expr| expr.collect_bases(names));
}

fn is_after(expr: &Expr, base: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if !name.old && name.base == base)
}

fn occurrences(expr: &Expr, base: &str) -> usize {
    let mut count = 0;
    expr.for_each_name(&mut |name| count += usize::from(!name.old && name.base == base));
    count
}

fn alone(left: &Expr, right: &Expr, base: &str) -> Option<Expr> {
    match (is_after(left, base), is_after(right, base)) {
        (true, false) if occurrences(right, base) == 0 => Some(right.clone()),
        (false, true) if occurrences(left, base) == 0 => Some(left.clone()),
        _ => None,
    }
}

/// Solves an equation for a name that stands in it once, under nothing but `+` and `-`.
fn isolated(left: &Expr, right: &Expr, base: &str) -> Option<Expr> {
    let (mut side, mut value) = match (occurrences(left, base), occurrences(right, base)) {
        (1, 0) => (left, right.clone()),
        (0, 1) => (right, left.clone()),
        _ => return None,
    };
    while !is_after(side, base) {
        (side, value) = match &side.kind {
            ExprKind::Unary(UnaryOperator::Negate, operand) => {
                (&**operand, Expr::new(ExprKind::Unary(UnaryOperator::Negate, Box::new(value)), side.span))
            }
            ExprKind::Binary(BinaryOperator::Add, a, b) => {
                let (with, other) = if occurrences(a, base) == 1 { (a, b) } else { (b, a) };
                (&**with, Expr::binary(BinaryOperator::Subtract, value, (**other).clone()))
            }
            ExprKind::Binary(BinaryOperator::Subtract, a, b) if occurrences(a, base) == 1 => {
                (&**a, Expr::binary(BinaryOperator::Add, value, (**b).clone()))
            }
            ExprKind::Binary(BinaryOperator::Subtract, a, b) => {
                (&**b, Expr::binary(BinaryOperator::Subtract, (**a).clone(), value))
            }
            _ => return None,
        };
    }
    Some(value)
}

/// Whether following the definitions from `uses` leads back to `base`.
fn reaches(found: &BTreeMap<String, (Definition, Span)>, uses: &BTreeSet<String>, base: &str) -> bool {
    let mut open: Vec<&str> = uses.iter().map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if name == base {
            return true;
        }
        if seen.insert(name)
            && let Some((definition, _)) = found.get(name)
        {
            open.extend(definition.uses.iter().map(String::as_str));
        }
    }
    false
}

fn ordered(mut found: BTreeMap<String, (Definition, Span)>) -> Vec<(Definition, Span)> {
    let mut order = Vec::new();
    while !found.is_empty() {
        let free = |(definition, _): &(Definition, Span)| !definition.uses.iter().any(|name| found.contains_key(name));
        let mut ready: Vec<(u32, String)> =
            found.iter().filter(|(_, d)| free(d)).map(|(b, d)| (d.1.start, b.clone())).collect();
        ready.sort();
        if ready.is_empty() {
            break;
        }
        for (_, base) in ready {
            order.extend(found.remove(&base));
        }
    }
    order
}
