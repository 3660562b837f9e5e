//! Stripe's books against ours: the runs, and one of them with every cent and every difference.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Chip, Notice, OfficeFrame, Tone};
use crate::app::error::sentence_for;
use crate::app::format::{grouped, query_value};
use crate::app::functions::reconciliation::{OfficeReconcile, OfficeRepair, get_reconciliation, get_reconciliations};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{DifferenceView, ReconciliationView, ReconciliationsView, RunView, SumView};

#[component]
pub fn ReconciliationsPage() -> impl IntoView {
    let (before, error) = (query("before"), query("error"));
    let data = Resource::new_blocking(move || before.get(), get_reconciliations);
    load(data, move |view| view! { <Runs view error=error.get_untracked()/> }.into_any())
}

#[component]
fn Runs(view: ReconciliationsView, error: String) -> impl IntoView {
    let ReconciliationsView { frame, runs, next_before, newest, request } = view;
    let older = format!("/office/reconciliation?before={next_before}");
    let body = if runs.is_empty() {
        view! { <p class="soft" data-testid="no-runs">"The books were not compared yet. The first night does it by itself, or you do now."</p> }.into_any()
    } else {
        view! { <RunTable runs/> }.into_any()
    };
    view! {
        <Title text="Reconciliation · Aethel back office"/>
        <OfficeFrame frame title="Reconciliation" current="/office/reconciliation">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            <section class="card stack">
                <form method="post" action=OfficeReconcile::url() class="row-spread">
                    <input type="hidden" name="request" value=request/>
                    <p class="soft">"Stripe's payments, refunds, disputes and fees of the last thirty days against our purchases and credits. It happens every night; nothing is changed by it."</p>
                    <button class="button button-main" type="submit">"Compare now"</button>
                </form>
                {body}
                <p class="row">
                    {(!newest).then(|| view! { <a href="/office/reconciliation">"Newest"</a> })}
                    {(!next_before.is_empty()).then(|| view! { <a href=older>"Older"</a> })}
                </p>
            </section>
        </OfficeFrame>
    }
}

