//! Text to tokens. Never fails as a whole: what it cannot read becomes a mistake and is passed over.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::ast::Span;
use super::diagnostic::Mistake;
use super::limits::{DIAGNOSTICS_MAX, DIGITS_MAX, NAME_BYTES_MAX};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Number { value: BigRational, decimal: bool },
    Name(&'a str),
    Text(&'a str),
    Symbol(&'static str),
    End,
}

#[derive(Debug, Clone)]
pub(super) struct Spanned<'a> {
    pub token: Token<'a>,
    pub span: Span,
}

/// Longest first, so that `==>` is not read as `==` and `>`.
const SYMBOLS: [&str; 29] = [
    "==>", "==", "!=", "<=", ">=", "=>", "&&", "||", "**", "+", "-", "*", "/", "%", "<", ">", "=", "!", "(", ")", "{",
    "}", "[", "]", ",", ";", ":", ".", "?",
];

/// What people type instead, and what this language calls it.
const MISTAKEN: [(&str, &str); 13] = [
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("⇒", "=>"),
    ("→", "=>"),
    ("∧", "&&"),
    ("∨", "||"),
    ("¬", "!"),
    ("×", "*"),
    ("−", "-"),
    ("^", "**"),
    ("&", "&&"),
    ("|", "||"),
];

pub(super) fn read(source: &str) -> (Vec<Spanned<'_>>, Vec<Mistake>) {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), mistakes: Vec::new() };
    while lexer.at < source.len() && lexer.mistakes.len() < DIAGNOSTICS_MAX {
        lexer.step();
    }
    let end = lexer.span_from(source.len());
    lexer.tokens.push(Spanned { token: Token::End, span: end });
    (lexer.tokens, lexer.mistakes)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Spanned<'a>>,
    mistakes: Vec<Mistake>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn span_from(&self, start: usize) -> Span {
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: small(start), end: small(self.at.max(start)) }
    }

    fn push(&mut self, token: Token<'a>, length: usize) {
        let start = self.at;
        self.at += length;
        let span = self.span_from(start);
        self.tokens.push(Spanned { token, span });
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() || first == '\u{feff}' {
            self.at += first.len_utf8();
        } else if rest.starts_with("//") || first == '#' {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.comment(rest);
        } else if first.is_ascii_digit() {
            self.number(rest);
        } else if first.is_alphabetic() || first == '_' {
            self.name(rest);
        } else if first == '"' || first == '\'' {
            self.text(rest, first);
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            self.push(Token::Symbol(symbol), symbol.len());
        } else {
            self.unknown(rest, first);
        }
    }

    fn comment(&mut self, rest: &str) {
        let start = self.at;
        match rest.find("*/") {
            Some(end) => self.at += end + 2,
            None => {
                self.at += 2;
                let span = self.span_from(start);
                self.mistakes.push(Mistake::new(span, "this comment is never closed").with_fix("end it with `*/`"));
                self.at = self.source.len();
            }
        }
    }

    fn name(&mut self, rest: &'a str) {
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        let start = self.at;
        self.push(Token::Name(name), length);
        if name.len() > NAME_BYTES_MAX {
            let span = self.span_from(start);
            self.mistakes.push(Mistake::new(span, format!("a name has at most {NAME_BYTES_MAX} letters")));
        }
    }

    fn text(&mut self, rest: &'a str, quote: char) {
        let inside = rest.get(1..).unwrap_or_default();
        match inside.find([quote, '\n']) {
            Some(end) if inside.get(end..).is_some_and(|tail| tail.starts_with(quote)) => {
                self.push(Token::Text(inside.get(..end).unwrap_or_default()), end + 2);
            }
            end => {
                let start = self.at;
                self.at += 1 + end.unwrap_or(inside.len());
                let span = self.span_from(start);
                self.mistakes
                    .push(Mistake::new(span, "this text is never closed").with_fix(format!("end it with `{quote}`")));
            }
        }
    }

    fn number(&mut self, rest: &'a str) {
        let whole = digits(rest);
        let after = rest.get(whole..).unwrap_or_default();
        let fraction = match after.strip_prefix('.') {
            Some(tail) if tail.starts_with(|c: char| c.is_ascii_digit()) => digits(tail) + 1,
            _ => 0,
        };
        let length = whole + fraction;
        let text: String = rest.get(..length).unwrap_or_default().chars().filter(|c| *c != '_').collect();
        let start = self.at;
        if text.len() > DIGITS_MAX {
            self.at += length;
            let span = self.span_from(start);
            self.mistakes.push(Mistake::new(span, format!("a number has at most {DIGITS_MAX} digits")));
            return;
        }
        self.push(Token::Number { value: exact(&text), decimal: fraction > 0 }, length);
        let tail = self.rest();
        if tail.starts_with(|c: char| c.is_alphabetic()) {
            let extra = tail.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tail.len());
            self.at += extra;
            let span = self.span_from(start);
            self.mistakes.push(
                Mistake::new(span, "a number is written in digits only")
                    .with_fix("write `10 ** 9` for 1e9, and put an operator between a number and a name"),
            );
        }
    }

    fn unknown(&mut self, rest: &str, first: char) {
        let start = self.at;
        self.at += first.len_utf8();
        let span = self.span_from(start);
        let shown = if first.is_control() { format!("U+{:04X}", u32::from(first)) } else { format!("`{first}`") };
        let mistake = Mistake::new(span, format!("{shown} has no meaning here"));
        let meant = MISTAKEN.iter().find(|(typed, _)| rest.starts_with(typed));
        self.mistakes.push(match meant {
            Some((_, meant)) => mistake.with_fix(format!("write `{meant}`")),
            None => mistake,
        });
    }
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len())
}

/// `12.50` is 1250 / 100, never a float. The text holds digits and at most one point.
fn exact(text: &str) -> BigRational {
    let decimals = text.find('.').map_or(0, |at| text.len() - at - 1);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let value = BigInt::parse_bytes(digits.as_bytes(), 10).unwrap_or_default();
    let scale = u32::try_from(decimals).unwrap_or(0);
    BigRational::new(value, BigInt::from(10u8).pow(scale))
}
