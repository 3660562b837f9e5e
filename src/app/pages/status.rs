//! Whether the ledger's laws hold, for anyone.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Chip, Notice, PublicFrame, Tone};
use crate::app::functions::evidence::get_status;
use crate::app::pages::load;
use crate::app::views::StatusView;

#[component]
pub fn StatusPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| get_status());
    load(data, |view| view! { <Status view/> }.into_any())
}

#[component]
fn Status(view: StatusView) -> impl IntoView {
    let StatusView { frame, status, laws, round } = view;
    let (tone, sentence) = match status.as_str() {
        "ok" => (Tone::Good, "Every law of the ledger holds."),
        "stale" => (
            Tone::Warn,
            "Every law held when the ledger was last replayed. That was a while ago: a replay has failed since, or is overdue.",
        ),
        "broken" => (Tone::Bad, "A law of the ledger is broken. We have been told and are on it."),
        _ => (Tone::Plain, "The first replay of the ledger is still under way."),
    };
    let rows = laws
        .into_iter()
        .map(|law| {
            view! {
                <tr>
                    <th scope="row">
                        {law.title}
                        <p class="soft">{law.sentence}</p>
                    </th>
                    <td><Chip tone=Tone::named(&law.tone) word=law.word/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Title text="Status · Aethel"/>
        <PublicFrame frame>
            <div class="section">
                <h1 class="page-title">"Status"</h1>
                <p class="soft">"The whole ledger is replayed from its first entry, again and again. These are its laws and how they stood the last time."</p>
                <Notice tone><p data-testid="status">{sentence}</p></Notice>
                <div class="card stack">
                    <div class="table-wrap">
                        <table class="table" data-testid="laws">
                            <thead><tr><th scope="col">"Law"</th><th scope="col">"State"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                    <p class="faint">{round}" For programs: "<a href="/api/status" rel="external">"/api/status"</a>"."</p>
                </div>
            </div>
        </PublicFrame>
    }
}
