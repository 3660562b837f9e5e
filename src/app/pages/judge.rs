//! The bench: a program, a question, the price on the button, and what was verified before.
//!
//! With scripts the same parser reads along while one types; without them the server says it after sending.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{EmptyState, Frame, Notice, SubmitButton, Tone, VerdictChip, WorkText};
use crate::app::error::sentence_for;
use crate::app::format::credits;
use crate::app::functions::judge::{Verify, VerifyAgain, get_bench};
use crate::app::islands::ProgramField;
use crate::app::pages::{load, query};
use crate::app::views::{AgainView, BenchView, KnownView, RecentView};
use crate::language::{AREAS, examples};

/// What can be asked about a program.
pub(super) const QUESTIONS: [(&str, &str); 4] = [
    ("validity", "Does it hold for all inputs?"),
    ("test", "Test it: prove every condition"),
    ("conservation", "Is the law conserved?"),
    ("satisfiable", "Can it hold at all?"),
];

#[component]
pub fn JudgePage() -> impl IntoView {
    let (example, from, mend) = (query("example"), query("from"), query("mend"));
    let (draft, error) = (query("draft"), query("error"));
    let data = Resource::new_blocking(
        move || (example.get(), from.get(), mend.get(), draft.get()),
        |(example, from, mend, draft)| get_bench(example, from, mend, draft),
    );
    let action = ServerAction::<Verify>::new();
    load(data, move |view| view! { <Bench view action error=error.get()/> }.into_any())
}

#[component]
fn Bench(view: BenchView, action: ServerAction<Verify>, error: String) -> impl IntoView {
    let title = if view.problems.is_empty() { "Judge · Aethel" } else { "Judge · cannot be read yet" };
    let frame = view.frame.clone();
    let recent = view.recent.clone();
    let broke = error == "insufficient_credits";
    // What keeps the program itself from being read stands beside it.
    let told = !error.is_empty() && (error != "unreadable" || view.problems.is_empty());
    let known = view.known.clone();
    let may_spend = frame.may.spend;
    let refusals = view.refusals.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect_view();
    view! {
        <Title text=title/>
        <Frame frame title="Judge" current="/judge">
            {told.then(|| view! {
                <Notice tone=Tone::Bad>
                    <p>
                        {if broke { "Your credits do not cover this. Nothing was charged. " } else { sentence_for(&error) }}
                        {broke.then(|| view! { <a href="/buy">"Buy credits"</a> })}
                    </p>
                    <ul class="plain">{refusals}</ul>
                </Notice>
            })}
            {known.map(|known| view! { <Known known may_spend/> })}
            {move || match action.value().get() {
                Some(Err(error)) => Some(view! { <Notice tone=Tone::Bad><p>{error.sentence()}</p></Notice> }),
                _ => None,
            }}
            <div class="bench">
                <Editor view action/>
                <Recent recent/>
            </div>
        </Frame>
    }
}

#[component]
fn Editor(view: BenchView, action: ServerAction<Verify>) -> impl IntoView {
    let BenchView { price, kind, source, assumptions, goal, problems, request, .. } = view;
    let beside = !(assumptions.is_empty() && goal.is_empty());
    view! {
        <ActionForm action attr:class="panel">
            <ProgramField source problems/>
            <details class="more panel-body" open=beside>
                <summary>"Assumptions and a goal"</summary>
                <div class="stack">
                    <WorkText name="assumptions" label="Assumptions" rows="3" value=assumptions hint="What may be taken for granted, one a line. May be left empty."/>
                    <WorkText name="goal" label="Goal" rows="1" value=goal hint="One more claim. May be left empty."/>
                </div>
            </details>
            <input type="hidden" name="request" value=request/>
            <div class="panel-foot">
                <div class="field">
                    <label for="kind">"Question"</label>
                    <Questions kind/>
                </div>
                <SubmitButton label=format!("Verify · {}", credits(price))/>
            </div>
            <p class="panel-foot faint">
                <span>"Paid only if there is a verdict. Unknown is free."</span>
                <span class="needs-script" id="keys">"Ctrl+Enter verifies, on a Mac Cmd+Enter."</span>
            </p>
        </ActionForm>
    }
}

