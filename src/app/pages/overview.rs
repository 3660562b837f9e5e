//! How much, how long, on what; then the latest entries.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{BurnDown, EmptyState, EntryTable, Frame, Notice, Owed, Tone, UsageChart, UsageTable};
use crate::app::functions::overview::get_overview;
use crate::app::islands::{LiveBalance, balance_title};
use crate::app::pages::{load, query};
use crate::app::views::{EntryView, ForecastView, OverviewView, UsageFigures};

#[component]
pub fn OverviewPage() -> impl IntoView {
    let welcome = query("welcome");
    let data = Resource::new_blocking(|| (), |()| get_overview());
    load(data, move |view| view! { <Overview view welcome=welcome.get()/> }.into_any())
}

#[component]
fn Overview(view: OverviewView, welcome: String) -> impl IntoView {
    let (available, held) = (view.frame.available, view.held);
    view! {
        <Title text=balance_title(available)/>
        <Frame frame=view.frame title="Overview" current="/dashboard">
            <Owed owed=view.owed/>
            {(!welcome.is_empty()).then(|| view! {
                <Notice tone=Tone::Good><p>"Your address is confirmed and your account is open."</p></Notice>
            })}
            <div class="grid grid-wide-left">
                <section class="card stack">
                    <h2>"Available"</h2>
                    <LiveBalance available held/>
                    <p class="row"><a class="button button-main" href="/buy">"Buy credits"</a></p>
                </section>
                <Lasting forecast=view.forecast/>
            </div>
            <Usage usage=view.usage zone=view.zone/>
            <Latest entries=view.entries/>
        </Frame>
    }
}

/// When the credits run out, what expires unused, and the line that leads there.
#[component]
fn Lasting(forecast: ForecastView) -> impl IntoView {
    let ForecastView { headline, pace, losses, next_expiry, sentence, points } = forecast;
    let losses = losses.into_iter().map(|loss| view! { <p><b>{loss}</b></p> }).collect_view();
    view! {
        <section class="card stack" data-testid="forecast" data-fresh="forecast">
            <h2>"How long it lasts"</h2>
            <p class="figure">{headline}</p>
            <p class="soft">{pace}</p>
            {losses}
            <BurnDown points sentence/>
            {(!next_expiry.is_empty()).then(|| view! { <p class="soft">"Next to expire, if not spent before: "<b class="num">{next_expiry}</b></p> })}
        </section>
    }
}

#[component]
fn Usage(usage: UsageFigures, zone: String) -> impl IntoView {
    let body = if usage.operations.is_empty() {
        view! {
            <EmptyState title="Nothing spent yet" text="Verify a first program: it costs one credit, and nothing when there is no verdict."
                href="/judge" action="Verify a program"/>
        }
        .into_any()
    } else {
        let (operations, count, total) = (usage.operations.clone(), usage.total_count, usage.total_credits);
        view! {
            <div class="usage">
                <UsageChart usage/>
                <UsageTable operations total_count=count total_credits=total/>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card" data-fresh="usage">
            <div class="card-head"><h2>"Usage, last 30 days"</h2><a href="/usage">"See all usage"</a></div>
            <p class="faint" data-testid="overview-zone">"Days from midnight to midnight, "{zone}", as "<a href="/settings">"the settings"</a>" say."</p>
            {body}
        </section>
    }
}

#[component]
fn Latest(entries: Vec<EntryView>) -> impl IntoView {
    let body = if entries.is_empty() {
        view! {
            <EmptyState title="No entries yet" text="Every credit that comes or goes is written here, and nothing is ever rewritten."
                href="/buy" action="Buy credits"/>
        }
        .into_any()
    } else {
        view! { <EntryTable entries/> }.into_any()
    };
    view! {
        <section class="card" data-fresh="entries">
            <div class="card-head"><h2>"Latest entries"</h2><a href="/ledger">"Open the ledger"</a></div>
            {body}
        </section>
    }
}
