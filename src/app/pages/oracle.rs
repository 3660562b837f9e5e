//! The Oracle: a law, transitions, observations; the price on the button; and the answer on a page of its own.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{
    AskedBeside, DriftChart, Frame, SharePanel, SubmitButton, TABLES, ValueTable, VerdictChip, WorkCost, WorkRefused,
    WorkSide, WorkText,
};
use crate::app::format::credits;
use crate::app::functions::work::{AskOracle, get_oracle, get_oracle_answer};
use crate::app::islands::{CodeField, Reading};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{DriftView, OracleAnswerView, OracleFound, OracleView, RangeView};

const LAW_HINT: &str = "A formula: is it always, sometimes or never true, and for which values?";
const TRANSITIONS_HINT: &str = "An intent or an atomic_batch: which sums does none of its steps change? What a step leaves alone it says with keep. May be left empty.";

#[component]
pub fn OraclePage() -> impl IntoView {
    let (draft, example, error) = (query("draft"), query("example"), query("error"));
    let data =
        Resource::new_blocking(move || (draft.get(), example.get()), |(draft, example)| get_oracle(draft, example));
    let action = ServerAction::<AskOracle>::new();
    load(data, move |view| view! { <Form view action error=error.get()/> }.into_any())
}

#[component]
fn Form(view: OracleView, action: ServerAction<AskOracle>, error: String) -> impl IntoView {
    let OracleView {
        frame,
        price,
        law,
        assumptions,
        bounds,
        transitions,
        observations,
        request,
        problems,
        examples,
        recent,
    } = view;
    let may_spend = frame.may.spend;
    view! {
        <Title text="Oracle · Aethel"/>
        <Frame frame title="Oracle" current="/oracle">
            <WorkRefused error problems/>
            <div class="bench">
                <ActionForm action attr:class="panel">
                    <div class="panel-head"><h2>"Ask about a law"</h2></div>
                    <div class="panel-body stack">
                        <CodeField name="law".to_owned() label="Law".to_owned() rows="3".to_owned() value=law reading=Reading::Formula hint=LAW_HINT.to_owned()/>
                        <WorkText name="assumptions" label="Assumptions" rows="3" value=assumptions hint="One a line. May be left empty."/>
                        <WorkText name="bounds" label="Bounds" rows="2" value=bounds hint="One a line, such as x: 0 to 100; leave one end out for none. May be left empty."/>
                        <CodeField name="transitions".to_owned() label="Transitions".to_owned() rows="6".to_owned() value=transitions reading=Reading::Program hint=TRANSITIONS_HINT.to_owned()/>
                        <WorkText name="observations" label="Observations" rows="4" value=observations files=TABLES hint="A table, names in the first line, held against the law. May be left empty."/>
                    </div>
                    <input type="hidden" name="request" value=request/>
                    <div class="panel-foot">
                        <span class="faint">"Paid only if there is an answer. Unknown is free."</span>
                        {may_spend.then(|| view! { <SubmitButton label=format!("Ask the Oracle · {}", credits(price))/> })}
                    </div>
                </ActionForm>
                <WorkSide path="/oracle" start="/oracle?example=fixed-sum" examples recent/>
            </div>
            <script src="/file-to-text.js"></script>
        </Frame>
    }
}

#[component]
pub fn OracleAnswerPage() -> impl IntoView {
    let (id, shared) = (path_part("id"), query("shared"));
    let data = Resource::new_blocking(move || (id.get(), shared.get()), |(id, shared)| get_oracle_answer(id, shared));
    load(data, |view| view! { <Answer view/> }.into_any())
}

#[component]
fn Answer(view: OracleAnswerView) -> impl IntoView {
    let OracleAnswerView { frame, cost, share, found, .. } = view;
    let (may_share, verdict) = (frame.may.spend, found.verdict.clone());
    view! {
        <Title text="Answer · Oracle"/>
        <Frame frame title="Oracle" current="/oracle">
            <div class="bench">
                <section class="panel">
                    <div class="panel-head"><h2>"Asked"</h2></div>
                    <OracleAsked found=found.clone()/>
                    <div class="panel-foot"><a class="button" href="/oracle">"Ask another"</a></div>
                </section>
                <div class="stack">
                    <section class="panel" data-testid="oracle-answer" data-verdict=verdict>
                        <div class="panel-body stack"><OracleFindings found/><WorkCost cost/></div>
                    </section>
                    <SharePanel share may_share/>
                </div>
            </div>
        </Frame>
    }
}

