//! `solve` programs: `let` gives a name its next value, `assert` is given, `prove` and `conserve` must follow.

use std::collections::BTreeSet;

use super::evidence::{Line, RowRole};
use super::obligation::{Builder, Row, conserved_names, line_of, symbol_name};
use super::request::Question;
use crate::language::{Condition, Expr, ExprKind, Name, Solve, Statement};

/// The moments of the names while the program is read from top to bottom.
#[derive(Default)]
struct Moments {
    /// Names that a `let` defines: before it, they are the state before.
    defined: BTreeSet<String>,
    /// Names in a `conserve`, wherever it stands: they are balances from the start.
    conserved: BTreeSet<String>,
    results: Vec<Row>,
}

impl Builder {
    pub fn solve(&mut self, question: &Question, solve: &Solve) {
        let mut moments = Moments::default();
        for statement in &solve.statements {
            if let Statement::Let { name, .. } = statement {
                moments.defined.insert(name.clone());
            }
        }
        for condition in &question.assumptions {
            let expression = self.now(&moments, &condition.expression);
            self.assume(expression, line_of(condition));
        }
        moments.conserved = conserved_names(solve.statements.iter().filter_map(|statement| match statement {
            Statement::Conserve(law) => Some(law),
            _ => None,
        }));
        for statement in &solve.statements {
            self.statement(&mut moments, statement);
        }
        for condition in &question.goal {
            let expression = self.now(&moments, &condition.expression);
            self.claim(expression, line_of(condition));
        }
        self.balances(&moments.conserved, Vec::new(), Vec::new());
        self.solve_rows(solve, moments);
    }

    fn statement(&mut self, moments: &mut Moments, statement: &Statement) {
        match statement {
            Statement::Let { name, value } => {
                let expression = self.now(moments, &value.expression);
                let index = self.symbol(name, false);
                self.define(index, expression, let_line(name, value));
                self.current.insert(name.clone(), index);
                if self.is_counted(name, &moments.conserved) {
                    self.task.closing.push(index);
                }
            }
            Statement::Assert(condition) => {
                let expression = self.now(moments, &condition.expression);
                self.assume(expression, line_of(condition));
            }
            Statement::Prove(condition) => {
                let expression = self.now(moments, &condition.expression);
                self.claim(expression, line_of(condition));
            }
            Statement::Conserve(law) => {
                let before = law.terms.iter().map(|term| self.earlier(moments, term)).collect();
                let after = law.terms.iter().map(|term| self.now(moments, term)).collect();
                let flows = [&law.enters, &law.leaves].map(|flow| flow.as_ref().map(|expr| self.now(moments, expr)));
                self.conserve(law, before, after, flows);
            }
            Statement::Return(fields) => {
                for (label, value) in fields {
                    self.result(moments, label, value);
                }
            }
        }
    }

    fn result(&mut self, moments: &mut Moments, label: &str, value: &Condition) {
        let expression = self.now(moments, &value.expression);
        // A plain name has a row already.
        if let ExprKind::Name(_) = expression.kind {
            return;
        }
        let index = self.symbol(label, false);
        let kind = self.types.type_of(&value.expression);
        if let Some(symbol) = self.task.symbols.get_mut(index) {
            symbol.kind = kind;
        }
        self.define(index, expression, line_of(value));
        moments.results.push(Row { name: label.to_owned(), before: None, after: Some(index), role: RowRole::Value });
    }

    fn now(&mut self, moments: &Moments, expr: &Expr) -> Expr {
        expr.renamed(&mut |name| symbol_name(self.moment(moments, name)))
    }

    fn earlier(&mut self, moments: &Moments, expr: &Expr) -> Expr {
        expr.renamed(&mut |name| {
            let changes = moments.defined.contains(&name.base) || self.state.contains(&name.base);
            symbol_name(self.moment(moments, &Name { base: name.base.clone(), old: changes }))
        })
    }

    fn moment(&mut self, moments: &Moments, name: &Name) -> usize {
        if !name.old
            && let Some(&index) = self.current.get(&name.base)
        {
            return index;
        }
        let reads_before = name.old || moments.defined.contains(&name.base);
        if reads_before && let Some(&index) = self.before.get(&name.base) {
            return index;
        }
        let index = self.symbol(&name.base, reads_before);
        if reads_before {
            self.before.insert(name.base.clone(), index);
        } else {
            self.current.insert(name.base.clone(), index);
        }
        index
    }

    fn solve_rows(&mut self, solve: &Solve, moments: Moments) {
        let parameters: BTreeSet<&str> = solve.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        for base in self.names.clone().into_iter().chain(moments.defined.iter().cloned()) {
            if self.task.rows.iter().any(|row| row.name == base) {
                continue;
            }
            let (before, after) = (self.before.get(&base).copied(), self.current.get(&base).copied());
            if before.is_none() && after.is_none() {
                continue;
            }
            let role = match (self.role(&base), before) {
                (RowRole::Value, Some(_)) => RowRole::State,
                (RowRole::Value, None) if parameters.contains(base.as_str()) => RowRole::Parameter,
                (role, _) => role,
            };
            // What is never defined is the same before and after.
            let constant = !moments.defined.contains(&base);
            let before = if constant { before.or(after) } else { before };
            let after = if constant { after.or(before) } else { after };
            self.task.rows.push(Row { name: base, before, after, role });
        }
        self.task.rows.extend(moments.results);
    }
}

fn let_line(name: &str, value: &Condition) -> Line {
    Line { line: value.line, text: format!("let {name} = {}", value.text) }
}
