//! What must be hidden beside the secrets themselves: names whose value says what a secret's is.

use std::collections::{BTreeMap, BTreeSet};

use super::obligation::{Fact, Task};
use crate::language::{BinaryOperator, Expr, ExprKind};

/// Names that an equation anywhere ties to each other: whoever sees all but one of them can compute it.
struct Ties {
    groups: Vec<BTreeSet<usize>>,
    of: BTreeMap<usize, Vec<usize>>,
}

impl Ties {
    fn add(&mut self, group: BTreeSet<usize>) {
        let place = self.groups.len();
        group.iter().for_each(|symbol| self.of.entry(*symbol).or_default().push(place));
        self.groups.push(group);
    }

    /// `==` ties, and so does `!=`, whose counterexample is an equality.
    fn add_from(&mut self, task: &Task, expr: &Expr) {
        expr.for_each_node(&mut |node| {
            if let ExprKind::Binary(BinaryOperator::Equal | BinaryOperator::NotEqual, ..) = &node.kind {
                self.add(symbols(task, node));
            }
        });
    }
}

/// Hides every name that is equated with a secret, and every name that is equated with one of those.
///
/// A definition hides what it defines when it uses a secret, and not the other names it uses: without the value
/// defined, they say nothing. Where the value defined is itself equated with a secret, they do.
pub(super) fn hide(task: &mut Task) {
    if !task.symbols.iter().any(|symbol| symbol.hidden) {
        return;
    }
    let mut ties = Ties { groups: Vec::new(), of: BTreeMap::new() };
    let mut uses: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut defined: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for fact in &task.facts {
        ties.add_from(task, fact.expression());
        if let Fact::Define { symbol, expression, .. } = fact {
            let used = symbols(task, expression);
            used.iter().for_each(|one| uses.entry(*one).or_default().push(*symbol));
            defined.insert(*symbol, used);
        }
    }
    task.claims.iter().for_each(|claim| ties.add_from(task, &claim.expression));
    let mut open: Vec<usize> = (0..task.symbols.len()).filter(|index| is_hidden(task, *index)).collect();
    let mut found = Vec::new();
    while let Some(hidden) = open.pop() {
        for place in ties.of.get(&hidden).into_iter().flatten() {
            // Once it is hidden, a group has nothing more to say.
            found.extend(ties.groups.get_mut(*place).map(std::mem::take).unwrap_or_default());
        }
        found.extend(uses.get(&hidden).into_iter().flatten().copied());
        // Nothing secret stands in its definition, so that it became one by an equation: the definition tells it.
        if let Some(used) = defined.get(&hidden).filter(|used| !used.iter().any(|one| is_hidden(task, *one))) {
            found.extend(used.iter().copied());
        }
        for index in found.drain(..) {
            if let Some(symbol) = task.symbols.get_mut(index).filter(|symbol| !symbol.hidden) {
                symbol.hidden = true;
                open.push(index);
            }
        }
    }
}

fn is_hidden(task: &Task, index: usize) -> bool {
    task.symbols.get(index).is_some_and(|symbol| symbol.hidden)
}

fn symbols(task: &Task, expr: &Expr) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    expr.for_each_name(&mut |name| found.extend(task.index(name)));
    found
}
