//! The burn-down: what is left day by day, as a line drawn in SVG and the table behind it.

use leptos::prelude::*;

use crate::app::format::grouped;
use crate::app::views::PointView;

/// The drawing's own units; it is stretched to the page's width.
const WIDTH: i64 = 300;
const HEIGHT: i64 = 90;

/// What is left over the days to come, in one falling line from zero. Draws nothing when there is no line.
#[component]
pub fn BurnDown(points: Vec<PointView>, sentence: String) -> impl IntoView {
    let (Some(first), Some(last)) = (points.first().cloned(), points.last().cloned()) else { return ().into_any() };
    if points.len() < 2 || first.left == 0 {
        return ().into_any();
    }
    let line = outline(&points);
    let area = format!("M0,{HEIGHT} L{} L{WIDTH},{HEIGHT} Z", line.join(" L"));
    let stroke = format!("M{}", line.join(" L"));
    let base = HEIGHT.to_string();
    view! {
        <figure class="chart chart-small">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=sentence data-testid="burn-down">
                <line class="base-line" x1="0" x2=WIDTH.to_string() y1=base.clone() y2=base></line>
                <path class="area" d=area></path>
                <path class="line" d=stroke></path>
            </svg>
            <div class="chart-y" aria-hidden="true"><span>{grouped(first.left)}</span><span>"0"</span></div>
            <div class="chart-x" aria-hidden="true"><span>{first.label.clone()}</span><span>{last.label}</span></div>
        </figure>
        <details class="more">
            <summary>"Day by day"</summary>
            <PointTable points/>
        </details>
    }
    .into_any()
}

#[component]
fn PointTable(points: Vec<PointView>) -> impl IntoView {
    let rows = points
        .into_iter()
        .map(|point| view! { <tr><td class="when">{point.label}</td><td class="right">{grouped(point.left)}</td></tr> })
        .collect_view();
    view! {
        <table class="table">
            <thead><tr><th scope="col">"Day, UTC"</th><th scope="col" class="right">"Credits left"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The points in the drawing's units, the highest at the top.
fn outline(points: &[PointView]) -> Vec<String> {
    let top = points.iter().map(|point| point.left).max().unwrap_or(0).max(1);
    let last = i64::try_from(points.len()).unwrap_or(1).saturating_sub(1).max(1);
    let place = |(index, point): (i64, &PointView)| {
        let y = i128::from(point.left) * i128::from(HEIGHT) / i128::from(top);
        format!("{},{}", WIDTH * index / last, i128::from(HEIGHT) - y)
    };
    (0..).zip(points).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_falls_from_the_top_to_the_base() {
        let points: Vec<PointView> =
            [100, 50, 0].map(|left| PointView { label: String::new(), left }).into_iter().collect();
        assert_eq!(outline(&points), ["0,0", "150,45", "300,90"]);
        let most = PointView { label: String::new(), left: i64::MAX };
        assert_eq!(outline(&[most.clone(), most]), ["0,0", "300,0"]);
    }
}
