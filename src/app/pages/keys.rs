//! API keys: a new one shows its secret once; rotating and revoking ask before they act, without scripts too.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Chip, CopyButton, Field, Frame, Notice, SubmitButton, Tone, key_state};
use crate::app::error::sentence_for;
use crate::app::format::grouped;
use crate::app::functions::keys::{CreateKey, RevokeKey, RotateKey, get_keys};
use crate::app::pages::{load, query};
use crate::app::views::{KeyView, KeysView, NewKeyView};

/// What a key may do.
const SCOPES: [(&str, &str); 4] = [
    ("read", "Read balance, usage, ledger and settings"),
    ("verify", "Verify programs"),
    ("charge", "Charge, hold and quote"),
    ("admin", "Buy credits, and set keys, budgets, alerts and webhooks"),
];
/// How long a key may live.
const LIVES: [(&str, &str); 4] = [("", "It does not end"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")];

#[component]
pub fn KeysPage() -> impl IntoView {
    let (created, revoked, error) = (query("created"), query("revoked"), query("error"));
    let create = ServerAction::<CreateKey>::new();
    let data = Resource::new_blocking(
        move || (created.get(), create.version().get(), revoked.get(), error.get()),
        |(created, ..)| get_keys(created),
    );
    load(data, move |view| {
        let asked = !created.get_untracked().is_empty();
        view! { <Keys view create asked revoked=revoked.get_untracked() error=error.get_untracked()/> }.into_any()
    })
}

#[component]
fn Keys(
    view: KeysView,
    create: ServerAction<CreateKey>,
    /// Whether the address names a key whose secret was just made.
    asked: bool,
    revoked: String,
    error: String,
) -> impl IntoView {
    let KeysView { frame, keys, created, request } = view;
    let gone = asked && created.is_none();
    let empty = keys.is_empty();
    let rows = keys.into_iter().map(|key| view! { <Row key_view=key request=request.clone()/> }).collect_view();
    view! {
        <Title text="API keys · Aethel"/>
        <Frame frame title="API keys" current="/keys">
            {created.map(|created| view! { <Created created/> })}
            {gone.then(|| view! {
                <Notice tone=Tone::Warn><p>"A key's secret is shown once, just after it is made. If you did not see this one, rotate the key or make another."</p></Notice>
            })}
            {(!revoked.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>"The key is revoked and no longer accepted."</p></Notice> })}
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            <section class="card stack">
                <h2>"New key"</h2>
                <ActionForm action=create attr:class="stack">
                    <input type="hidden" name="request" value=request/>
                    <div class="fields-row">
                        <Field name="name" label="What is it for?" most=100/>
                        <Lives/>
                    </div>
                    <ScopeChoices/>
                    <div><SubmitButton label="Create the key"/></div>
                </ActionForm>
                <p class="faint">"A key acts on this account only. Send it as Authorization: Bearer …"</p>
            </section>
            <section class="card">
                <div class="card-head"><h2>"Keys"</h2></div>
                {if empty {
                    view! { <p class="soft">"No keys yet. Create one above to use the REST API."</p> }.into_any()
                } else {
                    view! { <KeyTable>{rows}</KeyTable> }.into_any()
                }}
            </section>
        </Frame>
    }
}

#[component]
fn Lives() -> impl IntoView {
    let options = LIVES.map(|(value, title)| view! { <option value=value>{title}</option> }).collect_view();
    view! {
        <div class="field">
            <label for="days">"It ends after"</label>
            <select class="select" id="days" name="days">{options}</select>
        </div>
    }
}

#[component]
fn ScopeChoices() -> impl IntoView {
    let choices = SCOPES
        .map(|(name, title)| {
            view! {
                <label class="check">
                    <input type="checkbox" name="scopes[]" value=name/>
                    <span>{title}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="checks">
            <legend class="label">"It may"</legend>
            {choices}
            <p class="hint">"Nothing chosen is everything."</p>
        </fieldset>
    }
}

#[component]
fn Created(created: NewKeyView) -> impl IntoView {
    view! {
        <section class="card stack">
            <Notice tone=Tone::Good>
                <p><strong>{created.name}</strong>" has a new secret. Copy it now: it is not stored and cannot be shown again."</p>
            </Notice>
            <code class="secret" id="secret" data-testid="secret">{created.secret}</code>
            <CopyButton from="secret"/>
        </section>
    }
}

#[component]
fn KeyTable(children: Children) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="keys">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="fold">"Starts with"</th>
                        <th scope="col" class="fold">"It may"</th>
                        <th scope="col" class="fold">"Made"</th>
                        <th scope="col" class="fold">"Last used"</th>
                        <th scope="col" class="right fold">"30 days, credits"</th>
                        <th scope="col">"State"</th>
                        <th scope="col"><span class="hidden-visually">"Change"</span></th>
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(key_view: KeyView, request: String) -> impl IntoView {
    let KeyView { id, name, prefix, created_at, last_used, state, scopes, expires_at, former_until, spent } = key_view;
    let active = state == "active";
    let (tone, word) = key_state(&state);
    let ends = (!expires_at.is_empty()).then(|| view! { <p class="faint">{format!("ends {expires_at}")}</p> });
    let former = (!former_until.is_empty())
        .then(|| view! { <p class="faint">{format!("former secret until {former_until}")}</p> });
    let usage = format!("/usage?key={id}");
    view! {
        <tr>
            <td class="name">{name}</td>
            <td class="when fold">{prefix}</td>
            <td class="fold">{scopes}</td>
            <td class="when fold">{created_at}</td>
            <td class="when fold">{last_used}</td>
            <td class="right fold"><a href=usage>{grouped(spent)}</a></td>
            <td><Chip tone=tone word=word/>{ends}{former}</td>
            <td class="right">{active.then(|| view! { <Change id request/> })}</td>
        </tr>
    }
}

/// Rotating and revoking, each behind a second look.
#[component]
fn Change(id: String, request: String) -> impl IntoView {
    view! {
        <details class="more">
            <summary>"Rotate"</summary>
            <form method="post" action=RotateKey::url() class="stack-tight">
                <input type="hidden" name="key" value=id.clone()/>
                <input type="hidden" name="request" value=request/>
                <label class="faint" for=format!("hours-{id}")>"The former secret works for"</label>
                <select class="select" id=format!("hours-{id}") name="hours">
                    <option value="24">"a day"</option>
                    <option value="168">"a week"</option>
                    <option value="720">"a month"</option>
                    <option value="0">"no longer"</option>
                </select>
                <button class="button button-small" type="submit">"Rotate the key"</button>
            </form>
        </details>
        <details class="more">
            <summary>"Revoke"</summary>
            <form method="post" action=RevokeKey::url() class="stack-tight">
                <input type="hidden" name="key" value=id/>
                <p class="faint">"It stops working at once."</p>
                <button class="button button-small button-bad" type="submit">"Revoke the key"</button>
            </form>
        </details>
    }
}
