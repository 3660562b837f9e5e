//! One webhook endpoint: its secret when it is new, its settings, and what was sent to it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use super::webhook_log::{Detail, Log};
use super::webhooks::{KindChoices, Note, StateChip};
use crate::app::components::{CopyButton, Field, Frame, Notice, Tone};
use crate::app::error::sentence_for;
use crate::app::functions::webhooks::{RemoveWebhook, RotateWebhook, SetWebhook, TestWebhook, get_webhook};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{EndpointView, KindView, WebhookView};

#[component]
pub fn WebhookPage() -> impl IntoView {
    let (id, event, before) = (path_part("id"), query("event"), query("before"));
    let (shown, done, error) = (query("shown"), query("done"), query("error"));
    let data = Resource::new_blocking(
        move || (id.get(), event.get(), before.get(), shown.get(), done.get(), error.get()),
        |(id, event, before, shown, _, _)| get_webhook(id, event, before, shown),
    );
    load(data, move |view| {
        let (done, error, asked) = (done.get_untracked(), error.get_untracked(), !shown.get_untracked().is_empty());
        view! { <Webhook view done error asked/> }.into_any()
    })
}

#[component]
fn Webhook(
    view: WebhookView,
    done: String,
    error: String,
    /// Whether the address names a secret that was just made.
    asked: bool,
) -> impl IntoView {
    let WebhookView { frame, endpoint, kinds, secret, former_until, deliveries, next_before, newest, detail, request } =
        view;
    let id = endpoint.id.clone();
    let gone = asked && secret.is_empty();
    view! {
        <Title text="Webhook · Aethel"/>
        <Frame frame title="Webhook" current="/webhooks">
            <p><a href="/webhooks">"All endpoints"</a></p>
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {said(&done).map(|sentence| view! { <Notice tone=Tone::Good><p>{sentence}</p></Notice> })}
            {gone.then(|| view! {
                <Notice tone=Tone::Warn><p>"A secret is shown once, just after it is made. If you did not see it, rotate it below."</p></Notice>
            })}
            {(!secret.is_empty()).then(|| view! { <Shown secret/> })}
            {stopped(&endpoint)}
            <Settings endpoint kinds request=request.clone()/>
            <Secret id=id.clone() former_until request=request.clone()/>
            {detail.map(|detail| view! { <Detail id=id.clone() detail request=request.clone()/> })}
            <Log id=id.clone() deliveries next_before newest/>
            <Removal id/>
        </Frame>
    }
}

fn said(done: &str) -> Option<&'static str> {
    match done {
        "set" => Some("Saved. It holds from now on."),
        "test" => Some("A test is on its way. Reload to see what came back."),
        "replay" => Some("The event is on its way once more. Reload to see what came back."),
        _ => None,
    }
}

fn stopped(endpoint: &EndpointView) -> Option<AnyView> {
    match (endpoint.state.as_str(), endpoint.failing_since.is_empty()) {
        ("stopped", _) => Some(
            view! {
                <Notice tone=Tone::Bad><p>"Nothing reached this endpoint for days, and it was stopped. Look at what it answered, then turn it on again: what still waits is sent."</p></Notice>
            }
            .into_any(),
        ),
        ("on", false) => {
            let sentence = format!("Nothing has reached this endpoint since {}. It is tried again.", endpoint.failing_since);
            Some(view! { <Notice tone=Tone::Warn><p>{sentence}</p></Notice> }.into_any())
        }
        _ => None,
    }
}

#[component]
fn Shown(secret: String) -> impl IntoView {
    view! {
        <section class="card stack">
            <Notice tone=Tone::Good><p>"Copy the signing secret now: it is not shown again."</p></Notice>
            <code class="secret" id="secret" data-testid="secret">{secret}</code>
            <CopyButton from="secret"/>
        </section>
    }
}

#[component]
fn Settings(endpoint: EndpointView, kinds: Vec<KindView>, request: String) -> impl IntoView {
    let EndpointView { id, url, description, state, failing_since, .. } = endpoint;
    let is = |value: &str| state == value;
    let (on, off, stopped) = (is("on"), is("off"), is("stopped"));
    let failing = !failing_since.is_empty();
    view! {
        <section class="card stack">
            <div class="card-head"><h2>"Endpoint"</h2><StateChip state=state.clone() failing/></div>
            <form method="post" action=SetWebhook::url() class="stack">
                <input type="hidden" name="id" value=id.clone()/>
                <div class="fields-row">
                    <Field name="url" label="Address" kind="url" value=url most=2_000/>
                    <Note value=description/>
                    <div class="field">
                        <label for="enabled">"Send"</label>
                        <select class="select" id="enabled" name="enabled">
                            <option value="on" selected=on>"On"</option>
                            <option value="off" selected=off>"Off"</option>
                            {stopped.then(|| view! { <option value="stopped" selected=true>"Stopped"</option> })}
                        </select>
                    </div>
                </div>
                <KindChoices kinds/>
                <div><button class="button" type="submit">"Save"</button></div>
            </form>
            <form method="post" action=TestWebhook::url()>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="request" value=request/>
                <button class="button" type="submit">"Send a test"</button>
            </form>
        </section>
    }
}

#[component]
fn Secret(id: String, former_until: String, request: String) -> impl IntoView {
    let until = (!former_until.is_empty()).then(|| {
        let sentence =
            format!("Until {former_until} events carry two signatures: by the new secret and by the former one.");
        view! { <p class="soft">{sentence}</p> }
    });
    view! {
        <section class="card stack">
            <h2>"Signing secret"</h2>
            {until}
            <form method="post" action=RotateWebhook::url() class="row">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="request" value=request/>
                <label class="label" for="hours">"The former secret signs too for"</label>
                <select class="select" id="hours" name="hours">
                    <option value="24">"a day"</option>
                    <option value="168">"a week"</option>
                    <option value="1">"an hour"</option>
                    <option value="0">"no longer"</option>
                </select>
                <button class="button" type="submit">"Rotate the secret"</button>
            </form>
        </section>
    }
}

#[component]
fn Removal(id: String) -> impl IntoView {
    view! {
        <section class="card">
            <details class="more">
                <summary>"Remove this endpoint"</summary>
                <form method="post" action=RemoveWebhook::url() class="stack-tight">
                    <input type="hidden" name="id" value=id/>
                    <p class="faint">"What waits for it is not sent, and its log is forgotten."</p>
                    <button class="button button-small button-bad" type="submit">"Remove the endpoint"</button>
                </form>
            </details>
        </section>
    }
}
