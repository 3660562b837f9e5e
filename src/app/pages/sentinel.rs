//! Monitors: what runs, and the form that starts one with its price on the button.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{EmptyState, Frame, MonitorChip, WorkRefused};
use crate::app::format::grouped;
use crate::app::functions::sentinel::get_sentinel;
use crate::app::islands::StartForm;
use crate::app::pages::{load, query};
use crate::app::views::{MonitorRowView, SentinelView};

#[component]
pub fn SentinelPage() -> impl IntoView {
    let (draft, error) = (query("draft"), query("error"));
    let data = Resource::new_blocking(move || draft.get(), get_sentinel);
    load(data, move |view| view! { <Page view error=error.get()/> }.into_any())
}

#[component]
fn Page(view: SentinelView, error: String) -> impl IntoView {
    let frame = view.frame.clone();
    let problems = view.problems.clone();
    let monitors = view.monitors.clone();
    view! {
        <Title text="Sentinel · Aethel"/>
        <Frame frame title="Sentinel" current="/sentinel">
            <WorkRefused error problems/>
            <div class="bench">
                <StartForm form=view.form/>
                <section class="card bench-side">
                    <div class="card-head"><h2>"Monitors"</h2></div>
                    <Monitors monitors/>
                </section>
            </div>
        </Frame>
    }
}

#[component]
fn Monitors(monitors: Vec<MonitorRowView>) -> impl IntoView {
    if monitors.is_empty() {
        return view! {
            <EmptyState title="No monitor yet" text="Start one, then send it observations from your program or by hand." href="/sentinel" action="Start with the example"/>
        }
        .into_any();
    }
    let rows = monitors
        .into_iter()
        .map(|one| {
            view! {
                <tr>
                    <td class="detail"><a href=format!("/sentinel/{}", one.id)>{one.name}</a></td>
                    <td><MonitorChip state=one.state mode=one.mode/></td>
                    <td class="right num">{grouped(one.hours_held)}</td>
                    <td class="right num fold">{grouped(one.observations)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="table" data-testid="monitors">
            <thead>
                <tr>
                    <th scope="col">"Monitor"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="right">"Hours left"</th>
                    <th scope="col" class="right fold">"Observations"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}
