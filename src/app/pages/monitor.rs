//! One monitor, live: it looks again every few seconds where scripts are on, and whenever the page is loaded.

use std::time::Duration;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Frame, MetricChart, MonitorChip, VerdictChip, WorkRefused, WorkText};
use crate::app::format::credits;
use crate::app::functions::sentinel::{ExtendMonitor, Observe, StopMonitor, get_monitor};
use crate::app::pages::{load, path_part, query};
use crate::app::views::MonitorView;

/// Soon enough to be called live, seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[component]
pub fn MonitorPage() -> impl IntoView {
    let (id, draft, error) = (path_part("id"), query("draft"), query("error"));
    let looks = RwSignal::new(0_u32);
    let data =
        Resource::new_blocking(move || (id.get(), draft.get(), looks.get()), |(id, draft, _)| get_monitor(id, draft));
    Effect::new(move |_| {
        let timer = set_interval(move || looks.update(|looks| *looks = looks.wrapping_add(1)), LOOK_EVERY);
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
    load(data, move |view| view! { <Monitor view error=error.get()/> }.into_any())
}

#[component]
fn Monitor(view: MonitorView, error: String) -> impl IntoView {
    let (frame, row, problems) = (view.frame.clone(), view.row.clone(), view.problems.clone());
    let export = format!("/sentinel/{}/observations.csv", row.id);
    let watched =
        view.laws.iter().chain(&view.metrics).map(|text| view! { <li><code>{text.clone()}</code></li> }).collect_view();
    view! {
        <Title text=format!("{} · Sentinel", row.name)/>
        <Frame frame title="Sentinel" current="/sentinel">
            <WorkRefused error problems/>
            <section class="card stack" data-testid="monitor" data-state=row.state.clone()>
                <div class="row-spread"><h2>{row.name.clone()}</h2><MonitorChip state=row.state.clone() mode=row.mode.clone()/></div>
                <p>{view.sentence.clone()}</p>
                <ul class="plain">{watched}</ul>
                {view.chart.clone().map(|chart| view! { <MetricChart chart/> })}
            </section>
            <Acts view=view.clone()/>
            <Tables view export/>
        </Frame>
    }
}

#[component]
fn Acts(view: MonitorView) -> impl IntoView {
    let may = view.frame.may.spend;
    let (id, state) = (view.row.id.clone(), view.row.state.clone());
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
fn Tables(view: MonitorView, export: String) -> impl IntoView {
    let alerts = view
        .alerts
        .into_iter()
        .map(|[at, kind, detail]| view! { <tr><td class="when">{at}</td><td>{kind}</td><td class="detail">{detail}</td></tr> })
        .collect_view();
    let observed = view
        .observed
        .into_iter()
        .map(|[seq, at, values, verdict, why]| {
            view! {
                <tr>
                    <td class="num">{seq}</td>
                    <td class="when fold">{at}</td>
                    <td class="detail">{values}</td>
                    <td><VerdictChip verdict=verdict/>" "<span class="soft">{why}</span></td>
                </tr>
            }
        })
        .collect_view();
    let report = view
        .report
        .into_iter()
        .map(|[hour, all, broken, strange]| view! {
            <tr><td class="when">{hour}</td><td class="right num">{all}</td><td class="right num">{broken}</td><td class="right num">{strange}</td></tr>
        })
        .collect_view();
    view! {
        <section class="card">
            <div class="card-head"><h2>"Alerts"</h2></div>
            <div class="table-wrap"><table class="table" data-testid="alerts">
                <thead><tr><th scope="col">"When, UTC"</th><th scope="col">"What"</th><th scope="col">"Detail"</th></tr></thead>
                <tbody>{alerts}</tbody>
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
                <tbody>{observed}</tbody>
            </table></div>
        </section>
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
