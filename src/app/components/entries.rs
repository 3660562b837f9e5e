//! Entries of the ledger as a table: when, what, how much, and the balance after.

use leptos::prelude::*;

use crate::app::components::{Chip, Tone};
use crate::app::format::{grouped, signed};
use crate::app::views::EntryView;

/// Entries, newest first.
#[component]
pub fn EntryTable(entries: Vec<EntryView>) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| view! { <EntryRow entry/> }).collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="entries">
                <thead>
                    <tr>
                        <th scope="col">"Time, UTC"</th>
                        <th scope="col">"What"</th>
                        <th scope="col" class="fold">"Detail"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="right">"Amount"</th>
                        <th scope="col" class="right fold">"Balance"</th>
                        <th scope="col" class="fold right">"Entry and hash"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn EntryRow(entry: EntryView) -> impl IntoView {
    let amount_class = if entry.amount > 0 { "right strong plus" } else { "right strong" };
    view! {
        <tr>
            <td class="when"><time datetime=entry.at_iso>{entry.at}</time></td>
            <td class="name">{entry.what}</td>
            <td class="detail fold">{entry.detail}</td>
            <td><Chip tone=Tone::named(&entry.tone) word=entry.state/></td>
            <td class=amount_class>{signed(entry.amount)}</td>
            <td class="right soft fold">{grouped(entry.balance)}</td>
            <td class="right when fold" title=entry.id.clone()>{format!("{} · {}", short(&entry.id), entry.hash)}</td>
        </tr>
    }
}

/// An id's beginning and end; the whole id stands in the title.
fn short(id: &str) -> String {
    match (id.get(..8), id.get(id.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) if id.len() > 12 => format!("{start}…{end}"),
        _ => id.to_owned(),
    }
}
