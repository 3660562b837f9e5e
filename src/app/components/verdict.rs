//! The Judge's answer: verdict, the line at fault, values before and after, and what it cost.

use leptos::prelude::*;

use crate::app::components::{Chip, Tone, verdict_words};
use crate::app::format::grouped;
use crate::app::views::{FactView, ValueView, VerdictFound};

/// The panel on the right.
#[component]
pub fn VerdictPanel(
    found: VerdictFound,
    /// Where a mend is tried; empty for who may not.
    #[prop(optional)]
    mend: String,
    /// What was available once it was settled, to whom that may be told.
    #[prop(optional, into)]
    balance: Option<i64>,
    /// The same of the entry that was paid by.
    #[prop(optional, into)]
    receipt: Option<String>,
) -> impl IntoView {
    let answer = found;
    let (tone, word) = verdict_words(&answer.verdict);
    let large = match tone {
        Tone::Good => "chip chip-large chip-good",
        Tone::Bad => "chip chip-large chip-bad",
        Tone::Warn => "chip chip-large chip-warn",
        Tone::Held | Tone::Plain => "chip chip-large",
    };
    let sign = match tone {
        Tone::Good => "✓",
        Tone::Bad => "✕",
        Tone::Warn => "!",
        Tone::Held | Tone::Plain => "?",
    };
    let left = balance.map(|balance| format!(" · {} left", grouped(balance))).unwrap_or_default();
    let cost = format!("{} · charged {}{left}", answer.took, grouped(answer.charged));
    view! {
        <section class="panel" aria-live="polite" data-testid="verdict" data-verdict=answer.verdict.clone()>
            <div class="panel-body stack">
                <div class="row-spread">
                    <span class=large><span aria-hidden="true">{sign}</span><span>{word}</span></span>
                    <span class="faint num">{cost}</span>
                </div>
                <div class="stack-tight">
                    <p class="verdict-line">
                        {answer.headline}
                        {(!answer.fault.is_empty()).then(|| view! { " " <code>{answer.fault.clone()}</code> })}
                    </p>
                    {(!answer.explanation.is_empty()).then(|| view! { <p class="soft">{answer.explanation.clone()}</p> })}
                </div>
                {(!answer.mend.is_empty()).then(|| view! {
                    <p class="soft">
                        "Did you mean "<code>{answer.mend.clone()}</code>"? "
                        {(!mend.is_empty()).then(|| view! { <a href=mend.clone()>"Use it"</a> })}
                    </p>
                })}
                {(!answer.values.is_empty()).then(|| view! { <Values values=answer.values.clone()/> })}
                <dl class="facts">
                    {answer.facts.into_iter().map(|fact| view! { <Fact fact/> }).collect_view()}
                    {(!answer.rests_on.is_empty()).then(|| view! {
                        <div data-testid="rests-on"><dt>"Rests on"</dt><dd>{answer.rests_on.clone()}</dd></div>
                    })}
                    <div><dt>"Verified"</dt><dd>{answer.at}</dd></div>
                    <div><dt>"Solver"</dt><dd>{answer.solver}</dd></div>
                    {(!answer.limits.is_empty()).then(|| view! {
                        <div data-testid="limits"><dt>"Limits"</dt><dd>{answer.limits.clone()}</dd></div>
                    })}
                    {receipt.map(|receipt| view! { <div><dt>"Receipt"</dt><dd class="mono">{receipt}</dd></div> })}
                </dl>
            </div>
        </section>
    }
}

#[component]
fn Values(values: Vec<ValueView>) -> impl IntoView {
    let two = values.iter().any(|value| !value.before.is_empty() && !value.after.is_empty());
    let rows = values
        .into_iter()
        .map(|value| {
            let class = if value.wrong { "right mono strong fault-value" } else { "right mono" };
            if two {
                view! {
                    <tr>
                        <td><code>{value.name}</code></td>
                        <td class="right mono">{dash(value.before)}</td>
                        <td class=class>{dash(value.after)}</td>
                    </tr>
                }
                .into_any()
            } else {
                let only = if value.after.is_empty() { value.before } else { value.after };
                view! { <tr><td><code>{value.name}</code></td><td class=class>{only}</td></tr> }.into_any()
            }
        })
        .collect_view();
    let head = if two {
        view! { <th scope="col" class="right">"Before"</th><th scope="col" class="right">"After"</th> }.into_any()
    } else {
        view! { <th scope="col" class="right">"Value"</th> }.into_any()
    };
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="counterexample">
                <thead><tr><th scope="col">"Name"</th>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn dash(text: String) -> String {
    if text.is_empty() { "–".into() } else { text }
}

#[component]
fn Fact(fact: FactView) -> impl IntoView {
    let shown = if fact.tone.is_empty() {
        fact.text.into_any()
    } else {
        view! { <Chip tone=Tone::named(&fact.tone) word=fact.text/> }.into_any()
    };
    view! { <div><dt>{fact.title}</dt><dd>{shown}</dd></div> }
}
