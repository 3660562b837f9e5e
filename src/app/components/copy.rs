//! Copies what is shown elsewhere on the page. Without scripts there is no such button: the text can be selected.

use leptos::prelude::*;

/// Copies the text of the element with the id `from` (`public/page.js`).
#[component]
pub fn CopyButton(from: &'static str) -> impl IntoView {
    view! {
        <p class="needs-script">
            <button class="button button-small" type="button" data-copy=from aria-live="polite">"Copy"</button>
        </p>
    }
}