#[component]
fn RunTable(runs: Vec<RunView>) -> impl IntoView {
    let rows = runs
        .into_iter()
        .map(|run| {
            let href = format!("/office/reconciliation/{}", run.id);
            view! {
                <tr>
                    <td class="when"><a href=href>{run.at}</a></td>
                    <td class="fold">{run.kind}</td>
                    <td><RunChip state=run.state found=run.found/></td>
                    <td class="right">{grouped(run.found)}</td>
                    <td class="right strong">{run.net}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="reconciliations">
                <thead>
                    <tr>
                        <th scope="col">"Begun, UTC"</th>
                        <th scope="col" class="fold">"By"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col" class="right">"Differences"</th>
                        <th scope="col" class="right">"Net"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn RunChip(state: String, found: i64) -> impl IntoView {
    let (tone, word) = match (state.as_str(), found) {
        ("running", _) => (Tone::Held, "Under way"),
        ("failed", _) => (Tone::Bad, "Failed"),
        (_, 0) => (Tone::Good, "Clean"),
        _ => (Tone::Warn, "Differs"),
    };
    view! { <Chip tone=tone word=word/> }
}

#[component]
pub fn ReconciliationPage() -> impl IntoView {
    let (id, after, done, error) = (path_part("id"), query("after"), query("done"), query("error"));
    let data = Resource::new_blocking(
        move || (id.get(), after.get(), done.get(), error.get()),
        |(id, after, _, _)| get_reconciliation(id, after),
    );
    load(data, move |view| view! { <Run view done=done.get_untracked() error=error.get_untracked()/> }.into_any())
}

#[component]
fn Run(view: ReconciliationView, done: String, error: String) -> impl IntoView {
    let ReconciliationView { frame, run, window, failure, sums, sentence, differences, next_after, first, not_kept } =
        view;
    let RunView { id, at, kind, state, found, .. } = run;
    let (page, chip) = (format!("/office/reconciliation/{id}"), state.clone());
    let csv = format!("/office/reconciliation/{id}/differences.csv");
    let older = format!("{page}?after={next_after}");
    let is_done = state == "done";
    let body = match (state.as_str(), found) {
        ("running", _) => {
            view! { <p class="soft">"It is under way. Reload in a moment to see what came of it."</p> }.into_any()
        }
        ("failed", _) => {
            view! { <p class="soft">"Nothing was compared. The next run looks at the same days."</p> }.into_any()
        }
        (_, 0) => {
            view! { <Notice tone=Tone::Good><p data-testid="clean">"The books agree: nothing differs."</p></Notice> }
                .into_any()
        }
        _ => {
            let run = id.clone();
            let rows = differences
                .into_iter()
                .map(|difference| view! { <Differs run=run.clone() difference/> })
                .collect_view();
            view! { <div class="stack" data-testid="differences">{rows}</div> }.into_any()
        }
    };
    view! {
        <Title text="Reconciliation · Aethel back office"/>
        <OfficeFrame frame title="Reconciliation" current="/office/reconciliation">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {said(&done).map(|(tone, sentence)| view! { <Notice tone><p data-testid="said">{sentence}</p></Notice> })}
            <section class="card stack" data-testid="reconciliation" data-state=state>
                <div class="card-head"><h2>{window}</h2><RunChip state=chip found/></div>
                <p class="soft">{format!("{kind}, {at} UTC")}</p>
                {(!failure.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{format!("It failed: {failure}.")}</p></Notice> })}
                {(!sentence.is_empty()).then(|| view! { <p data-testid="books">{sentence}</p> })}
                {(!sums.is_empty()).then(|| view! { <Sums sums/> })}
            </section>
            <section class="card stack">
                <div class="card-head"><h2>{format!("Differences: {}", grouped(found))}</h2></div>
                {body}
                {(not_kept > 0).then(|| view! { <p class="soft">{format!("{} more were found and are not kept.", grouped(not_kept))}</p> })}
                <p class="row">
                    {(!first).then(|| view! { <a href=page>"First"</a> })}
                    {(next_after > 0).then(|| view! { <a href=older>"Next"</a> })}
                    {is_done.then(|| view! { <a class="button" href=csv rel="external">"Download as CSV"</a> })}
                </p>
            </section>
        </OfficeFrame>
    }
}

fn said(done: &str) -> Option<(Tone, &'static str)> {
    match done {
        "mended" => Some((Tone::Good, "Repaired: Stripe's word was heard and its effect is there.")),
        "heard" => Some((
            Tone::Warn,
            "Stripe's word was heard and did not mend it. What came of it stands beside the difference.",
        )),
        "already" => Some((Tone::Plain, "This was repaired already. Nothing was changed.")),
        _ => None,
    }
}

#[component]
fn Sums(sums: Vec<SumView>) -> impl IntoView {
    let (totals, parts): (Vec<_>, Vec<_>) = sums.into_iter().partition(|sum| sum.total);
    let row = |sum: SumView| view! { <tr><td>{sum.name}</td><td class="right">{sum.amount}</td></tr> };
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="sums">
                <thead><tr><th scope="col">"Every cent at Stripe"</th><th scope="col" class="right">"US dollars"</th></tr></thead>
                <tbody>{parts.into_iter().map(row).collect_view()}</tbody>
                <tfoot>{totals.into_iter().map(row).collect_view()}</tfoot>
            </table>
        </div>
    }
}

#[component]
fn Differs(run: String, difference: DifferenceView) -> impl IntoView {
    let DifferenceView { number, name, title, advice, purchase, purchase_known, stripe, at_stripe, in_books, .. } =
        difference;
    let DifferenceView { repairable, mended, repair, event, .. } = difference;
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    let purchase = match (purchase.is_empty(), purchase_known) {
        (true, _) => None,
        (false, true) => {
            let href = format!("/office/purchases/{purchase}");
            Some(view! { <a href=href>{purchase}</a> }.into_any())
        }
        (false, false) => Some(view! { <span>{purchase}</span> }.into_any()),
    };
    let heard = (!event.is_empty()).then(|| {
        let href = format!("/office/events/{}", query_value(&event));
        view! { <div><dt>"Repair"</dt><dd><a href=href>{repair}</a></dd></div> }
    });
    let form = repairable.then(|| {
        view! {
            <form method="post" action=OfficeRepair::url()>
                <input type="hidden" name="run" value=run/>
                <input type="hidden" name="number" value=number.to_string()/>
                <button class="button button-main" type="submit">"Repair"</button>
            </form>
        }
    });
    let chip = if mended {
        view! { <Chip tone=Tone::Good word="Repaired"/> }.into_any()
    } else {
        view! { <Chip tone=Tone::Warn word="Open"/> }.into_any()
    };
    view! {
        <article class="stack-tight" data-difference=name>
            <div class="card-head"><h3>{format!("{number}. {title}")}</h3>{chip}</div>
            <dl class="facts">
                {fact("At Stripe", at_stripe)}
                {fact("In our books", in_books)}
                {purchase.map(|purchase| view! { <div><dt>"Purchase"</dt><dd class="mono">{purchase}</dd></div> })}
                {fact("Stripe's ids", stripe)}
                {heard}
            </dl>
            {(!mended).then(|| view! { <p class="soft">{advice}</p> })}
            {form}
            <hr class="divide"/>
        </article>
    }
}
