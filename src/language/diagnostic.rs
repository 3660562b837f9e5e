//! What is wrong with a text, where, and how to mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ast::Span;

/// Longest part of a source line that is repeated in a diagnostic.
const SOURCE_LINE_CHARS_MAX: usize = 200;

/// One mistake in a program. Lines and columns count from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub line: u32,
    pub column: u32,
    pub length: u32,
    pub message: String,
    pub source_line: String,
    pub fix: Option<String>,
}

/// A mistake that still counts in bytes; `locate` turns it into lines and columns.
#[derive(Debug, Clone)]
pub(super) struct Mistake {
    pub span: Span,
    pub message: String,
    pub fix: Option<String>,
}

impl Mistake {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), fix: None }
    }

    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub fn locate(self, source: &str) -> Diagnostic {
        let start = floor_boundary(source, self.span.start);
        let end = floor_boundary(source, self.span.end).max(start);
        let before = source.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.get(line_start..).unwrap_or_default();
        let text: String = rest.chars().take_while(|c| *c != '\n' && *c != '\r').collect();
        let column = source.get(line_start..start).unwrap_or_default().chars().count();
        let marked = source.get(start..end).unwrap_or_default().chars().take_while(|c| *c != '\n').count();
        Diagnostic {
            line: count(before.bytes().filter(|byte| *byte == b'\n').count()) + 1,
            column: count(column) + 1,
            length: count(marked).max(1),
            message: self.message,
            source_line: text.chars().take(SOURCE_LINE_CHARS_MAX).collect(),
            fix: self.fix,
        }
    }
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX - 1)
}

fn floor_boundary(source: &str, at: u32) -> usize {
    let mut at = usize::try_from(at).unwrap_or(usize::MAX).min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)?;
        match &self.fix {
            Some(fix) => write!(f, "; {fix}"),
            None => Ok(()),
        }
    }
}
