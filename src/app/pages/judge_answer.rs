//! One verification: the program left, the answer right.

use leptos::prelude::*;
use leptos_meta::Title;

use super::judge::QUESTIONS;
use crate::app::components::{CodeBlock, Frame, VerdictPanel, verdict_words};
use crate::app::format::grouped;
use crate::app::functions::judge::get_verdict;
use crate::app::pages::{load, path_part};
use crate::app::views::VerdictView;

#[component]
pub fn JudgeAnswerPage() -> impl IntoView {
    let id = path_part("id");
    let data = Resource::new_blocking(move || id.get(), get_verdict);
    load(data, |view| view! { <Answer view/> }.into_any())
}

#[component]
fn Answer(view: VerdictView) -> impl IntoView {
    let word = verdict_words(&view.verdict).1;
    let lines = i64::try_from(view.source.lines().count()).unwrap_or(i64::MAX);
    let question = QUESTIONS.into_iter().find(|(value, _)| *value == view.kind).map_or("", |(_, title)| title);
    let frame = view.frame.clone();
    let (source, fault_line) = (view.source.clone(), view.fault_line);
    let edit = format!("/judge?from={}", view.id);
    view! {
        <Title text=format!("{word} · Judge")/>
        <Frame frame title="Judge" current="/judge">
            <div class="bench">
                <section class="panel">
                    <div class="panel-head">
                        <h2>{question}</h2>
                        <span class="faint num">{if lines == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(lines)) }}</span>
                    </div>
                    <CodeBlock source fault_line/>
                    <div class="panel-foot">
                        <span class="faint">"Paid only if there is a verdict. Unknown is free."</span>
                        <a class="button" href=edit>"Edit and verify again"</a>
                    </div>
                </section>
                <VerdictPanel answer=view/>
            </div>
        </Frame>
    }
}
