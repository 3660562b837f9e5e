//! Buying credits: the packages side by side, a real form each.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Frame, Notice, PackageFacts, SubmitButton, Tone};
use crate::app::error::sentence_for;
use crate::app::format::{credits, grouped, query_value};
use crate::app::functions::buying::{BuyCredits, PayWithCard, get_buy};
use crate::app::pages::{load, query};
use crate::app::views::{BuyView, OrderView, PackageView};

#[component]
pub fn BuyPage() -> impl IntoView {
    let (canceled, package, error) = (query("canceled"), query("package"), query("error"));
    let data = Resource::new_blocking(move || (package.get(), error.get()), |(package, _)| get_buy(package));
    let action = ServerAction::<BuyCredits>::new();
    load(data, move |view| {
        view! { <Buy view action canceled=canceled.get_untracked() error=error.get_untracked()/> }.into_any()
    })
}

#[component]
fn Buy(view: BuyView, action: ServerAction<BuyCredits>, canceled: String, error: String) -> impl IntoView {
    let BuyView { frame, packages, card, order, request } = view;
    let test_mode = frame.test_mode;
    let cards = packages
        .into_iter()
        .enumerate()
        .map(|(place, package)| view! { <PackageForm place package card=card.clone() request=request.clone() action/> })
        .collect_view();
    let ordered = order.map(|order| view! { <Order order card=card.clone() request=request.clone()/> });
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
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {ordered}
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
fn PackageForm(
    place: usize,
    package: PackageView,
    card: String,
    request: String,
    action: ServerAction<BuyCredits>,
) -> impl IntoView {
    let first = place == 0;
    let name = package.name.clone();
    let label = format!("Buy {name} · {}", package.price);
    let with_card = (!card.is_empty()).then(|| {
        let href = format!("/buy?package={}", query_value(&name));
        view! { <a class="soft" href=href>{format!("{name} with {card}")}</a> }
    });
    view! {
        <article class=if first { "card package package-first" } else { "card package" }>
            <PackageFacts package/>
            <ActionForm action>
                <input type="hidden" name="package" value=name/>
                <input type="hidden" name="request" value=request/>
                <SubmitButton label class=if first { "button button-main button-wide" } else { "button button-wide" }/>
            </ActionForm>
            {with_card}
        </article>
    }
}

/// The whole order before the saved card is charged.
#[component]
fn Order(order: OrderView, card: String, request: String) -> impl IntoView {
    let OrderView { package, credits: brings, price, buys, balance_after } = order;
    view! {
        <section class="card stack" data-testid="order">
            <h2>{format!("Your order: {package}")}</h2>
            <dl class="facts">
                <div><dt>"You get"</dt><dd>{credits(brings)}</dd></div>
                <div><dt>"Enough for"</dt><dd>{buys}</dd></div>
                <div><dt>"Balance afterwards"</dt><dd>{grouped(balance_after)}</dd></div>
                <div><dt>"Paid with"</dt><dd>{card}</dd></div>
                <div><dt>"Total due"</dt><dd><strong>{price.clone()}</strong></dd></div>
            </dl>
            <form method="post" action=PayWithCard::url() class="row">
                <input type="hidden" name="package" value=package/>
                <input type="hidden" name="request" value=request/>
                <button class="button button-main" type="submit">{format!("Pay {price} now")}</button>
                <a href="/billing">"Another card"</a>
            </form>
        </section>
    }
}
