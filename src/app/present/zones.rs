//! The time zones that the usage page offers.

use crate::app::views::ChoiceView;
use crate::billing::Zone;

/// One or two places for every hour that many people live by, west to east. The browser adds its own, and the
/// address takes any.
const COMMON: &[&str] = &[
    "UTC",
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "Africa/Lagos",
    "Africa/Cairo",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
];

/// The common zones, and the chosen one before them where it is none of these.
pub fn zone_choices(chosen: &Zone) -> Vec<ChoiceView> {
    let choice = |name: &str| ChoiceView { value: name.to_owned(), title: name.replace('_', " ") };
    let uncommon = Some(chosen.name()).filter(|name| !COMMON.contains(name));
    uncommon.into_iter().chain(COMMON.iter().copied()).map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_that_is_offered_is_known_by_that_name() {
        for name in COMMON {
            assert_eq!(name.parse::<Zone>().map(|zone| zone.name().to_owned()), Ok((*name).to_owned()));
        }
    }

    #[test]
    fn the_chosen_zone_is_among_the_choices_once() {
        for name in ["UTC", "Australia/Lord_Howe"] {
            let choices = zone_choices(&name.parse().unwrap());
            assert_eq!(choices.iter().filter(|choice| choice.value == name).count(), 1, "{name}");
        }
    }
}
