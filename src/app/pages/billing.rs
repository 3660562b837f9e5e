//! Cards and automatic purchases: plain forms, which work without scripts.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Chip, Choice, Frame, Notice, Tone};
use crate::app::error::sentence_for;
use crate::app::functions::billing::{
    AddCard, ChooseCard, EndSubscription, OpenPortal, RemoveCard, SetTopUp, Subscribe, get_billing,
};
use crate::app::pages::{load, query};
use crate::app::views::{BillingView, CardView, ChoiceView, SubscriptionView, TopUpView};

#[component]
pub fn BillingPage() -> impl IntoView {
    let (done, error, card) = (query("done"), query("error"), query("card"));
    let data = Resource::new_blocking(move || (done.get(), error.get()), |_| get_billing());
    load(data, move |view| {
        let said = if done.get_untracked().is_empty() { card.get_untracked() } else { done.get_untracked() };
        view! { <Billing view said error=error.get_untracked()/> }.into_any()
    })
}

#[component]
fn Billing(view: BillingView, said: String, error: String) -> impl IntoView {
    let BillingView { frame, cards, cards_known, top_up, subscription, request } = view;
    let said = match said.as_str() {
        "card_chosen" => "This card is charged from now on.",
        "card_removed" => "The card is removed.",
        "top_up_set" => "Saved. It holds from now on.",
        "subscribed" => "Thank you. The fintech prices are yours as soon as Stripe confirms the payment.",
        "subscription_left" => "The page was left and nothing was charged.",
        "subscription_canceled" => "The subscription ends with the paid period. Until then nothing changes.",
        "subscription_resumed" => "The subscription goes on.",
        "saved" => "The card is saved. It is charged from now on, as soon as Stripe has told us.",
        _ => "",
    };
    view! {
        <Title text="Cards and automatic purchases · Aethel"/>
        <Frame frame title="Billing" current="/billing">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(!said.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>{said}</p></Notice> })}
            <Cards cards cards_known request=request.clone()/>
            <TopUp view=top_up/>
            <Fintech view=subscription request=request.clone()/>
            <section class="card row-spread">
                <p class="soft">"Billing details, and the invoices of a subscription, are in Stripe's portal. Receipts of credits are among your " <a href="/purchases">"purchases"</a> "."</p>
                <form method="post" action=OpenPortal::url()>
                    <input type="hidden" name="request" value=request/>
                    <button class="button" type="submit">"Open the portal"</button>
                </form>
            </section>
        </Frame>
    }
}

