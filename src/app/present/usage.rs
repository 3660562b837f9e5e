//! Usage as figures: every day of the period, empty ones too, and the operations in a fixed order and colour.

use std::collections::BTreeMap;

use super::dates::days_from;
use super::entries::entry;
use super::forecast::forecast_view;
use super::refusals::refused;
use super::visitor::Visitor;
use super::zones::zone_choices;
use crate::app::error::AppError;
use crate::app::format::{credits, grouped};
use crate::app::views::{
    ChoiceView, DayView, KeyUsageView, OperationView, OverviewView, PartView, UsageFigures, UsageFilterView, UsageView,
};
use crate::billing::{AccountForecast, KeyFilter, UsageQuery, UsageReport, Zone};
use crate::identity::ApiKey;
use crate::ledger::{Entry, KeyId, Operation};

/// The periods the usage page offers, in days.
const PERIODS: [i64; 4] = [7, 30, 90, 365];
/// The one it shows unasked.
const PERIOD: i64 = 30;
/// Asks for what no API key spent.
const NO_KEY: &str = "none";
const WITHOUT_KEY: &str = "No key: people on the pages";

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

/// The overview.
pub fn overview(
    visitor: &Visitor,
    (month, zone): (&UsageReport, &Zone),
    forecast: &AccountForecast,
    entries: &[Entry],
) -> OverviewView {
    OverviewView {
        frame: visitor.frame(),
        held: visitor.summary.held.get(),
        owed: visitor.owed(),
        forecast: forecast_view(forecast),
        usage: figures(month),
        zone: zone.name().replace('_', " "),
        entries: entries.iter().map(|one| entry(one, forecast.at)).collect(),
    }
}

/// What the usage page is asked for. A period that is not offered is the usual one, and no zone is the visitor's.
///
/// # Errors
/// Refuses a zone, operation or key that is not one.
pub fn usage_query(days: i64, zone: &str, operation: &str, key: &str, usual: Zone) -> Result<UsageQuery, AppError> {
    fn chosen<T: std::str::FromStr>(text: &str) -> Result<Option<T>, AppError> {
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| refused("choice_invalid")) }
    }
    let key = match key {
        NO_KEY => KeyFilter::NoKey,
        other => chosen(other)?.map_or(KeyFilter::Any, KeyFilter::Key),
    };
    let days = if PERIODS.contains(&days) { days } else { PERIOD };
    Ok(UsageQuery { days, zone: chosen(zone)?.unwrap_or(usual), operation: chosen(operation)?, key })
}

/// The usage page.
pub fn usage(visitor: &Visitor, query: &UsageQuery, report: &UsageReport, keys: &[ApiKey]) -> UsageView {
    let hundredths = report.average_daily_hundredths;
    UsageView {
        frame: visitor.frame(),
        filter: filter(query, keys),
        average: format!("{} credits a day on average", decimal(hundredths)),
        usage: figures(report),
        by_key: by_key(report, keys),
    }
}

/// Hundredths as `12.50`, with a real minus sign.
pub fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "−" } else { "" };
    let whole = i64::try_from(hundredths.unsigned_abs() / 100).unwrap_or(i64::MAX);
    format!("{sign}{}.{:02}", grouped(whole), hundredths.unsigned_abs() % 100)
}

fn filter(query: &UsageQuery, keys: &[ApiKey]) -> UsageFilterView {
    let choice = |value: &str, title: String| ChoiceView { value: value.to_owned(), title };
    let operations = Operation::ALL.iter().map(|operation| choice(operation.name(), operation.title().to_owned()));
    let named = keys.iter().map(|key| choice(&key.id.to_string(), key_name(key)));
    let all = |title: &str| std::iter::once(choice("", title.to_owned()));
    UsageFilterView {
        days: query.days,
        zone: query.zone.name().to_owned(),
        operation: query.operation.map_or_else(String::new, |operation| operation.name().to_owned()),
        key: match query.key {
            KeyFilter::Any => String::new(),
            KeyFilter::NoKey => NO_KEY.to_owned(),
            KeyFilter::Key(key) => key.to_string(),
        },
        zones: zone_choices(&query.zone),
        operations: all("All operations").chain(operations).collect(),
        keys: all("All keys").chain(std::iter::once(choice(NO_KEY, WITHOUT_KEY.to_owned()))).chain(named).collect(),
    }
}

fn key_name(key: &ApiKey) -> String {
    if key.revoked_at.is_some() { format!("{} (revoked)", key.name) } else { key.name.clone() }
}

/// What each key spent, most first.
fn by_key(report: &UsageReport, keys: &[ApiKey]) -> Vec<KeyUsageView> {
    let mut sums: BTreeMap<Option<KeyId>, (i64, i64)> = BTreeMap::new();
    for row in &report.by_key {
        let (charges, credits) = sums.entry(row.key).or_default();
        *charges = charges.saturating_add(row.charges);
        *credits = credits.saturating_add(row.credits);
    }
    let name = |id: Option<KeyId>| match id {
        None => WITHOUT_KEY.to_owned(),
        // An operator's key is none of the account's.
        Some(id) => keys.iter().find(|key| key.id == id).map_or_else(|| id.to_string(), key_name),
    };
    let rows = sums.into_iter().map(|(id, (charges, credits))| KeyUsageView { name: name(id), charges, credits });
    let mut rows: Vec<KeyUsageView> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.credits));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_read_as_a_number_with_two_decimals() {
        for (hundredths, text) in [(0, "0.00"), (1_250, "12.50"), (-5, "−0.05"), (-123_456, "−1,234.56")] {
            assert_eq!(decimal(hundredths), text);
        }
    }

    #[test]
    fn a_choice_that_is_none_is_refused_and_an_empty_one_is_everything() {
        let berlin = || "Europe/Berlin".parse::<Zone>().unwrap();
        assert_eq!(usage_query(30, "", "", "", Zone::UTC), Ok(UsageQuery::last(30)));
        assert_eq!(
            usage_query(31, "UTC", "", "", berlin()).map(|query| (query.days, query.zone)),
            Ok((PERIOD, Zone::UTC))
        );
        assert_eq!(usage_query(30, "", "", "", berlin()).map(|query| query.zone), Ok(berlin()));
        assert_eq!(usage_query(7, "", "", NO_KEY, Zone::UTC).map(|query| query.key), Ok(KeyFilter::NoKey));
        for (zone, operation, key) in [("Mars/Olympus", "", ""), ("", "mining", ""), ("", "", "KEY_1")] {
            assert_eq!(usage_query(7, zone, operation, key, Zone::UTC), Err(refused("choice_invalid")));
        }
    }
}
