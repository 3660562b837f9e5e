//! Programs: the three kinds, recovery after mistakes, and the checks that need the whole program.

use super::ast::{Batch, Condition, Intent, Program, Solve, Statement};
use super::diagnostic::{Diagnostic, Mistake};
use super::expression::{Parsed, Parser, Stop};
use super::lexer::{self, Token};
use super::limits::{CONDITIONS_MAX, DIAGNOSTICS_MAX, INTENTS_MAX, NAMES_MAX, SOURCE_BYTES_MAX};
use super::statement::near_word;
use super::types;
use super::{Expr, Span};

/// Reads a program of any of the three kinds.
///
/// # Errors
/// Every mistake found, at most [`DIAGNOSTICS_MAX`], in the order of the source.
///
/// ```
/// let program = aethel::language::parse("x + y == 100").unwrap();
/// assert_eq!(program.names(), ["x", "y"]);
/// ```
pub fn parse(source: &str) -> Result<Program, Vec<Diagnostic>> {
    let program = read(source, Parser::program)?;
    check(&program).map_err(|mistakes| located(mistakes, source))?;
    Ok(program)
}

/// Reads one formula and nothing else: what assumptions, goals and laws are written in.
///
/// # Errors
/// As [`parse`].
pub fn parse_formula(source: &str) -> Result<Vec<Condition>, Vec<Diagnostic>> {
    read(source, Parser::formula).map(conditions_of)
}

/// Reads a formula that stands alone, so that its types must agree too: laws of monitors, guards of transactions.
///
/// # Errors
/// As [`parse`].
pub fn parse_law(source: &str) -> Result<Vec<Condition>, Vec<Diagnostic>> {
    let law = read(source, Parser::formula)?;
    check(&law).map_err(|mistakes| located(mistakes, source))?;
    Ok(conditions_of(law))
}

fn conditions_of(formula: Program) -> Vec<Condition> {
    match formula {
        Program::Formula(conditions) => conditions,
        Program::Intents(_) | Program::Solve(_) => Vec::new(),
    }
}

/// Where the lines of a source start, so that a line is found by halving and not by counting.
pub(super) struct Lines(Vec<u32>);

impl Lines {
    fn of(source: &str) -> Self {
        let starts = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(starts.map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect())
    }

    pub fn line(&self, at: u32) -> u32 {
        let before = self.0.partition_point(|newline| *newline < at);
        u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
    }
}

fn read<'a>(
    source: &'a str,
    with: impl FnOnce(&mut Parser<'a>) -> Parsed<Program>,
) -> Result<Program, Vec<Diagnostic>> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("a program has at most {} KiB", SOURCE_BYTES_MAX / 1024);
        return Err(vec![Mistake::new(Span::default(), message).locate("")]);
    }
    let (tokens, mistakes) = lexer::read(source);
    if !mistakes.is_empty() {
        return Err(located(mistakes, source));
    }
    let lines = Lines::of(source);
    let mut parser = Parser { source, tokens, at: 0, mistakes: Vec::new(), nesting: 0, lines };
    match with(&mut parser) {
        Ok(program) if parser.mistakes.is_empty() => Ok(program),
        Ok(_) | Err(Stop) => Err(located(parser.mistakes, source)),
    }
}

fn located(mut mistakes: Vec<Mistake>, source: &str) -> Vec<Diagnostic> {
    mistakes.sort_by_key(|mistake| mistake.span.start);
    mistakes.truncate(DIAGNOSTICS_MAX);
    mistakes.into_iter().map(|mistake| mistake.locate(source)).collect()
}

