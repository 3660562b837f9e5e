//! The frame of signed-in pages. On a phone the sidebar is a sheet behind one button, without scripts too.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{Brand, Notice, TestMode, Tone};
use crate::app::format::{credit_word, grouped};
use crate::app::functions::office::StopSeeing;
use crate::app::functions::session::SignOut;
use crate::app::functions::team::SwitchAccount;
use crate::app::islands::PILL;
use crate::app::views::{ChoiceView, FrameView, MayView};

/// Groups of the navigation: a heading (or none) and its pages.
const GROUPS: [(&str, &[(&str, &str)]); 3] = [
    (
        "",
        &[
            ("/dashboard", "Overview"),
            ("/buy", "Buy credits"),
            ("/purchases", "Purchases"),
            ("/billing", "Billing"),
            ("/usage", "Usage"),
            ("/ledger", "Ledger"),
            ("/statements", "Statements"),
        ],
    ),
    ("Verify", &[("/judge", "Judge"), ("/oracle", "Oracle"), ("/batch", "Batches"), ("/sentinel", "Sentinel")]),
    (
        "Account",
        &[
            ("/keys", "API keys"),
            ("/webhooks", "Webhooks"),
            ("/team", "Team"),
            ("/settings", "Settings"),
            ("/settings/audit", "Audit log"),
        ],
    ),
];

/// Sidebar, top bar and content of a signed-in page.
#[component]
pub fn Frame(
    frame: FrameView,
    /// The page's name, its only first heading.
    title: &'static str,
    /// Which page of the navigation this is.
    current: &'static str,
    children: Children,
) -> impl IntoView {
    let available = frame.available;
    view! {
        <div class="frame">
            <a class="skip" href="#content">"Skip to content"</a>
            <aside class="sidebar">
                <Brand href="/dashboard"/>
                <Switch account=frame.account.clone() accounts=frame.accounts.clone() id="switch-side"/>
                <nav class="nav" aria-label="Pages"><Pages current may=frame.may operator=frame.operator/></nav>
            </aside>
            <div class="main">
                <div class="main-inner">
                    <header class="topbar">
                        <details class="sheet">
                            <summary>"Menu"</summary>
                            <nav class="nav sheet-body" aria-label="Menu">
                                <Switch account=frame.account accounts=frame.accounts id="switch-sheet"/>
                                <Pages current may=frame.may operator=frame.operator/></nav>
                        </details>
                        <h1>{title}</h1>
                        <div class="topbar-side">
                            <TestMode test_mode=frame.test_mode outbox=frame.outbox/>
                            <a class="pill" href="/dashboard">
                                <b class="num" id=PILL.0 data-testid="pill-balance">{grouped(available)}</b>
                                <span id=PILL.1>{credit_word(available)}</span>
                            </a>
                            <a class="pill pill-name" href="/settings">{frame.name}</a>
                        </div>
                    </header>
                    <main id="content" class="stack">
                        <Looking until=frame.looking/>
                        {children()}
                    </main>
                </div>
            </div>
        </div>
    }
}

/// To another of the visitor's accounts, where there is one.
#[component]
fn Switch(account: String, accounts: Vec<ChoiceView>, id: &'static str) -> impl IntoView {
    (!accounts.is_empty()).then(|| {
        let options = accounts
            .into_iter()
            .map(|choice| {
                let chosen = choice.value == account;
                view! { <option value=choice.value selected=chosen>{choice.title}</option> }
            })
            .collect_view();
        view! {
            <form method="post" action=SwitchAccount::url() class="switch">
                <label class="hidden-visually" for=id>"Account"</label>
                <select class="select" id=id name="account">{options}</select>
                <button class="button button-small" type="submit">"Switch"</button>
            </form>
        }
    })
}

/// The links of the navigation, and the way out: a plain form, so that leaving always leaves the page's memory too.
#[component]
fn Pages(current: &'static str, may: MayView, operator: bool) -> impl IntoView {
    let offered = move |path: &str| match path {
        "/buy" => may.buy,
        "/keys" | "/webhooks" => may.keys,
        "/settings/audit" => may.audit,
        _ => true,
    };
    let groups = GROUPS
        .into_iter()
        .map(|(heading, pages)| {
            let links = pages
                .iter()
                .filter(|(path, _)| offered(path))
                .map(|(path, name)| view! { <a href=*path aria-current=(*path == current).then_some("page")>{*name}</a> })
                .collect_view();
            view! {
                {(!heading.is_empty()).then(|| view! { <p class="nav-group">{heading}</p> })}
                {links}
            }
        })
        .collect_view();
    view! {
        {groups}
        {operator.then(|| view! { <p class="nav-group">"Back office"</p> <a href="/office">"Customers"</a> })}
        <form method="post" action=SignOut::url()>
            <button type="submit">"Sign out"</button>
        </form>
    }
}

/// Says on every page that an operator is only looking at it, and ends that.
#[component]
pub fn Looking(
    /// Until when; empty for everybody else.
    until: String,
) -> impl IntoView {
    (!until.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Warn>
                <form method="post" action=StopSeeing::url() class="row-spread">
                    <p><strong>"You are looking at a customer's pages. "</strong>{format!("Nothing can be changed here. It ends by itself at {until} UTC.")}</p>
                    <button class="button button-small" type="submit">"Stop looking"</button>
                </form>
            </Notice>
        }
    })
}
