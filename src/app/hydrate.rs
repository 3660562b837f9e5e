//! Brings the islands of a server-rendered page to life in the browser.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Makes ready for the islands, which the page's script then takes one by one; when that is done, marks the page so
/// that nobody has to guess whether it is live.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    // The script goes from island to island without leaving its task: the next task comes after all of them.
    if set_timeout(mark, Duration::ZERO).is_err() {
        mark();
    }
}

fn mark() {
    if let Some(root) = document().document_element() {
        // A page that cannot take an attribute is still a working page.
        let _ = root.set_attribute("data-hydrated", "");
    }
}
