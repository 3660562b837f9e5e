//! Usage by day, operation and key, in the reader's time zone: as a chart and as the tables behind it.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Choice, Downloads, EmptyState, Frame, UsageChart, UsageTable};
use crate::app::format::{grouped, query_value};
use crate::app::functions::overview::get_usage;
use crate::app::islands::ZoneChoice;
use crate::app::pages::{load, query};
use crate::app::views::{DayView, KeyUsageView, UsageFilterView, UsageView};

#[component]
pub fn UsagePage() -> impl IntoView {
    let (days, zone, operation, key) = (query("days"), query("zone"), query("operation"), query("key"));
    let data = Resource::new_blocking(
        move || (days.get().parse::<i64>().unwrap_or(30), zone.get(), operation.get(), key.get()),
        |(days, zone, operation, key)| get_usage(days, zone, operation, key),
    );
    load(data, |view| view! { <Usage view/> }.into_any())
}

#[component]
fn Usage(view: UsageView) -> impl IntoView {
    let UsageView { frame, filter, average, usage, by_key } = view;
    let days = filter.days;
    let heading = format!("Last {days} days, {}", filter.zone.replace('_', " "));
    let download = address("", &filter, days);
    let body = if usage.operations.is_empty() {
        view! { <section class="card"><Nothing is_filtered=is_filtered(&filter)/></section> }.into_any()
    } else {
        let (operations, count, total) = (usage.operations.clone(), usage.total_count, usage.total_credits);
        let by_day = usage.days.clone();
        view! {
            <section class="card">
                <div class="card-head"><h2>{heading}</h2><span class="faint">{average}</span></div>
                <div class="usage">
                    <UsageChart usage/>
                    <UsageTable operations total_count=count total_credits=total/>
                </div>
            </section>
            <section class="card">
                <div class="card-head"><h2>"By API key"</h2></div>
                <KeyTable rows=by_key/>
            </section>
            <section class="card">
                <div class="card-head"><h2>"By day and operation"</h2><Downloads what="usage" query=download/></div>
                <DayTable days=by_day/>
            </section>
        }
        .into_any()
    };
    view! {
        <Title text=format!("Usage · last {days} days")/>
        <Frame frame title="Usage" current="/usage">
            <nav class="choice" aria-label="Period"><Periods filter=filter.clone()/></nav>
            <Filters filter/>
            {body}
        </Frame>
    }
}

#[component]
fn Nothing(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        view! {
            <EmptyState title="Nothing spent in this period" text="Nothing fits these filters. Choose a longer period, all operations or all keys."
                href="/usage" action="Show everything"/>
        }
    } else {
        view! {
            <EmptyState title="Nothing spent in this period" text="What you spend appears here by day and operation, as soon as it is spent."
                href="/judge" action="Verify a program"/>
        }
    }
}

fn is_filtered(filter: &UsageFilterView) -> bool {
    !filter.operation.is_empty() || !filter.key.is_empty()
}

/// The address of this page, or of the table to download: the zone as it is, and what else differs from the usual.
fn address(path: &str, filter: &UsageFilterView, days: i64) -> String {
    let mut text = format!("{path}?days={days}");
    for (name, value, usual) in
        [("zone", &filter.zone, ""), ("operation", &filter.operation, ""), ("key", &filter.key, "")]
    {
        if value != usual {
            text.push_str(&format!("&{name}={}", query_value(value)));
        }
    }
    text
}

#[component]
fn Periods(filter: UsageFilterView) -> impl IntoView {
    [7_i64, 30, 90, 365]
        .into_iter()
        .map(|period| {
            view! {
                <a href=address("/usage", &filter, period) aria-current=(period == filter.days).then_some("true")>
                    {format!("{period} days")}
                </a>
            }
        })
        .collect_view()
}

/// A plain form: what it asks for stands in the address.
#[component]
fn Filters(filter: UsageFilterView) -> impl IntoView {
    view! {
        <form class="card" method="get" action="/usage" aria-label="Filters">
            <input type="hidden" name="days" value=filter.days.to_string()/>
            <div class="fields-row">
                <ZoneChoice zones=filter.zones chosen=filter.zone/>
                <Choice name="operation" label="Operation" choices=filter.operations chosen=filter.operation/>
                <Choice name="key" label="API key" choices=filter.keys chosen=filter.key/>
                <button class="button" type="submit">"Show"</button>
            </div>
        </form>
    }
}

/// What each key spent, most first.
#[component]
fn KeyTable(rows: Vec<KeyUsageView>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td class="long-name">{row.name}</td>
                    <td class="right soft">{grouped(row.charges)}</td>
                    <td class="right strong">{grouped(row.credits)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="usage-by-key">
                <thead>
                    <tr>
                        <th scope="col">"Key"</th>
                        <th scope="col" class="right">"Charges"</th>
                        <th scope="col" class="right">"Credits"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_zone_and_what_differs_from_the_usual() {
        let mut filter = UsageFilterView {
            days: 30,
            zone: "UTC".into(),
            operation: String::new(),
            key: String::new(),
            zones: Vec::new(),
            operations: Vec::new(),
            keys: Vec::new(),
        };
        assert_eq!(address("/usage", &filter, 90), "/usage?days=90&zone=UTC");
        filter.zone = "America/New_York".into();
        filter.key = "none".into();
        assert_eq!(address("", &filter, 7), "?days=7&zone=America/New_York&key=none");
    }
}
