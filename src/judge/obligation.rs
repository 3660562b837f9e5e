//! A program as a task: symbols, facts, definitions, claims and laws, each with the line it came from.
//!
//! Names of the program become symbols here, one for each moment in which a name has a value of its own,
//! so that a solver script and an exact evaluation read the same trees.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::Zero;

use super::evidence::{Line, RowRole};
use super::request::Question;
use super::secrecy;
use crate::language::{
    BinaryOperator, Condition, Conserve, Expr, ExprKind, Name, Program, Span, Type, Types, Visibility, infer,
};

pub(super) struct Symbol {
    pub smt: String,
    /// The name in the program, as people know it.
    pub shown: Name,
    pub kind: Type,
    /// A secret, or computed from one.
    pub hidden: bool,
}

pub(super) enum Fact {
    Assume {
        expression: Expr,
        line: Line,
    },
    /// The symbol has this value and no other.
    Define {
        symbol: usize,
        expression: Expr,
        line: Line,
    },
}

impl Fact {
    pub fn expression(&self) -> &Expr {
        match self {
            Fact::Assume { expression, .. } | Fact::Define { expression, .. } => expression,
        }
    }

    pub fn line(&self) -> &Line {
        match self {
            Fact::Assume { line, .. } | Fact::Define { line, .. } => line,
        }
    }
}

pub(super) struct Claim {
    pub expression: Expr,
    pub line: Line,
}

/// Something whose change must be nothing.
pub(super) struct Law {
    pub drift: Expr,
    pub names: Vec<String>,
    pub line: Option<Line>,
    /// Where the program says what enters or leaves, for a law that stands on no line of its own.
    pub flow: Option<Line>,
}

impl Law {
    /// Where the program says it.
    pub fn place(&self) -> Line {
        let said = self.line.as_ref().or(self.flow.as_ref());
        said.cloned().unwrap_or_else(|| Line { line: 0, text: self.names.join(" + ") })
    }
}

pub(super) struct Row {
    pub name: String,
    pub before: Option<usize>,
    pub after: Option<usize>,
    pub role: RowRole,
}

#[derive(Default)]
pub(super) struct Task {
    pub symbols: Vec<Symbol>,
    pub facts: Vec<Fact>,
    pub claims: Vec<Claim>,
    pub laws: Vec<Law>,
    /// Balances as they are at the start.
    pub opening: Vec<usize>,
    /// Balances as they are after each step.
    pub closing: Vec<usize>,
    pub rows: Vec<Row>,
    pub texts: BTreeMap<String, usize>,
}

impl Task {
    pub fn index(&self, name: &Name) -> Option<usize> {
        name.base.strip_prefix('s')?.parse().ok()
    }

    pub fn symbol(&self, name: &Name) -> Option<&Symbol> {
        self.symbols.get(self.index(name)?)
    }

    pub fn text_number(&self, text: &str) -> usize {
        self.texts.get(text).copied().unwrap_or(self.texts.len())
    }

    pub fn is_hidden(&self, expr: &Expr) -> bool {
        let mut hidden = false;
        expr.for_each_name(&mut |name| hidden |= self.symbol(name).is_some_and(|symbol| symbol.hidden));
        hidden
    }

    /// The symbols that no definition fixes: what a counterexample chooses.
    pub fn inputs(&self) -> Vec<usize> {
        let defined: BTreeSet<usize> = (self.facts.iter())
            .filter_map(|fact| match fact {
                Fact::Define { symbol, .. } => Some(*symbol),
                Fact::Assume { .. } => None,
            })
            .collect();
        (0..self.symbols.len()).filter(|index| !defined.contains(index)).collect()
    }
}

pub(super) fn build(question: &Question) -> Task {
    let further: Vec<&Expr> =
        question.assumptions.iter().chain(&question.goal).map(|condition| &condition.expression).collect();
    let mut builder = Builder::new(&question.program, infer(&question.program, &further), &further);
    if let Program::Intents(batch) = &question.program {
        builder.balances_without_old(batch);
    }
    match &question.program {
        Program::Formula(conditions) => builder.formula(question, conditions),
        Program::Intents(batch) => builder.batch(question, batch),
        Program::Solve(solve) => builder.solve(question, solve),
    }
    secrecy::hide(&mut builder.task);
    builder.task
}

pub(super) struct Builder {
    pub task: Task,
    pub types: Types,
    /// Names of which the program says `old_`: they have a value before and one after.
    pub state: BTreeSet<String>,
    pub secrets: BTreeSet<String>,
    pub externals: BTreeSet<String>,
    /// Names typed `Balance`.
    pub typed_balances: BTreeSet<String>,
    /// The names of the program, in the order of the source.
    pub names: Vec<String>,
    pub before: BTreeMap<String, usize>,
    pub current: BTreeMap<String, usize>,
}

