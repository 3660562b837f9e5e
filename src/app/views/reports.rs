//! What the pages of usage, the forecast and the grants are told.

use serde::{Deserialize, Serialize};

use super::{ChoiceView, FrameView, UsageFigures};

/// The usage page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageView {
    pub frame: FrameView,
    pub filter: UsageFilterView,
    pub average: String,
    pub usage: UsageFigures,
    pub by_key: Vec<KeyUsageView>,
}

/// What the usage page was asked for, and what it may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageFilterView {
    pub days: i64,
    pub zone: String,
    /// Empty for all.
    pub operation: String,
    /// Empty for all, `none` for what no key spent.
    pub key: String,
    pub zones: Vec<ChoiceView>,
    pub operations: Vec<ChoiceView>,
    pub keys: Vec<ChoiceView>,
}

/// What one API key spent in the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsageView {
    pub name: String,
    pub charges: i64,
    pub credits: i64,
}

/// How long the credits last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastView {
    /// `Runs out on 14 Dec`.
    pub headline: String,
    /// `About 23 days at 12.50 credits a day, the average of the last 7 full days.`
    pub pace: String,
    /// `320 credits expire unused on 9 Dec.`, soonest first.
    pub losses: Vec<String>,
    /// What expires next, whether or not it is spent by then; empty when nothing does.
    pub next_expiry: String,
    /// The line of what is left, in one sentence.
    pub sentence: String,
    /// What is left on some days, the first and the last among them; fewer than two when there is no line to draw.
    pub points: Vec<PointView>,
}

/// What is left on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    pub label: String,
    pub left: i64,
}

/// A lot of credits that something is left of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantView {
    pub id: String,
    /// From 1, which is spent first.
    pub rank: i64,
    pub kind: String,
    pub granted: String,
    /// Empty when never.
    pub expires: String,
    pub size: i64,
    pub remaining: i64,
    pub held: i64,
}
