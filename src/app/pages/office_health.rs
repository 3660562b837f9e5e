//! How the house is doing, for operators: the ledger, its laws, the solvers.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Chip, Notice, OfficeFrame, Tone};
use crate::app::functions::office::get_office_health;
use crate::app::pages::load;
use crate::app::views::OfficeHealthView;

#[component]
pub fn OfficeHealthPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| get_office_health());
    load(data, |view| view! { <Health view/> }.into_any())
}

#[component]
fn Health(view: OfficeHealthView) -> impl IntoView {
    let OfficeHealthView { frame, ledger_answers, laws, laws_broken, solvers_ready, walls, solvers } = view;
    let ledger = if ledger_answers {
        view! { <Chip tone=Tone::Good word="Answers"/> }
    } else {
        view! { <Chip tone=Tone::Bad word="Does not answer"/> }
    };
    let ready = if solvers_ready {
        view! { <Chip tone=Tone::Good word="Ready"/> }
    } else {
        view! { <Chip tone=Tone::Warn word="Not all ready"/> }
    };
    let facts = solvers
        .into_iter()
        .map(|(name, fact)| view! { <div><dt>{name}</dt><dd class="num">{fact}</dd></div> })
        .collect_view();
    view! {
        <Title text="Health · Aethel back office"/>
        <OfficeFrame frame title="Health" current="/office/health">
            <section class="card stack" data-testid="ledger-health">
                <div class="row-spread"><h2>"Ledger"</h2>{ledger}</div>
                <p>"Its laws: " {laws} ". " {laws_broken.then(|| view! { <a href="/status">"See which"</a> })}</p>
            </section>
            <section class="card stack" data-testid="solver-health">
                <div class="row-spread"><h2>"Solvers"</h2>{ready}</div>
                {(!walls.is_empty()).then(|| view! { <Notice tone=Tone::Warn><p>{walls}</p></Notice> })}
                <dl class="facts">{facts}</dl>
                <p class="hint">"As it stands on the server that made this page. A solver that oversteps its limits is replaced; many replacements in a short time are somebody's hard formulas."</p>
            </section>
        </OfficeFrame>
    }
}
