//! Reads a program with the one parser, on the server and while one types in the browser.

use super::views::ProblemView;
use crate::language::{Diagnostic, parse, parse_formula};

/// What keeps a program from being read; nothing when it can be.
#[must_use]
pub fn check(source: &str) -> Vec<ProblemView> {
    match parse(source) {
        Ok(_) => Vec::new(),
        Err(found) => found.into_iter().map(problem).collect(),
    }
}

/// What keeps a formula from being read; nothing when it can be, or is not there yet.
#[must_use]
pub fn check_formula(source: &str) -> Vec<ProblemView> {
    if source.trim().is_empty() {
        return Vec::new();
    }
    parse_formula(source).map_or_else(|found| found.into_iter().map(problem).collect(), |_| Vec::new())
}

/// As [`check`], for a program that may be left out.
#[must_use]
pub fn check_optional(source: &str) -> Vec<ProblemView> {
    if source.trim().is_empty() { Vec::new() } else { check(source) }
}

/// A diagnostic as a page shows it.
#[must_use]
pub fn problem(found: Diagnostic) -> ProblemView {
    ProblemView {
        line: i64::from(found.line),
        column: i64::from(found.column),
        length: i64::from(found.length),
        message: found.message,
        help: found.fix.unwrap_or_default(),
    }
}
