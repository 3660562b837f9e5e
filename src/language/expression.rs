//! Expressions: precedence climbing over the tokens, with nesting and height kept in bounds.

use super::ast::{BinaryOperator, Expr, ExprKind, Function, Name, Span, UnaryOperator};
use super::diagnostic::Mistake;
use super::lexer::{Spanned, Token};
use super::limits::{HEIGHT_MAX, NAME_BYTES_MAX, NESTING_MAX};

/// Marks that a mistake was recorded and the statement is given up.
pub(super) struct Stop;

pub(super) type Parsed<T> = Result<T, Stop>;

/// Words that cannot be names.
pub(super) const RESERVED: [&str; 8] = ["true", "false", "and", "or", "not", "if", "else", "then"];

const LOGICAL_NOT: u8 = 4;
const COMPARISON: u8 = 5;
const NEGATION: u8 = 8;

/// Operator, how tightly it binds, and the least binding of its right side.
fn binary(token: &Token) -> Option<(BinaryOperator, u8, u8)> {
    use BinaryOperator::*;
    let text = match token {
        Token::Symbol(symbol) => *symbol,
        Token::Name(word) => word,
        _ => return None,
    };
    Some(match text {
        "=>" | "==>" => (Implies, 1, 1),
        "||" | "or" => (Or, 2, 3),
        "&&" | "and" => (And, 3, 4),
        "==" => (Equal, COMPARISON, 6),
        "!=" => (NotEqual, COMPARISON, 6),
        "<" => (Less, COMPARISON, 6),
        "<=" => (LessOrEqual, COMPARISON, 6),
        ">" => (Greater, COMPARISON, 6),
        ">=" => (GreaterOrEqual, COMPARISON, 6),
        "+" => (Add, 6, 7),
        "-" => (Subtract, 6, 7),
        "*" => (Multiply, 7, 8),
        "/" => (Divide, 7, 8),
        "%" => (Remainder, 7, 8),
        // To the right, and tighter than a minus before it: -2 ** 2 is -4.
        "**" => (Power, 9, NEGATION),
        _ => return None,
    })
}

pub(super) struct Parser<'a> {
    pub source: &'a str,
    pub tokens: Vec<Spanned<'a>>,
    pub at: usize,
    pub mistakes: Vec<Mistake>,
    pub nesting: u32,
    pub lines: super::parser::Lines,
}

