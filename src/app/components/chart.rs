//! The usage chart: bars from zero, drawn as SVG wherever the page is rendered, and the table that belongs to it.

use leptos::prelude::*;

use crate::app::format::grouped;
use crate::app::views::{DayView, OperationView, UsageFigures};

/// The drawing's own units; it is stretched to the page's width.
const HEIGHT: i64 = 150;
const SLOT: i64 = 20;
const BAR: i64 = 15;
/// The grid has three lines above the base.
const STEPS: i64 = 3;

/// Stacked bars per day. The same figures stand in [`UsageTable`].
#[component]
pub fn UsageChart(usage: UsageFigures) -> impl IntoView {
    let step = grid_step(usage.days.iter().map(height).max().unwrap_or(0));
    let top = step.saturating_mul(STEPS);
    let width = i64::try_from(usage.days.len()).unwrap_or(0).saturating_mul(SLOT).max(SLOT);
    let bars = usage.days.iter().enumerate().map(|(index, day)| bar(index, day, top)).collect_view();
    let grid = (0..=STEPS)
        .map(|line| {
            let y = HEIGHT - HEIGHT * line / STEPS;
            let class = if line == 0 { "base-line" } else { "grid-line" };
            view! { <line class=class x1="0" x2=width.to_string() y1=y.to_string() y2=y.to_string()></line> }
        })
        .collect_view();
    let heights =
        (0..=STEPS).rev().map(|line| view! { <span>{grouped(step.saturating_mul(line))}</span> }).collect_view();
    let labels = axis_labels(&usage.days).into_iter().map(|label| view! { <span>{label}</span> }).collect_view();
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=usage.sentence.clone()>
                {grid}
                {bars}
            </svg>
            <div class="chart-y" aria-hidden="true">{heights}</div>
            <div class="chart-x" aria-hidden="true">{labels}</div>
        </figure>
    }
}

/// What a day's bar stands for. Where more was refunded than spent there is no bar; the table has the minus sign.
fn height(day: &DayView) -> i64 {
    day.parts.iter().fold(0, |sum, part| sum.saturating_add(part.credits.max(0)))
}

/// One day: its parts on top of each other, or a tick where nothing was spent.
fn bar(index: usize, day: &DayView, top: i64) -> AnyView {
    let x = i64::try_from(index).unwrap_or(0).saturating_mul(SLOT) + (SLOT - BAR) / 2;
    let title = format!("{}: {} credits", day.label, grouped(day.credits));
    if height(day) == 0 {
        return view! {
            <g>
                <title>{title}</title>
                <rect class="tick" x=x.to_string() y=(HEIGHT - 2).to_string() width=BAR.to_string() height="2"></rect>
            </g>
        }
        .into_any();
    }
    let mut base = 0_i64;
    let parts = day
        .parts
        .iter()
        .filter(|part| part.credits > 0)
        .map(|part| {
            let low = scaled(base, top);
            base = base.saturating_add(part.credits);
            let high = scaled(base, top);
            let class = format!("series-{}", part.series);
            view! { <rect class=class x=x.to_string() y=(HEIGHT - high).to_string() width=BAR.to_string() height=(high - low).max(1).to_string()></rect> }
        })
        .collect_view();
    view! {
        <g>
            <title>{title}</title>
            {parts}
        </g>
    }
    .into_any()
}

/// Credits in the drawing's units. Drawn in whole units: at this size no eye tells the difference.
fn scaled(credits: i64, top: i64) -> i64 {
    let exact = i128::from(credits) * i128::from(HEIGHT) / i128::from(top.max(1));
    i64::try_from(exact).unwrap_or(HEIGHT).clamp(0, HEIGHT)
}

/// The smallest 1 to 5 times a power of ten that lets the grid hold the highest bar.
fn grid_step(highest: i64) -> i64 {
    let mut power = 1_i64;
    loop {
        for factor in [1, 2, 3, 4, 5] {
            let step = power.saturating_mul(factor);
            if step.saturating_mul(STEPS) >= highest {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Up to five days named under the bars, first and last among them.
fn axis_labels(days: &[DayView]) -> Vec<String> {
    let last = days.len().saturating_sub(1);
    let mut indices: Vec<usize> = (0..5).map(|part| last * part / 4).collect();
    indices.dedup();
    indices.into_iter().filter_map(|index| days.get(index)).map(|day| day.label.clone()).collect()
}

/// Spent by operation, with the total.
#[component]
pub fn UsageTable(operations: Vec<OperationView>, total_count: i64, total_credits: i64) -> impl IntoView {
    let rows = operations
        .into_iter()
        .map(|row| {
            let swatch = format!("swatch series-{}", row.series);
            view! {
                <tr>
                    <td class="name"><span class=swatch aria-hidden="true"></span>{row.title}</td>
                    <td class="right soft">{grouped(row.count)}</td>
                    <td class="right strong">{grouped(row.credits)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table" data-testid="usage-by-operation">
            <thead>
                <tr><th scope="col">"Operation"</th><th scope="col" class="right">"Count"</th><th scope="col" class="right">"Credits"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <td>"Total"</td>
                    <td class="right">{grouped(total_count)}</td>
                    <td class="right" data-testid="usage-total">{grouped(total_credits)}</td>
                </tr>
            </tfoot>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::views::PartView;

    #[test]
    fn the_grid_holds_the_highest_bar_in_round_steps() {
        for (highest, step) in [(0, 1), (3, 1), (4, 2), (15, 5), (16, 10), (671, 300), (10_000, 4_000)] {
            assert_eq!(grid_step(highest), step, "{highest}");
        }
        assert!(grid_step(i64::MAX).saturating_mul(STEPS) == i64::MAX);
    }

    #[test]
    fn bars_begin_at_zero_and_end_at_the_top() {
        assert_eq!(scaled(0, 600), 0);
        assert_eq!(scaled(300, 600), HEIGHT / 2);
        assert_eq!(scaled(600, 600), HEIGHT);
    }

    #[test]
    fn a_day_below_zero_has_no_bar() {
        let part = |credits| PartView { title: String::new(), series: 1, count: credits, credits };
        let day = |parts: &[i64]| DayView {
            label: String::new(),
            credits: 0,
            parts: parts.iter().copied().map(part).collect(),
        };
        assert_eq!(height(&day(&[-5])), 0);
        assert_eq!(height(&day(&[-5, 7, 2])), 9);
    }

    #[test]
    fn the_axis_names_the_first_and_the_last_day() {
        let days: Vec<DayView> =
            (1..=30).map(|day| DayView { label: format!("{day} Nov"), credits: 0, parts: Vec::new() }).collect();
        let labels = axis_labels(&days);
        assert_eq!(labels.len(), 5);
        assert_eq!(labels.first().map(String::as_str), Some("1 Nov"));
        assert_eq!(labels.last().map(String::as_str), Some("30 Nov"));
        assert!(axis_labels(&[]).is_empty());
    }
}
