//! Asks how a purchase stands until it stands otherwise, then has the page made anew. Shows nothing.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::functions::buying::get_purchase_state;

/// How often the browser asks, and how many times before it leaves that to the reader: five minutes.
const ASK_EVERY: Duration = Duration::from_millis(1_000);
const ASKS_MAX: u32 = 300;

#[island]
pub fn Asking(
    purchase: String,
    /// As the page says it stands.
    state: String,
) -> impl IntoView {
    let asked = StoredValue::new(0_u32);
    let (purchase, state) = (StoredValue::new(purchase), StoredValue::new(state));
    let ask = move || {
        if asked.get_value() >= ASKS_MAX {
            return;
        }
        asked.update_value(|times| *times += 1);
        spawn_local(async move {
            // One answer that does not come ends nothing: the next one may.
            if let Ok(now) = get_purchase_state(purchase.get_value()).await
                && now != state.get_value()
            {
                drop(window().location().reload());
            }
        });
    };
    // An effect runs in the browser alone.
    Effect::new(move |_| {
        if let Ok(timer) = set_interval(ask, ASK_EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
}
