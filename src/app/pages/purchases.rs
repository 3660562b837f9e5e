//! What was bought, newest first.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{EmptyState, Frame, PurchaseChip, WentBack};
use crate::app::format::grouped;
use crate::app::functions::buying::get_purchases;
use crate::app::pages::{load, query};
use crate::app::views::{PurchaseView, PurchasesView};

#[component]
pub fn PurchasesPage() -> impl IntoView {
    let before = query("before");
    let data = Resource::new_blocking(move || before.get(), get_purchases);
    load(data, |view| view! { <Purchases view/> }.into_any())
}

#[component]
fn Purchases(view: PurchasesView) -> impl IntoView {
    let PurchasesView { frame, purchases, next_before, newest } = view;
    let body = if purchases.is_empty() {
        view! {
            <EmptyState title="Nothing bought yet" text="A first package of 100 credits costs $10." href="/buy" action="See the packages"/>
        }
        .into_any()
    } else {
        let rows = purchases.into_iter().map(|purchase| view! { <Row purchase/> }).collect_view();
        view! {
            <div class="table-wrap">
                <table class="table" data-testid="purchases">
                    <thead>
                        <tr>
                            <th scope="col">"Time, UTC"</th>
                            <th scope="col">"Package"</th>
                            <th scope="col" class="right fold">"Credits"</th>
                            <th scope="col" class="right">"Price"</th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="fold">"Purchase"</th>
                            <th scope="col">"Receipt"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <Title text="Purchases · Aethel"/>
        <Frame frame title="Purchases" current="/purchases">
            <section class="card stack">
                {body}
                <nav class="row" aria-label="Pages of purchases">
                    {(!newest).then(|| view! { <a class="button button-small" href="/purchases">"Newest"</a> })}
                    {(!next_before.is_empty()).then(|| view! { <a class="button button-small" href=format!("/purchases?before={next_before}")>"Older"</a> })}
                </nav>
            </section>
        </Frame>
    }
}

#[component]
fn Row(purchase: PurchaseView) -> impl IntoView {
    let receipt = format!("/purchases/{}/receipt", purchase.id);
    let wrong = (!purchase.mismatch.is_empty())
        .then(|| view! { <p class="soft" data-testid="mismatch">{purchase.mismatch_sentence.clone()}</p> });
    view! {
        <tr>
            <td class="when">{purchase.at}</td>
            <td class="name">{purchase.package}</td>
            <td class="right strong fold">{grouped(purchase.credits)}</td>
            <td class="right">{purchase.price}</td>
            <td><PurchaseChip state=purchase.state/><WentBack money=purchase.money_back credits_back=purchase.credits_back/>{wrong}</td>
            <td class="when fold"><a href=format!("/buy/return?purchase={}", purchase.id)>{purchase.id.clone()}</a></td>
            <td>{purchase.has_receipt.then(|| view! { <a href=receipt>"Receipt"</a> })}</td>
        </tr>
    }
}
