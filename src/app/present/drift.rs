//! What observations say about a law, in words and points.

use super::work::count;
use crate::app::views::{DriftChartView, DriftPointView, DriftView};
use crate::oracle::{Drift, POINTS_MAX, Point, course};

/// The drift of an answer.
pub(super) fn drift(drift: &Drift) -> DriftView {
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let facts = drift.difference.as_ref().map(|found| {
        vec![
            fact("First", &found.first),
            fact("Last", &found.last),
            fact("Least", &found.least),
            fact("Most", &found.most),
            fact("Total", &found.total),
            fact("Trend", &found.trend),
        ]
    });
    let breaks = drift.breaks.iter().map(|one| {
        let row = i64::try_from(one.row).unwrap_or(i64::MAX);
        (row, one.condition.clone(), one.difference.clone().unwrap_or_default())
    });
    DriftView {
        sentence: format!(
            "{} of {} observations keep it, {} do not.",
            count(drift.holding),
            count(drift.rows),
            count(drift.breaking)
        ),
        breaks: breaks.collect(),
        facts: facts.unwrap_or_default(),
        chart: drift.difference.as_ref().and_then(|found| drift_chart(&found.each)),
    }
}

/// The course of the differences; one point is no course.
fn drift_chart(each: &[String]) -> Option<DriftChartView> {
    let found = course(each).filter(|found| found.points.len() > 1)?;
    let broken = found.points.iter().filter(|point| point.is_broken).count();
    let all = match each.len() > POINTS_MAX {
        true => format!(
            "{} observations in {} points, each the farthest of its neighbours",
            count(each.len()),
            count(found.points.len())
        ),
        false => format!("{} observations", count(each.len())),
    };
    let point = |point: Point| DriftPointView {
        row: i64::try_from(point.row).unwrap_or(i64::MAX),
        difference: point.difference,
        height: point.height,
        is_broken: point.is_broken,
    };
    Some(DriftChartView {
        sentence: format!("Left less right of {all}; {} lie beside the line on which the law holds.", count(broken)),
        zero: found.zero,
        points: found.points.into_iter().map(point).collect(),
    })
}
