//! One monitor, live: what changes is looked for every few seconds where scripts are on, and whenever the page is loaded.
//! The forms stay as they are meanwhile, with what is typed in them.

use std::time::Duration;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos_meta::Title;

use crate::app::components::{Frame, MetricChart, MonitorChip, VerdictChip, WorkRefused, WorkText};
use crate::app::format::credits;
use crate::app::functions::sentinel::{ExtendMonitor, Observe, StopMonitor, get_monitor, get_monitor_live};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{MonitorLiveView, MonitorView};

/// Soon enough to be called live, seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[component]
pub fn MonitorPage() -> impl IntoView {
    let (id, draft, error) = (path_part("id"), query("draft"), query("error"));
    let data = Resource::new_blocking(move || (id.get(), draft.get()), |(id, draft)| get_monitor(id, draft));
    load(data, move |view| view! { <Monitor view error=error.get()/> }.into_any())
}

/// What the page was made with, and where scripts are on what has become of it.
fn watch_over(made: &MonitorLiveView) -> RwSignal<MonitorLiveView> {
    let live = RwSignal::new(made.clone());
    let id = made.row.id.clone();
    // An effect runs in the browser alone.
    Effect::new(move |_| {
        let id = id.clone();
        let look = move || {
            let id = id.clone();
            spawn_local(async move {
                // What cannot be had now is had at the next look; the page may be gone by the time of an answer.
                if let Ok(now) = get_monitor_live(id).await
                    && live.try_with_untracked(|known| *known != now) == Some(true)
                {
                    live.set(now);
                }
            });
        };
        let timer = set_interval(look, LOOK_EVERY);
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
    live
}

#[component]
fn Monitor(view: MonitorView, error: String) -> impl IntoView {
    let (frame, problems, name) = (view.frame.clone(), view.problems.clone(), view.live.row.name.clone());
    let live = watch_over(&view.live);
    let watched =
        view.laws.iter().chain(&view.metrics).map(|text| view! { <li><code>{text.clone()}</code></li> }).collect_view();
    let state = Memo::new(move |_| live.read().row.state.clone());
    let mode = Memo::new(move |_| live.read().row.mode.clone());
    let chart = Memo::new(move |_| live.read().chart.clone());
    view! {
        <Title text=format!("{name} · Sentinel")/>
        <Frame frame title="Sentinel" current="/sentinel">
            <WorkRefused error problems/>
            <section class="card stack" data-testid="monitor" data-state=state>
                <div class="row-spread"><h2>{name}</h2>{move || view! { <MonitorChip state=state.get() mode=mode.get()/> }}</div>
                <p>{move || live.read().sentence.clone()}</p>
                <ul class="plain">{watched}</ul>
                {move || chart.get().map(|chart| view! { <MetricChart chart/> })}
            </section>
            {
                let view = view.clone();
                move || view! { <Acts view=view.clone() state=state.get()/> }
            }
            <Tables live export=format!("/sentinel/{}/observations.csv", view.live.row.id)/>
            <Report hours=view.report/>
        </Frame>
    }
}

#[component]
fn Acts(view: MonitorView, state: String) -> impl IntoView {
    let may = view.frame.may.spend;
    let id = view.live.row.id.clone();
    let (runs, over) = (state == "running", state == "stopped");
    let hour = credits(view.price);
    let hidden = move |id: String, request: String| {
        view! {
            <input type="hidden" name="monitor" value=id/>
            <input type="hidden" name="request" value=request/>
        }
    };
    view! {
        {(may && runs).then(|| view! {
            <form method="post" action=Observe::url() class="card stack">
                <h2>"Add an observation"</h2>
                {hidden(id.clone(), view.request.clone())}
                <WorkText name="observation" label="Values" rows="3" value=view.observation.clone() hint="name = value, one a line. Programs send up to 10,000 at once over the REST API."/>
                <p><button class="button" type="submit">"Add it"</button></p>
            </form>
        })}
        {(may && !over).then(|| view! {
            <section class="card row">
                <form method="post" action=ExtendMonitor::url() class="row">
                    {hidden(id.clone(), view.request.clone())}
                    <label for="more">"Hours to add"</label>
                    <input class="input" id="more" name="hours" inputmode="numeric" required maxlength="5" value="24" autocomplete="off"/>
                    <button class="button" type="submit">{format!("Add hours · {hour} each")}</button>
                </form>
                {(runs || state == "paused").then(|| view! {
                    <form method="post" action=StopMonitor::url() class="row">
                        <input type="hidden" name="monitor" value=id.clone()/>
                        <button class="button" type="submit">"Stop · the hour that has begun is paid"</button>
                    </form>
                })}
            </section>
        })}
    }
}

#[component]
fn Tables(live: RwSignal<MonitorLiveView>, export: String) -> impl IntoView {
    let (alerts, observed) =
        (Memo::new(move |_| live.read().alerts.clone()), Memo::new(move |_| live.read().observed.clone()));
    let alert = |[at, kind, detail]: [String; 3]| view! { <tr><td class="when">{at}</td><td>{kind}</td><td class="detail">{detail}</td></tr> };
    let observation = |[seq, at, values, verdict, why]: [String; 5]| {
        view! {
            <tr>
                <td class="num">{seq}</td>
                <td class="when fold">{at}</td>
                <td class="detail">{values}</td>
                <td><VerdictChip verdict=verdict/>" "<span class="soft">{why}</span></td>
            </tr>
        }
    };
    view! {
        <section class="card">
            <div class="card-head"><h2>"Alerts"</h2></div>
            <div class="table-wrap"><table class="table" data-testid="alerts">
                <thead><tr><th scope="col">"When, UTC"</th><th scope="col">"What"</th><th scope="col">"Detail"</th></tr></thead>
                <tbody>{move || alerts.get().into_iter().map(alert).collect_view()}</tbody>
            </table></div>
        </section>
        <section class="card">
            <div class="card-head"><h2>"Observations"</h2><a href=export rel="external" download>"As CSV"</a></div>
            <div class="table-wrap"><table class="table" data-testid="observed">
                <thead>
                    <tr>
                        <th scope="col">"No."</th>
                        <th scope="col" class="fold">"When, UTC"</th>
                        <th scope="col">"Values"</th>
                        <th scope="col">"Verdict"</th>
                    </tr>
                </thead>
                <tbody>{move || observed.get().into_iter().map(observation).collect_view()}</tbody>
            </table></div>
        </section>
    }
}

/// As it was when the page was loaded: hours pass slowly.
#[component]
fn Report(hours: Vec<[String; 4]>) -> impl IntoView {
    let report = hours
        .into_iter()
        .map(|[hour, all, broken, strange]| view! {
            <tr><td class="when">{hour}</td><td class="right num">{all}</td><td class="right num">{broken}</td><td class="right num">{strange}</td></tr>
        })
        .collect_view();
    view! {
        <section class="card">
            <div class="card-head"><h2>"The last day, by hour"</h2></div>
            <div class="table-wrap"><table class="table" data-testid="report">
                <thead>
                    <tr>
                        <th scope="col">"Hour, UTC"</th>
                        <th scope="col" class="right">"Observations"</th>
                        <th scope="col" class="right">"Violations"</th>
                        <th scope="col" class="right">"Anomalies"</th>
                    </tr>
                </thead>
                <tbody>{report}</tbody>
            </table></div>
        </section>
    }
}
