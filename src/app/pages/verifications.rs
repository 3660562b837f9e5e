//! What was verified before, newest first, by verdict.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{EmptyState, Frame, verdict_words};
use crate::app::functions::judge::get_verifications;
use crate::app::pages::judge::RecentTable;
use crate::app::pages::{load, query};
use crate::app::views::VerificationsView;

/// What one can filter by.
const VERDICTS: [&str; 7] = ["proved", "refuted", "vacuous", "not_conserved", "overflow", "satisfiable", "unknown"];

#[component]
pub fn VerificationsPage() -> impl IntoView {
    let (verdict, before) = (query("verdict"), query("before"));
    let data = Resource::new_blocking(
        move || (verdict.get(), before.get()),
        |(verdict, before)| get_verifications(verdict, before),
    );
    load(data, |view| view! { <Verifications view/> }.into_any())
}

#[component]
fn Verifications(view: VerificationsView) -> impl IntoView {
    let VerificationsView { frame, rows, verdict, next, newest } = view;
    let all = format!("/verifications?verdict={verdict}");
    let older = format!("{all}&before={next}");
    let body = match (rows.is_empty(), verdict.is_empty() && newest) {
        (true, true) => view! {
            <EmptyState title="Nothing verified yet" text="Take an example, press the button, and read the answer." href="/judge?example=transfer" action="Take an example"/>
        }
        .into_any(),
        (true, false) => view! {
            <EmptyState title="None with this verdict" text="Other verdicts may be there." href="/verifications" action="Show all"/>
        }
        .into_any(),
        (false, _) => view! { <RecentTable recent=rows/> }.into_any(),
    };
    view! {
        <Title text="Verifications · Aethel"/>
        <Frame frame title="Verifications" current="/judge">
            <section class="card stack">
                <form class="row" method="get" action="/verifications">
                    <label for="verdict">"Verdict"</label>
                    <Verdicts verdict/>
                    <button class="button button-small">"Show"</button>
                </form>
                {body}
                <nav class="row" aria-label="Pages of verifications">
                    {(!newest).then(|| view! { <a class="button button-small" href=all>"Newest"</a> })}
                    {(!next.is_empty()).then(|| view! { <a class="button button-small" href=older>"Older"</a> })}
                </nav>
            </section>
        </Frame>
    }
}

#[component]
fn Verdicts(verdict: String) -> impl IntoView {
    let options = VERDICTS
        .into_iter()
        .map(|value| view! { <option value=value selected=value == verdict>{verdict_words(value).1}</option> })
        .collect_view();
    view! {
        <select class="select" id="verdict" name="verdict">
            <option value="">"All"</option>
            {options}
        </select>
    }
}
