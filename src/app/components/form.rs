//! Fields and buttons of real forms.

use leptos::prelude::*;

use crate::app::views::ChoiceView;

/// A labelled input with its hint and, when it was refused, the sentence that says why.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(into, optional)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    /// What is wrong with it; empty when nothing is.
    #[prop(into, optional)]
    error: String,
    #[prop(optional)] least: Option<i64>,
    most: i64,
) -> impl IntoView {
    let wrong = !error.is_empty();
    let note = format!("{name}-note");
    let described = (wrong || !hint.is_empty()).then(|| note.clone());
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required
                minlength=least.map(|least| least.to_string())
                maxlength=most.to_string()
                aria-invalid=wrong.then_some("true")
                aria-describedby=described
                autofocus=wrong
            />
            {if wrong {
                view! { <p class="error" id=note>{error}</p> }.into_any()
            } else if hint.is_empty() {
                ().into_any()
            } else {
                view! { <p class="hint" id=note>{hint}</p> }.into_any()
            }}
        </div>
    }
}

/// A labelled list to choose from.
#[component]
pub fn Choice(name: &'static str, label: &'static str, choices: Vec<ChoiceView>, chosen: String) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == chosen;
            view! { <option value=choice.value selected=selected>{choice.title}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="select" id=name name=name>{options}</select>
        </div>
    }
}

/// The button of a form. Where scripts are on it turns a wheel while the form is on its way, and a second press is not
/// sent (`public/page.js`).
#[component]
pub fn SubmitButton(
    #[prop(into)] label: Signal<String>,
    #[prop(default = "button button-main")] class: &'static str,
) -> impl IntoView {
    view! { <button type="submit" class=class>{move || label.get()}</button> }
}
