//! Stripe's events for operators: what came, what became of it, and working one off again.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Choice, EventChip, Notice, OfficeFrame, Tone};
use crate::app::error::sentence_for;
use crate::app::format::{grouped, query_value};
use crate::app::functions::office_payments::{OfficeReplay, get_office_event, get_office_events};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{OfficeEventDetailView, OfficeEventView, OfficeEventsView};

#[component]
pub fn OfficeEventsPage() -> impl IntoView {
    let (state, kind, before) = (query("state"), query("type"), query("before"));
    let data = Resource::new_blocking(
        move || (state.get(), kind.get(), before.get()),
        |(state, kind, before)| get_office_events(state, kind, before),
    );
    load(data, |view| view! { <Events view/> }.into_any())
}

#[component]
fn Events(view: OfficeEventsView) -> impl IntoView {
    let OfficeEventsView { frame, states, state, kind, events, next_before, newest } = view;
    let first = format!("/office/events?state={}&type={}", query_value(&state), query_value(&kind));
    let older = format!("{first}&before={}", query_value(&next_before));
    let filtered = !state.is_empty() || !kind.is_empty();
    let body = match (events.is_empty(), filtered) {
        (true, true) => {
            view! { <p class="soft">"No event fits. Choose another state, or leave the type empty."</p> }.into_any()
        }
        (true, false) => {
            view! { <p class="soft">"Stripe has not sent anything yet. The first purchase will."</p> }.into_any()
        }
        (false, _) => view! { <EventTable events/> }.into_any(),
    };
    view! {
        <Title text="Stripe events · Aethel back office"/>
        <OfficeFrame frame title="Stripe events" current="/office/events">
            <section class="card stack">
                <form method="get" action="/office/events" class="fields-row" role="search">
                    <Choice name="state" label="State" choices=states chosen=state/>
                    <div class="field">
                        <label for="type">"Type"</label>
                        <input class="input" id="type" name="type" type="text" maxlength="255" autocomplete="off" placeholder="charge.refunded" value=kind/>
                    </div>
                    <button class="button" type="submit">"Show"</button>
                </form>
                {body}
                <p class="row">
                    {(!newest).then(|| view! { <a href=first>"Newest"</a> })}
                    {(!next_before.is_empty()).then(|| view! { <a href=older>"Older"</a> })}
                </p>
            </section>
        </OfficeFrame>
    }
}

/// Events as rows, each a link to its page.
#[component]
pub fn EventTable(events: Vec<OfficeEventView>) -> impl IntoView {
    let rows = events
        .into_iter()
        .map(|event| {
            let href = format!("/office/events/{}", query_value(&event.id));
            view! {
                <tr>
                    <td class="when">{event.at}</td>
                    <td class="long-name"><a href=href>{event.kind}</a></td>
                    <td><EventChip state=event.state/></td>
                    <td class="mono fold">{purchase_link(event.purchase)}</td>
                    <td class="right fold">{grouped(event.attempts)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="office-events">
                <thead>
                    <tr>
                        <th scope="col">"Received, UTC"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="fold">"Purchase"</th>
                        <th scope="col" class="right fold">"Tries"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn purchase_link(id: String) -> Option<AnyView> {
    (!id.is_empty()).then(|| {
        let href = format!("/office/purchases/{}", query_value(&id));
        view! { <a href=href>{id}</a> }.into_any()
    })
}

#[component]
pub fn OfficeEventPage() -> impl IntoView {
    let (id, done, error) = (path_part("id"), query("done"), query("error"));
    let data = Resource::new_blocking(move || (id.get(), done.get(), error.get()), |(id, _, _)| get_office_event(id));
    load(data, move |view| view! { <Event view done=done.get_untracked() error=error.get_untracked()/> }.into_any())
}

#[component]
fn Event(view: OfficeEventDetailView, done: String, error: String) -> impl IntoView {
    let OfficeEventDetailView { frame, event, api_version, intent, purchase_known, advice, payload } = view;
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    let (chip, news) = (event.state.clone(), said(&done, &event.state));
    let purchase = if purchase_known {
        purchase_link(event.purchase)
    } else {
        (!event.purchase.is_empty()).then(|| view! { <span>{event.purchase}" (not one of ours)"</span> }.into_any())
    };
    view! {
        <Title text="Stripe event · Aethel back office"/>
        <OfficeFrame frame title="Stripe event" current="/office/events">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {news.map(|(tone, sentence)| view! { <Notice tone><p data-testid="said">{sentence}</p></Notice> })}
            <section class="card stack" data-testid="office-event" data-state=event.state>
                <div class="card-head"><h2>{event.kind}</h2><EventChip state=chip/></div>
                <p class="soft">{advice}</p>
                <dl class="facts">
                    <div><dt>"Id"</dt><dd class="mono">{event.id.clone()}</dd></div>
                    {fact("Received, UTC", event.at)}
                    {fact("Tries", grouped(event.attempts))}
                    {fact("Note", event.note)}
                    {fact("Replayed", event.replayed)}
                    {purchase.map(|purchase| view! { <div><dt>"Purchase"</dt><dd class="mono">{purchase}</dd></div> })}
                    {fact("Payment intent", intent)}
                    {fact("API version", api_version)}
                </dl>
                <form method="post" action=OfficeReplay::url() class="row-spread">
                    <input type="hidden" name="id" value=event.id/>
                    <p class="soft">"A replay works the event off as the first time. What it did already is not done twice."</p>
                    <button class="button button-main" type="submit">"Replay"</button>
                </form>
            </section>
            <section class="card stack">
                <h2>"Payload"</h2>
                <pre class="secret" data-testid="payload">{payload}</pre>
            </section>
        </OfficeFrame>
    }
}

fn said(done: &str, state: &str) -> Option<(Tone, &'static str)> {
    match (done, state) {
        ("already", _) => Some((Tone::Plain, "This event was done already. Nothing was changed.")),
        ("replayed", "done") => Some((Tone::Good, "Replayed, and done.")),
        ("replayed", "stored") => {
            Some((Tone::Warn, "It waits and is tried again by itself. Reload to see what became of it."))
        }
        ("replayed", _) => Some((Tone::Warn, "Replayed, and it came to the same. The note says why.")),
        _ => None,
    }
}
