//! Time zones: which moments a person's days begin and end at.
//!
//! Knows no usage and no store. Clocks are changed within a year, so a day has 23, 24 or 25 hours, or half an hour
//! more or less; whoever adds 24 hours to midnight reports to the wrong day.

use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::ledger::Timestamp;

/// The most days one report covers: a leap year, so that "last year" can be asked.
pub const REPORT_DAYS_MAX: i64 = 366;

/// An IANA time zone, such as Europe/Berlin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// Why a text names no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a known time zone; give an IANA name such as Europe/Berlin")]
pub struct UnknownZone;

/// One day as a zone's clocks tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDay {
    /// As 2026-11-23.
    pub name: String,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment of the next day.
    pub to: Timestamp,
}

impl Zone {
    /// The zone that reports use unless asked for another.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The name it was asked for by, in its usual spelling.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The moment that this zone's clocks show as `2026-11-23T09:00`; where they show it twice, the first.
    ///
    /// `None` where it is no date and time.
    #[must_use]
    pub fn moment(&self, local: &str) -> Option<Timestamp> {
        let local: DateTime = local.trim().parse().ok()?;
        Some(Timestamp::from_millis(local.to_zoned(self.0.clone()).ok()?.timestamp().as_millisecond()))
    }

    /// The last `days` days up to and with the one that `now` lies in, oldest first.
    ///
    /// A day that the zone left out (Samoa crossed the date line in 2011) is there and empty.
    #[must_use]
    pub fn days(&self, now: Timestamp, days: i64) -> Vec<LocalDay> {
        let Ok(now) = jiff::Timestamp::from_millisecond(now.millis()) else { return Vec::new() };
        let today = now.to_zoned(self.0.clone()).date();
        let ages = (0..days.clamp(1, REPORT_DAYS_MAX)).rev();
        ages.filter_map(|age| self.day(today.checked_sub(age.days()).ok()?)).collect()
    }

    fn day(&self, date: Date) -> Option<LocalDay> {
        let (from, to) = (self.begin(date)?, self.begin(date.tomorrow().ok()?)?);
        Some(LocalDay { name: date.to_string(), from, to })
    }

    /// The first moment of a day: midnight, or what comes after it where clocks jump over midnight.
    fn begin(&self, date: Date) -> Option<Timestamp> {
        let begin = date.to_zoned(self.0.clone()).ok()?;
        Some(Timestamp::from_millis(begin.timestamp().as_millisecond()))
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone)?;
        // Reports show the zone's name, so one without a name is none.
        zone.iana_name().filter(|name| *name != "Etc/Unknown").ok_or(UnknownZone)?;
        Ok(Self(zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    /// How many minutes a day of a zone has, and when it begins.
    fn day(zone: &str, date: &str) -> (i64, String) {
        let zone: Zone = zone.parse().unwrap();
        let day = zone.day(date.parse().unwrap()).unwrap();
        let from = jiff::Timestamp::from_millisecond(day.from.millis()).unwrap();
        ((day.to.millis() - day.from.millis()) / 60_000, from.to_string())
    }

    #[test]
    fn a_local_time_is_one_moment() {
        let at = |zone: &str, local: &str| {
            let moment = zone.parse::<Zone>().unwrap().moment(local)?;
            Some(jiff::Timestamp::from_millisecond(moment.millis()).unwrap().to_string())
        };
        assert_eq!(at("UTC", "2026-11-23T09:00").as_deref(), Some("2026-11-23T09:00:00Z"));
        assert_eq!(at("Europe/Berlin", " 2026-11-23 09:00:30 ").as_deref(), Some("2026-11-23T08:00:30Z"));
        // The clocks show half past two twice that night.
        assert_eq!(at("Europe/Berlin", "2026-10-25T02:30").as_deref(), Some("2026-10-25T00:30:00Z"));
        for local in ["", "yesterday", "2026-13-01T00:00", "99999-01-01T00:00"] {
            assert_eq!(at("UTC", local), None, "{local}");
        }
    }

    #[test]
    fn a_day_is_as_long_as_its_clocks_say() {
        for (zone, date, minutes, from) in [
            ("UTC", "2026-03-29", 1_440, "2026-03-29T00:00:00Z"),
            ("Europe/Berlin", "2026-03-29", 1_380, "2026-03-28T23:00:00Z"),
            ("Europe/Berlin", "2026-10-25", 1_500, "2026-10-24T22:00:00Z"),
            ("Europe/Berlin", "2026-10-26", 1_440, "2026-10-25T23:00:00Z"),
            ("America/New_York", "2026-03-08", 1_380, "2026-03-08T05:00:00Z"),
            ("America/New_York", "2026-11-01", 1_500, "2026-11-01T04:00:00Z"),
            ("Asia/Kathmandu", "2026-06-01", 1_440, "2026-05-31T18:15:00Z"),
            // Half an hour forward in October, half an hour back in April.
            ("Australia/Lord_Howe", "2026-10-04", 1_410, "2026-10-03T13:30:00Z"),
            ("Australia/Lord_Howe", "2026-04-05", 1_470, "2026-04-04T13:00:00Z"),
            // Clocks jump over midnight: the day begins at one.
            ("Africa/Cairo", "2026-04-24", 1_380, "2026-04-23T22:00:00Z"),
            // Midnight comes twice: the day begins with the first.
            ("America/Havana", "2026-11-01", 1_500, "2026-11-01T04:00:00Z"),
            // A day that never was.
            ("Pacific/Apia", "2011-12-30", 0, "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(day(zone, date), (minutes, from.to_owned()), "{zone} {date}");
        }
    }

    #[test]
    fn days_meet_without_a_gap_and_end_with_today() {
        for zone in
            ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]
        {
            let zone: Zone = zone.parse().unwrap();
            let now = moment("2026-11-23T18:20:00Z");
            let days = zone.days(now, 366);
            assert_eq!(days.len(), 366);
            for pair in days.windows(2) {
                assert_eq!(pair[0].to, pair[1].from, "{} {}", zone.name(), pair[0].name);
            }
            let today = days.last().unwrap();
            assert!(today.from <= now && now < today.to, "{}", zone.name());
            let quarter = |at: Timestamp| at.millis() % 900_000 == 0;
            assert!(days.iter().all(|day| quarter(day.from)), "a roll-up slot belongs to one day");
        }
        let kathmandu: Zone = "Asia/Kathmandu".parse().unwrap();
        assert_eq!(kathmandu.days(moment("2026-11-23T18:20:00Z"), 1)[0].name, "2026-11-24");
    }

    #[test]
    fn only_names_of_places_are_zones() {
        for name in [
            "",
            "Mars/Olympus",
            "../../etc/passwd",
            "Europe/Berlin ",
            "+02:00",
            "EST5EDT,M3.2.0,M11.1.0",
            "Etc/Unknown",
            "\0",
        ] {
            assert_eq!(name.parse::<Zone>(), Err(UnknownZone), "{name:?}");
        }
        assert_eq!("europe/berlin".parse::<Zone>().unwrap().name(), "Europe/Berlin");
        assert_eq!("UTC".parse::<Zone>().unwrap().name(), "UTC");
    }

    #[test]
    fn zones_come_with_the_program_where_a_machine_has_none() {
        assert!(jiff::tz::TimeZoneDatabase::bundled().get("Australia/Lord_Howe").is_ok());
    }
}
