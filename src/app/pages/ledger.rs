//! Every entry of the account, newest first.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Downloads, EmptyState, EntryTable, Frame, GrantSection, Owed};
use crate::app::functions::ledger::get_ledger;
use crate::app::islands::LedgerCheck;
use crate::app::pages::{load, query};
use crate::app::views::LedgerView;

#[component]
pub fn LedgerPage() -> impl IntoView {
    let before = query("before");
    let data = Resource::new_blocking(move || before.get().parse::<i64>().unwrap_or(0), get_ledger);
    load(data, |view| view! { <Ledger view/> }.into_any())
}

#[component]
fn Ledger(view: LedgerView) -> impl IntoView {
    let LedgerView { frame, owed, entries, grants, next_before, newest } = view;
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
            {has_entries.then(|| view! { <LedgerCheck/> })}
        </Frame>
    }
}
