//! API keys: a new one shows its secret once; revoking asks before it acts, without scripts too.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Chip, Field, Frame, Notice, PendingButton, Tone};
use crate::app::error::AppError;
use crate::app::functions::keys::{CreateKey, RevokeKey, get_keys};
use crate::app::pages::{load, query};
use crate::app::views::{KeyView, KeysView, NewKeyView};

#[component]
pub fn KeysPage() -> impl IntoView {
    let (created, revoked) = (query("created"), query("revoked"));
    let create = ServerAction::<CreateKey>::new();
    let revoke = ServerAction::<RevokeKey>::new();
    let data = Resource::new_blocking(
        move || (created.get(), create.version().get(), revoke.version().get()),
        |(created, _, _)| get_keys(created),
    );
    load(data, move |view| {
        let asked = !created.get_untracked().is_empty();
        view! { <Keys view create revoke asked revoked=revoked.get_untracked()/> }.into_any()
    })
}

#[component]
fn Keys(
    view: KeysView,
    create: ServerAction<CreateKey>,
    revoke: ServerAction<RevokeKey>,
    /// Whether the address names a key that was just made.
    asked: bool,
    revoked: String,
) -> impl IntoView {
    let KeysView { frame, keys, created, request } = view;
    let gone = asked && created.is_none();
    let empty = keys.is_empty();
    let rows = keys.into_iter().map(|key| view! { <Row key_view=key revoke/> }).collect_view();
    view! {
        <Title text="API keys · Aethel"/>
        <Frame frame title="API keys" current="/keys">
            {created.map(|created| view! { <Created created/> })}
            {gone.then(|| view! {
                <Notice tone=Tone::Warn><p>"A key's secret is shown once, just after the key is made. If you did not see this one, revoke the key and make another."</p></Notice>
            })}
            {(!revoked.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>"The key is revoked and no longer accepted."</p></Notice> })}
            {move || failure(create.value().get()).or_else(|| failure(revoke.value().get()))}
            <section class="card stack">
                <h2>"New key"</h2>
                <ActionForm action=create attr:class="fields-row">
                    <input type="hidden" name="request" value=request/>
                    <Field name="name" label="What is it for?" most=100/>
                    <PendingButton pending=create.pending() label="Create the key"/>
                </ActionForm>
                <p class="faint">"A key reads and spends the credits of this account only. Send it as Authorization: Bearer …"</p>
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

fn failure(outcome: Option<Result<(), AppError>>) -> Option<AnyView> {
    let error = outcome?.err()?;
    Some(view! { <Notice tone=Tone::Bad><p>{error.sentence()}</p></Notice> }.into_any())
}

#[component]
fn Created(created: NewKeyView) -> impl IntoView {
    view! {
        <section class="card stack">
            <Notice tone=Tone::Good>
                <p><strong>{created.name}</strong>" was made. Copy the secret now: it is not stored and cannot be shown again."</p>
            </Notice>
            <code class="secret" data-testid="secret">{created.secret}</code>
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
                        <th scope="col" class="fold">"Made"</th>
                        <th scope="col" class="fold">"Last used"</th>
                        <th scope="col">"State"</th>
                        <th scope="col"><span class="hidden-visually">"Revoke"</span></th>
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(key_view: KeyView, revoke: ServerAction<RevokeKey>) -> impl IntoView {
    let KeyView { id, name, prefix, created_at, last_used, revoked } = key_view;
    let state = if revoked {
        view! { <Chip tone=Tone::Plain word="Revoked"/> }
    } else {
        view! { <Chip tone=Tone::Good word="Active"/> }
    };
    let end = (!revoked).then(|| {
        view! {
            <details class="more">
                <summary>"Revoke"</summary>
                <ActionForm action=revoke attr:class="stack-tight">
                    <input type="hidden" name="key" value=id/>
                    <p class="faint">"It stops working at once."</p>
                    <PendingButton pending=revoke.pending() label="Revoke the key" class="button button-small button-bad"/>
                </ActionForm>
            </details>
        }
    });
    view! {
        <tr>
            <td class="name">{name}</td>
            <td class="when fold">{prefix}</td>
            <td class="when fold">{created_at}</td>
            <td class="when fold">{last_used}</td>
            <td>{state}</td>
            <td class="right">{end}</td>
        </tr>
    }
}
