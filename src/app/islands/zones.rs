//! A list of time zones, with the browser's own where scripts are on.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::js_sys::{Array, Intl, Object, Reflect};

use crate::app::views::ChoiceView;

/// The zones to choose from. The one that the browser lives by joins them once the page is live.
#[island]
pub fn ZoneChoice(zones: Vec<ChoiceView>, chosen: String) -> impl IntoView {
    let own = RwSignal::new(String::new());
    // Runs in the browser alone: what the server renders must not depend on where somebody reads it.
    Effect::new(move |_| own.set(browser_zone()));
    let known: Vec<String> = zones.iter().map(|zone| zone.value.clone()).collect();
    let own_option = move || {
        own.with(|own| !own.is_empty() && !known.contains(own)).then(|| {
            view! { <option value=own.get()>{move || format!("{} (this browser)", own.get().replace('_', " "))}</option> }
        })
    };
    let options = zones
        .into_iter()
        .map(|zone| {
            let selected = zone.value == chosen;
            view! { <option value=zone.value selected=selected>{zone.title}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="zone">"Time zone"</label>
            <select class="select" id="zone" name="zone">{options}{own_option}</select>
        </div>
    }
}

/// The IANA name of the zone that the browser lives by; empty when it does not tell.
fn browser_zone() -> String {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    let zone = Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone"));
    zone.ok().and_then(|zone| zone.as_string()).unwrap_or_default()
}