/// What a program says enters or leaves, and where it says so.
pub(super) type Flow = (Expr, Line);

/// The names that stand in a `conserve`: balances with a law of their own.
pub(super) fn conserved_names<'a>(laws: impl Iterator<Item = &'a Conserve>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    laws.flat_map(|law| &law.terms).for_each(|term| term.collect_bases(&mut names));
    names
}

pub(super) fn line_of(condition: &Condition) -> Line {
    Line { line: condition.line, text: condition.text.clone() }
}

pub(super) fn symbol_name(index: usize) -> Name {
    Name { base: format!("s{index}"), old: false }
}

pub(super) fn symbol_expr(index: usize) -> Expr {
    Expr::new(ExprKind::Name(symbol_name(index)), Span::default())
}

pub(super) fn zero() -> Expr {
    Expr::new(ExprKind::Number { value: BigRational::zero(), decimal: false }, Span::default())
}

impl Builder {
    fn new(program: &Program, types: Types, further: &[&Expr]) -> Self {
        let mut state = BTreeSet::new();
        let mut texts = BTreeMap::new();
        let mut names: Vec<String> = program.names().into_iter().map(str::to_owned).collect();
        let mut known: BTreeSet<String> = names.iter().cloned().collect();
        for expr in program.expressions().iter().chain(further) {
            expr.for_each_node(&mut |node| match &node.kind {
                ExprKind::Name(name) => {
                    if name.old {
                        state.insert(name.base.clone());
                    }
                    if known.insert(name.base.clone()) {
                        names.push(name.base.clone());
                    }
                }
                ExprKind::Text(text) => {
                    let next = texts.len();
                    texts.entry(text.clone()).or_insert(next);
                }
                _ => {}
            });
        }
        let parameters = program.parameters();
        let with = |visibility: Visibility| {
            let chosen = parameters.iter().filter(move |parameter| parameter.visibility == visibility);
            chosen.map(|parameter| parameter.name.clone()).collect::<BTreeSet<_>>()
        };
        let balances = parameters.iter().filter(|parameter| parameter.is_balance());
        Self {
            types,
            state,
            secrets: with(Visibility::Secret),
            externals: with(Visibility::External),
            typed_balances: balances.map(|parameter| parameter.name.clone()).collect(),
            names,
            before: BTreeMap::new(),
            current: BTreeMap::new(),
            task: Task { texts, ..Task::default() },
        }
    }

    pub fn symbol(&mut self, base: &str, old: bool) -> usize {
        let index = self.task.symbols.len();
        // A member of a secret is as secret as the whole.
        let whole = base.split('.').next().unwrap_or(base);
        let hidden = self.secrets.contains(base) || self.secrets.contains(whole);
        let shown = Name { base: base.to_owned(), old };
        self.task.symbols.push(Symbol { smt: format!("s{index}"), shown, kind: self.types.of(base), hidden });
        index
    }

    pub fn assume(&mut self, expression: Expr, line: Line) {
        self.task.facts.push(Fact::Assume { expression, line });
    }

    pub fn define(&mut self, symbol: usize, expression: Expr, line: Line) {
        let hidden = self.task.is_hidden(&expression);
        if let Some(defined) = self.task.symbols.get_mut(symbol) {
            defined.hidden |= hidden;
        }
        self.task.facts.push(Fact::Define { symbol, expression, line });
    }

    pub fn claim(&mut self, expression: Expr, line: Line) {
        self.task.claims.push(Claim { expression, line });
    }

    pub fn role(&self, base: &str) -> RowRole {
        let whole = base.split('.').next().unwrap_or(base);
        if self.secrets.contains(base) || self.secrets.contains(whole) {
            RowRole::Secret
        } else if self.externals.contains(base) || self.externals.contains(whole) {
            RowRole::External
        } else if self.state.contains(base) {
            RowRole::State
        } else {
            RowRole::Value
        }
    }

    pub fn is_balance(&self, base: &str) -> bool {
        let named = base.to_lowercase().contains("balance") || self.typed_balances.contains(base);
        named && self.types.of(base).is_number()
    }

    /// Whether its sum and its 64 bits are watched: balances, and what stands in a `conserve`.
    pub fn is_counted(&self, base: &str, conserved: &BTreeSet<String>) -> bool {
        self.is_balance(base) || (conserved.contains(base) && self.types.of(base).is_number())
    }

