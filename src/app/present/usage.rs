//! Usage as figures: every day of the period, empty ones too, and the operations in a fixed order and colour.

use super::dates::days_from;
use super::entries::entry;
use super::visitor::Visitor;
use crate::app::format::{credits, grouped};
use crate::app::views::{DayView, OperationView, OverviewView, PartView, UsageFigures, UsageView};
use crate::billing::UsageReport;
use crate::ledger::{Entry, Operation, Timestamp};

/// The period over which the overview judges how long the credits last.
const WEEK: usize = 7;

/// An operation's place among the data colours, the same everywhere; the rest share the last.
fn series(operation: Operation) -> i64 {
    match operation {
        Operation::BatchVerification => 1,
        Operation::SentinelMonitoring => 2,
        Operation::ProofVerification => 3,
        Operation::ConservationOracle => 4,
        _ => 5,
    }
}

/// Chart and table of a report.
pub fn figures(report: &UsageReport) -> UsageFigures {
    let mut operations: Vec<(Operation, i64, i64)> =
        report.usage_by_operation.iter().map(|(operation, usage)| (*operation, usage.count, usage.credits)).collect();
    operations.sort_by_key(|(operation, _, spent)| (std::cmp::Reverse(*spent), *operation));
    let days: Vec<DayView> = days_from(&report.first_day, report.period_days)
        .into_iter()
        .map(|(day, label)| day_view(report, &day, label))
        .collect();
    UsageFigures {
        sentence: sentence(report.total_credits_spent, &days),
        days,
        total_count: operations.iter().fold(0, |sum, (_, count, _)| sum.saturating_add(*count)),
        total_credits: report.total_credits_spent,
        operations: operations
            .into_iter()
            .map(|(operation, count, credits)| OperationView {
                title: operation.title().to_owned(),
                series: series(operation),
                count,
                credits,
            })
            .collect(),
    }
}

fn day_view(report: &UsageReport, day: &str, label: String) -> DayView {
    let mut parts: Vec<PartView> = report
        .by_day
        .iter()
        .filter(|usage| usage.day == day)
        .map(|usage| PartView {
            title: usage.operation.title().to_owned(),
            series: series(usage.operation),
            count: usage.count,
            credits: usage.credits,
        })
        .collect();
    parts.sort_by_key(|part| part.series);
    DayView { label, credits: parts.iter().fold(0, |sum, part| sum.saturating_add(part.credits)), parts }
}

/// `412 credits in 30 days, peak 61 on 12 Nov`.
fn sentence(total: i64, days: &[DayView]) -> String {
    let period = format!("{} in {} days", credits(total), days.len());
    match days.iter().max_by_key(|day| day.credits) {
        Some(peak) if peak.credits > 0 => format!("{period}, peak {} on {}", grouped(peak.credits), peak.label),
        _ => period,
    }
}

/// How long the credits last at the pace of the last week.
fn lasts(available: i64, spent_week: i64) -> String {
    if available == 0 {
        return "No credits left".into();
    }
    if spent_week == 0 {
        return "Nothing is being spent".into();
    }
    let days = i128::from(available) * 7 / i128::from(spent_week);
    match days {
        0 => "Less than a day left".into(),
        1 => "About 1 day left".into(),
        2..=730 => format!("About {days} days left"),
        _ => "More than two years left".into(),
    }
}

/// The overview.
pub fn overview(visitor: &Visitor, month: &UsageReport, entries: &[Entry], now: Timestamp) -> OverviewView {
    let usage = figures(month);
    let spent_week = usage.days.iter().rev().take(WEEK).fold(0_i64, |sum, day| sum.saturating_add(day.credits));
    OverviewView {
        frame: visitor.frame(),
        held: visitor.summary.held.get(),
        lasts: lasts(visitor.summary.available.get(), spent_week),
        spent_week,
        usage,
        entries: entries.iter().map(|one| entry(one, now)).collect(),
    }
}

/// The usage page.
pub fn usage(visitor: &Visitor, days: i64, report: &UsageReport) -> UsageView {
    let hundredths = report.average_daily_hundredths;
    let average = format!("{}.{:02} credits a day on average", grouped(hundredths / 100), hundredths % 100);
    UsageView { frame: visitor.frame(), days, average, usage: figures(report) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_credits_last_is_said_in_days() {
        assert_eq!(lasts(0, 5), "No credits left");
        assert_eq!(lasts(100, 0), "Nothing is being spent");
        assert_eq!(lasts(8_412, 2_534), "About 23 days left");
        assert_eq!(lasts(1, 700), "Less than a day left");
        assert_eq!(lasts(i64::MAX, 1), "More than two years left");
    }
}
