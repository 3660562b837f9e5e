//! The REST API, operation by operation: written by the server from the API's own document. With scripts on, each can be
//! tried with one's own key; a small script of ours does that, and nothing is loaded from elsewhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::PublicFrame;
use crate::app::functions::docs::get_docs;
use crate::app::pages::load;
use crate::app::views::{ApiOperationView, ApiParameterView, DocsGroup, DocsView};

#[component]
pub fn ApiDocsPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| get_docs());
    load(data, |view| view! { <ApiDocs view/> }.into_any())
}

#[component]
fn ApiDocs(view: DocsView) -> impl IntoView {
    let DocsView { frame, groups } = view;
    let contents = groups
        .iter()
        .map(|group| view! { <li><a href=format!("#{}", group.name) rel="external">{group.text.clone()}</a></li> })
        .collect_view();
    let groups = groups.into_iter().map(|group| view! { <Group group/> }).collect_view();
    view! {
        <Title text="REST API · Aethel"/>
        <PublicFrame frame>
            <div class="section docs">
                <h1 class="page-title">"REST API"</h1>
                <p class="soft">"JSON over HTTPS with a key from the keys page. Errors are problems with a stable code; every write takes an Idempotency-Key; what is read has an ETag."</p>
                <p class="soft">"For programs: "<a href="/api/openapi.json" rel="external">"the OpenAPI document"</a>"."</p>
                <div class="field try-key" hidden>
                    <label for="try-key">"Your API key, to try an operation"</label>
                    <input class="input" id="try-key" type="password" autocomplete="off" spellcheck="false"/>
                    <p class="hint">"It stays in this page and is sent to this server only."</p>
                </div>
                <nav aria-label="Operations"><ul class="docs-contents">{contents}</ul></nav>
                {groups}
            </div>
            <script src="/try.js" defer></script>
        </PublicFrame>
    }
}

#[component]
fn Group(group: DocsGroup) -> impl IntoView {
    let operations = group.operations.into_iter().map(|operation| view! { <Operation operation/> }).collect_view();
    view! {
        <section class="stack" id=group.name>
            <h2>{group.text}</h2>
            {operations}
        </section>
    }
}

#[component]
fn Operation(operation: ApiOperationView) -> impl IntoView {
    let ApiOperationView {
        id,
        method,
        path,
        summary,
        description,
        needs,
        guarded,
        parameters,
        body,
        command,
        answers,
        answer,
    } = operation;
    let answers = answers
        .into_iter()
        .map(|(status, text)| view! { <tr><th scope="row" class="num">{status}</th><td>{text}</td></tr> })
        .collect_view();
    let rows = parameters.iter().map(row).collect_view();
    let has_parameters = !parameters.is_empty();
    let anchor = id.clone();
    view! {
        <details class="card more op" id=anchor>
            <summary>
                <b class="op-method">{method.clone()}</b>
                <code>{path.clone()}</code>
                <span class="soft">{summary}</span>
            </summary>
            <div class="stack">
                {(!description.is_empty()).then(|| view! { <p>{description}</p> })}
                <p class="faint">{needs}</p>
                {has_parameters.then(|| view! {
                    <div class="table-wrap">
                        <table class="table">
                            <thead><tr><th scope="col">"Parameter"</th><th scope="col">"In"</th><th scope="col">"What it is"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                })}
                <pre class="secret">{command}</pre>
                {(!answer.is_empty()).then(|| view! { <h3>"Answer"</h3><pre class="secret">{answer}</pre> })}
                <div class="table-wrap">
                    <table class="table">
                        <thead><tr><th scope="col">"Status"</th><th scope="col">"Meaning"</th></tr></thead>
                        <tbody>{answers}</tbody>
                    </table>
                </div>
                <Try id method path guarded parameters body/>
            </div>
        </details>
    }
}

fn row(parameter: &ApiParameterView) -> impl IntoView + use<> {
    let name =
        if parameter.required { parameter.name.clone() } else { format!("{} (may be left out)", parameter.name) };
    view! {
        <tr>
            <td class="name">{name}</td>
            <td>{parameter.place.clone()}</td>
            <td>{parameter.text.clone()}</td>
        </tr>
    }
}

/// The form that the script brings to life; without scripts it is not there.
#[component]
fn Try(
    id: String,
    method: String,
    path: String,
    guarded: bool,
    parameters: Vec<ApiParameterView>,
    body: String,
) -> impl IntoView {
    let fields = parameters
        .into_iter()
        .map(|parameter| {
            let field = format!("{id}-{}-{}", parameter.place, parameter.name);
            view! {
                <div class="field">
                    <label for=field.clone()>{parameter.name.clone()}</label>
                    <input
                        class="input"
                        id=field
                        name=parameter.name
                        data-in=parameter.place
                        type="text"
                        autocomplete="off"
                        required=parameter.required
                    />
                </div>
            }
        })
        .collect_view();
    let text = (!body.is_empty()).then(|| {
        let field = format!("{id}-body");
        view! {
            <div class="field">
                <label for=field.clone()>"Body"</label>
                <textarea class="input mono" id=field data-in="body" rows="6" spellcheck="false">{body}</textarea>
            </div>
        }
    });
    view! {
        <form class="try stack" hidden data-method=method data-path=path data-guarded=guarded.then_some("yes")>
            {fields}
            {text}
            <div><button class="button" type="submit">"Send it"</button></div>
            <pre class="secret try-answer" hidden aria-live="polite"></pre>
        </form>
    }
}
