//! Sections and statements: what stands between the braces of a program.

use super::ast::{
    BinaryOperator, Condition, Conserve, Expr, ExprKind, Intent, Name, Parameter, Setting, Statement, Visibility,
};
use super::diagnostic::Mistake;
use super::expression::{Parsed, Parser, RESERVED};
use super::lexer::Token;
use super::limits::{CONDITIONS_MAX, DIAGNOSTICS_MAX};

const SECTIONS: [&str; 3] = ["guard", "solve", "verify"];
const STATEMENTS: [&str; 5] = ["let", "assert", "prove", "conserve", "return"];

impl<'a> Parser<'a> {
    pub fn intent(&mut self) -> Parsed<Intent> {
        let start = self.span();
        self.advance();
        let name = self.identifier("the intent's name")?;
        let parameters = self.parameters()?;
        let mut intent = Intent {
            name,
            parameters,
            guards: Vec::new(),
            settings: Vec::new(),
            enters: Vec::new(),
            leaves: Vec::new(),
            verify: Vec::new(),
            conserves: Vec::new(),
        };
        self.expect("{", "to open the intent")?;
        let mut sections = Vec::new();
        while !self.is("}") {
            self.section(&mut intent, &mut sections)?;
        }
        let end = self.span();
        self.advance();
        if intent.verify.is_empty() && intent.conserves.is_empty() && self.mistakes.is_empty() {
            let fix = "add `verify { … }` with what must hold afterwards";
            return self.stop(Mistake::new(start.to(end), "this intent verifies nothing").with_fix(fix));
        }
        Ok(intent)
    }

    fn section(&mut self, intent: &mut Intent, seen: &mut Vec<&'a str>) -> Parsed<()> {
        let span = self.span();
        let word = match *self.peek() {
            Token::Name(word) if SECTIONS.contains(&word) => word,
            _ => {
                let message = format!("expected `guard`, `solve` or `verify`, found {}", self.found());
                let fix = near_word(self.peek(), &SECTIONS);
                return self.stop(Mistake { span, message, fix });
            }
        };
        if seen.contains(&word) {
            return self.stop(Mistake::new(span, format!("`{word}` stands here twice")).with_fix("join the two"));
        }
        seen.push(word);
        self.advance();
        self.expect("{", "to open the section")?;
        self.each_statement(|parser| match word {
            "guard" => parser.condition().map(|guard| intent.guards.push(guard)),
            "solve" => parser.setting(intent),
            _ if parser.is_word("conserve") => parser.conserve().map(|law| intent.conserves.push(law)),
            _ if parser.keeps() => parser.keep(&mut intent.verify),
            _ => parser.condition().map(|claim| intent.verify.push(claim)),
        })
    }

    /// Statements up to the closing brace; a bad one is recorded and skipped, so that several errors show at once.
    pub fn each_statement(&mut self, mut read: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let mut statements = 0;
        loop {
            while self.take(";") {}
            if self.take("}") {
                return Ok(());
            }
            if matches!(self.peek(), Token::End) {
                return self.expect("}", "to close the block");
            }
            statements += 1;
            if statements > CONDITIONS_MAX {
                let message = format!("a program has at most {CONDITIONS_MAX} conditions");
                return self.stop(Mistake::new(self.span(), message));
            }
            if read(self).and_then(|()| self.end_of_statement()).is_err() {
                if self.mistakes.len() >= DIAGNOSTICS_MAX {
                    return Err(super::expression::Stop);
                }
                self.skip_statement();
            }
        }
    }

    fn end_of_statement(&mut self) -> Parsed<()> {
        if self.is("}") || self.take(";") {
            return Ok(());
        }
        let end = self.previous_span();
        let after = super::ast::Span { start: end.end, end: end.end };
        let mistake = match self.peek() {
            Token::Symbol("=") => Mistake::new(self.span(), "one `=` does not compare").with_fix("write `==`"),
            Token::Symbol("?") => {
                Mistake::new(self.span(), "there is no `?:`").with_fix("write `if c { a } else { b }`")
            }
            _ => Mistake::new(after, format!("expected `;` or an operator, found {}", self.found()))
                .with_fix("add `;` at the end of the condition"),
        };
        self.stop(mistake)
    }

