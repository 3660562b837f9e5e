//! Buying credits: the packages side by side, a real form each.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Frame, Notice, PackageFacts, PendingButton, Tone};
use crate::app::functions::buying::{BuyCredits, get_buy};
use crate::app::pages::{load, query};
use crate::app::views::{BuyView, PackageView};

#[component]
pub fn BuyPage() -> impl IntoView {
    let canceled = query("canceled");
    let data = Resource::new_blocking(|| (), |()| get_buy());
    let action = ServerAction::<BuyCredits>::new();
    load(data, move |view| view! { <Buy view action canceled=canceled.get()/> }.into_any())
}

#[component]
fn Buy(view: BuyView, action: ServerAction<BuyCredits>, canceled: String) -> impl IntoView {
    let BuyView { frame, packages, request } = view;
    let test_mode = frame.test_mode;
    let cards = packages
        .into_iter()
        .enumerate()
        .map(|(place, package)| view! { <PackageForm place package request=request.clone() action/> })
        .collect_view();
    view! {
        <Title text="Buy credits · Aethel"/>
        <Frame frame title="Buy credits" current="/buy">
            {(!canceled.is_empty()).then(|| view! {
                <Notice tone=Tone::Plain><p>"The checkout was left and nothing was charged. Whenever you like, choose a package again."</p></Notice>
            })}
            {move || match action.value().get() {
                Some(Err(error)) => Some(view! { <Notice tone=Tone::Bad><p>{error.sentence()}</p></Notice> }),
                _ => None,
            }}
            <div class="packages">{cards}</div>
            <p class="soft">
                "You pay on Stripe's page; we never see your card. The credits are yours as soon as Stripe confirms the payment."
            </p>
            {test_mode.then(|| view! {
                <Notice tone=Tone::Warn>
                    <p>"Test mode: no money moves. Pay with card 4242 4242 4242 4242, any future date and any CVC."</p>
                </Notice>
            })}
        </Frame>
    }
}

#[component]
fn PackageForm(place: usize, package: PackageView, request: String, action: ServerAction<BuyCredits>) -> impl IntoView {
    let first = place == 0;
    let name = package.name.clone();
    let this = name.clone();
    let pending = Signal::derive(move || {
        action.input().get().is_some_and(|input| input.package == this) && action.pending().get()
    });
    let label = format!("Buy {name} · {}", package.price);
    view! {
        <article class=if first { "card package package-first" } else { "card package" }>
            <PackageFacts package/>
            <ActionForm action>
                <input type="hidden" name="package" value=name/>
                <input type="hidden" name="request" value=request/>
                <PendingButton pending label class=if first { "button button-main button-wide" } else { "button button-wide" }/>
            </ActionForm>
        </article>
    }
}