impl<'a> Parser<'a> {
    pub fn peek(&self) -> &Token<'a> {
        self.tokens.get(self.at).map_or(&Token::End, |spanned| &spanned.token)
    }

    pub fn peek_after(&self, distance: usize) -> &Token<'a> {
        self.tokens.get(self.at + distance).map_or(&Token::End, |spanned| &spanned.token)
    }

    pub fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(Span::default(), |spanned| spanned.span)
    }

    pub fn previous_span(&self) -> Span {
        self.tokens.get(self.at.saturating_sub(1)).map_or(Span::default(), |spanned| spanned.span)
    }

    pub fn advance(&mut self) {
        // The last token is `End`, which is never passed.
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    pub fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if *found == word)
    }

    pub fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    pub fn stop<T>(&mut self, mistake: Mistake) -> Parsed<T> {
        self.mistakes.push(mistake);
        Err(Stop)
    }

    pub fn expect(&mut self, symbol: &str, place: &str) -> Parsed<()> {
        if self.take(symbol) {
            return Ok(());
        }
        let message = format!("expected `{symbol}` {place}, found {}", self.found());
        self.stop(Mistake::new(self.span(), message).with_fix(format!("add `{symbol}`")))
    }

    /// The next token, as a person would call it.
    pub fn found(&self) -> String {
        match self.peek() {
            Token::Number { .. } => "a number".to_owned(),
            Token::Name(name) => format!("`{}`", name.chars().take(40).collect::<String>()),
            Token::Text(_) => "a text".to_owned(),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::End => "the end".to_owned(),
        }
    }

    pub fn expression(&mut self) -> Parsed<Expr> {
        self.climb(0)
    }

    fn climb(&mut self, least: u8) -> Parsed<Expr> {
        if self.nesting >= NESTING_MAX {
            let message = format!("expressions nest at most {NESTING_MAX} deep");
            return self.stop(Mistake::new(self.span(), message).with_fix("split it into several conditions"));
        }
        self.nesting += 1;
        let result = self.climb_within(least);
        self.nesting -= 1;
        result
    }

    fn climb_within(&mut self, least: u8) -> Parsed<Expr> {
        let mut left = self.prefix()?;
        while let Some((operator, binds, right_least)) = binary(self.peek()) {
            if binds < least {
                break;
            }
            if operator.is_associative() {
                left = self.chain(left, operator, right_least)?;
                continue;
            }
            self.advance();
            let right = self.climb(right_least)?;
            let span = left.span.to(right.span);
            left = self.node(ExprKind::Binary(operator, Box::new(left), Box::new(right)), span)?;
            if operator.is_comparison() {
                self.refuse_chain()?;
            }
        }
        Ok(left)
    }

    /// `a && b && c && …`: the order of evaluation stays, the tree is as low as it can be.
    fn chain(&mut self, first: Expr, operator: BinaryOperator, right_least: u8) -> Parsed<Expr> {
        let mut operands = vec![first];
        while binary(self.peek()).is_some_and(|(next, ..)| next == operator) {
            self.advance();
            operands.push(self.climb(right_least)?);
        }
        while operands.len() > 1 {
            let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
            let mut pairs = operands.into_iter();
            while let Some(left) = pairs.next() {
                joined.push(match pairs.next() {
                    Some(right) => {
                        let span = left.span.to(right.span);
                        self.node(ExprKind::Binary(operator, Box::new(left), Box::new(right)), span)?
                    }
                    None => left,
                });
            }
            operands = joined;
        }
        operands.pop().ok_or(Stop)
    }

    /// `0 <= x <= 10` reads well and means something else in half the languages; ask for `&&`.
    fn refuse_chain(&mut self) -> Parsed<()> {
        match binary(self.peek()) {
            Some((_, COMPARISON, _)) => self.stop(
                Mistake::new(self.span(), "comparisons do not chain")
                    .with_fix("write `0 <= x && x <= 10` for `0 <= x <= 10`"),
            ),
            _ => Ok(()),
        }
    }

    fn node(&mut self, kind: ExprKind, span: Span) -> Parsed<Expr> {
        let expr = Expr::new(kind, span);
        if expr.height() > HEIGHT_MAX {
            let message = format!("an expression is at most {HEIGHT_MAX} operators long");
            // The tree is dropped level by level on return; its height is still within bounds.
            return self.stop(Mistake::new(span, message).with_fix("split it into several conditions"));
        }
        Ok(expr)
    }

    fn prefix(&mut self) -> Parsed<Expr> {
        let start = self.span();
        let (operator, binds) = match self.peek() {
            Token::Symbol("-") => (UnaryOperator::Negate, NEGATION),
            Token::Symbol("!") => (UnaryOperator::Not, NEGATION),
            Token::Name("not") => (UnaryOperator::Not, LOGICAL_NOT),
            _ => return self.primary(),
        };
        self.advance();
        let operand = self.climb(binds)?;
        let span = start.to(operand.span);
        self.node(ExprKind::Unary(operator, Box::new(operand)), span)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.span();
        let kind = match self.peek().clone() {
            Token::Number { value, decimal } => ExprKind::Number { value, decimal },
            Token::Text(text) => ExprKind::Text(text.to_owned()),
            Token::Name("true") => ExprKind::Boolean(true),
            Token::Name("false") => ExprKind::Boolean(false),
            Token::Name("if") => return self.choice(),
            Token::Name(word) if RESERVED.contains(&word) => return self.expected_expression(),
            Token::Name(word) => return self.name_or_call(word),
            Token::Symbol("(") => {
                self.advance();
                let inside = self.expression()?;
                self.expect(")", "to close the bracket")?;
                return Ok(inside);
            }
            _ => return self.expected_expression(),
        };
        self.advance();
        self.node(kind, start)
    }

    fn expected_expression(&mut self) -> Parsed<Expr> {
        let mistake = Mistake::new(self.span(), format!("expected a value or a name, found {}", self.found()));
        let mistake = match (self.peek(), self.peek_after(1)) {
            (Token::Symbol("="), _) => mistake.with_fix("write `==` to compare"),
            (Token::Symbol(">"), _) => mistake.with_fix("write `>=`, or `!=` for `<>`"),
            (Token::Symbol("+"), _) => mistake.with_fix("leave the `+` out"),
            _ => mistake,
        };
        self.stop(mistake)
    }

    fn choice(&mut self) -> Parsed<Expr> {
        let start = self.span();
        self.advance();
        let condition = self.expression()?;
        let braced = self.is("{");
        let yes = if braced {
            self.braced()?
        } else {
            if !self.is_word("then") {
                let message = format!("expected `{{` after the condition of `if`, found {}", self.found());
                return self.stop(Mistake::new(self.span(), message).with_fix("write `if c { a } else { b }`"));
            }
            self.advance();
            self.expression()?
        };
        if !self.is_word("else") {
            let message = format!("expected `else`, found {}", self.found());
            return self.stop(Mistake::new(self.span(), message).with_fix("an `if` has a value in both cases"));
        }
        self.advance();
        let no = if self.is("{") { self.braced()? } else { self.expression()? };
        let span = start.to(self.previous_span());
        self.node(ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)), span)
    }

    fn braced(&mut self) -> Parsed<Expr> {
        self.expect("{", "before the value")?;
        let value = self.expression()?;
        self.expect("}", "after the value")?;
        Ok(value)
    }

    fn name_or_call(&mut self, word: &'a str) -> Parsed<Expr> {
        let start = self.span();
        self.advance();
        if self.is("(") {
            return self.call(word, start);
        }
        let mut parts = vec![word];
        while self.take(".") {
            match *self.peek() {
                Token::Name(member) => parts.push(member),
                _ => {
                    let message = format!("expected a member's name after `.`, found {}", self.found());
                    return self.stop(Mistake::new(self.span(), message));
                }
            }
            self.advance();
        }
        let span = start.to(self.previous_span());
        if parts.iter().map(|part| part.len() + 1).sum::<usize>() > NAME_BYTES_MAX {
            return self
                .stop(Mistake::new(span, format!("a name with its members has at most {NAME_BYTES_MAX} letters")));
        }
        self.node(ExprKind::Name(name_of(&parts)), span)
    }

    fn call(&mut self, word: &str, start: Span) -> Parsed<Expr> {
        let function = match word {
            "abs" => Function::Abs,
            "min" => Function::Min,
            "max" => Function::Max,
            "sum" => Function::Sum,
            _ => {
                let message = format!("there is no function {}", word.chars().take(40).collect::<String>());
                return self.stop(Mistake::new(start, message).with_fix("use `abs`, `min`, `max` or `sum`"));
            }
        };
        self.advance();
        let mut arguments = Vec::new();
        // `sum([a, b])` is what people bring from elsewhere.
        let listed = self.take("[");
        while !self.is(if listed { "]" } else { ")" }) {
            arguments.push(self.expression()?);
            if !self.take(",") {
                break;
            }
        }
        if listed {
            self.expect("]", "to close the list")?;
        }
        self.expect(")", "to close the call")?;
        let span = start.to(self.previous_span());
        if arguments.is_empty() || (function == Function::Abs && arguments.len() != 1) {
            let wanted = if function == Function::Abs { "one value" } else { "at least one value" };
            return self.stop(Mistake::new(span, format!("`{word}` takes {wanted}")));
        }
        self.node(ExprKind::Call(function, arguments), span)
    }
}

/// `old_` before the whole name or before its last member means the state before.
pub(super) fn name_of(parts: &[&str]) -> Name {
    let strip = |part: &str| part.strip_prefix("old_").filter(|rest| !rest.is_empty()).map(str::to_owned);
    let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
    let mut old = false;
    let last = parts.len().saturating_sub(1);
    for index in [0, last] {
        if old {
            break;
        }
        if let Some(part) = parts.get_mut(index)
            && let Some(rest) = strip(part)
        {
            *part = rest;
            old = true;
        }
    }
    Name { base: parts.join("."), old }
}
