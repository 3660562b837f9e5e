//! What kind of value each name has: found from its use, never guessed from its spelling.
//!
//! A name is an integer unless a decimal, a division or its declared type makes it a rational,
//! a logical use makes it a boolean, or a comparison with a text makes it a text.

use std::collections::BTreeMap;

use super::arithmetic::check_arithmetic;
use super::ast::{BinaryOperator, Expr, ExprKind, Function, Name, Program, Span, Statement, UnaryOperator};
use super::diagnostic::Mistake;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Integer,
    Rational,
    Boolean,
    Text,
}

impl Type {
    /// The type a declaration fixes. `Balance`, `Account` and every other word leave it to use.
    pub fn named(name: &str) -> Option<Type> {
        Some(match name {
            "Int" | "Integer" => Type::Integer,
            "Rational" | "Real" | "Decimal" => Type::Rational,
            "Bool" | "Boolean" => Type::Boolean,
            "Text" | "String" => Type::Text,
            _ => return None,
        })
    }

    pub fn is_number(self) -> bool {
        matches!(self, Type::Integer | Type::Rational)
    }

    fn kind(self) -> Kind {
        match self {
            Type::Integer | Type::Rational => Kind::Number,
            Type::Boolean => Kind::Boolean,
            Type::Text => Kind::Text,
        }
    }
}

/// The types of a program's base names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Types(BTreeMap<String, Type>);

impl Types {
    /// A name whose use says nothing is an integer.
    pub fn of(&self, base: &str) -> Type {
        self.0.get(base).copied().unwrap_or(Type::Integer)
    }

    /// Whether a numeric expression may have a value that is not whole.
    pub fn is_rational(&self, expr: &Expr) -> bool {
        rational(expr, &|base| self.of(base) == Type::Rational)
    }

    /// The type of a well-typed expression.
    pub fn type_of(&self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Boolean(_) | ExprKind::Unary(UnaryOperator::Not, _) => Type::Boolean,
            ExprKind::Text(_) => Type::Text,
            ExprKind::Name(name) => self.of(&name.base),
            ExprKind::Binary(operator, ..) if operator.is_comparison() || operator.is_logical() => Type::Boolean,
            ExprKind::If(_, yes, no) => match self.type_of(yes) {
                Type::Integer => self.type_of(no),
                other => other,
            },
            _ if self.is_rational(expr) => Type::Rational,
            _ => Type::Integer,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Number,
    Boolean,
    Text,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Unknown => "a value",
            Kind::Number => "a number",
            Kind::Boolean => "true or false",
            Kind::Text => "a text",
        }
    }
}

struct Slot {
    kind: Kind,
    rational: bool,
    declared: bool,
}

/// What an expression of a program must be.
#[derive(Clone, Copy)]
enum Role<'a> {
    Condition,
    Number,
    /// A definition: the expression has the type of the name.
    Defines(&'a str),
    Anything,
}

#[derive(Default)]
struct Inference {
    slots: BTreeMap<String, Slot>,
    mistakes: Vec<Mistake>,
    changed: bool,
}

/// The types of the program's names, with further conditions (assumptions, a goal) taken into account.
pub fn infer(program: &Program, further: &[&Expr]) -> Types {
    run(program, further).0
}

pub(super) fn check(program: &Program) -> Result<(), Vec<Mistake>> {
    let (_, mistakes) = run(program, &[]);
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
}

/// Type mistakes that the further conditions bring in, as sentences: they have no place in the source.
pub fn disagreements(program: &Program, further: &[&Expr]) -> Vec<String> {
    run(program, further).1.into_iter().map(|mistake| mistake.message).collect()
}

fn run(program: &Program, further: &[&Expr]) -> (Types, Vec<Mistake>) {
    let mut inference = Inference::default();
    inference.declare(program);
    let mut roles = roles(program);
    roles.extend(further.iter().map(|expr| (*expr, Role::Condition)));
    // Each pass fixes at least one name or is the last; only the last one's mistakes count.
    loop {
        inference.changed = false;
        let declared = inference.mistakes.len();
        for (expr, role) in &roles {
            inference.visit(expr, *role);
        }
        if !inference.changed {
            break;
        }
        inference.mistakes.truncate(declared);
    }
    let types = Types(inference.slots.into_iter().map(|(base, slot)| (base, slot.settled())).collect());
    let mut mistakes = inference.mistakes;
    for (expr, _) in &roles {
        check_arithmetic(expr, &types, &mut mistakes);
    }
    (types, mistakes)
}

