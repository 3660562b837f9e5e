//! How far observations lie from a law: a line over the one on which it holds, marks where it does not, and the table.

use leptos::prelude::*;

use crate::app::format::grouped;
use crate::app::views::DriftChartView;

const WIDTH: i64 = 600;
const HEIGHT: i64 = 140;
const EDGE: i64 = 8;

/// A figure with the same numbers in a table.
#[component]
pub fn DriftChart(chart: DriftChartView) -> impl IntoView {
    let DriftChartView { sentence, zero, points } = chart;
    let count = i64::try_from(points.len()).unwrap_or(1).max(2);
    let across = move |index: usize| EDGE + i64::try_from(index).unwrap_or(0) * (WIDTH - 2 * EDGE) / (count - 1);
    let up = |height: i64| HEIGHT - EDGE - height * (HEIGHT - 2 * EDGE) / 100;
    let line: String =
        points.iter().enumerate().map(|(index, point)| format!("{},{} ", across(index), up(point.height))).collect();
    let marks = points
        .iter()
        .enumerate()
        .filter(|(_, point)| point.is_broken)
        .map(|(index, point)| {
            let (x, y) = (across(index) - 4, up(point.height) - 4);
            let title = format!("Row {}: {}", grouped(point.row), point.difference);
            view! {
                <rect class="mark-bad" x=x.to_string() y=y.to_string() width="8" height="8"><title>{title}</title></rect>
            }
        })
        .collect_view();
    let rows = points
        .iter()
        .map(|point| {
            let word = if point.is_broken { "does not hold" } else { "holds" };
            view! {
                <tr>
                    <td class="num">{grouped(point.row)}</td>
                    <td>{word}</td>
                    <td class="right num">{point.difference.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    let zero = up(zero).to_string();
    view! {
        <figure class="metric-chart" data-testid="drift-chart">
            <figcaption class="soft">{sentence.clone()}</figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=sentence>
                <line class="law-line" x1="0" x2=WIDTH.to_string() y1=zero.clone() y2=zero></line>
                <polyline class="metric-line" points=line></polyline>
                {marks}
            </svg>
            <details class="more">
                <summary>"The same as a table"</summary>
                <div class="table-wrap"><table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Row"</th>
                            <th scope="col">"The law"</th>
                            <th scope="col" class="right">"Left less right"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </details>
        </figure>
    }
}
