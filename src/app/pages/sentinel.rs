//! Monitors: what runs, and the form that starts one with its price on the button.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{EmptyState, Frame, MonitorChip, PendingButton, WorkRefused, WorkText};
use crate::app::format::{credits, grouped};
use crate::app::functions::sentinel::{StartMonitor, get_sentinel};
use crate::app::pages::{load, query};
use crate::app::views::{MonitorRowView, SentinelView};

#[component]
pub fn SentinelPage() -> impl IntoView {
    let (draft, error) = (query("draft"), query("error"));
    let data = Resource::new_blocking(move || draft.get(), get_sentinel);
    let action = ServerAction::<StartMonitor>::new();
    load(data, move |view| view! { <Page view action error=error.get()/> }.into_any())
}

#[component]
fn Page(view: SentinelView, action: ServerAction<StartMonitor>, error: String) -> impl IntoView {
    let frame = view.frame.clone();
    let problems = view.problems.clone();
    let monitors = view.monitors.clone();
    view! {
        <Title text="Sentinel · Aethel"/>
        <Frame frame title="Sentinel" current="/sentinel">
            <WorkRefused error problems/>
            <div class="bench">
                <Start view action/>
                <section class="card bench-side">
                    <div class="card-head"><h2>"Monitors"</h2></div>
                    <Monitors monitors/>
                </section>
            </div>
        </Frame>
    }
}

#[component]
fn Start(view: SentinelView, action: ServerAction<StartMonitor>) -> impl IntoView {
    let SentinelView { frame, price, name, laws, metrics, hours, keep_going, request, .. } = view;
    // The price follows what is typed; without scripts it is that of the hours the page came with.
    let typed = RwSignal::new(hours.clone());
    let label = move || {
        let hours = typed.get().trim().replace(',', "").parse::<i64>().unwrap_or(0);
        match hours.checked_mul(price) {
            Some(cost) if hours > 0 => format!("Start for {} hours · {}", grouped(hours), credits(cost)),
            _ => format!("Start · {} an hour", credits(price)),
        }
    };
    view! {
        <ActionForm action attr:class="panel">
            <div class="panel-head"><h2>"Start a monitor"</h2></div>
            <div class="panel-body stack">
                <div class="field">
                    <label for="name">"Name"</label>
                    <input class="input" id="name" name="name" maxlength="100" required autocomplete="off" value=name/>
                </div>
                <WorkText name="laws" label="Laws" rows="4" value=laws hint="Formulas that every observation must keep, one a line."/>
                <WorkText name="metrics" label="Metrics" rows="2" value=metrics hint="Values that are told when they are far from what is usual, one name a line."/>
                <div class="fields-row">
                    <div class="field">
                        <label for="hours">"Hours"</label>
                        <input class="input" id="hours" name="hours" inputmode="numeric" required autocomplete="off" maxlength="5" value=hours
                            aria-describedby="hours-note" on:input=move |event| typed.set(event_target_value(&event))/>
                        <p class="hint" id="hours-note">"1 to 744. Held now, paid as each has passed; stopping gives the rest back."</p>
                    </div>
                    <div class="field">
                        <label for="keep_going">"After that"</label>
                        <select class="select" id="keep_going" name="keep_going">
                            <option value="no" selected=!keep_going>"End"</option>
                            <option value="yes" selected=keep_going>"Keep going while credits last"</option>
                        </select>
                    </div>
                </div>
            </div>
            <input type="hidden" name="request" value=request/>
            <div class="panel-foot">
                <span class="faint">"An hour in which we were down is free."</span>
                {frame.may.spend.then(|| view! { <PendingButton pending=action.pending() label=Signal::derive(label)/> })}
            </div>
        </ActionForm>
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