/// What was asked.
#[component]
pub(super) fn OracleAsked(found: OracleFound) -> impl IntoView {
    let asked = [
        ("Law", found.law),
        ("Assumptions", found.assumptions),
        ("Bounds", found.bounds),
        ("Transitions", found.transitions),
    ];
    let beside = asked.into_iter().filter(|(_, text)| !text.is_empty());
    let beside = beside.map(|(title, text)| (title.to_owned(), text)).collect();
    view! { <div class="panel-body stack-tight"><AskedBeside beside/></div> }
}

/// What was found.
#[component]
pub(super) fn OracleFindings(found: OracleFound) -> impl IntoView {
    view! {
        <p><VerdictChip verdict=found.verdict/></p>
        <p class="verdict-line">{found.headline}</p>
        {(!found.explanation.is_empty()).then(|| view! { <p class="soft">{found.explanation}</p> })}
        <Ranges ranges=found.ranges/>
        {(!found.ranges_left_out.is_empty()).then(|| view! { <p class="soft" data-testid="ranges-left-out">{found.ranges_left_out}</p> })}
        <ValueTable title="True, for example, for" values=found.example/>
        <ValueTable title="Not true, for example, for" values=found.counterexample/>
        <Kept kept=found.kept effects=found.effects left_out=found.left_out/>
        {found.drift.map(|drift| view! { <Drift drift/> })}
    }
}

#[component]
fn Ranges(ranges: Vec<RangeView>) -> impl IntoView {
    if ranges.is_empty() {
        return ().into_any();
    }
    let rows = ranges
        .into_iter()
        .map(|one| view! {
            <tr><td class="name">{one.name}</td><td class="right num">{one.low}</td><td class="right num">{one.high}</td></tr>
        })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="table" data-testid="ranges">
            <thead>
                <tr>
                    <th scope="col">"Where it is true"</th>
                    <th scope="col" class="right">"From"</th>
                    <th scope="col" class="right">"To"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

#[component]
fn Kept(kept: Vec<String>, effects: Vec<(String, String, String)>, left_out: String) -> impl IntoView {
    if effects.is_empty() {
        return ().into_any();
    }
    let none = kept.is_empty();
    let kept = kept.into_iter().map(|sum| view! { <li><code>{sum}</code></li> }).collect_view();
    let rows = effects
        .into_iter()
        .map(|(step, name, by)| {
            view! {
                <tr><td>{step}</td><td class="name">{name}</td><td class="right num">{by}</td></tr>
            }
        })
        .collect_view();
    view! {
        <div class="stack-tight" data-testid="kept">
            <h3>"Never changed by any step"</h3>
            {none.then(|| view! { <p class="soft">"No sum of these names stays the same."</p> })}
            <ul class="plain">{kept}</ul>
            {(!left_out.is_empty()).then(|| view! { <p class="soft">{left_out}</p> })}
        </div>
        <div class="table-wrap"><table class="table">
            <thead>
                <tr>
                    <th scope="col">"Step"</th>
                    <th scope="col">"Name"</th>
                    <th scope="col" class="right">"Adds"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

#[component]
fn Drift(drift: DriftView) -> impl IntoView {
    let rows = drift
        .breaks
        .into_iter()
        .map(|(row, condition, difference)| view! {
            <tr><td class="num">{row}</td><td><code>{condition}</code></td><td class="right num">{difference}</td></tr>
        })
        .collect_view();
    let facts = drift
        .facts
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd class="num">{value}</dd></div> })
        .collect_view();
    view! {
        <div class="stack-tight" data-testid="drift">
            <h3>"Observations"</h3>
            <p>{drift.sentence}</p>
            {drift.chart.map(|chart| view! { <DriftChart chart/> })}
            <dl class="facts">{facts}</dl>
            <div class="table-wrap"><table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Row"</th>
                        <th scope="col">"Does not hold"</th>
                        <th scope="col" class="right">"Left less right"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table></div>
        </div>
    }
}
