//! Keys as somebody sees them who may not touch them.

use leptos::prelude::*;

use crate::app::components::{Chip, Tone};
use crate::app::views::KeyView;

/// Names and prefixes; there is nothing more to show.
#[component]
pub fn KeyFacts(keys: Vec<KeyView>) -> impl IntoView {
    if keys.is_empty() {
        return view! { <p class="soft">"No keys."</p> }.into_any();
    }
    let rows = keys
        .into_iter()
        .map(|key| {
            let (tone, word) = key_state(&key.state);
            let state = view! { <Chip tone=tone word=word/> };
            view! {
                <tr>
                    <td class="name">{key.name}</td>
                    <td class="mono fold">{key.prefix}</td>
                    <td class="when fold">{key.last_used}</td>
                    <td>{state}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="key-facts">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="fold">"Starts with"</th>
                        <th scope="col" class="fold">"Last used, UTC"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How a key's state is called and what it means.
pub fn key_state(state: &str) -> (Tone, &'static str) {
    match state {
        "active" => (Tone::Good, "Active"),
        "expired" => (Tone::Warn, "Expired"),
        _ => (Tone::Plain, "Revoked"),
    }
}