#[component]
fn Cards(cards: Vec<CardView>, cards_known: bool, request: String) -> impl IntoView {
    let list = if !cards_known {
        view! { <Notice tone=Tone::Warn><p>"Stripe does not answer, so your cards cannot be shown. Reload the page in a minute."</p></Notice> }
            .into_any()
    } else if cards.is_empty() {
        view! { <p class="soft">"No card is saved yet. With one, packages are bought at a press, and automatic purchases can work."</p> }
            .into_any()
    } else {
        let rows = cards.into_iter().map(|card| view! { <CardRow card/> }).collect_view();
        view! {
            <div class="table-wrap">
                <table class="table" data-testid="cards">
                    <thead>
                        <tr>
                            <th scope="col">"Card"</th>
                            <th scope="col" class="fold">"Expires"</th>
                            <th scope="col">"Used for"</th>
                            <th scope="col"><span class="hidden-visually">"Remove"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card stack" id="cards">
            <h2>"Cards"</h2>
            {list}
            <form method="post" action=AddCard::url()>
                <input type="hidden" name="request" value=request/>
                <button class="button" type="submit">"Add a card"</button>
            </form>
            <p class="hint soft">"Cards are typed on Stripe's page and kept there; we never see the number."</p>
        </section>
    }
}

#[component]
fn CardRow(card: CardView) -> impl IntoView {
    let CardView { id, name, expires, is_default } = card;
    let used = if is_default {
        view! { <Chip tone=Tone::Good word="Charged"/> }.into_any()
    } else {
        view! {
            <form method="post" action=ChooseCard::url() class="inline-form">
                <input type="hidden" name="card" value=id.clone()/>
                <button class="button button-small" type="submit">"Charge this one"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <td class="name">{name}</td>
            <td class="when fold">{expires}</td>
            <td>{used}</td>
            <td class="right">
                <details class="more">
                    <summary>"Remove"</summary>
                    <form method="post" action=RemoveCard::url() class="stack-tight">
                        <input type="hidden" name="card" value=id/>
                        <p class="faint">"It can no longer be charged."</p>
                        <button class="button button-small button-bad" type="submit">"Remove the card"</button>
                    </form>
                </details>
            </td>
        </tr>
    }
}

#[component]
fn TopUp(view: TopUpView) -> impl IntoView {
    let TopUpView { enabled, sentence, threshold, package, cap, packages, halted, confirm, not_before } = view;
    let state = |value: &str, title: &str| ChoiceView { value: value.to_owned(), title: title.to_owned() };
    let switched = vec![state("on", "On"), state("off", "Off")];
    let chosen = if enabled || threshold.is_empty() { "on" } else { "off" };
    let stopped = !halted.is_empty();
    let to_confirm = (!confirm.is_empty()).then(|| format!("/buy/confirm?purchase={confirm}"));
    view! {
        <section class="card stack" id="top-up">
            <h2>"Automatic purchases"</h2>
            <p data-testid="top-up-rule">{sentence}</p>
            {stopped.then(|| view! {
                <Notice tone=Tone::Warn>
                    <p>
                        "Stopped. " {sentence_for(&halted)}
                        {to_confirm.map(|url| view! { " " <a href=url>"Confirm the payment"</a> })}
                    </p>
                </Notice>
            })}
            {(!stopped && enabled && !not_before.is_empty()).then(|| view! {
                <Notice tone=Tone::Plain><p>{format!("Nothing is tried before {not_before}: the last payment failed, or the month's limit is reached.")}</p></Notice>
            })}
            <form method="post" action=SetTopUp::url() class="fields-row">
                <Choice name="enabled" label="Automatic purchases" choices=switched chosen=chosen.to_owned()/>
                <Typed name="threshold" label="When fewer credits are left than" value=threshold hint="A whole number, for example 200."/>
                <Choice name="package" label="Buy" choices=packages chosen=package/>
                <Typed name="cap" label="At most, dollars a month" value=cap hint="Payments under way count. Months are those of UTC."/>
                <button class="button" type="submit">"Save the rule"</button>
            </form>
        </section>
    }
}

/// The subscription, in the state it is in.
#[component]
fn Fintech(view: SubscriptionView, request: String) -> impl IntoView {
    let SubscriptionView { state, price, paid_until, tier_until, pay_at } = view;
    let says = match state.as_str() {
        "none" => format!(
            "{price} a month, and every operation costs about 15 % less. Ends whenever you like, with the paid month."
        ),
        "arranged" => "Your tier is arranged with us; there is nothing to pay here.".to_owned(),
        "awaiting_payment" => "The subscription waits for its first payment.".to_owned(),
        "past_due" => format!(
            "The last payment did not go through. You keep the fintech prices until {tier_until} (UTC); save another card, and Stripe asks it in the next days."
        ),
        "canceling" => format!("The subscription ends on {paid_until} (UTC). Until then you have the fintech prices."),
        _ => format!("You have the fintech prices. The next {price} is charged on {paid_until} (UTC)."),
    };
    let (tone, word) = match state.as_str() {
        "active" => (Tone::Good, "Active"),
        "past_due" => (Tone::Bad, "Past due"),
        "canceling" => (Tone::Warn, "Ending"),
        "awaiting_payment" => (Tone::Plain, "Not paid yet"),
        "arranged" => (Tone::Plain, "By arrangement"),
        _ => (Tone::Plain, "Not subscribed"),
    };
    let change = match state.as_str() {
        "none" => view! {
            <form method="post" action=Subscribe::url()>
                <input type="hidden" name="request" value=request/>
                <button class="button" type="submit">{format!("Subscribe for {price} a month")}</button>
            </form>
        }
        .into_any(),
        "active" | "past_due" => view! { <EndForm ends="yes" label="End it with the paid month"/> }.into_any(),
        "canceling" => view! { <EndForm ends="no" label="Keep the subscription"/> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <section class="card stack" id="subscription" data-testid="subscription" data-state=state>
            <div class="row-spread">
                <h2>"Fintech tier"</h2>
                <Chip tone word/>
            </div>
            <p>{says}</p>
            <div class="row">
                {(!pay_at.is_empty()).then(|| view! { <a class="button button-main" href=pay_at rel="external">"Pay on Stripe's page"</a> })}
                {change}
            </div>
        </section>
    }
}

#[component]
fn EndForm(ends: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=EndSubscription::url()>
            <input type="hidden" name="ends" value=ends/>
            <button class="button" type="submit">{label}</button>
        </form>
    }
}

/// A number that is needed.
#[component]
fn Typed(name: &'static str, label: &'static str, value: String, hint: &'static str) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type="text"
                inputmode="decimal"
                autocomplete="off"
                maxlength="22"
                required
                value=value
                aria-describedby=note.clone()
            />
            <p class="hint" id=note>{hint}</p>
        </div>
    }
}
