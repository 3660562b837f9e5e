//! Brings a server-rendered page to life in the browser.

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

use super::App;

/// Takes over the page, then marks it so that nobody has to guess whether it is live.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
    if let Some(root) = document().document_element() {
        // A page that cannot take an attribute is still a working page.
        let _ = root.set_attribute("data-hydrated", "");
    }
}
