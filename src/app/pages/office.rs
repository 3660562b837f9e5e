//! The back office's first page: customers, found by name, id or e-mail address.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Chip, OfficeFrame, Tone};
use crate::app::format::{grouped, query_value};
use crate::app::functions::office::get_office;
use crate::app::pages::{load, query};
use crate::app::views::{CustomerRowView, OfficeView};

#[component]
pub fn OfficePage() -> impl IntoView {
    let (text, before) = (query("text"), query("before"));
    let data = Resource::new_blocking(move || (text.get(), before.get()), |(text, before)| get_office(text, before));
    load(data, |view| view! { <Office view/> }.into_any())
}

#[component]
fn Office(view: OfficeView) -> impl IntoView {
    let OfficeView { frame, text, customers, next_before, newest } = view;
    let older = format!("/office?text={}&before={next_before}", query_value(&text));
    let first = format!("/office?text={}", query_value(&text));
    let body = if customers.is_empty() {
        view! { <p class="soft">"No customer fits. Look for a part of the name or the e-mail address, or for the whole id."</p> }.into_any()
    } else {
        view! { <CustomerTable customers/> }.into_any()
    };
    view! {
        <Title text="Customers · Aethel back office"/>
        <OfficeFrame frame title="Customers" current="/office">
            <section class="card stack">
                <form method="get" action="/office" class="fields-row" role="search">
                    <div class="field">
                        <label for="text">"Name, id or e-mail"</label>
                        <input class="input" id="text" name="text" type="search" maxlength="254" autocomplete="off" value=text/>
                    </div>
                    <button class="button" type="submit">"Find"</button>
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
fn CustomerTable(customers: Vec<CustomerRowView>) -> impl IntoView {
    let rows = customers.into_iter().map(|customer| view! { <Row customer/> }).collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="customers">
                <thead>
                    <tr>
                        <th scope="col">"Customer"</th>
                        <th scope="col" class="fold">"Id"</th>
                        <th scope="col" class="fold">"Tier"</th>
                        <th scope="col" class="fold">"Opened, UTC"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="right">"Available, credits"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(customer: CustomerRowView) -> impl IntoView {
    let CustomerRowView { id, name, tier, available, suspended, opened_at } = customer;
    let state = if suspended {
        view! { <Chip tone=Tone::Bad word="Suspended"/> }
    } else {
        view! { <Chip tone=Tone::Good word="Open"/> }
    };
    view! {
        <tr>
            <td class="name"><a href=format!("/office/customers/{id}")>{name}</a></td>
            <td class="mono fold">{id}</td>
            <td class="fold">{tier}</td>
            <td class="when fold">{opened_at}</td>
            <td>{state}</td>
            <td class="right strong">{grouped(available)}</td>
        </tr>
    }
}
