//! A field of several lines that reads along: a law, or a program that may be left out.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::editor::{CodeEditor, EditorProblems};
use crate::app::check::{check_formula, check_optional};
use crate::app::views::ProblemView;

/// What the text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reading {
    /// A formula.
    Formula,
    /// A program; an empty text is none.
    Program,
}

impl Reading {
    fn problems(self, text: &str) -> Vec<ProblemView> {
        match self {
            Self::Formula => check_formula(text),
            Self::Program => check_optional(text),
        }
    }
}

#[island]
pub fn CodeField(
    /// Its name in the form.
    name: String,
    label: String,
    hint: String,
    rows: String,
    value: String,
    reading: Reading,
) -> impl IntoView {
    let typed = RwSignal::new(None::<String>);
    let sent = StoredValue::new(value.clone());
    let read = Memo::new(move |_| {
        let text = typed.get().unwrap_or_else(|| sent.get_value());
        let problems = reading.problems(&text);
        (text, problems)
    });
    let id = StoredValue::new(name.clone());
    let below = move || {
        let (source, problems) = read.get();
        (!problems.is_empty())
            .then(|| view! { <div class="problems"><EditorProblems id=id.get_value() source problems/></div> })
    };
    let (note, wrong) = (format!("{name}-note"), format!("{name}-problems"));
    view! {
        <div class="field editor-small">
            <label for=name.clone()>{label}</label>
            <CodeEditor id=name rows value typed read described=format!("{note} {wrong}")/>
            <p class="hint" id=note>{hint}</p>
            <div id=wrong aria-live="polite">{below}</div>
        </div>
    }
}
