//! Back from the checkout: waits for Stripe's word, then shows the new balance.
//!
//! Without scripts the page asks again by itself every two seconds; with them it asks in the background.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Balance, Frame, Notice, PurchaseChip, Tone, WentBack};
use crate::app::format::{credits, grouped};
use crate::app::functions::buying::get_return;
use crate::app::islands::Asking;
use crate::app::pages::{load, query};
use crate::app::views::{PurchaseView, ReturnView};

/// Reloads a page that has no scripts.
const RELOAD: &str = "<meta http-equiv=\"refresh\" content=\"2\">";

#[component]
pub fn BuyReturnPage() -> impl IntoView {
    let purchase = query("purchase");
    let data = Resource::new_blocking(move || purchase.get(), get_return);
    load(data, |view| view! { <Returned view/> }.into_any())
}

#[component]
fn Returned(view: ReturnView) -> impl IntoView {
    let ReturnView { frame, purchase } = view;
    let available = frame.available;
    let (heading, state) = (format!("{} · {}", purchase.package, purchase.price), purchase.state.clone());
    let chip = state.clone();
    let is_wrong = !purchase.mismatch.is_empty();
    let title = match purchase.state.as_str() {
        "paid" | "reinstated" => format!("Credits · {} left", grouped(available)),
        "created" | "pending" | "processing" | "failed" | "expired" if is_wrong => {
            "The payment does not match · Aethel".to_owned()
        }
        "failed" => "Payment failed · Aethel".to_owned(),
        "expired" => "Checkout expired · Aethel".to_owned(),
        _ => "Waiting for the payment · Aethel".to_owned(),
    };
    view! {
        <Title text=title/>
        <Frame frame title="Buy credits" current="/buy">
            <section class="card stack" aria-live="polite" data-testid="purchase" data-state=state>
                <div class="row-spread">
                    <h2>{heading}</h2>
                    <PurchaseChip state=chip/>
                </div>
                <Outcome purchase available/>
            </section>
        </Frame>
    }
}

#[component]
fn Outcome(purchase: PurchaseView, available: i64) -> impl IntoView {
    let receipt = format!("/purchases/{}/receipt", purchase.id);
    let sentence = purchase.mismatch_sentence.clone();
    let wrong = (!sentence.is_empty())
        .then(|| view! { <Notice tone=Tone::Warn><p data-testid="mismatch">{sentence}</p></Notice> });
    match purchase.state.as_str() {
        "created" | "pending" | "processing" | "failed" | "expired" if wrong.is_some() => view! {
            {wrong}
            <p class="row">
                <a class="button button-main" href="/buy">"Buy credits"</a>
                <a href="/purchases">"All purchases"</a>
            </p>
        }
        .into_any(),
        "created" | "pending" | "processing" => view! { <Pending purchase/> }.into_any(),
        "paid" | "reinstated" => view! {
            <Notice tone=Tone::Good><p>{format!("{} added to your account.", credits(purchase.credits))}</p></Notice>
            {wrong}
            <Balance available/>
            <p class="row">
                <a class="button button-main" href="/judge">"Verify a program"</a>
                <a class="button" href="/dashboard">"Go to the overview"</a>
                <a href=receipt>"Receipt"</a>
            </p>
        }
        .into_any(),
        "failed" => view! { <Failed purchase/> }.into_any(),
        "expired" => view! {
            <Notice tone=Tone::Warn><p>"The checkout was open for too long and has closed. Nothing was charged."</p></Notice>
            <p class="row"><a class="button button-main" href="/buy">"Start again"</a></p>
        }
        .into_any(),
        _ => view! {
            <p class="soft">{changed_sentence(&purchase.state)}</p>
            {wrong}
            <WentBack money=purchase.money_back credits_back=purchase.credits_back/>
            <p class="row"><a class="button" href="/ledger">"See the ledger"</a><a href=receipt>"Receipt"</a></p>
        }
        .into_any(),
    }
}

/// What has become of a purchase that was paid.
fn changed_sentence(state: &str) -> &'static str {
    match state {
        "partly_refunded" => "This purchase was paid, and a part of the money was refunded.",
        "refunded" => "This purchase was paid, and the money was refunded.",
        "disputed" => "This payment is disputed: the bank holds the money until it has decided.",
        "lost" => "This payment was disputed, and the bank decided that the money goes back.",
        _ => "This purchase was paid and has changed since.",
    }
}

/// Says that an attempt failed, and asks on: a later one may have paid, and the word of it be on its way.
#[component]
fn Failed(purchase: PurchaseView) -> impl IntoView {
    let again = if purchase.checkout_url.is_empty() { "/buy".to_owned() } else { purchase.checkout_url };
    view! {
        <Asking purchase=purchase.id.clone() state=purchase.state.clone()/>
        <noscript inner_html=RELOAD></noscript>
        <Notice tone=Tone::Warn>
            <p>
                "The last attempt to pay did not go through and nothing was charged for it. Another card often helps. "
                "If you have paid since, the credits appear here as soon as Stripe confirms."
            </p>
        </Notice>
        <p class="row">
            <a class="button button-main" href=again>"Try again"</a>
            <a href="/purchases">"All purchases"</a>
        </p>
    }
}

/// Says that the word is awaited, and asks for it.
#[component]
fn Pending(purchase: PurchaseView) -> impl IntoView {
    let text = if purchase.state == "processing" {
        "Your bank is still moving the money. The credits arrive with it; you may close this page."
    } else {
        "Waiting for Stripe to confirm the payment. This takes a moment."
    };
    view! {
        <Asking purchase=purchase.id.clone() state=purchase.state.clone()/>
        <noscript inner_html=RELOAD></noscript>
        <p class="row"><span class="spinner" aria-hidden="true"></span><span>{text}</span></p>
        <p class="row">
            {(!purchase.checkout_url.is_empty()).then(|| view! { <a href=purchase.checkout_url.clone()>"Back to the checkout"</a> })}
            <a href="/purchases">"All purchases"</a>
        </p>
    }
}
