//! The landing page: what it is, one program with its verdict, and what it costs.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use crate::app::components::{Chip, CodeBlock, PackageFacts, PublicFrame, Tone};
use crate::app::functions::public::get_landing;
use crate::app::pages::load;
use crate::app::views::{LandingView, PackageView};

/// The program on the first screen. It is proved as it stands.
const PROGRAM: &str = "intent transfer(amount: Int) {
  guard {
    amount > 0;
    old_payer_balance >= amount;
  }
  solve { priority: safety; }
  verify {
    payer_balance == old_payer_balance - amount;
    payee_balance == old_payee_balance + amount;
    payer_balance >= 0;
  }
}";

#[component]
pub fn LandingPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| get_landing());
    load(data, |view| view! { <Landing view/> }.into_any())
}

#[component]
fn Landing(view: LandingView) -> impl IntoView {
    let packages = view
        .packages
        .into_iter()
        .enumerate()
        .map(|(place, package)| view! { <PackageCard place package/> })
        .collect_view();
    view! {
        <Title text="Aethel · Proofs by the credit"/>
        <Meta name="description" content="Formal verification by the credit: proved for all inputs, paid only when there is a verdict, and every charge can be checked."/>
        <PublicFrame frame=view.frame>
            <div class="hero">
                <div class="hero-text">
                    <h1>"Proofs by the credit. "<br/>"A till you can check."</h1>
                    <p class="lead">
                        "Verify that money is never made or lost, for every input, in milliseconds. "
                        "Pay only when there is a verdict, and see every credit in a ledger that cannot be rewritten."
                    </p>
                    <p class="row">
                        <a class="button button-main" href="/signup">"Start with 10 free credits"</a>
                        <a class="button" href="/judge?example=transfer">"Try a proof"</a>
                    </p>
                </div>
                <figure class="panel">
                    <CodeBlock source=PROGRAM.to_owned() class="code code-plain"/>
                    <figcaption class="panel-foot">
                        <span class="chip chip-large chip-good"><span aria-hidden="true">"✓"</span><span>"Proved for all inputs"</span></span>
                        <span class="faint">"1 credit"</span>
                    </figcaption>
                </figure>
            </div>
            <section class="section">
                <h2>"Buy once, spend as you go"</h2>
                <div class="packages">{packages}</div>
                <p class="soft"><a href="/pricing">"What each operation costs"</a></p>
            </section>
            <section class="section">
                <h2>"What you get for a credit"</h2>
                <Points/>
            </section>
        </PublicFrame>
    }
}

#[component]
fn PackageCard(place: usize, package: PackageView) -> impl IntoView {
    let first = place == 0;
    let label = format!("Buy {}", package.name);
    view! {
        <article class=if first { "card package package-first" } else { "card package" }>
            <PackageFacts package/>
            <a class=if first { "button button-main" } else { "button" } href="/buy">{label}</a>
        </article>
    }
}

#[component]
fn Points() -> impl IntoView {
    view! {
        <div class="points">
            <article class="card">
                <h3><Chip tone=Tone::Good word="Proved"/></h3>
                <p class="soft">"It holds for all inputs, not for the few that a test tries."</p>
            </article>
            <article class="card">
                <h3><Chip tone=Tone::Bad word="Refuted"/></h3>
                <p class="soft">"You get the line, and values before and after for which it fails."</p>
            </article>
            <article class="card">
                <h3><Chip tone=Tone::Plain word="Unknown"/></h3>
                <p class="soft">"When the limit is reached without an answer, the credit comes back."</p>
            </article>
        </div>
    }
}
