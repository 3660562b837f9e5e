//! Where a UTC day and month begin and end, and the calendar's steps from one occurrence to the next.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

use crate::ledger::{Timestamp, day_of};

const DAY_MILLIS: i64 = 86_400_000;

/// The moment the day after this one begins.
#[must_use]
pub fn day_end(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(day_of(at).saturating_add(1).saturating_mul(DAY_MILLIS))
}

/// The moment this one's month began; the moment itself outside the calendar's range.
#[must_use]
pub fn month_begin(at: Timestamp) -> Timestamp {
    first_of_month(at).and_then(midnight).unwrap_or(at)
}

/// The moment the month after this one begins; the moment itself outside the calendar's range.
#[must_use]
pub fn month_end(at: Timestamp) -> Timestamp {
    let next = first_of_month(at).and_then(|date| date.checked_add(Span::new().months(1)).ok());
    next.and_then(midnight).unwrap_or(at)
}

/// So many calendar months later: the same day and time, or the month's last day where it has no such day.
#[must_use]
pub fn months_later(at: Timestamp, months: i64) -> Option<Timestamp> {
    let span = Span::new().try_months(months).ok()?;
    let later = in_utc(at)?.checked_add(span).ok()?;
    Some(Timestamp::from_millis(later.timestamp().as_millisecond()))
}

/// The day as people write it: 2026-11-23.
#[must_use]
pub fn date_of(at: Timestamp) -> String {
    in_utc(at).map_or_else(|| at.millis().to_string(), |zoned| zoned.date().to_string())
}

fn in_utc(at: Timestamp) -> Option<Zoned> {
    Some(jiff::Timestamp::from_millisecond(at.millis()).ok()?.to_zoned(TimeZone::UTC))
}

fn first_of_month(at: Timestamp) -> Option<Date> {
    Some(in_utc(at)?.date().first_of_month())
}

fn midnight(date: Date) -> Option<Timestamp> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn windows_begin_and_end_at_midnight_utc() {
        for (moment, day, begin, month) in [
            ("2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2027-12-05T12:00:00Z", "2027-12-06T00:00:00Z", "2027-12-01T00:00:00Z", "2028-01-01T00:00:00Z"),
        ] {
            let moment = at(moment);
            assert_eq!((day_end(moment), month_begin(moment), month_end(moment)), (at(day), at(begin), at(month)));
        }
    }

    #[test]
    fn a_month_without_the_day_gives_its_last_and_the_next_the_day_again() {
        let start = at("2027-10-31T09:30:00Z");
        let months: Vec<String> = (0..6).map(|count| date_of(months_later(start, count).unwrap())).collect();
        assert_eq!(months, ["2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]);
        assert_eq!(months_later(start, 1), Some(at("2027-11-30T09:30:00Z")));
        assert_eq!(months_later(start, i64::MAX), None);
    }
}
