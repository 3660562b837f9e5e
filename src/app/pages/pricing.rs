//! Prices, the rounding rule, and a calculator that is a plain form.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Choice, Field, Notice, PackageFacts, PublicFrame, Tone};
use crate::app::error::sentence_for;
use crate::app::format::{credits, grouped};
use crate::app::functions::public::get_pricing;
use crate::app::pages::{load, query};
use crate::app::views::{ChoiceView, PriceRow, PricingView, QuoteView};

#[component]
pub fn PricingPage() -> impl IntoView {
    let (operation, tier, quantity) = (query("operation"), query("tier"), query("quantity"));
    let data = Resource::new_blocking(
        move || (operation.get(), tier.get(), quantity.get()),
        |(operation, tier, quantity)| get_pricing(operation, tier, quantity),
    );
    load(data, |view| view! { <Pricing view/> }.into_any())
}

#[component]
fn Pricing(view: PricingView) -> impl IntoView {
    let operations = view
        .prices
        .iter()
        .map(|row| ChoiceView { value: row.operation.clone(), title: format!("{}, per {}", row.title, row.unit) })
        .collect();
    let packages = view
        .packages
        .into_iter()
        .map(|package| {
            view! {
                <article class="card package">
                    <PackageFacts package/>
                    <a class="button" href="/buy">"Buy"</a>
                </article>
            }
        })
        .collect_view();
    view! {
        <Title text="Pricing · Aethel"/>
        <PublicFrame frame=view.frame>
            <h1 class="page-title">"Pricing"</h1>
            <section class="section">
                <h2>"Credit packages"</h2>
                <div class="packages">{packages}</div>
            </section>
            <section class="section" id="operations">
                <h2>"What an operation costs"</h2>
                <div class="card"><PriceTable prices=view.prices/></div>
                <p class="soft">
                    "Free and developer accounts pay the base price, fintech 15 % less, enterprise 30 % less. "
                    "One rounding rule: unit price = the base price less the discount, rounded down to a whole credit, but at least 1. "
                    "Cost = unit price × quantity, so a split call costs what the joined call costs. "
                    {format!("Price book version {}; every entry of the ledger records the version that priced it.", view.price_book)}
                </p>
            </section>
            <section class="section" id="calculator">
                <h2>"Calculator"</h2>
                <Calculator operations tiers=view.tiers quote=view.quote/>
            </section>
        </PublicFrame>
    }
}

#[component]
fn PriceTable(prices: Vec<PriceRow>) -> impl IntoView {
    let rows = prices
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td class="name">{row.title}</td>
                    <td class="soft fold">{row.unit}</td>
                    <td class="right strong">{grouped(row.base)}</td>
                    <td class="right">{grouped(row.fintech)}</td>
                    <td class="right">{grouped(row.enterprise)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="prices">
                <thead>
                    <tr>
                        <th scope="col">"Operation"</th>
                        <th scope="col" class="fold">"Unit"</th>
                        <th scope="col" class="right">"Base"</th>
                        <th scope="col" class="right">"Fintech"</th>
                        <th scope="col" class="right">"Enterprise"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Calculator(operations: Vec<ChoiceView>, tiers: Vec<ChoiceView>, quote: QuoteView) -> impl IntoView {
    let error = if quote.error.is_empty() { String::new() } else { sentence_for(&quote.error).to_owned() };
    view! {
        <form class="card form" method="get" action="/pricing#calculator">
            <div class="fields-row">
                <Choice name="operation" label="Operation" choices=operations chosen=quote.operation/>
                <Choice name="tier" label="Tier" choices=tiers chosen=quote.tier/>
                <Field name="quantity" label="Quantity" value=quote.quantity error=error most=16/>
                <button class="button button-main" type="submit">"Calculate"</button>
            </div>
            {quote.error.is_empty().then(|| view! {
                <Notice tone=Tone::Plain>
                    <p><strong class="num" data-testid="quote">{credits(quote.cost)}</strong>{format!(" · {}", quote.sentence)}</p>
                </Notice>
            })}
        </form>
    }
}
