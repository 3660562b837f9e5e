//! The tree of a program. Heights are kept in the nodes so that no walk can run out of stack.

use num_rational::BigRational;

use super::types::Type;

/// A part of the source, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end.max(self.start) }
    }
}

/// A name with its members, such as `payer.balance`; `old_payer.balance` is the same base, before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub base: String,
    pub old: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    Negate,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Implies,
}

impl BinaryOperator {
    pub fn is_comparison(self) -> bool {
        use BinaryOperator::*;
        matches!(self, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
    }

    /// Whether `(a o b) o c` and `a o (b o c)` are the same, also in the order of evaluation.
    pub fn is_associative(self) -> bool {
        matches!(self, BinaryOperator::Add | BinaryOperator::And | BinaryOperator::Or)
    }

    pub fn is_logical(self) -> bool {
        matches!(self, BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Implies)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Abs,
    Min,
    Max,
    Sum,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `decimal` remembers that a point was written: `5.0` makes names rational, `5` does not.
    Number {
        value: BigRational,
        decimal: bool,
    },
    Boolean(bool),
    Text(String),
    Name(Name),
    Unary(UnaryOperator, Box<Expr>),
    Binary(BinaryOperator, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
}

/// An expression. `height` has an invariant (one more than the highest child), hence the constructor.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
    height: u32,
}

impl Expr {
    pub fn new(kind: ExprKind, span: Span) -> Self {
        let mut expr = Self { kind, span, height: 1 };
        let mut highest = 0;
        expr.for_each_child(|child| highest = highest.max(child.height));
        expr.height = highest.saturating_add(1);
        expr
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    pub fn for_each_child<'a>(&'a self, mut visit: impl FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Number { .. } | ExprKind::Boolean(_) | ExprKind::Text(_) | ExprKind::Name(_) => {}
            ExprKind::Unary(_, operand) => visit(operand),
            ExprKind::Binary(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::If(condition, yes, no) => {
                visit(condition);
                visit(yes);
                visit(no);
            }
            ExprKind::Call(_, arguments) => arguments.iter().for_each(visit),
        }
    }

    /// Every node of the tree, parents first.
    pub fn for_each_node<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            visit(expr);
            let from = open.len();
            expr.for_each_child(|child| open.push(child));
            if let Some(children) = open.get_mut(from..) {
                children.reverse();
            }
        }
    }

    /// The same tree with other names.
    pub fn renamed(&self, rename: &mut dyn FnMut(&Name) -> Name) -> Expr {
        let kind = match &self.kind {
            ExprKind::Name(name) => ExprKind::Name(rename(name)),
            ExprKind::Unary(operator, operand) => ExprKind::Unary(*operator, Box::new(operand.renamed(rename))),
            ExprKind::Binary(operator, left, right) => {
                ExprKind::Binary(*operator, Box::new(left.renamed(rename)), Box::new(right.renamed(rename)))
            }
            ExprKind::If(condition, yes, no) => ExprKind::If(
                Box::new(condition.renamed(rename)),
                Box::new(yes.renamed(rename)),
                Box::new(no.renamed(rename)),
            ),
            ExprKind::Call(function, arguments) => {
                ExprKind::Call(*function, arguments.iter().map(|argument| argument.renamed(rename)).collect())
            }
            leaf => leaf.clone(),
        };
        Expr { kind, span: self.span, height: self.height }
    }

    /// Adds the base names used to `bases`.
    pub fn collect_bases(&self, bases: &mut std::collections::BTreeSet<String>) {
        self.for_each_name(&mut |name| {
            bases.insert(name.base.clone());
        });
    }

    pub fn binary(operator: BinaryOperator, left: Expr, right: Expr) -> Expr {
        let span = left.span.to(right.span);
        Expr::new(ExprKind::Binary(operator, Box::new(left), Box::new(right)), span)
    }

    pub fn for_each_name<'a>(&'a self, visit: &mut impl FnMut(&'a Name)) {
        self.for_each_node(&mut |expr| {
            if let ExprKind::Name(name) = &expr.kind {
                visit(name);
            }
        });
    }
}

/// An expression with the line it stands on and its own text, as evidence shows it. `keep a` reads `a == old_a`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub expression: Expr,
    pub line: u32,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Plain,
    /// Its value is shown nowhere.
    Secret,
    /// Comes from outside: nothing is known of it but what the guards say.
    External,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub visibility: Visibility,
    /// The type as written; names such as `Account` are labels and carry no rule.
    pub type_name: Option<String>,
    pub span: Span,
}

impl Parameter {
    pub fn declared(&self) -> Option<Type> {
        Type::named(self.type_name.as_deref()?)
    }

