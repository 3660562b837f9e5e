//! Purchases of every account, and one of them with all that is known of it.

use leptos::prelude::*;
use leptos_meta::Title;

use super::office_events::EventTable;
use crate::app::components::{Choice, Notice, OfficeFrame, PurchaseChip, RefundForm, Tone, WentBack};
use crate::app::error::sentence_for;
use crate::app::format::{grouped, query_value};
use crate::app::functions::office_payments::{get_office_purchase, get_office_purchases};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{FactsView, OfficePurchaseDetailView, OfficePurchaseView, OfficePurchasesView};

#[component]
pub fn OfficePurchasesPage() -> impl IntoView {
    let (state, account, before) = (query("state"), query("account"), query("before"));
    let data = Resource::new_blocking(
        move || (state.get(), account.get(), before.get()),
        |(state, account, before)| get_office_purchases(state, account, before),
    );
    load(data, |view| view! { <Purchases view/> }.into_any())
}

#[component]
fn Purchases(view: OfficePurchasesView) -> impl IntoView {
    let OfficePurchasesView { frame, states, state, account, purchases, next_before, newest } = view;
    let first = format!("/office/purchases?state={}&account={}", query_value(&state), query_value(&account));
    let older = format!("{first}&before={next_before}");
    let filtered = !state.is_empty() || !account.is_empty();
    let body = match (purchases.is_empty(), filtered) {
        (true, true) => view! { <p class="soft">"No purchase fits. Choose another state, or look for the whole id of an account."</p> }.into_any(),
        (true, false) => view! { <p class="soft">"Nothing was bought yet."</p> }.into_any(),
        (false, _) => view! { <PurchaseTable purchases/> }.into_any(),
    };
    view! {
        <Title text="Purchases · Aethel back office"/>
        <OfficeFrame frame title="Purchases" current="/office/purchases">
            <section class="card stack">
                <form method="get" action="/office/purchases" class="fields-row" role="search">
                    <Choice name="state" label="State" choices=states chosen=state/>
                    <div class="field">
                        <label for="account">"Account id"</label>
                        <input class="input" id="account" name="account" type="search" maxlength="64" autocomplete="off" value=account/>
                    </div>
                    <button class="button" type="submit">"Show"</button>
                </form>
                {body}
                <p class="row">
                    {(!newest).then(|| view! { <a href=first>"Newest"</a> })}
                    {(!next_before.is_empty()).then(|| view! { <a href=older>"Older"</a> })}
                </p>
            </section>
        </OfficeFrame>
    }
}

#[component]
fn PurchaseTable(purchases: Vec<OfficePurchaseView>) -> impl IntoView {
    let rows = purchases
        .into_iter()
        .map(|purchase| {
            view! {
                <tr>
                    <td class="when">{purchase.at}</td>
                    <td class="name"><a href=format!("/office/purchases/{}", purchase.id)>{purchase.package}</a></td>
                    <td><PurchaseChip state=purchase.state/></td>
                    <td class="mono fold"><a href=format!("/office/customers/{}", purchase.account)>{purchase.account.clone()}</a></td>
                    <td class="right fold">{grouped(purchase.credits)}</td>
                    <td class="right strong">{purchase.price}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="office-all-purchases">
                <thead>
                    <tr>
                        <th scope="col">"Time, UTC"</th>
                        <th scope="col">"Package"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="fold">"Account"</th>
                        <th scope="col" class="right fold">"Credits"</th>
                        <th scope="col" class="right">"Price"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
pub fn OfficePurchasePage() -> impl IntoView {
    let (id, done, error) = (path_part("id"), query("done"), query("error"));
    let data = Resource::new_blocking(move || id.get(), get_office_purchase);
    load(data, move |view| view! { <Purchase view done=done.get() error=error.get()/> }.into_any())
}

#[component]
fn Purchase(view: OfficePurchaseDetailView, done: String, error: String) -> impl IntoView {
    let OfficePurchaseDetailView { frame, purchase, customer, money, other_payments, request, groups, events } = view;
    let back = format!("/office/purchases/{}", purchase.id);
    let OfficePurchaseView { id, account, package, credits, price, at, state } = purchase;
    let (heading, brings, chip) = (format!("{package} · {price}"), grouped(credits), state.clone());
    let others = other_payments
        .into_iter()
        .map(|payment| {
            let (purchase, request, back) = (id.clone(), request.clone(), back.clone());
            view! {
                <div data-testid="other-payment">
                    <p>"Payment "<code>{payment.clone()}</code>" brought no credits: another amount, or a second payment."</p>
                    <RefundForm purchase left="" payment request back/>
                </div>
            }
        })
        .collect_view();
    let groups = groups.into_iter().map(|group| view! { <Facts group/> }).collect_view();
    let about = if events.is_empty() {
        view! { <p class="soft">"Stripe has not said anything about this purchase yet."</p> }.into_any()
    } else {
        view! { <EventTable events/> }.into_any()
    };
    view! {
        <Title text="Purchase · Aethel back office"/>
        <OfficeFrame frame title="Purchase" current="/office/purchases">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(done == "refund").then(|| view! { <Notice tone=Tone::Good><p>"The money is on its way back. Credits that it brought are taken back with it."</p></Notice> })}
            <section class="card stack" data-testid="office-purchase" data-state=state>
                <div class="card-head"><h2>{heading}</h2><PurchaseChip state=chip/></div>
                <dl class="facts">
                    <div><dt>"Id"</dt><dd class="mono">{id}</dd></div>
                    <div><dt>"Customer"</dt><dd><a href=format!("/office/customers/{account}")>{customer}</a></dd></div>
                    <div><dt>"Brings"</dt><dd>{brings}" credits"</dd></div>
                    <div><dt>"Begun, UTC"</dt><dd>{at}</dd></div>
                </dl>
                <WentBack money=money.money_back credits_back=money.credits_back/>
                <RefundForm purchase=money.id left=money.refundable request back/>
                {others}
            </section>
            {groups}
            <section class="card stack"><h2>"What Stripe said"</h2>{about}</section>
        </OfficeFrame>
    }
}

/// A titled list of facts.
#[component]
pub fn Facts(group: FactsView) -> impl IntoView {
    let facts = group.facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    view! {
        <section class="card stack">
            <h2>{group.title}</h2>
            <dl class="facts">{facts.collect_view()}</dl>
        </section>
    }
}
