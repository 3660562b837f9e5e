//! The forecast in sentences: when the credits run out, and what expires unused.

use super::dates::day;
use super::usage::decimal;
use crate::app::format::{credits, grouped};
use crate::app::views::{ForecastView, PointView};
use crate::billing::AccountForecast;
use crate::ledger::Timestamp;

/// Points of the line: more than these nobody tells apart on a phone.
const POINTS_MOST: usize = 30;
/// Days that are drawn when the credits do not run out.
const DAYS_DRAWN: usize = 90;
/// Losses that are told one by one.
const LOSSES_TOLD: usize = 3;
const DAY_MILLIS: i64 = 86_400_000;

/// What the overview says about the days to come.
pub fn forecast_view(told: &AccountForecast) -> ForecastView {
    let points = points(told);
    ForecastView {
        headline: headline(told),
        pace: pace(told),
        losses: losses(told),
        next_expiry: told
            .next_expiry
            .map_or_else(String::new, |(amount, at)| format!("{} on {}", credits(amount.get()), day(at, told.at))),
        sentence: sentence(&points),
        points,
    }
}

fn headline(told: &AccountForecast) -> String {
    if !told.forecast.available.is_positive() {
        return "No credits left".into();
    }
    match told.forecast.runs_out_at {
        Some(at) if told.daily_hundredths == 0 => format!("All of it expires by {}", day(at, told.at)),
        Some(at) if day(at, told.at) == day(told.at, told.at) => "Runs out today".into(),
        Some(at) => format!("Runs out on {}", day(at, told.at)),
        None if told.daily_hundredths == 0 => "Nothing is being spent".into(),
        None => "Lasts more than two years".into(),
    }
}

fn pace(told: &AccountForecast) -> String {
    if told.daily_hundredths == 0 {
        return "No credit was spent in the last 7 full days.".into();
    }
    let pace = format!("{} credits a day, the average of the last 7 full days", decimal(told.daily_hundredths));
    match told.forecast.runs_out_at.map(|at| at.millis().saturating_sub(told.at.millis()) / DAY_MILLIS) {
        None => format!("At {pace}."),
        Some(0) => format!("Less than a day at {pace}."),
        Some(1) => format!("About 1 day at {pace}."),
        Some(days) => format!("About {} days at {pace}.", grouped(days)),
    }
}

fn losses(told: &AccountForecast) -> Vec<String> {
    let lost = &told.forecast.lost;
    let tell = |amount: i64| if amount == 1 { "expires" } else { "expire" };
    let mut lines: Vec<String> = lost
        .iter()
        .take(LOSSES_TOLD)
        .map(|loss| {
            let amount = loss.credits.get();
            format!("{} {} unused on {}.", credits(amount), tell(amount), day(loss.at, told.at))
        })
        .collect();
    let rest = lost.iter().skip(LOSSES_TOLD).fold(0_i64, |sum, loss| sum.saturating_add(loss.credits.get()));
    if rest > 0 {
        lines.push(format!("{} more {} unused later.", credits(rest), tell(rest)));
    }
    lines
}

/// The days that are drawn: up to the one on which nothing is left, or a season of those that never end.
fn points(told: &AccountForecast) -> Vec<PointView> {
    let days = &told.forecast.left_by_day;
    let drawn = if told.forecast.runs_out_at.is_some() { days.len() } else { days.len().min(DAYS_DRAWN + 1) };
    let step = drawn.saturating_sub(1).div_ceil(POINTS_MOST).max(1);
    let last = drawn.saturating_sub(1);
    let point = |(place, left): (usize, &crate::ledger::Credits)| PointView {
        label: day(moment(told.at, place), told.at),
        left: left.get(),
    };
    let shown = |(place, _): &(usize, _)| place.is_multiple_of(step) || *place == last;
    days.iter().take(drawn).enumerate().filter(shown).map(point).collect()
}

fn moment(start: Timestamp, days: usize) -> Timestamp {
    start.plus_days(i64::try_from(days).unwrap_or(i64::MAX))
}

