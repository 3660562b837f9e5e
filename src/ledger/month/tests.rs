//! Months against a calendar of somebody else's.

use super::*;

#[test]
fn every_month_of_four_centuries_begins_on_its_first_day() {
    let mut date = jiff::civil::date(1970, 1, 1);
    let mut month = Month::of(Timestamp::default());
    for _ in 0..4_800 {
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_millisecond();
        assert_eq!(month.start().millis(), midnight, "{date}");
        assert_eq!(month.to_string(), date.strftime("%Y-%m").to_string());
        assert_eq!(month.to_string().parse::<Month>(), Ok(month));
        assert_eq!(Month::of(Timestamp::from_millis(month.end().millis() - 1)), month);
        assert_eq!(Month::of(month.end()), month.next());
        date = date.checked_add(jiff::Span::new().months(1)).unwrap();
        month = month.next();
    }
}

#[test]
fn a_month_is_written_in_one_way_only() {
    for text in ["2026-13", "2026-00", "2026-1", "26-01", "2026-011", "+026-01", "2026-+1", "1969-12", "", "2026"] {
        assert!(text.parse::<Month>().is_err(), "{text}");
    }
}
