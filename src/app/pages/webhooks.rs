//! The account's webhook endpoints, and a form for another: plain forms, which work without scripts.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Chip, Field, Frame, Notice, Tone};
use crate::app::error::sentence_for;
use crate::app::functions::webhooks::{CreateWebhook, get_webhooks};
use crate::app::pages::{load, query};
use crate::app::views::{EndpointView, KindView, WebhooksView};

#[component]
pub fn WebhooksPage() -> impl IntoView {
    let (removed, error) = (query("removed"), query("error"));
    let data = Resource::new_blocking(move || (removed.get(), error.get()), |_| get_webhooks());
    load(data, move |view| {
        view! { <Webhooks view removed=removed.get_untracked() error=error.get_untracked()/> }.into_any()
    })
}

#[component]
fn Webhooks(view: WebhooksView, removed: String, error: String) -> impl IntoView {
    let WebhooksView { frame, endpoints, kinds, request } = view;
    let empty = endpoints.is_empty();
    let rows = endpoints.into_iter().map(|endpoint| view! { <Row endpoint/> }).collect_view();
    view! {
        <Title text="Webhooks · Aethel"/>
        <Frame frame title="Webhooks" current="/webhooks">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(!removed.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>"The endpoint is removed. Nothing is sent there any more."</p></Notice> })}
            <section class="card">
                <div class="card-head"><h2>"Endpoints"</h2></div>
                {if empty {
                    view! { <p class="soft">"No endpoints yet. Add one below, and your own server is told what happens here."</p> }.into_any()
                } else {
                    view! { <EndpointTable>{rows}</EndpointTable> }.into_any()
                }}
            </section>
            <section class="card stack">
                <h2>"New endpoint"</h2>
                <form method="post" action=CreateWebhook::url() class="stack">
                    <input type="hidden" name="request" value=request/>
                    <div class="fields-row">
                        <Field name="url" label="Address" kind="url" hint="https, on the public internet." most=2_000/>
                        <Note/>
                    </div>
                    <KindChoices kinds/>
                    <div><button class="button button-main" type="submit">"Add the endpoint"</button></div>
                </form>
                <p class="faint">"Every event is signed in the manner of the Standard Webhooks, and tried for three days until your server answers with 2xx."</p>
            </section>
        </Frame>
    }
}

/// What the endpoint is for; it may be left out.
#[component]
pub(super) fn Note(#[prop(into, optional)] value: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for="description">"What is it for?"</label>
            <input class="input" id="description" name="description" type="text" autocomplete="off" maxlength="200" value=value/>
        </div>
    }
}

/// Which events are told.
#[component]
pub(super) fn KindChoices(kinds: Vec<KindView>) -> impl IntoView {
    let choices = kinds
        .into_iter()
        .map(|kind| {
            view! {
                <label class="check">
                    <input type="checkbox" name="events[]" value=kind.name checked=kind.chosen/>
                    <span>{kind.title}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="checks">
            <legend class="label">"Tell it of"</legend>
            {choices}
            <p class="hint">"Nothing chosen is everything, also what is added later."</p>
        </fieldset>
    }
}

#[component]
fn EndpointTable(children: Children) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="webhooks">
                <thead>
                    <tr>
                        <th scope="col">"Address"</th>
                        <th scope="col" class="fold">"What for"</th>
                        <th scope="col" class="fold">"Told"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(endpoint: EndpointView) -> impl IntoView {
    let EndpointView { id, url, description, told, state, failing_since } = endpoint;
    view! {
        <tr>
            <td class="name"><a href=format!("/webhooks/{id}")>{url}</a></td>
            <td class="fold">{description}</td>
            <td class="fold">{told}</td>
            <td><StateChip state failing=!failing_since.is_empty()/></td>
        </tr>
    }
}

/// Whether anything is sent, and whether it arrives.
#[component]
pub(super) fn StateChip(state: String, failing: bool) -> impl IntoView {
    let (tone, word) = match (state.as_str(), failing) {
        ("on", false) => (Tone::Good, "On"),
        ("on", true) => (Tone::Warn, "Failing"),
        ("stopped", _) => (Tone::Bad, "Stopped"),
        _ => (Tone::Plain, "Off"),
    };
    view! { <Chip tone=tone word=word/> }
}