/// `100 credits now, 0 on 14 Dec`.
fn sentence(points: &[PointView]) -> String {
    match points {
        [first, .., last] => format!("{} now, {} on {}", credits(first.left), grouped(last.left), last.label),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Credits, Forecast, GrantId, Loss};

    /// 2026-11-23.
    const NOW: Timestamp = Timestamp::from_millis(1_795_437_665_123);

    fn told(available: i64, daily_hundredths: i64, days: Option<i64>, lost: &[(i64, i64)]) -> AccountForecast {
        let amount = |amount| Credits::new(amount).unwrap();
        let grant = GrantId::from_ulid(ulid::Ulid::nil());
        let loss = |(credits, days): &(i64, i64)| Loss { grant, credits: amount(*credits), at: NOW.plus_days(*days) };
        let length = days.map_or(731, |days| days + 1);
        let forecast = Forecast {
            available: amount(available),
            spent: Credits::ZERO,
            left: amount(available),
            runs_out_at: days.map(|days| NOW.plus_days(days)),
            lost: lost.iter().map(loss).collect(),
            left_by_day: (0..length).map(|day| amount((available - day).max(0))).collect(),
        };
        AccountForecast { at: NOW, spent_week: 0, daily_hundredths, next_expiry: None, forecast }
    }

    #[test]
    fn how_long_credits_last_is_said_by_the_day() {
        for (available, pace, days, headline, line) in [
            (0, 500, None, "No credits left", "At 5.00 credits a day, the average of the last 7 full days."),
            (100, 0, None, "Nothing is being spent", "No credit was spent in the last 7 full days."),
            (100, 0, Some(9), "All of it expires by 2 Dec", "No credit was spent in the last 7 full days."),
            (
                100,
                476,
                Some(21),
                "Runs out on 14 Dec",
                "About 21 days at 4.76 credits a day, the average of the last 7 full days.",
            ),
            (
                100,
                9_000,
                Some(1),
                "Runs out on 24 Nov",
                "About 1 day at 90.00 credits a day, the average of the last 7 full days.",
            ),
            (
                100,
                99_000,
                Some(0),
                "Runs out today",
                "Less than a day at 990.00 credits a day, the average of the last 7 full days.",
            ),
            (
                100,
                25,
                Some(400),
                "Runs out on 28 Dec 2027",
                "About 400 days at 0.25 credits a day, the average of the last 7 full days.",
            ),
            (100, 1, None, "Lasts more than two years", "At 0.01 credits a day, the average of the last 7 full days."),
        ] {
            let view = forecast_view(&told(available, pace, days, &[]));
            assert_eq!((view.headline.as_str(), view.pace.as_str()), (headline, line));
        }
    }

    #[test]
    fn what_expires_unused_is_told_with_its_day() {
        let view = forecast_view(&told(900, 100, None, &[(320, 9), (1, 10), (2, 11), (3, 12), (4, 13)]));
        assert_eq!(
            view.losses,
            [
                "320 credits expire unused on 2 Dec.",
                "1 credit expires unused on 3 Dec.",
                "2 credits expire unused on 4 Dec.",
                "7 credits more expire unused later.",
            ]
        );
    }

    #[test]
    fn the_line_has_few_points_and_both_ends() {
        for (days, length) in [(Some(5), 6), (Some(30), 31), (Some(400), 30), (None, 31)] {
            let view = forecast_view(&told(500, 100, days, &[]));
            assert_eq!(view.points.len(), length, "{days:?}");
            assert_eq!(view.points[0].left, 500);
            let last = days.unwrap_or(90);
            assert_eq!(view.points.last().map(|point| point.label.clone()), Some(day(NOW.plus_days(last), NOW)));
        }
        assert_eq!(forecast_view(&told(5, 100, Some(2), &[])).sentence, "5 credits now, 3 on 25 Nov");
        assert_eq!(forecast_view(&told(0, 0, Some(0), &[])).points.len(), 1);
    }
}