fn roles(program: &Program) -> Vec<(&Expr, Role<'_>)> {
    let mut roles = Vec::new();
    match program {
        Program::Formula(conditions) => {
            roles.extend(conditions.iter().map(|c| (&c.expression, Role::Condition)));
        }
        Program::Intents(batch) => {
            for intent in &batch.intents {
                let conditions = intent.guards.iter().chain(&intent.verify);
                roles.extend(conditions.map(|c| (&c.expression, Role::Condition)));
                roles.extend(intent.enters.iter().chain(&intent.leaves).map(|said| (&said.expression, Role::Number)));
            }
        }
        Program::Solve(solve) => {
            for statement in &solve.statements {
                match statement {
                    Statement::Let { name, value } => roles.push((&value.expression, Role::Defines(name))),
                    Statement::Assert(c) | Statement::Prove(c) => roles.push((&c.expression, Role::Condition)),
                    Statement::Return(fields) => {
                        roles.extend(fields.iter().map(|(_, c)| (&c.expression, Role::Anything)));
                    }
                    Statement::Conserve(_) => {}
                }
            }
        }
    }
    for conserve in program.conserves() {
        let equation = |e: &Expr| matches!(&e.kind, ExprKind::Binary(operator, ..) if operator.is_comparison());
        let alone = conserve.terms.len() == 1;
        roles.extend(
            conserve.terms.iter().map(|e| (e, if alone && equation(e) { Role::Condition } else { Role::Number })),
        );
        roles.extend(conserve.enters.iter().chain(&conserve.leaves).map(|e| (e, Role::Number)));
    }
    roles
}

impl Slot {
    fn settled(&self) -> Type {
        match self.kind {
            Kind::Boolean => Type::Boolean,
            Kind::Text => Type::Text,
            Kind::Number | Kind::Unknown if self.rational => Type::Rational,
            Kind::Number | Kind::Unknown => Type::Integer,
        }
    }
}

impl Inference {
    fn declare(&mut self, program: &Program) {
        for parameter in program.parameters() {
            let Some(declared) = parameter.declared() else { continue };
            let slot = Slot { kind: declared.kind(), rational: declared == Type::Rational, declared: true };
            let (kind, rational) = (slot.kind, slot.rational);
            let known = self.slots.entry(parameter.name.clone()).or_insert(slot);
            if known.kind != kind || known.rational != rational {
                let message = format!("`{}` has another type in an earlier intent", parameter.name);
                self.mistakes.push(Mistake::new(parameter.span, message));
            }
        }
    }

    fn slot(&mut self, base: &str) -> &mut Slot {
        if !self.slots.contains_key(base) {
            let slot = Slot { kind: Kind::Unknown, rational: false, declared: false };
            self.slots.insert(base.to_owned(), slot);
        }
        self.slots.entry(base.to_owned()).or_insert(Slot { kind: Kind::Unknown, rational: false, declared: false })
    }

    fn visit(&mut self, expr: &Expr, role: Role) {
        match role {
            Role::Condition => drop(self.kind(expr, Kind::Boolean)),
            Role::Number => drop(self.kind(expr, Kind::Number)),
            Role::Anything => drop(self.kind(expr, Kind::Unknown)),
            Role::Defines(base) => {
                let known = self.slot(base).kind;
                let kind = self.kind(expr, known);
                self.fix(base, kind, expr.span);
                if self.rational(expr) {
                    self.widen(base);
                }
            }
        }
    }

    fn fix(&mut self, base: &str, wanted: Kind, span: Span) -> Kind {
        let slot = self.slot(base);
        if slot.kind == Kind::Unknown && wanted != Kind::Unknown {
            slot.kind = wanted;
            self.changed = true;
            return wanted;
        }
        let kind = slot.kind;
        self.agree(kind, wanted, span);
        kind
    }

    fn agree(&mut self, found: Kind, wanted: Kind, span: Span) -> Kind {
        if wanted != Kind::Unknown && found != Kind::Unknown && found != wanted {
            let message = format!("expected {} here, and this is {}", wanted.words(), found.words());
            let mistake = Mistake::new(span, message);
            self.mistakes.push(match (wanted, found) {
                (Kind::Boolean, Kind::Number) => mistake.with_fix("compare it, for example with `> 0`"),
                _ => mistake,
            });
        }
        found
    }

    fn widen(&mut self, base: &str) {
        let slot = self.slot(base);
        if !slot.declared && !slot.rational && matches!(slot.kind, Kind::Number | Kind::Unknown) {
            slot.rational = true;
            self.changed = true;
        }
    }