/// The verdict there is on this question already: opened for nothing, or found again.
#[component]
fn Known(known: KnownView, may_spend: bool) -> impl IntoView {
    let KnownView { id, verdict, at, again } = known;
    view! {
        <section class="card stack-tight" data-testid="known" role="status">
            <p>"You have a verdict on this question already, of "{at}": "<VerdictChip verdict/></p>
            <div class="row">
                <a class="button button-main" href=format!("/judge/{id}")>"Open the stored verdict"</a>
                <span class="faint">"free, or"</span>
                {may_spend.then(|| view! { <RunAgain again/> })}
            </div>
        </section>
    }
}

/// Asks the question of an earlier verification again, as it was asked.
#[component]
pub(super) fn RunAgain(again: AgainView) -> impl IntoView {
    let AgainView { id, price, request } = again;
    view! {
        <form method="post" action=VerifyAgain::url()>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="request" value=request/>
            <button class="button" type="submit">{format!("Run again · {}", credits(price))}</button>
        </form>
    }
}

#[component]
fn Questions(kind: String) -> impl IntoView {
    let options = QUESTIONS
        .into_iter()
        .map(|(value, title)| view! { <option value=value selected=value == kind>{title}</option> })
        .collect_view();
    view! { <select class="select" id="kind" name="kind">{options}</select> }
}

#[component]
fn Recent(recent: Vec<RecentView>) -> impl IntoView {
    let any = !recent.is_empty();
    let body = if any {
        view! { <RecentTable recent/> }.into_any()
    } else {
        view! {
            <EmptyState title="Nothing verified yet" text="Take an example, press the button, and read the answer." href="/judge?example=transfer" action="Take an example"/>
        }
        .into_any()
    };
    view! {
        <div class="stack bench-side">
            <Library/>
            <section class="card">
                <div class="card-head">
                    <h2>"Verified before"</h2>
                    {any.then(|| view! { <a href="/verifications">"All"</a> })}
                </div>
                {body}
            </section>
        </div>
    }
}

/// The worked examples, area by area, each with the verdict it gets; the first area is open.
#[component]
fn Library() -> impl IntoView {
    let areas = AREAS
        .into_iter()
        .enumerate()
        .map(|(place, area)| {
            let links = examples()
                .iter()
                .filter(|example| example.area == area)
                .map(|example| {
                    view! {
                        <li class="row-spread">
                            <a href=format!("/judge?example={}", example.slug)>{example.title}</a>
                            <VerdictChip verdict=example.verdict/>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <details class="more" open=place == 0>
                    <summary>{area}</summary>
                    <ul class="choices choices-told" data-testid="examples">{links}</ul>
                </details>
            }
        })
        .collect_view();
    view! { <section class="card stack-tight"><h2>"Examples"</h2>{areas}</section> }
}

/// Earlier verifications as a table.
#[component]
pub(super) fn RecentTable(recent: Vec<RecentView>) -> impl IntoView {
    let rows = recent.into_iter().map(|one| view! { <RecentRow one/> }).collect_view();
    view! {
        <div class="table-wrap"><table class="table" data-testid="recent">
            <thead>
                <tr>
                    <th scope="col">"Program"</th>
                    <th scope="col">"Verdict"</th>
                    <th scope="col" class="right fold">"When, UTC"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
}

#[component]
fn RecentRow(one: RecentView) -> impl IntoView {
    view! {
        <tr>
            <td class="detail"><a href=format!("/judge/{}", one.id)>{one.title}</a></td>
            <td><VerdictChip verdict=one.verdict/></td>
            <td class="right when fold">{one.at}</td>
        </tr>
    }
}
