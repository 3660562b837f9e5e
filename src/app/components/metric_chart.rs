//! The last values of a metric as a line, and the anomalous ones as marks of another shape.

use leptos::prelude::*;

use crate::app::views::MetricChartView;

const WIDTH: i64 = 600;
const HEIGHT: i64 = 120;
const EDGE: i64 = 8;

/// A figure with its ends written beside it; the table of observations has the numbers.
#[component]
pub fn MetricChart(chart: MetricChartView) -> impl IntoView {
    let count = i64::try_from(chart.points.len()).unwrap_or(1).max(2);
    let at = |index: usize, height: i64| {
        let index = i64::try_from(index).unwrap_or(0);
        (EDGE + index * (WIDTH - 2 * EDGE) / (count - 1), HEIGHT - EDGE - height * (HEIGHT - 2 * EDGE) / 100)
    };
    let line: String = chart
        .points
        .iter()
        .enumerate()
        .map(|(index, (height, _))| {
            let (x, y) = at(index, *height);
            format!("{x},{y} ")
        })
        .collect();
    let marks = chart
        .points
        .iter()
        .enumerate()
        .filter(|(_, (_, bad))| *bad)
        .map(|(index, (height, _))| {
            let (x, y) = at(index, *height);
            view! { <rect class="mark-bad" x=(x - 4).to_string() y=(y - 4).to_string() width="8" height="8"></rect> }
        })
        .collect_view();
    view! {
        <figure class="metric-chart" data-testid="metric-chart">
            <figcaption class="row-spread"><span>{chart.name}</span><span class="faint num">{format!("{} to {}", chart.low, chart.high)}</span></figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=chart.label>
                <polyline class="metric-line" points=line></polyline>
                {marks}
            </svg>
        </figure>
    }
}
