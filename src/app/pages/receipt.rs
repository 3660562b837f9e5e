//! The receipt of a purchase, to print or to download.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::Frame;
use crate::app::functions::buying::get_receipt;
use crate::app::pages::{load, path_part};
use crate::app::views::ReceiptView;

#[component]
pub fn ReceiptPage() -> impl IntoView {
    let id = path_part("id");
    let data = Resource::new_blocking(move || id.get(), get_receipt);
    load(data, |view| view! { <Receipt view/> }.into_any())
}

#[component]
fn Receipt(view: ReceiptView) -> impl IntoView {
    let ReceiptView { frame, purchase, facts } = view;
    let facts =
        facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view();
    view! {
        <Title text="Receipt · Aethel"/>
        <Frame frame title="Purchases" current="/purchases">
            <section class="card stack">
                <h2 class="page-title">"Receipt"</h2>
                <p class="soft">"Aethel, formal verification by the credit"</p>
                <dl class="facts" data-testid="receipt">{facts}</dl>
                <p class="row no-print">
                    <a class="button button-main" href=format!("/purchases/{purchase}/receipt.pdf") rel="external" download="">"Download as PDF"</a>
                    <a href="/purchases">"All purchases"</a>
                </p>
            </section>
        </Frame>
    }
}
