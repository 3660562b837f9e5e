//! Moments as text, always in UTC: a page never depends on where it is rendered.

use jiff::civil::Date;
use jiff::{Timestamp as Moment, tz::TimeZone};

use crate::ledger::Timestamp;

fn at(time: Timestamp) -> jiff::Zoned {
    Moment::from_millisecond(time.millis()).unwrap_or_default().to_zoned(TimeZone::UTC)
}

/// `23 Nov 12:41`, with the year when it is another than that of `now`.
pub fn moment(time: Timestamp, now: Timestamp) -> String {
    let (time, now) = (at(time), at(now));
    let form = if time.year() == now.year() { "%-d %b %H:%M" } else { "%-d %b %Y %H:%M" };
    time.strftime(form).to_string()
}

/// `23 Nov`, with the year when it is another than that of `now`.
pub fn day(time: Timestamp, now: Timestamp) -> String {
    let (time, now) = (at(time), at(now));
    let form = if time.year() == now.year() { "%-d %b" } else { "%-d %b %Y" };
    time.strftime(form).to_string()
}

/// `23 Nov 2026`.
pub fn date(time: Timestamp) -> String {
    at(time).strftime("%-d %b %Y").to_string()
}

/// The first moment after a day written as a form's date (`2026-11-23`): what is good until that day is good to its end.
pub fn day_after(text: &str) -> Option<Timestamp> {
    let day = text.parse::<Date>().ok()?.tomorrow().ok()?;
    Some(Timestamp::from_millis(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

/// For programs: `2026-11-23T12:41:05.123Z`.
pub fn iso(time: Timestamp) -> String {
    Moment::from_millisecond(time.millis()).unwrap_or_default().to_string()
}

/// `November 2026`.
pub fn month_title(time: Timestamp) -> String {
    at(time).strftime("%B %Y").to_string()
}

/// `1 Nov 2026 to 30 Nov 2026`, given the first moment and the first one after.
pub fn period(from: Timestamp, to: Timestamp) -> String {
    format!("{} to {}", date(from), date(Timestamp::from_millis(to.millis().saturating_sub(1))))
}

/// The name of each of `days` days from `first` on, as stored (`2026-11-23`) and as shown (`23 Nov`).
pub fn days_from(first: &str, days: i64) -> Vec<(String, String)> {
    let Ok(first) = first.parse::<Date>() else { return Vec::new() };
    let days = usize::try_from(days).unwrap_or(0);
    first
        .series(jiff::Span::new().days(1))
        .take(days)
        .map(|day| (day.to_string(), day.strftime("%-d %b").to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_people_write_them() {
        let time = Timestamp::from_millis(1_795_437_665_123);
        assert_eq!(iso(time), "2026-11-23T12:41:05.123Z");
        assert_eq!(moment(time, time), "23 Nov 12:41");
        assert_eq!(moment(time, time.plus_days(60)), "23 Nov 2026 12:41");
        assert_eq!(date(time), "23 Nov 2026");
        assert_eq!((day(time, time), day(time.plus_days(60), time)), ("23 Nov".into(), "22 Jan 2027".into()));
        assert_eq!(month_title(time), "November 2026");
        let month = crate::ledger::Month::of(time);
        assert_eq!(period(month.start(), month.end()), "1 Nov 2026 to 30 Nov 2026");
    }

    #[test]
    fn what_is_good_until_a_day_is_good_to_its_end() {
        assert_eq!(day_after("2026-11-23").map(iso), Some("2026-11-24T00:00:00Z".into()));
        assert_eq!(day_after("2026-12-31").map(iso), Some("2027-01-01T00:00:00Z".into()));
        assert_eq!(day_after("tomorrow"), None);
    }

    #[test]
    fn a_period_has_all_its_days() {
        let days = days_from("2026-02-27", 3);
        let shown: Vec<&str> = days.iter().map(|(_, shown)| shown.as_str()).collect();
        assert_eq!(shown, ["27 Feb", "28 Feb", "1 Mar"]);
        assert!(days_from("no day", 3).is_empty());
    }
}
