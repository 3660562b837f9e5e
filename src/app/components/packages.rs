//! What stands on the card of a credit package.

use leptos::prelude::*;

use crate::app::format::credits;
use crate::app::views::PackageView;

/// Name, price, credits, the price of one credit, and what they buy.
#[component]
pub fn PackageFacts(package: PackageView) -> impl IntoView {
    view! {
        <h3>{package.name}</h3>
        <p class="price">{package.price}</p>
        <p class="soft num">{format!("{} · {} each", credits(package.credits), package.per_credit)}</p>
        <p class="faint">{package.buys}</p>
    }
}
