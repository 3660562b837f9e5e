//! What the pages about checking show: the ledger, statements and the status.

use serde::{Deserialize, Serialize};

use super::{EntryView, FrameView, GrantView};

/// The list of statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementsView {
    pub frame: FrameView,
    pub months: Vec<MonthView>,
}

/// One month in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthView {
    /// As it stands in addresses, `2026-11`.
    pub month: String,
    /// As people say it, `November 2026`.
    pub title: String,
    /// Whether it is over.
    pub complete: bool,
}

/// One month's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementView {
    pub frame: FrameView,
    pub month: MonthView,
    pub account: String,
    pub period: String,
    pub opening: i64,
    pub closing: i64,
    pub bought: String,
    pub spent: String,
    pub operations: Vec<StatementRow>,
    pub kinds: Vec<StatementRow>,
    pub lines: Vec<StatementLineView>,
    /// How many lines there are; the page shows no more than its limit.
    pub line_count: i64,
    pub head: String,
    pub key_id: String,
    pub public_key: String,
}

/// A sum of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRow {
    pub title: String,
    pub count: i64,
    pub credits: i64,
    pub paid: String,
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLineView {
    pub seq: i64,
    pub at: String,
    pub at_iso: String,
    pub what: String,
    pub state: String,
    pub tone: String,
    pub amount: i64,
    pub balance: i64,
    pub paid: String,
}

/// The public status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    pub frame: FrameView,
    /// `ok`, `broken` or `not_checked`.
    pub status: String,
    pub laws: Vec<LawView>,
    /// When the last round ended and what it covered; empty before the first.
    pub round: String,
}

/// A law and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawView {
    pub title: String,
    pub sentence: String,
    pub word: String,
    pub tone: String,
}

/// A page of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerView {
    pub frame: FrameView,
    /// What is owed, counted upwards.
    pub owed: i64,
    pub entries: Vec<EntryView>,
    /// What is left to spend, the lot that is spent first before the others.
    pub grants: Vec<GrantView>,
    /// Where the next page starts; 0 when this is the last.
    pub next_before: i64,
    pub newest: bool,
    pub balance_at: BalanceAtView,
}

/// The balance at a moment, if one was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceAtView {
    /// The zone that the moment is told in.
    pub zone: String,
    /// What was typed.
    pub typed: String,
    /// The code of what cannot be accepted; empty when there is an answer, or no question.
    pub error: String,
    /// What could be spent, in a sentence; empty when nothing was asked.
    pub sentence: String,
    /// The hash of the entry that proves it; empty before the first.
    pub hash: String,
}
