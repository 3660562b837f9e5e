//! An answer behind a public link: what was asked and found, its price, and the till's signature. Nothing of whose it is.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use super::batch::{BatchFindings, BatchVerdict};
use super::judge_answer::Asked;
use super::oracle::{OracleAsked, OracleFindings};
use crate::app::components::{PublicFrame, VerdictPanel, verdict_words};
use crate::app::format::credits;
use crate::app::functions::shares::get_shared;
use crate::app::pages::{load, path_part};
use crate::app::views::{SealView, SharedAnswer, SharedView};

#[component]
pub fn SharedPage() -> impl IntoView {
    let token = path_part("token");
    let data = Resource::new_blocking(move || token.get(), get_shared);
    load(data, |view| view! { <Shared view/> }.into_any())
}

#[component]
fn Shared(view: SharedView) -> impl IntoView {
    let SharedView { frame, answer, price, at, solver, seal } = view;
    let (title, word) = match &answer {
        SharedAnswer::Verdict(found) => ("A verdict of the Judge", verdict_words(&found.verdict).1),
        SharedAnswer::Law(found) => ("An answer of the Oracle", verdict_words(&found.verdict).1),
        SharedAnswer::Report(found) => ("A batch of transactions", verdict_words(&found.verdict).1),
    };
    view! {
        <Title text=format!("{word} · Aethel")/>
        <Meta name="robots" content="noindex, nofollow"/>
        <PublicFrame frame>
            <div class="section stack">
                <h1 class="page-title">{title}</h1>
                <p class="soft">"Whoever asked made this page public. Aethel found the answer and signs for it."</p>
                <Answer answer/>
                <section class="card stack" data-testid="seal">
                    <h2>"Price and signature"</h2>
                    <dl class="facts">
                        <div><dt>"Paid"</dt><dd class="num">{credits(price)}</dd></div>
                        <div><dt>"Found"</dt><dd>{at}</dd></div>
                        <div><dt>"Solver"</dt><dd>{solver}</dd></div>
                    </dl>
                    <Seal seal/>
                </section>
            </div>
        </PublicFrame>
    }
}

#[component]
fn Answer(answer: SharedAnswer) -> impl IntoView {
    match answer {
        SharedAnswer::Verdict(found) => view! {
            <div class="bench">
                <section class="panel"><Asked found=found.clone()/></section>
                <VerdictPanel found/>
            </div>
        }
        .into_any(),
        SharedAnswer::Law(found) => {
            let (asked, verdict) = (found.clone(), found.verdict.clone());
            view! {
            <div class="bench">
                <section class="panel">
                    <div class="panel-head"><h2>"Asked"</h2></div>
                    <OracleAsked found=asked/>
                </section>
                <section class="panel" data-testid="oracle-answer" data-verdict=verdict>
                    <div class="panel-body stack"><OracleFindings found/></div>
                </section>
            </div>
            }
            .into_any()
        }
        SharedAnswer::Report(found) => view! {
            <section class="card stack" data-testid="batch-report" data-verdict=found.verdict.clone()>
                <BatchVerdict found=found.clone()/>
            </section>
            <BatchFindings found/>
        }
        .into_any(),
    }
}

#[component]
fn Seal(seal: SealView) -> impl IntoView {
    view! {
        <p class="soft">
            "This is signed with Ed25519, two lines as they stand here, without a line feed at the end. "
            <a href="/api/billing/signing-keys" rel="external">"Our keys"</a>" say whether the key is ours; \u{201c}entry\u{201d} is the hash under which it was paid for in the ledger, \u{201c}question\u{201d} the SHA-256 of what was asked."
        </p>
        <pre class="code code-asked" tabindex="0" data-testid="signed-text"><code>{seal.text}</code></pre>
        <dl class="facts">
            <div><dt>"Signature"</dt><dd class="hash" data-testid="signature">{seal.signature}</dd></div>
            <div><dt>"Key"</dt><dd class="hash">{seal.key_id}</dd></div>
            <div><dt>"Public key"</dt><dd class="hash" data-testid="public-key">{seal.public_key}</dd></div>
        </dl>
    }
}