    fn skip_statement(&mut self) {
        let mut open = 0_u32;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Symbol("{") => open += 1,
                Token::Symbol("}") if open == 0 => return,
                Token::Symbol("}") => open -= 1,
                Token::Symbol(";") if open == 0 => return,
                _ => {}
            }
            self.advance();
        }
    }

    pub fn identifier(&mut self, what: &str) -> Parsed<String> {
        match *self.peek() {
            Token::Name(name) if !RESERVED.contains(&name) => {
                self.advance();
                Ok(name.to_owned())
            }
            _ => {
                let message = format!("expected {what}, found {}", self.found());
                self.stop(Mistake::new(self.span(), message))
            }
        }
    }

    pub fn parameters(&mut self) -> Parsed<Vec<Parameter>> {
        self.expect("(", "before the parameters")?;
        let mut parameters: Vec<Parameter> = Vec::new();
        while !self.is(")") {
            let parameter = self.parameter()?;
            if parameters.iter().any(|other| other.name == parameter.name) {
                let message = format!("the parameter `{}` stands here twice", parameter.name);
                return self.stop(Mistake::new(parameter.span, message));
            }
            parameters.push(parameter);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")", "after the parameters")?;
        Ok(parameters)
    }

    fn parameter(&mut self) -> Parsed<Parameter> {
        let start = self.span();
        let follows_name = matches!(self.peek_after(1), Token::Name(_));
        let visibility = match self.peek() {
            Token::Name("secret") if follows_name => Visibility::Secret,
            Token::Name("external") if follows_name => Visibility::External,
            _ => Visibility::Plain,
        };
        if visibility != Visibility::Plain {
            self.advance();
        }
        let name = self.identifier("a parameter's name")?;
        let type_name = match self.take(":") {
            true => Some(self.identifier("a type such as `Int`")?),
            false => None,
        };
        Ok(Parameter { name, visibility, type_name, span: start.to(self.previous_span()) })
    }

    pub fn condition(&mut self) -> Parsed<Condition> {
        let expression = self.expression()?;
        Ok(self.conditioned(expression))
    }

    fn conditioned(&self, expression: Expr) -> Condition {
        let (line, text) = self.place(expression.span);
        Condition { expression, line, text }
    }

    /// The line a part of the source starts on, and its text on one line.
    fn place(&self, span: super::ast::Span) -> (u32, String) {
        let at = |position: u32| usize::try_from(position).unwrap_or(usize::MAX);
        let text = self.source.get(at(span.start)..at(span.end)).unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        (self.lines.line(span.start), words.join(" "))
    }

    fn setting(&mut self, intent: &mut Intent) -> Parsed<()> {
        let key = self.identifier("a setting such as `priority`")?;
        self.expect(":", "after the setting's name")?;
        match key.as_str() {
            "enters" => intent.enters.push(self.condition()?),
            "leaves" => intent.leaves.push(self.condition()?),
            _ => {
                let start = self.span();
                while !self.is(";") && !self.is("}") && !self.is("{") && !matches!(self.peek(), Token::End) {
                    self.advance();
                }
                let (_, value) = self.place(start.to(self.previous_span()));
                intent.settings.push(Setting { key, value });
            }
        }
        Ok(())
    }

    /// Whether a `keep` with names follows; a name that is called so is followed by something else.
    fn keeps(&self) -> bool {
        self.is_word("keep") && matches!(self.peek_after(1), Token::Name(name) if !RESERVED.contains(name))
    }

    /// `keep a, b;` says `a == old_a; b == old_b;`.
    fn keep(&mut self, verify: &mut Vec<Condition>) -> Parsed<()> {
        self.advance();
        loop {
            let kept = self.condition()?;
            let ExprKind::Name(Name { base, old: false }) = &kept.expression.kind else {
                let mistake = Mistake::new(kept.expression.span, "`keep` takes names as they are afterwards");
                return self.stop(mistake.with_fix("write `keep a, b;`"));
            };
            let before = ExprKind::Name(Name { base: base.clone(), old: true });
            let before = Expr::new(before, kept.expression.span);
            let text = format!("keep {base}");
            let expression = Expr::binary(BinaryOperator::Equal, kept.expression, before);
            verify.push(Condition { expression, line: kept.line, text });
            if !self.take(",") {
                return Ok(());
            }
        }
    }

    pub fn conserve(&mut self) -> Parsed<Conserve> {
        let start = self.span();
        self.advance();
        let mut terms = vec![self.expression()?];
        while self.take(",") {
            terms.push(self.expression()?);
        }
        let (mut enters, mut leaves) = (None, None);
        loop {
            let part = match self.peek() {
                Token::Name("enters") if enters.is_none() => &mut enters,
                Token::Name("leaves") if leaves.is_none() => &mut leaves,
                _ => break,
            };
            self.advance();
            *part = Some(self.expression()?);
        }
        let (line, text) = self.place(start.to(self.previous_span()));
        Ok(Conserve { terms, enters, leaves, line, text })
    }

    pub fn statement(&mut self) -> Parsed<Statement> {
        match *self.peek() {
            Token::Name("let") => {
                self.advance();
                let name = self.identifier("the name to define")?;
                self.expect("=", "after the name")?;
                Ok(Statement::Let { name, value: self.condition()? })
            }
            Token::Name("assert") => {
                self.advance();
                self.condition().map(Statement::Assert)
            }
            Token::Name("prove") => {
                self.advance();
                self.condition().map(Statement::Prove)
            }
            Token::Name("conserve") => self.conserve().map(Statement::Conserve),
            Token::Name("return") => {
                self.advance();
                self.returned().map(Statement::Return)
            }
            _ => {
                let message =
                    format!("expected `let`, `assert`, `prove`, `conserve` or `return`, found {}", self.found());
                let fix = near_word(self.peek(), &STATEMENTS);
                self.stop(Mistake { span: self.span(), message, fix })
            }
        }
    }

    fn returned(&mut self) -> Parsed<Vec<(String, Condition)>> {
        if !self.take("{") {
            let value = self.condition()?;
            return Ok(vec![(value.text.clone(), value)]);
        }
        let mut fields = Vec::new();
        while !self.is("}") {
            let labelled = matches!(self.peek_after(1), Token::Symbol(":"));
            let label = if labelled { Some(self.identifier("a result's name")?) } else { None };
            if labelled {
                self.expect(":", "after the result's name")?;
            }
            let value = self.condition()?;
            fields.push((label.unwrap_or_else(|| value.text.clone()), value));
            if !self.take(",") && !self.take(";") {
                break;
            }
        }
        self.expect("}", "to close the results")?;
        Ok(fields)
    }
}