    pub fn is_balance(&self) -> bool {
        self.type_name.as_deref() == Some("Balance")
    }
}

/// `priority: safety;` — a wish about how to work, with no meaning for the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub key: String,
    pub value: String,
}

/// `conserve a, b enters deposit leaves fee;`
#[derive(Debug, Clone, PartialEq)]
pub struct Conserve {
    pub terms: Vec<Expr>,
    pub enters: Option<Expr>,
    pub leaves: Option<Expr>,
    pub line: u32,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    pub name: String,
    pub parameters: Vec<Parameter>,
    pub guards: Vec<Condition>,
    pub settings: Vec<Setting>,
    /// What the `solve` section says comes into the balances from outside, and what goes out.
    pub enters: Vec<Condition>,
    pub leaves: Vec<Condition>,
    pub verify: Vec<Condition>,
    pub conserves: Vec<Conserve>,
}

/// One intent, or the intents of an `atomic_batch`, which run one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub name: Option<String>,
    pub intents: Vec<Intent>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    Let { name: String, value: Condition },
    Assert(Condition),
    Prove(Condition),
    Conserve(Conserve),
    Return(Vec<(String, Condition)>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Solve {
    pub name: String,
    pub parameters: Vec<Parameter>,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Program {
    Formula(Vec<Condition>),
    Intents(Batch),
    Solve(Solve),
}

impl Program {
    /// What the program claims, line by line: the formula, the `verify` lines, the `prove` lines.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Program::Formula(conditions) => conditions.iter().collect(),
            Program::Intents(batch) => batch.intents.iter().flat_map(|intent| &intent.verify).collect(),
            Program::Solve(solve) => (solve.statements.iter())
                .filter_map(|statement| match statement {
                    Statement::Prove(condition) => Some(condition),
                    _ => None,
                })
                .collect(),
        }
    }

    pub fn conserves(&self) -> Vec<&Conserve> {
        match self {
            Program::Formula(_) => Vec::new(),
            Program::Intents(batch) => batch.intents.iter().flat_map(|intent| &intent.conserves).collect(),
            Program::Solve(solve) => (solve.statements.iter())
                .filter_map(|statement| match statement {
                    Statement::Conserve(conserve) => Some(conserve),
                    _ => None,
                })
                .collect(),
        }
    }

    pub fn parameters(&self) -> Vec<&Parameter> {
        match self {
            Program::Formula(_) => Vec::new(),
            Program::Intents(batch) => batch.intents.iter().flat_map(|intent| &intent.parameters).collect(),
            Program::Solve(solve) => solve.parameters.iter().collect(),
        }
    }

    /// Every expression of the program, in the order of the source.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut all = Vec::new();
        match self {
            Program::Formula(conditions) => all.extend(conditions.iter().map(|c| &c.expression)),
            Program::Intents(batch) => batch.intents.iter().for_each(|intent| intent.expressions(&mut all)),
            Program::Solve(solve) => solve.statements.iter().for_each(|statement| match statement {
                Statement::Let { value, .. } => all.push(&value.expression),
                Statement::Assert(condition) | Statement::Prove(condition) => all.push(&condition.expression),
                Statement::Conserve(conserve) => conserve.expressions(&mut all),
                Statement::Return(fields) => all.extend(fields.iter().map(|(_, value)| &value.expression)),
            }),
        }
        all
    }

    /// The base names used, in the order they first stand in the source.
    pub fn names(&self) -> Vec<&str> {
        let mut seen = std::collections::BTreeSet::new();
        let mut names = Vec::new();
        for expression in self.expressions() {
            expression.for_each_name(&mut |name| {
                if seen.insert(name.base.as_str()) {
                    names.push(name.base.as_str());
                }
            });
        }
        names
    }

    pub fn title(&self) -> Option<&str> {
        match self {
            Program::Formula(_) => None,
            Program::Intents(batch) => {
                batch.name.as_deref().or(batch.intents.first().map(|intent| intent.name.as_str()))
            }
            Program::Solve(solve) => Some(&solve.name),
        }
    }
}

impl Intent {
    fn expressions<'a>(&'a self, all: &mut Vec<&'a Expr>) {
        all.extend(self.guards.iter().map(|c| &c.expression));
        all.extend(self.enters.iter().chain(&self.leaves).map(|c| &c.expression));
        all.extend(self.verify.iter().map(|c| &c.expression));
        self.conserves.iter().for_each(|conserve| conserve.expressions(all));
    }
}

impl Conserve {
    fn expressions<'a>(&'a self, all: &mut Vec<&'a Expr>) {
        all.extend(self.terms.iter().chain(&self.enters).chain(&self.leaves));
    }
}
