//! Reads a program with the one parser, on the server and while one types in the browser.

use super::views::ProblemView;
use crate::language::{Diagnostic, parse};

/// What keeps a program from being read; nothing when it can be.
#[must_use]
pub fn check(source: &str) -> Vec<ProblemView> {
    match parse(source) {
        Ok(_) => Vec::new(),
        Err(found) => found.into_iter().map(problem).collect(),
    }
}

/// A diagnostic as a page shows it.
#[must_use]
pub fn problem(found: Diagnostic) -> ProblemView {
    ProblemView {
        line: i64::from(found.line),
        column: i64::from(found.column),
        message: found.message,
        help: found.fix.unwrap_or_default(),
    }
}
