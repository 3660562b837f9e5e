//! A payment that the bank wants confirmed: what it is for, and the way to the bank's page.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Frame, Notice, PurchaseChip, Tone};
use crate::app::error::sentence_for;
use crate::app::format::credits;
use crate::app::functions::billing::{ConfirmPayment, get_confirmation};
use crate::app::pages::{load, query};
use crate::app::views::ConfirmView;

#[component]
pub fn BuyConfirmPage() -> impl IntoView {
    let (purchase, error) = (query("purchase"), query("error"));
    let data =
        Resource::new_blocking(move || (purchase.get(), error.get()), |(purchase, _)| get_confirmation(purchase));
    load(data, move |view| view! { <Confirm view error=error.get_untracked()/> }.into_any())
}

#[component]
fn Confirm(view: ConfirmView, error: String) -> impl IntoView {
    let ConfirmView { frame, purchase, can_confirm, request } = view;
    let heading = format!("{} · {}", purchase.package, purchase.price);
    let back = format!("/buy/return?purchase={}", purchase.id);
    let what = if can_confirm {
        view! {
            <p>{format!("Your bank wants you to confirm this payment. Then {} are yours; until then nothing is charged.", credits(purchase.credits))}</p>
            <form method="post" action=ConfirmPayment::url() class="row">
                <input type="hidden" name="purchase" value=purchase.id/>
                <input type="hidden" name="request" value=request/>
                <button class="button button-main" type="submit">{format!("Confirm {} at the bank", purchase.price)}</button>
                <a href="/billing">"Use another card"</a>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p class="soft">"There is nothing to confirm for this purchase any more."</p>
            <p class="row"><a class="button" href=back>"See where it stands"</a></p>
        }
        .into_any()
    };
    view! {
        <Title text="Confirm the payment · Aethel"/>
        <Frame frame title="Confirm the payment" current="/buy">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            <section class="card stack" data-testid="purchase">
                <div class="row-spread">
                    <h2>{heading}</h2>
                    <PurchaseChip state=purchase.state/>
                </div>
                {what}
            </section>
        </Frame>
    }
}
