//! Numbers that carry the page.

use leptos::prelude::*;

use crate::app::format::{credit_word, grouped};

/// The available balance: the largest thing on the page.
#[component]
pub fn Balance(available: i64) -> impl IntoView {
    view! {
        <p class="balance" data-testid="balance">
            {grouped(available)}
            <span class="balance-unit">{format!(" {}", credit_word(available))}</span>
        </p>
    }
}
