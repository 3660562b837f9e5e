//! The calendar of budgets, against one that others wrote.

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

#[test]
fn months_are_counted_by_the_calendar() {
    for (text, month) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2000-02-29T12:00:00Z", 361),
        ("2000-03-01T00:00:00Z", 362),
        ("2026-11-30T23:59:59.999Z", 682),
        ("2026-12-01T00:00:00Z", 683),
        ("2100-02-28T23:59:59Z", 1_561),
        ("2100-03-01T00:00:00Z", 1_562),
    ] {
        assert_eq!(month_of(at(text)), month, "{text}");
    }
}

#[test]
fn every_day_of_four_centuries_is_in_its_month() {
    let mut date = jiff::civil::date(1970, 1, 1);
    for day in 0..146_097_i64 {
        let month = (i64::from(date.year()) - 1_970) * 12 + i64::from(date.month()) - 1;
        assert_eq!(month_of(Timestamp::from_millis(day * DAY_MILLIS)), month, "{date}");
        date = date.tomorrow().unwrap();
    }
}
