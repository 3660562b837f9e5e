//! Batches of transactions: two tables in, a report out, the price on the button.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{
    Chip, Frame, SharePanel, SubmitButton, TABLES_AND_JSON, Tone, VerdictChip, WorkCost, WorkRefused, WorkSide,
    WorkText,
};
use crate::app::format::credits;
use crate::app::functions::work::{VerifyBatch, get_batch, get_batch_report};
use crate::app::pages::{load, path_part, query};
use crate::app::views::{BatchFound, BatchReportView, BatchRowView, BatchView};

#[component]
pub fn BatchPage() -> impl IntoView {
    let (draft, example, error) = (query("draft"), query("example"), query("error"));
    let data =
        Resource::new_blocking(move || (draft.get(), example.get()), |(draft, example)| get_batch(draft, example));
    let action = ServerAction::<VerifyBatch>::new();
    load(data, move |view| view! { <Form view action error=error.get()/> }.into_any())
}

#[component]
fn Form(view: BatchView, action: ServerAction<VerifyBatch>, error: String) -> impl IntoView {
    let BatchView { frame, price, balances, transactions, atomic, request, problems, examples, recent } = view;
    let may_spend = frame.may.spend;
    view! {
        <Title text="Batches · Aethel"/>
        <Frame frame title="Batches" current="/batch">
            <WorkRefused error problems/>
            <div class="bench">
                <ActionForm action attr:class="panel">
                    <div class="panel-head"><h2>"Up to 1,000 transactions"</h2></div>
                    <div class="panel-body stack">
                        <WorkText name="balances" label="Opening balances" rows="5" value=balances files=TABLES_AND_JSON hint="account,asset,amount: what is not named begins with nothing. A table or a JSON array."/>
                        <WorkText name="transactions" label="Transactions" rows="10" value=transactions files=TABLES_AND_JSON hint="id,from,to,asset,amount,guard: without from the amount enters, without to it leaves; a guard speaks of amount, from_balance and to_balance. A table, a JSON array, or the whole batch as the REST API takes it, which stands for both fields."/>
                        <div class="field">
                            <label for="atomic">"When one cannot be applied"</label>
                            <select class="select" id="atomic" name="atomic">
                                <option value="no" selected=!atomic>"Apply the others"</option>
                                <option value="yes" selected=atomic>"Apply none"</option>
                            </select>
                        </div>
                    </div>
                    <input type="hidden" name="request" value=request/>
                    <div class="panel-foot">
                        <span class="faint">"What cannot be read costs nothing."</span>
                        {may_spend.then(|| view! { <SubmitButton label=format!("Verify the batch · {}", credits(price))/> })}
                    </div>
                </ActionForm>
                <WorkSide path="/batch" start="/batch?example=payroll" examples recent/>
            </div>
            <script src="/file-to-text.js"></script>
        </Frame>
    }
}

#[component]
pub fn BatchReportPage() -> impl IntoView {
    let (id, shared) = (path_part("id"), query("shared"));
    let data = Resource::new_blocking(move || (id.get(), shared.get()), |(id, shared)| get_batch_report(id, shared));
    load(data, |view| view! { <Report view/> }.into_any())
}

#[component]
fn Report(view: BatchReportView) -> impl IntoView {
    let BatchReportView { frame, cost, share, found, .. } = view;
    let may_share = frame.may.spend;
    view! {
        <Title text="Report · Batches"/>
        <Frame frame title="Batches" current="/batch">
            <section class="card stack" data-testid="batch-report" data-verdict=found.verdict.clone()>
                <BatchVerdict found=found.clone()/>
                <WorkCost cost/>
                <p><a class="button" href="/batch">"Verify another"</a></p>
            </section>
            <SharePanel share may_share/>
            <BatchFindings found/>
        </Frame>
    }
}

/// What the batch came to.
#[component]
pub(super) fn BatchVerdict(found: BatchFound) -> impl IntoView {
    view! {
        <p><VerdictChip verdict=found.verdict/></p>
        <p class="verdict-line">{found.headline}</p>
        <Totals totals=found.totals/>
    }
}

/// Its transactions, how they run side by side, and the balances.
#[component]
pub(super) fn BatchFindings(found: BatchFound) -> impl IntoView {
    let rows = found.rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
    let layers = found.layers.into_iter().map(|layer| view! { <li>{layer}</li> }).collect_view();
    view! {
        <section class="card">
            <div class="card-head"><h2>"Transactions"</h2></div>
            <div class="table-wrap"><table class="table" data-testid="batch-rows">
                <thead>
                    <tr>
                        <th scope="col">"Transaction"</th>
                        <th scope="col">"Verdict"</th>
                        <th scope="col" class="right fold">"Step"</th>
                        <th scope="col" class="fold">"Waits for"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
        <section class="card stack-tight">
            <h2>"Side by side"</h2>
            <p>{found.schedule}</p>
            <ol class="plain num" data-testid="layers">{layers}</ol>
        </section>
        <Balances balances=found.balances/>
    }
}

#[component]
fn Row(row: BatchRowView) -> impl IntoView {
    let (tone, word) = match row.verdict.as_str() {
        "applied" => (Tone::Good, "Applied"),
        "refused" => (Tone::Bad, "Refused"),
        "undone" => (Tone::Warn, "Undone"),
        _ => (Tone::Plain, "Not reached"),
    };
    view! {
        <tr>
            <td class="detail"><span class="strong">{row.id}</span>" "<span class="soft">{row.what}</span></td>
            <td><Chip tone word/>" "<span class="soft">{row.reason}</span></td>
            <td class="right num fold">{row.layer}</td>
            <td class="fold detail">{row.waits_for}</td>
        </tr>
    }
}

#[component]
fn Totals(totals: Vec<(String, [String; 4], bool)>) -> impl IntoView {
    let rows = totals
        .into_iter()
        .map(|(asset, sums, conserved)| {
            let sums = sums.into_iter().map(|sum| view! { <td class="right num">{sum}</td> }).collect_view();
            let (tone, word) = if conserved { (Tone::Good, "Adds up") } else { (Tone::Bad, "Does not add up") };
            view! { <tr><td class="name">{asset}</td>{sums}<td><Chip tone word/></td></tr> }
        })
        .collect_view();
    view! {
        <div class="table-wrap"><table class="table" data-testid="totals">
            <thead>
                <tr>
                    <th scope="col">"Total of"</th>
                    <th scope="col" class="right">"Opening"</th>
                    <th scope="col" class="right">"Entered"</th>
                    <th scope="col" class="right">"Left"</th>
                    <th scope="col" class="right">"Closing"</th>
                    <th scope="col">"Conserved"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
}

#[component]
fn Balances(balances: Vec<[String; 4]>) -> impl IntoView {
    let rows = balances
        .into_iter()
        .map(|[account, asset, opening, closing]| {
            view! {
                <tr>
                    <td class="name">{account}</td>
                    <td>{asset}</td>
                    <td class="right num fold">{opening}</td>
                    <td class="right num strong">{closing}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <div class="card-head"><h2>"Balances"</h2></div>
            <div class="table-wrap"><table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Account"</th>
                        <th scope="col">"Asset"</th>
                        <th scope="col" class="right fold">"Opening"</th>
                        <th scope="col" class="right">"Closing"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
}
