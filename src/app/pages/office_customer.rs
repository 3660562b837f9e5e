//! One customer, and what an operator may do: plain forms, each asking for a reason that the customer reads.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use super::office_acts::Acts;
use crate::app::components::{
    AuditTable, Chip, GrantTable, KeyFacts, Notice, OfficeFrame, PurchaseChip, RefundForm, Tone, WentBack,
};
use crate::app::error::sentence_for;
use crate::app::format::{credits, grouped};
use crate::app::functions::office::{OfficeSignOut, get_office_customer};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{MemberView, OfficeCustomerView, PurchaseView};

#[component]
pub fn OfficeCustomerPage() -> impl IntoView {
    let (id, done, error) = (path_part("id"), query("done"), query("error"));
    let data =
        Resource::new_blocking(move || (id.get(), done.get(), error.get()), |(id, _, _)| get_office_customer(id));
    load(data, move |view| view! { <Customer view done=done.get_untracked() error=error.get_untracked()/> }.into_any())
}

#[component]
fn Customer(view: OfficeCustomerView, done: String, error: String) -> impl IntoView {
    let title = view.name.clone();
    let state = if view.suspended {
        view! { <Chip tone=Tone::Bad word="Suspended"/> }
    } else {
        view! { <Chip tone=Tone::Good word="Open"/> }
    };
    let why = (view.suspended && !view.reason.is_empty()).then(|| view.reason.clone());
    let request = view.request.clone();
    let acts = view! { <Acts account=view.id.clone() tier=view.tier.clone() tiers=view.tiers suspended=view.suspended request=view.request/> };
    view! {
        <Title text="Customer · Aethel back office"/>
        <OfficeFrame frame=view.frame title current="/office">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(!done.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>{done_sentence(&done)}</p></Notice> })}
            <section class="card stack">
                <div class="card-head"><h2>"Account"</h2>{state}</div>
                {why.map(|why| view! { <p class="soft">{why}</p> })}
                <dl class="facts">
                    <div><dt>"Available"</dt><dd data-testid="office-balance">{credits(view.available)}</dd></div>
                    <div><dt>"Held"</dt><dd>{grouped(view.held)}</dd></div>
                    <div><dt>"Spent"</dt><dd>{grouped(view.spent)}</dd></div>
                    <div><dt>"Owed"</dt><dd>{grouped(view.owed)}</dd></div>
                    <div><dt>"Tier"</dt><dd data-testid="office-tier">{view.tier}</dd></div>
                    <div><dt>"Opened"</dt><dd>{view.opened_at}</dd></div>
                    <div><dt>"Id"</dt><dd class="mono" data-testid="account-id">{view.id.clone()}</dd></div>
                </dl>
            </section>
            {acts}
            <section class="card stack"><h2>"Credits by lot"</h2><GrantTable grants=view.grants/></section>
            <section class="card stack"><h2>"Latest purchases"</h2><Purchases purchases=view.purchases request=request/></section>
            <section class="card stack"><h2>"Members"</h2><Members members=view.members account=view.id/></section>
            <section class="card stack"><h2>"API keys"</h2><KeyFacts keys=view.keys/></section>
            <section class="card stack"><h2>"Audit log"</h2><AuditTable lines=view.audit/></section>
        </OfficeFrame>
    }
}

fn done_sentence(done: &str) -> &'static str {
    match done {
        "gift" => "The credits are given.",
        "adjust" => "The balance is put right.",
        "suspend" => "The account's state is set.",
        "refund" => "The money is on its way back. Credits that it brought are taken back with it.",
        "sign_out" => "They are signed out in every browser.",
        "tier" => "The tier is set. It prices what is spent from now on.",
        _ => "Done.",
    }
}

#[component]
fn Purchases(purchases: Vec<PurchaseView>, request: String) -> impl IntoView {
    if purchases.is_empty() {
        return view! { <p class="soft">"Nothing was bought yet."</p> }.into_any();
    }
    let rows = purchases
        .into_iter()
        .map(|purchase| {
            view! {
                <tr>
                    <td class="when">{purchase.at}</td>
                    <td class="name">{purchase.package}</td>
                    <td class="right">{purchase.price}</td>
                    <td><PurchaseChip state=purchase.state/><WentBack money=purchase.money_back credits_back=purchase.credits_back/></td>
                    <td class="mono fold">{purchase.id.clone()}</td>
                    <td><RefundForm purchase=purchase.id left=purchase.refundable request=request.clone()/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="office-purchases">
                <thead>
                    <tr>
                        <th scope="col">"Time, UTC"</th>
                        <th scope="col">"Package"</th>
                        <th scope="col" class="right">"Price"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="fold">"Purchase"</th>
                        <th scope="col">"Money back"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Members(members: Vec<MemberView>, account: String) -> impl IntoView {
    if members.is_empty() {
        return view! { <p class="soft">"No person belongs to this account; it is a program's alone."</p> }.into_any();
    }
    let rows = members
        .into_iter()
        .map(|member| {
            view! {
                <tr>
                    <td class="name">{member.name}</td>
                    <td>{member.email}</td>
                    <td>{member.role}</td>
                    <td class="when fold">{member.since}</td>
                    <td>
                        <form method="post" action=OfficeSignOut::url()>
                            <input type="hidden" name="account" value=account.clone()/>
                            <input type="hidden" name="user" value=member.id/>
                            <button class="button button-small" type="submit">"Sign out everywhere"</button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="office-members">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"E-mail"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col" class="fold">"Since, UTC"</th>
                        <th scope="col">"Sessions"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
