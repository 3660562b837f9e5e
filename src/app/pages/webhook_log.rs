//! What was sent to an endpoint, and one of these with its body and attempts.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{Chip, Tone};
use crate::app::functions::webhooks::ReplayWebhook;
use crate::app::views::{AttemptView, DeliveryDetailView, DeliveryView};

/// A page of the log, newest first.
#[component]
pub fn Log(id: String, deliveries: Vec<DeliveryView>, next_before: String, newest: bool) -> impl IntoView {
    let empty = deliveries.is_empty();
    let rows = deliveries.into_iter().map(|delivery| view! { <Row id=id.clone() delivery/> }).collect_view();
    let older = (!next_before.is_empty()).then(|| format!("/webhooks/{id}?before={next_before}"));
    view! {
        <section class="card stack">
            <div class="card-head"><h2>"Deliveries"</h2></div>
            {if empty {
                view! { <p class="soft">"Nothing was sent yet. Send a test to see that it works."</p> }.into_any()
            } else {
                view! { <LogTable>{rows}</LogTable> }.into_any()
            }}
            <nav class="row" aria-label="Pages of deliveries">
                {(!newest).then(|| view! { <a class="button" href=format!("/webhooks/{id}")>"Newest"</a> })}
                {older.map(|older| view! { <a class="button" href=older>"Older"</a> })}
            </nav>
        </section>
    }
}

#[component]
fn LogTable(children: Children) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="deliveries">
                <thead>
                    <tr>
                        <th scope="col">"Event"</th>
                        <th scope="col" class="fold">"Happened"</th>
                        <th scope="col" class="right fold">"Attempts"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="fold">"Next attempt"</th>
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(id: String, delivery: DeliveryView) -> impl IntoView {
    let DeliveryView { event, kind, at, state, attempts, next_at } = delivery;
    view! {
        <tr>
            <td class="name"><a href=format!("/webhooks/{id}?event={event}")>{kind}</a></td>
            <td class="when fold">{at}</td>
            <td class="right fold">{attempts}</td>
            <td><DeliveryChip state/></td>
            <td class="when fold">{next_at}</td>
        </tr>
    }
}

#[component]
fn DeliveryChip(state: String) -> impl IntoView {
    let (tone, word) = match state.as_str() {
        "delivered" => (Tone::Good, "Delivered"),
        "failed" => (Tone::Bad, "Failed"),
        _ => (Tone::Held, "Waiting"),
    };
    view! { <Chip tone=tone word=word/> }
}

/// One delivery, with a way to send it once more.
#[component]
pub fn Detail(id: String, detail: DeliveryDetailView, request: String) -> impl IntoView {
    let DeliveryDetailView { delivery, payload, attempts } = detail;
    let tried = attempts.is_empty();
    let rows = attempts.into_iter().map(|attempt| view! { <Attempt attempt/> }).collect_view();
    view! {
        <section class="card stack" data-testid="delivery">
            <div class="card-head"><h2>{delivery.kind}</h2><DeliveryChip state=delivery.state/></div>
            <dl class="facts"><div><dt>"webhook-id"</dt><dd class="mono">{delivery.event.clone()}</dd></div></dl>
            <pre class="secret">{payload}</pre>
            {if tried {
                view! { <p class="soft">"Not tried yet."</p> }.into_any()
            } else {
                view! { <ul class="stack-tight">{rows}</ul> }.into_any()
            }}
            <form method="post" action=ReplayWebhook::url()>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="event" value=delivery.event/>
                <input type="hidden" name="request" value=request/>
                <button class="button" type="submit">"Send it again"</button>
            </form>
        </section>
    }
}

#[component]
fn Attempt(attempt: AttemptView) -> impl IntoView {
    let AttemptView { number, at, took, status, arrived, answer, failure } = attempt;
    let sign = if arrived { "✓" } else { "✕" };
    let outcome = if failure.is_empty() { format!("answered {status}") } else { failure };
    view! {
        <li>
            <span>{format!("{sign} Attempt {number}, {at}: {outcome} ({took})")}</span>
            {(!answer.is_empty()).then(|| view! { <pre class="secret">{answer}</pre> })}
        </li>
    }
}
