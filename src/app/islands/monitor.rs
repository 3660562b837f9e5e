//! What changes on a monitor's page: looked for every few seconds where scripts are on, and whenever the page is loaded.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::components::{MetricChart, MonitorChip, VerdictChip};
use crate::app::functions::sentinel::get_monitor_live;
use crate::app::views::MonitorLiveView;

/// Soon enough to be called live, seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How the monitor stands, then what one can do with it, then what it has seen.
#[island]
pub fn LiveMonitor(
    made: MonitorLiveView,
    /// Its laws and metrics.
    watched: Vec<String>,
    /// The forms. They stay as they are, with what is typed in them.
    children: Children,
) -> impl IntoView {
    let (id, name) = (made.row.id.clone(), made.row.name.clone());
    let live = watch_over(made);
    let watched = watched.into_iter().map(|text| view! { <li><code>{text}</code></li> }).collect_view();
    let state = Memo::new(move |_| live.read().row.state.clone());
    let mode = Memo::new(move |_| live.read().row.mode.clone());
    let charts = Memo::new(move |_| live.read().charts.clone());
    view! {
        <section class="card stack" data-testid="monitor" data-state=state>
            <div class="row-spread"><h2>{name}</h2>{move || view! { <MonitorChip state=state.get() mode=mode.get()/> }}</div>
            <p>{move || live.read().sentence.clone()}</p>
            <ul class="plain">{watched}</ul>
            <div class="metric-charts">{move || charts.get().into_iter().map(|chart| view! { <MetricChart chart/> }).collect_view()}</div>
        </section>
        {children()}
        <Seen live export=format!("/sentinel/{id}/observations.csv")/>
    }
}

/// What the page was made with, and where scripts are on what has become of it.
fn watch_over(made: MonitorLiveView) -> RwSignal<MonitorLiveView> {
    let (id, state) = (made.row.id.clone(), made.row.state.clone());
    let live = RwSignal::new(made);
    // An effect runs in the browser alone.
    Effect::new(move |_| {
        let (id, state) = (id.clone(), state.clone());
        let look = move || {
            let (id, state) = (id.clone(), state.clone());
            spawn_local(async move {
                // What cannot be had now is had at the next look.
                match get_monitor_live(id).await {
                    // Other things can be done with it now.
                    Ok(now) if now.row.state != state => drop(window().location().reload()),
                    Ok(now) if live.with_untracked(|known| *known != now) => live.set(now),
                    Ok(_) | Err(_) => {}
                }
            });
        };
        if let Ok(timer) = set_interval(look, LOOK_EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
    live
}

#[component]
fn Seen(live: RwSignal<MonitorLiveView>, export: String) -> impl IntoView {
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