/// A fix for a word that is one letter away from one of ours.
pub(super) fn near_word(token: &Token, words: &[&str]) -> Option<String> {
    let Token::Name(found) = token else { return None };
    let near = words.iter().find(|word| near(found, word))?;
    Some(format!("did you mean `{near}`?"))
}

fn near(found: &str, word: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (found.chars().collect(), word.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    // One letter more, less or other; or two neighbours changed over.
    let longest = a.len().max(b.len());
    same_start + same_end + 1 >= longest
        || (a.len() == b.len()
            && same_start + same_end + 2 == longest
            && a.get(same_start) == b.get(same_start + 1)
            && a.get(same_start + 1) == b.get(same_start))
}

#[cfg(test)]
mod tests {
    use crate::language::parse;

    #[test]
    fn keep_says_that_names_are_as_they_were() {
        let source = "intent t(n: Int) { verify { a == n; keep b, p.balance; } }";
        let program = parse(source).expect("parses");
        let read: Vec<(String, &str)> =
            program.conditions().iter().map(|line| (line.expression.to_string(), line.text.as_str())).collect();
        let kept = |expression: &str, text: &'static str| (expression.to_owned(), text);
        assert_eq!(
            read,
            [
                kept("a == n", "a == n"),
                kept("b == old_b", "keep b"),
                kept("p.balance == old_p.balance", "keep p.balance"),
            ]
        );
        assert!(
            parse("intent t() { verify { keep == 1; keep > old_keep; } }").is_ok(),
            "it is no word of ours elsewhere"
        );
        for wrong in ["keep old_a;", "keep a + 1;", "keep a,;", "keep a b;"] {
            let found = parse(&format!("intent t() {{ verify {{ {wrong} }} }}")).expect_err("a mistake");
            assert_eq!(found.len(), 1, "{wrong} {found:?}");
        }
    }
}