impl Parser<'_> {
    fn program(&mut self) -> Parsed<Program> {
        let opens = matches!(self.peek_after(1), Token::Name(_));
        let program = match self.peek() {
            Token::Name("intent") if opens => self.single_intent()?,
            Token::Name("atomic_batch") if opens => self.batch()?,
            Token::Name("solve") if opens => self.solve()?,
            Token::Name(_) if opens && matches!(self.peek_after(2), Token::Symbol("(" | "{")) => {
                let message =
                    format!("expected `intent`, `atomic_batch`, `solve` or a formula, found {}", self.found());
                let fix = near_word(self.peek(), &["intent", "atomic_batch", "solve"]);
                return self.stop(Mistake { span: self.span(), message, fix });
            }
            _ => return self.formula(),
        };
        if matches!(self.peek(), Token::End) || !self.mistakes.is_empty() {
            return Ok(program);
        }
        let mistake = Mistake::new(self.span(), format!("expected the end of the program, found {}", self.found()));
        self.stop(match self.is_word("intent") {
            true => mistake.with_fix("put several intents into `atomic_batch NAME { … }`"),
            false => mistake,
        })
    }

    /// Conditions with `;` between them; a bad one is recorded and skipped, so that several errors show at once.
    fn formula(&mut self) -> Parsed<Program> {
        let (mut conditions, mut read) = (Vec::new(), 0);
        loop {
            while self.take(";") {}
            if matches!(self.peek(), Token::End) && read > 0 {
                return Ok(Program::Formula(conditions));
            }
            if read >= CONDITIONS_MAX {
                let message = format!("a program has at most {CONDITIONS_MAX} conditions");
                return self.stop(Mistake::new(self.span(), message));
            }
            read += 1;
            match self.whole_condition() {
                Ok(condition) => conditions.push(condition),
                Err(Stop) if self.mistakes.len() >= DIAGNOSTICS_MAX => return Err(Stop),
                Err(Stop) => {
                    while !self.is(";") && !matches!(self.peek(), Token::End) {
                        self.advance();
                    }
                }
            }
        }
    }

    fn whole_condition(&mut self) -> Parsed<Condition> {
        let condition = self.condition()?;
        if self.is(";") || matches!(self.peek(), Token::End) {
            return Ok(condition);
        }
        let mistake = Mistake::new(self.span(), format!("expected an operator or the end, found {}", self.found()));
        self.stop(match self.peek() {
            Token::Symbol("=") => mistake.with_fix("write `==` to compare"),
            _ => mistake.with_fix("put `;` between two conditions"),
        })
    }

    fn single_intent(&mut self) -> Parsed<Program> {
        let intent = self.intent()?;
        Ok(Program::Intents(Batch { name: None, intents: vec![intent] }))
    }

    fn batch(&mut self) -> Parsed<Program> {
        self.advance();
        let name = self.identifier("the batch's name")?;
        self.expect("{", "to open the batch")?;
        let mut intents: Vec<Intent> = Vec::new();
        while self.is_word("intent") {
            if intents.len() >= INTENTS_MAX {
                let message = format!("a batch has at most {INTENTS_MAX} intents");
                return self.stop(Mistake::new(self.span(), message));
            }
            intents.push(self.intent()?);
        }
        if intents.is_empty() {
            let message = format!("expected `intent`, found {}", self.found());
            return self.stop(Mistake::new(self.span(), message));
        }
        self.expect("}", "to close the batch")?;
        Ok(Program::Intents(Batch { name: Some(name), intents }))
    }

    fn solve(&mut self) -> Parsed<Program> {
        let start = self.span();
        self.advance();
        let name = self.identifier("the program's name")?;
        let parameters = if self.is("(") { self.parameters()? } else { Vec::new() };
        self.expect("{", "to open the program")?;
        let mut statements = Vec::new();
        self.each_statement(|parser| {
            statements.push(parser.statement()?);
            Ok(())
        })?;
        let proves = |s: &Statement| matches!(s, Statement::Prove(_) | Statement::Conserve(_));
        if self.mistakes.is_empty() && !statements.iter().any(proves) {
            let mistake = Mistake::new(start.to(self.previous_span()), "this program proves nothing");
            return self.stop(mistake.with_fix("add `prove …;` or `conserve …;`"));
        }
        Ok(Program::Solve(Solve { name, parameters, statements }))
    }
}

fn check(program: &Program) -> Result<(), Vec<Mistake>> {
    let expressions: Vec<&Expr> = program.expressions();
    if expressions.len() > CONDITIONS_MAX {
        let span = expressions.last().map_or(Span::default(), |expr| expr.span);
        return Err(vec![Mistake::new(span, format!("a program has at most {CONDITIONS_MAX} conditions"))]);
    }
    if program.names().len() > NAMES_MAX {
        return Err(vec![Mistake::new(Span::default(), format!("a program has at most {NAMES_MAX} names"))]);
    }
    types::check(program)
}
