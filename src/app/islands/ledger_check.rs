//! "Check this ledger in your browser": the visitor's own machine replays every entry with the ledger's own code.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::components::{Chip, Notice, Tone};
use crate::app::error::AppError;
use crate::app::format::grouped;
use crate::app::functions::evidence::{get_check_account, get_check_entries};
use crate::app::ledger_check::{CHECKED_HERE, COPY_MAX, Found, Planted, found, plant};
use crate::ledger::{Account, Entry, Replay};

/// How far the check has come.
#[derive(Clone)]
enum Progress {
    Idle,
    Working { checked: i64, of: i64 },
    Done { planted: Option<Planted>, found: Found },
    Failed(AppError),
}

/// What was fetched: the account's row and the beginning of its chain.
type Fetched = StoredValue<Option<(Account, Vec<Entry>)>>;

#[island]
pub fn LedgerCheck() -> impl IntoView {
    let progress = RwSignal::new(Progress::Idle);
    let copy: Fetched = StoredValue::new(None);
    let live = RwSignal::new(false);
    // Effects run in the browser only: without scripts the buttons would do nothing, so a sentence stands in for them.
    Effect::new(move |_| live.set(true));
    let check = move |_| {
        if !matches!(progress.get_untracked(), Progress::Working { .. }) {
            spawn_local(check_all(progress, copy));
        }
    };
    let corrupt = move |_| {
        let planted = copy.with_value(|kept| kept.as_ref().and_then(|(account, entries)| plant(account, entries)));
        if let Some((planted, found)) = planted {
            progress.set(Progress::Done { planted: Some(planted), found });
        }
    };
    let checked = move || matches!(progress.get(), Progress::Done { .. });
    view! {
        <section class="card stack no-print" data-testid="ledger-check">
            <h2>"Check this ledger in your browser"</h2>
            <p class="soft">"Your browser fetches every entry and computes hashes, sums and grants again, with the same code that wrote them. You need not take our word."</p>
            {move || if live.get() {
                view! {
                    <p class="row">
                        <button type="button" class="button" on:click=check>"Check every entry"</button>
                        {move || checked().then(|| view! {
                            <button type="button" class="button" on:click=corrupt>"Plant a corruption and check again"</button>
                        })}
                    </p>
                }
                .into_any()
            } else {
                view! {
                    <p>"This needs scripts. Without them, download a month under "<a href="/statements">"Statements"</a>" and run "<code>"aethel verify-statement FILE"</code>"."</p>
                }
                .into_any()
            }}
            <div aria-live="polite" class="stack">{move || outcome(progress.get())}</div>
        </section>
    }
}

/// Fetches and replays page by page. Entries never change, so those up to the row's last one are one moment's.
async fn check_all(progress: RwSignal<Progress>, copy: Fetched) {
    progress.set(Progress::Working { checked: 0, of: 0 });
    let outcome = fetch_and_replay(progress).await;
    progress.set(match outcome {
        Ok((account, entries, found)) => {
            copy.set_value(Some((account, entries)));
            Progress::Done { planted: None, found }
        }
        Err(error) => Progress::Failed(error),
    });
}

async fn fetch_and_replay(progress: RwSignal<Progress>) -> Result<(Account, Vec<Entry>, Found), AppError> {
    let account = get_check_account().await?;
    let mut replay = Replay::new(&account);
    let mut kept = Vec::new();
    let mut seq = 0;
    while seq < account.seq {
        progress.set(Progress::Working { checked: seq, of: account.seq });
        let mut page = get_check_entries(seq).await?;
        page.retain(|entry| entry.seq <= account.seq);
        let Some(last) = page.last() else { break };
        seq = last.seq;
        page.iter().for_each(|entry| replay.step(entry));
        let room = COPY_MAX.saturating_sub(kept.len());
        kept.extend(page.into_iter().take(room));
    }
    let found = found(&account, replay);
    Ok((account, kept, found))
}

fn outcome(progress: Progress) -> AnyView {
    match progress {
        Progress::Idle => ().into_any(),
        Progress::Working { checked, of } => view! {
            <p class="num" data-testid="check-progress">{format!("{} of {} entries checked", grouped(checked), grouped(of))}</p>
            <progress class="progress" max=of.max(1).to_string() value=checked.to_string() aria-label="Entries checked"></progress>
        }
        .into_any(),
        Progress::Failed(error) => view! { <Notice tone=Tone::Bad><p>{error.sentence()}</p></Notice> }.into_any(),
        Progress::Done { planted, found } => view! { <Outcome planted found/> }.into_any(),
    }
}

#[component]
fn Outcome(planted: Option<Planted>, found: Found) -> impl IntoView {
    let first = found.first();
    let said = match first.first() {
        None => {
            let sentence = format!("All {} entries are what was sealed, and every sum agrees.", grouped(found.entries));
            view! { <Notice tone=Tone::Good><p data-testid="check-verdict">{sentence}</p></Notice> }.into_any()
        }
        Some(fault) => {
            let sentence = format!("The check names entry {}:", grouped(fault.seq));
            let whats = first.iter().map(|fault| view! { <li>{fault.what.clone()}</li> }).collect_view();
            view! { <Notice tone=Tone::Bad><p data-testid="check-verdict">{sentence}</p><ul class="faults">{whats}</ul></Notice> }
                .into_any()
        }
    };
    let laws = CHECKED_HERE
        .into_iter()
        .map(|law| {
            let (tone, word) = if found.holds(law) { (Tone::Good, "Holds") } else { (Tone::Bad, "Broken") };
            view! { <div><dt>{law.sentence()}</dt><dd><Chip tone word/></dd></div> }
        })
        .collect_view();
    let heads = if found.head == found.server_head { "the same as the server's" } else { "not the server's" };
    view! {
        {planted.map(|planted| view! {
            <p data-testid="check-planted">{format!(
                "In this browser's copy, the amount of entry {} was changed from {} to {}. The ledger itself is untouched.",
                grouped(planted.seq), grouped(planted.before.get()), grouped(planted.after.get()),
            )}</p>
        })}
        {said}
        <dl class="facts">{laws}</dl>
        {planted.is_none().then(|| view! {
            <p class="faint">"Head of the chain, computed here, " {heads} ": " <code data-testid="check-head">{found.head.to_string()}</code></p>
        })}
    }
}
