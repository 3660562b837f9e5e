//! What the pages of the paid services share: the form's side, its problems, what it cost.

use leptos::prelude::*;

use crate::app::components::{EmptyState, Notice, Tone, VerdictChip};
use crate::app::error::sentence_for;
use crate::app::format::grouped;
use crate::app::views::{CostView, ValueView, WorkView};

/// What was refused, above the form.
#[component]
pub fn WorkRefused(error: String, problems: Vec<String>) -> impl IntoView {
    if error.is_empty() {
        return ().into_any();
    }
    let broke = error == "insufficient_credits";
    let sentence =
        if problems.is_empty() { sentence_for(&error) } else { "This cannot be read yet. Nothing was charged." };
    let list = problems.into_iter().map(|problem| view! { <li>{problem}</li> }).collect_view();
    view! {
        <Notice tone=Tone::Bad>
            <p>{sentence} " " {broke.then(|| view! { <a href="/buy">"Buy credits"</a> })}</p>
            <ul class="plain" data-testid="work-problems">{list}</ul>
        </Notice>
    }
    .into_any()
}

/// Examples to begin with, and what was asked before.
#[component]
pub fn WorkSide(
    /// Where the pages are, such as `/oracle`.
    path: &'static str,
    /// The first example's address.
    start: &'static str,
    examples: Vec<(String, String)>,
    recent: Vec<WorkView>,
) -> impl IntoView {
    let links = examples
        .into_iter()
        .map(|(slug, title)| view! { <li><a href=format!("{path}?example={slug}")>{title}</a></li> })
        .collect_view();
    let body = if recent.is_empty() {
        view! {
            <EmptyState title="Nothing here yet" text="Take an example, press the button, and read the answer." href=start action="Take an example"/>
        }
        .into_any()
    } else {
        let rows = recent
            .into_iter()
            .map(|one| {
                view! {
                    <tr>
                        <td class="detail"><a href=format!("{path}/{}", one.id)>{one.title}</a></td>
                        <td><VerdictChip verdict=one.verdict/></td>
                        <td class="right when fold">{one.at}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <div class="table-wrap"><table class="table" data-testid="recent">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"Answer"</th>
                        <th scope="col" class="right fold">"When, UTC"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    view! {
        <div class="stack bench-side">
            <section class="card stack-tight"><h2>"Examples"</h2><ul class="choices">{links}</ul></section>
            <section class="card"><div class="card-head"><h2>"Asked before"</h2></div>{body}</section>
        </div>
    }
}

/// Files that are tables.
pub const TABLES: &str = ".csv,text/csv,text/plain";
/// Files that are tables or JSON.
pub const TABLES_AND_JSON: &str = ".csv,.json,text/csv,text/plain,application/json";

/// A field of several lines.
#[component]
pub fn WorkText(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    rows: &'static str,
    value: String,
    /// Which kinds of files can be read into it; none when empty.
    #[prop(default = "")]
    files: &'static str,
) -> impl IntoView {
    let note = format!("{name}-note");
    let picker = (!files.is_empty()).then(|| {
        let id = format!("{name}-file");
        view! {
            <p class="needs-script row">
                <label class="hint" for=id.clone()>"or a file:"</label>
                <input id=id type="file" accept=files data-into=name/>
                <span class="hint" aria-live="polite" data-progress=name></span>
            </p>
        }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea class="input code-input" id=name name=name rows=rows spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby=note.clone()>
                {value}
            </textarea>
            <p class="hint" id=note>{hint}</p>
            {picker}
        </div>
    }
}

/// What it cost and what proves it.
#[component]
pub fn WorkCost(cost: CostView) -> impl IntoView {
    view! {
        <dl class="facts">
            <div><dt>"Charged"</dt><dd class="num">{grouped(cost.charged)} " credits, " {grouped(cost.balance)} " left"</dd></div>
            <div><dt>"Receipt"</dt><dd class="hash">{cost.receipt}</dd></div>
            <div><dt>"Asked"</dt><dd>{cost.at}</dd></div>
        </dl>
    }
}

/// Values by name.
#[component]
pub fn ValueTable(title: &'static str, values: Vec<ValueView>) -> impl IntoView {
    if values.is_empty() {
        return ().into_any();
    }
    let rows = values
        .into_iter()
        .map(|one| view! { <tr><td class="name">{one.name}</td><td class="right num">{one.after}</td></tr> })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="table">
            <thead><tr><th scope="col">{title}</th><th scope="col" class="right">"Value"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}
