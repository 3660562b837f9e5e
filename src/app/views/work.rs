//! The Oracle's and the batches' pages.

use serde::{Deserialize, Serialize};

use super::{FrameView, ShareView, ValueView};

/// One line of what was asked before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkView {
    pub id: String,
    pub title: String,
    pub verdict: String,
    pub at: String,
}

/// A piece of work that was paid for: what it cost and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostView {
    pub charged: i64,
    pub balance: i64,
    pub receipt: String,
    pub at: String,
}

/// The Oracle's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleView {
    pub frame: FrameView,
    pub price: i64,
    pub law: String,
    pub assumptions: String,
    /// One a line, `x: 0 to 100`.
    pub bounds: String,
    pub transitions: String,
    pub observations: String,
    pub request: String,
    /// What keeps it from being asked, a sentence each.
    pub problems: Vec<String>,
    pub examples: Vec<(String, String)>,
    pub recent: Vec<WorkView>,
}

/// The Oracle's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleAnswerView {
    pub frame: FrameView,
    pub id: String,
    pub cost: CostView,
    pub share: ShareView,
    pub found: OracleFound,
}

/// What was asked of the Oracle and what it found: nothing of whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleFound {
    pub law: String,
    pub assumptions: String,
    /// One a line, `x: 0 to 100`.
    pub bounds: String,
    pub transitions: String,
    pub verdict: String,
    pub headline: String,
    pub explanation: String,
    pub example: Vec<ValueView>,
    pub counterexample: Vec<ValueView>,
    pub ranges: Vec<RangeView>,
    /// Names whose range was not looked for, as a sentence.
    pub ranges_left_out: String,
    pub kept: Vec<String>,
    /// Transition, name, what is added to it.
    pub effects: Vec<(String, String, String)>,
    /// What could not be looked at, as a sentence.
    pub left_out: String,
    pub drift: Option<DriftView>,
}

/// Which values a name can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeView {
    pub name: String,
    pub low: String,
    pub high: String,
}

/// What observations say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftView {
    pub sentence: String,
    /// Row, condition, difference.
    pub breaks: Vec<(i64, String, String)>,
    pub facts: Vec<(String, String)>,
    pub chart: Option<DriftChartView>,
}

/// How far observations lie from a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftChartView {
    pub sentence: String,
    /// How high the line lies on which the law holds, in percent from below.
    pub zero: i64,
    pub points: Vec<DriftPointView>,
}

/// One observation, or the farthest of some neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftPointView {
    pub row: i64,
    pub difference: String,
    /// In percent, from below.
    pub height: i64,
    pub is_broken: bool,
}

/// The batches' form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchView {
    pub frame: FrameView,
    pub price: i64,
    pub balances: String,
    pub transactions: String,
    pub atomic: bool,
    pub request: String,
    pub problems: Vec<String>,
    pub examples: Vec<(String, String)>,
    pub recent: Vec<WorkView>,
}

/// A batch's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReportView {
    pub frame: FrameView,
    pub id: String,
    pub cost: CostView,
    pub share: ShareView,
    pub found: BatchFound,
}

/// What a batch came to: nothing of whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFound {
    pub verdict: String,
    pub headline: String,
    pub rows: Vec<BatchRowView>,
    pub layers: Vec<String>,
    pub schedule: String,
    /// Asset, opening, entered, left, closing, whether they add up.
    pub totals: Vec<(String, [String; 4], bool)>,
    /// Account, asset, opening, closing.
    pub balances: Vec<[String; 4]>,
}

/// One transaction of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRowView {
    pub id: String,
    pub what: String,
    pub verdict: String,
    pub reason: String,
    pub layer: i64,
    pub waits_for: String,
}

/// The Sentinel's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentinelView {
    pub frame: FrameView,
    pub form: StartMonitorView,
    pub problems: Vec<String>,
    pub monitors: Vec<MonitorRowView>,
}

/// The form that starts a monitor, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartMonitorView {
    pub may_spend: bool,
    /// Of an hour.
    pub price: i64,
    pub name: String,
    pub laws: String,
    pub metrics: String,
    pub hours: String,
    pub keep_going: bool,
    pub request: String,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitorRowView {
    pub id: String,
    pub name: String,
    pub state: String,
    pub mode: String,
    pub hours_held: i64,
    pub observations: i64,
}

/// One monitor's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitorView {
    pub frame: FrameView,
    pub price: i64,
    pub laws: Vec<String>,
    pub metrics: Vec<String>,
    pub problems: Vec<String>,
    pub observation: String,
    pub request: String,
    pub live: MonitorLiveView,
    /// Whether the report tells of all observations of its day.
    pub complete: bool,
    /// Hour, observations, violations, anomalies.
    pub report: Vec<[String; 4]>,
}

/// What changes on a monitor's page while it is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitorLiveView {
    pub row: MonitorRowView,
    /// What it has cost and holds, as a sentence.
    pub sentence: String,
    /// One for each metric that has values.
    pub charts: Vec<MetricChartView>,
    /// Place, when, values, verdict, why.
    pub observed: Vec<[String; 5]>,
    /// When, kind, detail.
    pub alerts: Vec<[String; 3]>,
}

/// The last values of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricChartView {
    pub name: String,
    pub low: String,
    pub high: String,
    pub label: String,
    /// Height in percent, from below, and whether it is anomalous.
    pub points: Vec<(i64, bool)>,
}
