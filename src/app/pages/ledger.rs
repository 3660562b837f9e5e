//! Every entry of the account, newest first.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Downloads, EmptyState, EntryTable, Frame, GrantSection, Owed};
use crate::app::error::sentence_for;
use crate::app::functions::ledger::get_ledger;
use crate::app::islands::LedgerCheck;
use crate::app::pages::{load, query};
use crate::app::views::{BalanceAtView, LedgerView};

#[component]
pub fn LedgerPage() -> impl IntoView {
    let (before, at) = (query("before"), query("at"));
    let data = Resource::new_blocking(
        move || (before.get().parse::<i64>().unwrap_or(0), at.get()),
        |(before, at)| get_ledger(before, at),
    );
    load(data, |view| view! { <Ledger view/> }.into_any())
}

#[component]
fn Ledger(view: LedgerView) -> impl IntoView {
    let LedgerView { frame, owed, entries, grants, next_before, newest, balance_at } = view;
    let has_entries = !entries.is_empty();
    let body = if entries.is_empty() {
        view! {
            <EmptyState title="No entries yet" text="Every credit that comes or goes is written here, and nothing is ever rewritten."
                href="/buy" action="Buy credits"/>
        }
        .into_any()
    } else {
        view! { <EntryTable entries/> }.into_any()
    };
    view! {
        <Title text="Ledger · Aethel"/>
        <Frame frame title="Ledger" current="/ledger">
            <Owed owed/>
            {newest.then(|| view! { <GrantSection grants/> })}
            <section class="card stack">
                <div class="card-head">
                    <h2>"Entries"</h2>
                    <Downloads what="entries"/>
                </div>
                <p class="soft">"Append-only: each entry is sealed with the hash of the one before it."</p>
                {body}
                <nav class="row" aria-label="Pages of the ledger">
                    {(!newest).then(|| view! { <a class="button button-small" href="/ledger">"Newest"</a> })}
                    {(next_before > 0).then(|| view! { <a class="button button-small" href=format!("/ledger?before={next_before}")>"Older"</a> })}
                </nav>
            </section>
            <BalanceAt view=balance_at/>
            {has_entries.then(|| view! { <LedgerCheck/> })}
        </Frame>
    }
}

/// The balance at any moment that has passed: a plain form, whose answer stands in the address.
#[component]
fn BalanceAt(view: BalanceAtView) -> impl IntoView {
    let BalanceAtView { zone, typed, error, sentence, hash } = view;
    let is_refused = !error.is_empty();
    view! {
        <section class="card stack" id="balance-at">
            <h2>"Balance at a moment"</h2>
            <form method="get" action="/ledger#balance-at" class="fields-row">
                <div class="field">
                    <label for="at">{format!("Date and time, {zone}")}</label>
                    <input class="input" id="at" name="at" type="datetime-local" required value=typed
                        aria-invalid=is_refused.then_some("true") aria-describedby=is_refused.then_some("at-error")/>
                    {is_refused.then(|| view! { <p class="error" id="at-error">{sentence_for(&error)}</p> })}
                </div>
                <button class="button" type="submit">"Show the balance"</button>
            </form>
            {(!sentence.is_empty()).then(|| view! { <p data-testid="balance-at">{sentence}</p> })}
            {(!hash.is_empty()).then(|| view! { <p class="faint">"Its hash: "<code>{hash}</code></p> })}
        </section>
    }
}
