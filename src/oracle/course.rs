//! The course of a drift, drawn: few enough points for a chart, none of the worst among those left out.

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::language::Decimal;

/// Points that a chart can show apart from one another.
pub const POINTS_MAX: usize = 120;

/// One point of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The observation's place, from one.
    pub row: usize,
    /// Left side less right side, as it is told.
    pub difference: String,
    /// Its height in percent, from below.
    pub height: i64,
    /// Whether the law is broken there.
    pub is_broken: bool,
}

/// The course, and how high the line lies on which the law holds, in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    pub points: Vec<Point>,
    pub zero: i64,
}

/// The course of these differences, oldest first. Of many neighbours the one that lies farthest from zero stands for all,
/// so that no break is lost. None where there is nothing to draw.
#[must_use]
pub fn course(differences: &[String]) -> Option<Course> {
    let values: Vec<BigRational> = differences.iter().map(|text| number(text)).collect::<Option<_>>()?;
    let chunk = values.len().div_ceil(POINTS_MAX).max(1);
    let mut chosen = Vec::new();
    for (index, neighbours) in values.chunks(chunk).enumerate() {
        // The first of equals, as `max_by` gives the last.
        let farthest = neighbours.iter().enumerate().rev().max_by(|a, b| a.1.abs().cmp(&b.1.abs()))?.0;
        chosen.push(index * chunk + farthest);
    }
    let at = |index: &usize| values.get(*index);
    let zero = BigRational::zero();
    let low = chosen.iter().filter_map(at).min()?.min(&zero).clone();
    let high = chosen.iter().filter_map(at).max()?.max(&zero).clone();
    let span = &high - &low;
    let height = |value: &BigRational| match span.is_zero() {
        true => 50,
        false => ((value - &low) * BigRational::from_integer(100.into()) / &span).to_integer().to_i64().unwrap_or(50),
    };
    let point = |index: usize| {
        let (value, difference) = (values.get(index)?, differences.get(index)?.clone());
        Some(Point { row: index + 1, difference, height: height(value), is_broken: !value.is_zero() })
    };
    Some(Course { points: chosen.into_iter().filter_map(point).collect(), zero: height(&zero) })
}

/// A number as the Oracle tells it: a decimal, or a fraction.
fn number(text: &str) -> Option<BigRational> {
    let (whole, part) = text.split_once('/').unwrap_or((text, "1"));
    let number = |text: &str| text.trim().parse::<Decimal>().ok();
    let (whole, part) = (number(whole)?, number(part)?);
    (!part.value().is_zero()).then(|| whole.value() / part.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(differences: &[&str]) -> Option<Course> {
        course(&differences.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_line_of_the_law_is_always_in_the_picture() {
        let heights = |differences: &[&str]| {
            let course = drawn(differences).expect("a course");
            (course.points.iter().map(|point| point.height).collect::<Vec<_>>(), course.zero)
        };
        assert_eq!(heights(&["0", "5", "10"]), (vec![0, 50, 100], 0));
        assert_eq!(heights(&["-10", "-5"]), (vec![0, 50], 100));
        assert_eq!(heights(&["1/3", "-1/3"]), (vec![100, 0], 50));
        assert_eq!(heights(&["0", "0"]), (vec![50, 50], 50));
    }

    #[test]
    fn one_break_among_ten_thousand_is_drawn() {
        let mut differences = vec!["0".to_owned(); 10_000];
        differences[7_777] = "-0.5".to_owned();
        let course = course(&differences).expect("a course");
        assert!(course.points.len() <= POINTS_MAX);
        let broken: Vec<&Point> = course.points.iter().filter(|point| point.is_broken).collect();
        assert_eq!(broken.iter().map(|point| (point.row, point.height)).collect::<Vec<_>>(), [(7_778, 0)]);
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        assert_eq!(drawn(&[]), None);
        assert_eq!(drawn(&["1", "much"]), None);
        assert_eq!(drawn(&["1/0"]), None);
    }
}
