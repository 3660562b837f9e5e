//! The field one types a program into: read along by the same parser while one types, where scripts are on; without
//! them the server says it after sending.

use leptos::prelude::*;

use super::editor::{CodeEditor, EditorProblems};
use crate::app::check::check;
use crate::app::format::grouped;
use crate::app::views::ProblemView;

/// The head of the panel, the field, and below it what keeps the program from being read.
#[island]
pub fn ProgramField(source: String, problems: Vec<ProblemView>) -> impl IntoView {
    // What was typed since the page came; nothing yet, so that browser and server begin with the same page.
    let typed = RwSignal::new(None::<String>);
    let sent = StoredValue::new((source.clone(), problems));
    let state = move || match typed.get() {
        Some(text) => {
            let problems = check(&text);
            (text, problems)
        }
        None => sent.get_value(),
    };
    let read = Memo::new(move |_| state());
    let status = move || read.with(|(text, problems)| status_line(text, problems));
    let below = move || {
        let (source, problems) = read.get();
        (!problems.is_empty())
            .then(|| view! { <div class="problems"><EditorProblems id="source" source problems/></div> })
    };
    view! {
        <div class="panel-head">
            <h2><label for="source">"Program or formula"</label></h2>
            <span class="faint num" data-testid="reading">{status}</span>
        </div>
        <CodeEditor id="source" rows="14" value=source typed read described="problems keys"/>
        <div id="problems" aria-live="polite">{below}</div>
    }
}

/// How many lines there are and whether they can be read.
fn status_line(source: &str, problems: &[ProblemView]) -> String {
    let lines = i64::try_from(source.lines().count()).unwrap_or(i64::MAX);
    let lines = if lines == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(lines)) };
    match problems.len() {
        0 => format!("{lines} · can be read"),
        1 => format!("{lines} · 1 problem"),
        many => format!("{lines} · {many} problems"),
    }
}