    /// A law from a `conserve`, with its terms before and after already resolved.
    pub fn conserve(&mut self, law: &Conserve, before: Vec<Expr>, after: Vec<Expr>, flows: [Option<Expr>; 2]) {
        let mut names = Vec::new();
        for term in &law.terms {
            term.for_each_name(&mut |name| {
                if !names.contains(&name.base) {
                    names.push(name.base.clone());
                }
            });
        }
        let line = Line { line: law.line, text: law.text.clone() };
        let equation = match after.as_slice() {
            [only] => match &only.kind {
                ExprKind::Binary(BinaryOperator::Equal, left, right) => Some(((**left).clone(), (**right).clone())),
                ExprKind::Binary(operator, ..) if operator.is_comparison() => {
                    // Not an equation: a claim like any other.
                    return self.claim(only.clone(), line);
                }
                _ => None,
            },
            _ => None,
        };
        let drift = match equation {
            Some((left, right)) => Expr::binary(BinaryOperator::Subtract, left, right),
            None => {
                let [enters, leaves] = flows;
                drift(before, after, enters.into_iter().collect(), leaves.into_iter().collect())
            }
        };
        self.task.laws.push(Law { drift, names, line: Some(line), flow: None });
    }

    /// The law that all balances keep but those that stand in a `conserve`; and the overflow watch on all of them.
    pub fn balances(&mut self, conserved: &BTreeSet<String>, enters: Vec<Flow>, leaves: Vec<Flow>) {
        let (mut before, mut after, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for base in self.names.clone() {
            let (Some(&first), Some(&last)) = (self.before.get(&base), self.current.get(&base)) else { continue };
            let watched = self.is_counted(&base, conserved);
            if watched {
                self.task.opening.push(first);
            }
            if watched && first != last && !conserved.contains(&base) {
                before.push(symbol_expr(first));
                after.push(symbol_expr(last));
                names.push(base);
            }
        }
        if !names.is_empty() || !enters.is_empty() || !leaves.is_empty() {
            let flow = enters.iter().chain(&leaves).map(|(_, line)| line.clone()).next();
            let [enters, leaves] = [enters, leaves].map(|said| said.into_iter().map(|(expr, _)| expr).collect());
            let drift = drift(before, after, enters, leaves);
            self.task.laws.push(Law { drift, names, line: None, flow });
        }
    }

    fn formula(&mut self, question: &Question, conditions: &[Condition]) {
        let mut scope: BTreeMap<Name, usize> = BTreeMap::new();
        let all = question.assumptions.iter().chain(conditions).chain(&question.goal);
        let expressions: Vec<Expr> = all
            .map(|condition| {
                condition.expression.renamed(&mut |name| {
                    let known = scope.get(name).copied();
                    let index = known.unwrap_or_else(|| self.symbol(&name.base, name.old));
                    scope.insert(name.clone(), index);
                    symbol_name(index)
                })
            })
            .collect();
        // With a goal, the formula is what is given.
        let given = question.assumptions.len() + if question.goal.is_empty() { 0 } else { conditions.len() };
        let lines = question.assumptions.iter().chain(conditions).chain(&question.goal).map(line_of);
        for (index, (expression, line)) in expressions.into_iter().zip(lines).enumerate() {
            if index < given { self.assume(expression, line) } else { self.claim(expression, line) }
        }
        for base in self.names.clone() {
            let moment = |old| scope.get(&Name { base: base.clone(), old }).copied();
            let role = self.role(&base);
            self.task.rows.push(Row { before: moment(true), after: moment(false), role, name: base });
        }
    }
}

fn sum(terms: Vec<Expr>) -> Expr {
    // Halved, not chained, so that the tree stays low however many there are.
    let mut terms = terms;
    while terms.len() > 1 {
        let mut joined = Vec::with_capacity(terms.len().div_ceil(2));
        let mut pairs = terms.into_iter();
        while let Some(left) = pairs.next() {
            joined.push(match pairs.next() {
                Some(right) => Expr::binary(BinaryOperator::Add, left, right),
                None => left,
            });
        }
        terms = joined;
    }
    terms.pop().unwrap_or_else(zero)
}

/// (after + leaves) − (before + enters): nothing, when what enters and leaves was said.
fn drift(before: Vec<Expr>, after: Vec<Expr>, enters: Vec<Expr>, leaves: Vec<Expr>) -> Expr {
    let total = |own: Vec<Expr>, flow: Vec<Expr>| sum(own.into_iter().chain(flow).collect());
    Expr::binary(BinaryOperator::Subtract, total(after, leaves), total(before, enters))
}
