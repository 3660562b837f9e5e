//! One monitor: how it stands, what one can do with it, what it has seen.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Frame, WorkRefused, WorkText};
use crate::app::format::credits;
use crate::app::functions::sentinel::{ExtendMonitor, Observe, StopMonitor, get_monitor};
use crate::app::islands::LiveMonitor;
use crate::app::pages::{load, path_part, query};
use crate::app::views::MonitorView;

#[component]
pub fn MonitorPage() -> impl IntoView {
    let (id, draft, error) = (path_part("id"), query("draft"), query("error"));
    let data = Resource::new_blocking(move || (id.get(), draft.get()), |(id, draft)| get_monitor(id, draft));
    load(data, move |view| view! { <Monitor view error=error.get()/> }.into_any())
}

#[component]
fn Monitor(view: MonitorView, error: String) -> impl IntoView {
    let MonitorView { frame, live, laws, metrics, problems, report, complete, .. } = view.clone();
    let watched = laws.into_iter().chain(metrics).collect::<Vec<_>>();
    view! {
        <Title text=format!("{} · Sentinel", live.row.name)/>
        <Frame frame title="Sentinel" current="/sentinel">
            <WorkRefused error problems/>
            <LiveMonitor made=live watched><Acts view/></LiveMonitor>
            <Report hours=report complete/>
        </Frame>
    }
}

#[component]
fn Acts(view: MonitorView) -> impl IntoView {
    let may = view.frame.may.spend;
    let (id, state) = (view.live.row.id.clone(), view.live.row.state.clone());
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

/// As it was when the page was loaded: hours pass slowly.
#[component]
fn Report(hours: Vec<[String; 4]>, complete: bool) -> impl IntoView {
    let report = hours
        .into_iter()
        .map(|[hour, all, broken, strange]| view! {
            <tr><td class="when">{hour}</td><td class="right num">{all}</td><td class="right num">{broken}</td><td class="right num">{strange}</td></tr>
        })
        .collect_view();
    view! {
        <section class="card">
            <div class="card-head"><h2>"The last day, by hour"</h2></div>
            {(!complete).then(|| view! { <p class="hint">"Of the newest 50,000 observations. The CSV file has all of them."</p> })}
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
