//! Copies what is shown elsewhere on the page. Without scripts there is no such button: the text can be selected.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::js_sys::{Function, Reflect};

/// Copies the text of the element with the id `from`.
#[island]
pub fn CopyButton(from: String) -> impl IntoView {
    let (live, set_live) = signal(false);
    let (copied, set_copied) = signal(false);
    // An effect runs in the browser alone.
    Effect::new(move |_| set_live.set(true));
    let from = StoredValue::new(from);
    let word = move || if copied.get() { "Copied" } else { "Copy" };
    move || {
        live.get().then(|| {
            view! {
                <button class="button button-small" type="button" on:click=move |_| set_copied.set(from.with_value(|from| copy(from)).is_some())>
                    <span aria-live="polite">{word}</span>
                </button>
            }
        })
    }
}

fn copy(from: &str) -> Option<()> {
    let text = document().get_element_by_id(from)?.text_content()?;
    let navigator = Reflect::get(&window(), &"navigator".into()).ok()?;
    let clipboard = Reflect::get(&navigator, &"clipboard".into()).ok()?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into()).ok()?.dyn_into().ok()?;
    write.call1(&clipboard, &text.into()).ok().map(drop)
}
