//! Statements: the list of months, and one month with every line and what it really cost.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Chip, EmptyState, Frame, Notice, Tone};
use crate::app::format::{credits, grouped, signed};
use crate::app::functions::evidence::{get_statement, get_statements};
use crate::app::pages::{load, path_part};
use crate::app::views::{MonthView, StatementLineView, StatementRow, StatementView, StatementsView};

#[component]
pub fn StatementsPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| get_statements());
    load(data, |view| view! { <Statements view/> }.into_any())
}

#[component]
fn Statements(view: StatementsView) -> impl IntoView {
    let body = if view.months.is_empty() {
        view! {
            <EmptyState title="No statements yet" text="The first month with a credit in it has the first statement."
                href="/buy" action="Buy credits"/>
        }
        .into_any()
    } else {
        let rows = view.months.into_iter().map(|month| view! { <MonthRow month/> }).collect_view();
        view! {
            <table class="table" data-testid="statements">
                <thead><tr><th scope="col">"Month, UTC"</th><th scope="col">"State"</th><th scope="col">"Signed file"</th><th scope="col">"To print"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Title text="Statements · Aethel"/>
        <Frame frame=view.frame title="Statements" current="/statements">
            <section class="card stack">
                <p class="soft">"Each month with every line, what its credits were really paid for, and our signature."</p>
                {body}
            </section>
        </Frame>
    }
}

#[component]
fn MonthRow(month: MonthView) -> impl IntoView {
    let printed = printed(&month.month);
    view! {
        <tr>
            <td class="name"><a href=format!("/statements/{}", month.month)>{month.title}</a></td>
            <td>{state(month.complete)}</td>
            <td><a href=file(&month.month) rel="external" download="">"Download"</a></td>
            <td><a href=printed rel="external" download="">"PDF"</a></td>
        </tr>
    }
}

/// Where the signed file of a month is.
fn file(month: &str) -> String {
    format!("/statements/{month}/statement.json")
}

/// Where the same month is as a PDF.
fn printed(month: &str) -> String {
    format!("/statements/{month}/statement.pdf")
}

fn state(complete: bool) -> AnyView {
    let (tone, word) = if complete { (Tone::Good, "Complete") } else { (Tone::Held, "Still running") };
    view! { <Chip tone word/> }.into_any()
}

#[component]
pub fn StatementPage() -> impl IntoView {
    let month = path_part("month");
    let data = Resource::new_blocking(move || month.get(), get_statement);
    load(data, |view| view! { <Statement view/> }.into_any())
}

#[component]
fn Statement(view: StatementView) -> impl IntoView {
    let StatementView { frame, month, opening, closing, lines, line_count, .. } = view;
    let shown = i64::try_from(lines.len()).unwrap_or(0);
    let rows = lines.into_iter().map(|line| view! { <LineRow line/> }).collect_view();
    let facts = [
        ("Account", view.account),
        ("Customer", frame.name.clone()),
        ("Period, UTC", view.period),
        ("Available at the beginning", credits(opening)),
        ("Available at the end", credits(closing)),
        ("Paid for credits bought", view.bought),
        ("Paid for the credits spent", view.spent),
    ];
    let facts = facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    view! {
        <Title text=format!("Statement · {}", month.title)/>
        <Frame frame title="Statements" current="/statements">
            <section class="card stack">
                <div class="card-head"><h2 class="page-title">{format!("Statement of {}", month.title)}</h2>{state(month.complete)}</div>
                <dl class="facts" data-testid="statement-facts">{facts.collect_view()}</dl>
                <p class="row no-print">
                    <a class="button button-main" href=file(&month.month) rel="external" download="">"Download the signed file"</a>
                    <a class="button" href=printed(&month.month) rel="external" download="">"Download as PDF"</a>
                    <a href="/statements">"All statements"</a>
                </p>
            </section>
            <section class="card stack"><h2>"Spent, by operation"</h2><Sums rows=view.operations units="Units" none="Nothing was spent."/></section>
            <section class="card stack"><h2>"All movements, by kind"</h2><Sums rows=view.kinds units="Entries" none="Nothing moved."/></section>
            <section class="card stack">
                <h2>"Every line"</h2>
                {(shown < line_count).then(|| view! {
                    <Notice tone=Tone::Plain><p>{format!("The first {} of {} lines; the signed file has all.", grouped(shown), grouped(line_count))}</p></Notice>
                })}
                <div class="table-wrap">
                    <table class="table" data-testid="statement-lines">
                        <thead>
                            <tr>
                                <th scope="col" class="right">"Entry"</th>
                                <th scope="col">"Time, UTC"</th>
                                <th scope="col">"What"</th>
                                <th scope="col" class="fold">"State"</th>
                                <th scope="col" class="right">"Credits"</th>
                                <th scope="col" class="right fold">"Balance"</th>
                                <th scope="col" class="right">"Paid"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
            <Proof head=view.head key_id=view.key_id public_key=view.public_key/>
        </Frame>
    }
}

#[component]
fn LineRow(line: StatementLineView) -> impl IntoView {
    view! {
        <tr>
            <td class="right when">{line.seq}</td>
            <td class="when"><time datetime=line.at_iso>{line.at}</time></td>
            <td class="name">{line.what}</td>
            <td class="fold"><Chip tone=Tone::named(&line.tone) word=line.state/></td>
            <td class="right strong">{signed(line.amount)}</td>
            <td class="right soft fold">{grouped(line.balance)}</td>
            <td class="right">{line.paid}</td>
        </tr>
    }
}

#[component]
fn Sums(rows: Vec<StatementRow>, units: &'static str, none: &'static str) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="soft">{none}</p> }.into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td class="name">{row.title}</td>
                    <td class="right soft">{grouped(row.count)}</td>
                    <td class="right strong">{grouped(row.credits)}</td>
                    <td class="right">{row.paid}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"What"</th><th scope="col" class="right">{units}</th>
                    <th scope="col" class="right">"Credits"</th><th scope="col" class="right">"Paid"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// How somebody who trusts nobody checks the statement.
#[component]
fn Proof(head: String, key_id: String, public_key: String) -> impl IntoView {
    view! {
        <section class="card stack">
            <h2>"How to check it"</h2>
            <p class="soft">"Credits of a gift were paid nothing for. Those of a purchase share what was paid for it, rounded down as they go, so that all of them together cost exactly that."</p>
            <p>"Without us, and without a network: "<code>{format!("aethel verify-statement FILE --key {public_key}")}</code></p>
            <dl class="facts">
                <div><dt>"Head of the chain"</dt><dd><code>{head}</code></dd></div>
                <div><dt>"Signed by"</dt><dd><code data-testid="signed-by">{key_id}</code></dd></div>
            </dl>
        </section>
    }
}