    fn rational(&self, expr: &Expr) -> bool {
        rational(expr, &|base| self.slots.get(base).is_some_and(|slot| slot.rational))
    }

    /// Finds an expression's kind and presses `wanted` on the names inside.
    fn kind(&mut self, expr: &Expr, wanted: Kind) -> Kind {
        match &expr.kind {
            ExprKind::Number { .. } => self.agree(Kind::Number, wanted, expr.span),
            ExprKind::Boolean(_) => self.agree(Kind::Boolean, wanted, expr.span),
            ExprKind::Text(_) => self.agree(Kind::Text, wanted, expr.span),
            ExprKind::Name(Name { base, .. }) => self.fix(base, wanted, expr.span),
            ExprKind::Unary(UnaryOperator::Negate, operand) => {
                self.kind(operand, Kind::Number);
                self.agree(Kind::Number, wanted, expr.span)
            }
            ExprKind::Unary(UnaryOperator::Not, operand) => {
                self.kind(operand, Kind::Boolean);
                self.agree(Kind::Boolean, wanted, expr.span)
            }
            ExprKind::Binary(operator, left, right) => {
                self.binary(*operator, left, right);
                let boolean = operator.is_comparison() || operator.is_logical();
                self.agree(if boolean { Kind::Boolean } else { Kind::Number }, wanted, expr.span)
            }
            ExprKind::If(condition, yes, no) => {
                self.kind(condition, Kind::Boolean);
                let first = self.kind(yes, wanted);
                let second = self.kind(no, if first == Kind::Unknown { wanted } else { first });
                if first == Kind::Unknown && second != Kind::Unknown {
                    self.press(yes, second);
                }
                if second == Kind::Unknown { first } else { second }
            }
            ExprKind::Call(_, arguments) => {
                for argument in arguments {
                    self.kind(argument, Kind::Number);
                }
                self.agree(Kind::Number, wanted, expr.span)
            }
        }
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Expr, right: &Expr) {
        if operator.is_logical() {
            self.kind(left, Kind::Boolean);
            self.kind(right, Kind::Boolean);
            return;
        }
        let equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        let wanted = if equality { Kind::Unknown } else { Kind::Number };
        let first = self.kind(left, wanted);
        let second = self.kind(right, if first == Kind::Unknown { wanted } else { first });
        if first == Kind::Unknown && second != Kind::Unknown {
            self.press(left, second);
        }
        if operator.is_comparison() && [first, second].contains(&Kind::Number) {
            self.spread(operator, left, right);
        }
    }

    /// A decimal or a division makes the names beside it rational; so does a rational across an `==`.
    fn spread(&mut self, operator: BinaryOperator, left: &Expr, right: &Expr) {
        let written = |expr: &Expr| rational(expr, &|_| false);
        let equal = operator == BinaryOperator::Equal && (self.rational(left) || self.rational(right));
        if !equal && !written(left) && !written(right) {
            return;
        }
        for side in [left, right] {
            side.for_each_name(&mut |name| self.widen(&name.base));
        }
    }

    /// Hands a kind down to names whose own use said nothing: only through the branches of an `if`.
    fn press(&mut self, expr: &Expr, wanted: Kind) {
        match &expr.kind {
            ExprKind::Name(name) => drop(self.fix(&name.base, wanted, expr.span)),
            ExprKind::If(_, yes, no) => {
                self.press(yes, wanted);
                self.press(no, wanted);
            }
            _ => {}
        }
    }
}

fn rational(expr: &Expr, name_is: &dyn Fn(&str) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Number { decimal, .. } => *decimal,
        ExprKind::Boolean(_) | ExprKind::Text(_) | ExprKind::Unary(UnaryOperator::Not, _) => false,
        ExprKind::Name(name) => name_is(&name.base),
        ExprKind::Unary(UnaryOperator::Negate, operand) => rational(operand, name_is),
        ExprKind::Binary(BinaryOperator::Divide, ..) => true,
        ExprKind::Binary(BinaryOperator::Power, base, _) => rational(base, name_is),
        ExprKind::Binary(operator, left, right) => {
            !operator.is_comparison() && !operator.is_logical() && (rational(left, name_is) || rational(right, name_is))
        }
        ExprKind::If(_, yes, no) => rational(yes, name_is) || rational(no, name_is),
        ExprKind::Call(Function::Abs | Function::Min | Function::Max | Function::Sum, arguments) => {
            arguments.iter().any(|argument| rational(argument, name_is))
        }
    }
}
