//! Usage by day and operation, as a chart and as the table behind it.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{EmptyState, Frame, UsageChart, UsageTable};
use crate::app::format::grouped;
use crate::app::functions::overview::get_usage;
use crate::app::pages::{load, query};
use crate::app::views::{DayView, UsageView};

#[component]
pub fn UsagePage() -> impl IntoView {
    let days = query("days");
    let data = Resource::new_blocking(move || days.get().parse::<i64>().unwrap_or(30), get_usage);
    load(data, |view| view! { <Usage view/> }.into_any())
}

#[component]
fn Usage(view: UsageView) -> impl IntoView {
    let UsageView { frame, days, average, usage } = view;
    let body = if usage.operations.is_empty() {
        view! {
            <section class="card">
                <EmptyState title="Nothing spent in this period" text="What you spend appears here by day and operation, as soon as it is spent."
                    href="/judge" action="Verify a program"/>
            </section>
        }
        .into_any()
    } else {
        let (operations, count, total) = (usage.operations.clone(), usage.total_count, usage.total_credits);
        let by_day = usage.days.clone();
        view! {
            <section class="card">
                <div class="card-head"><h2>{format!("Last {days} days, UTC")}</h2><span class="faint">{average}</span></div>
                <div class="usage">
                    <UsageChart usage/>
                    <UsageTable operations total_count=count total_credits=total/>
                </div>
            </section>
            <section class="card">
                <div class="card-head"><h2>"By day and operation"</h2></div>
                <DayTable days=by_day/>
            </section>
        }
        .into_any()
    };
    view! {
        <Title text=format!("Usage · last {days} days")/>
        <Frame frame title="Usage" current="/usage">
            <nav class="choice" aria-label="Period"><Periods days/></nav>
            {body}
        </Frame>
    }
}

#[component]
fn Periods(days: i64) -> impl IntoView {
    [7_i64, 30, 90]
        .into_iter()
        .map(|period| {
            view! {
                <a href=format!("/usage?days={period}") aria-current=(period == days).then_some("true")>
                    {format!("{period} days")}
                </a>
            }
        })
        .collect_view()
}

/// The days with something spent, newest first.
#[component]
fn DayTable(days: Vec<DayView>) -> impl IntoView {
    let rows = days
        .into_iter()
        .rev()
        .flat_map(|day| day.parts.into_iter().map(move |part| (day.label.clone(), part)))
        .map(|(label, part)| {
            let swatch = format!("swatch series-{}", part.series);
            view! {
                <tr>
                    <td class="when">{label}</td>
                    <td class="name"><span class=swatch aria-hidden="true"></span>{part.title}</td>
                    <td class="right soft">{grouped(part.count)}</td>
                    <td class="right strong">{grouped(part.credits)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="usage-by-day">
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        <th scope="col">"Operation"</th>
                        <th scope="col" class="right">"Count"</th>
                        <th scope="col" class="right">"Credits"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
