//! One verification: the program left, the answer right.

use leptos::prelude::*;
use leptos_meta::Title;

use super::judge::{QUESTIONS, RunAgain};
use crate::app::components::{AskedBeside, CodeBlock, Frame, SharePanel, VerdictPanel, verdict_words};
use crate::app::format::grouped;
use crate::app::functions::judge::get_verdict;
use crate::app::pages::{load, path_part, query};
use crate::app::views::{VerdictFound, VerdictView};

#[component]
pub fn JudgeAnswerPage() -> impl IntoView {
    let (id, shared) = (path_part("id"), query("shared"));
    let data = Resource::new_blocking(move || (id.get(), shared.get()), |(id, shared)| get_verdict(id, shared));
    load(data, |view| view! { <Answer view/> }.into_any())
}

#[component]
fn Answer(view: VerdictView) -> impl IntoView {
    let VerdictView { frame, id, balance, receipt, share, again, found } = view;
    let word = verdict_words(&found.verdict).1;
    let may_share = frame.may.spend;
    let edit = format!("/judge?from={}", id);
    let mend = format!("/judge?from={id}&mend=yes");
    view! {
        <Title text=format!("{word} · Judge")/>
        <Frame frame title="Judge" current="/judge">
            <div class="bench">
                <section class="panel">
                    <Asked found=found.clone()/>
                    <div class="panel-foot">
                        <span class="faint">"Paid only if there is a verdict. Unknown is free."</span>
                        <div class="row">
                            <a class="button" href=edit>"Edit and verify again"</a>
                            {may_share.then(|| view! { <RunAgain again/> })}
                        </div>
                    </div>
                </section>
                <div class="stack">
                    <VerdictPanel found mend balance receipt/>
                    <SharePanel share may_share/>
                </div>
            </div>
        </Frame>
    }
}

/// The question, the program, and what stands beside it.
#[component]
pub(super) fn Asked(found: VerdictFound) -> impl IntoView {
    let VerdictFound { kind, source, beside, fault_line, .. } = found;
    let lines = i64::try_from(source.lines().count()).unwrap_or(i64::MAX);
    let question = QUESTIONS.into_iter().find(|(value, _)| *value == kind).map_or("", |(_, title)| title);
    view! {
        <div class="panel-head">
            <h2>{question}</h2>
            <span class="faint num">{if lines == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(lines)) }}</span>
        </div>
        <CodeBlock source fault_line/>
        {(!beside.is_empty()).then(|| view! { <div class="panel-body stack-tight"><AskedBeside beside/></div> })}
    }
}
