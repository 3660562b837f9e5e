//! The frame of the back office: the same bones as a customer's pages, with its own navigation.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{Brand, Looking, TestMode};
use crate::app::functions::session::SignOut;
use crate::app::views::FrameView;

/// The pages of the back office.
const OFFICE: &[(&str, &str)] = &[
    ("/office", "Customers"),
    ("/office/purchases", "Purchases"),
    ("/office/events", "Stripe events"),
    ("/office/reconciliation", "Reconciliation"),
    ("/office/audit", "Audit log"),
    ("/office/health", "Health"),
];

/// Sidebar, top bar and content of a page for operators.
#[component]
pub fn OfficeFrame(
    frame: FrameView,
    /// The page's name, its only first heading.
    #[prop(into)]
    title: String,
    /// Which page of the navigation this is.
    current: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="frame">
            <a class="skip" href="#content">"Skip to content"</a>
            <aside class="sidebar">
                <Brand href="/office"/>
                <nav class="nav" aria-label="Pages"><OfficePages current/></nav>
            </aside>
            <div class="main">
                <div class="main-inner">
                    <header class="topbar">
                        <details class="sheet">
                            <summary>"Menu"</summary>
                            <nav class="nav sheet-body" aria-label="Menu"><OfficePages current/></nav>
                        </details>
                        <h1>{title}</h1>
                        <div class="topbar-side">
                            <TestMode test_mode=frame.test_mode outbox=frame.outbox/>
                            <span class="pill">"Back office"</span>
                            <span class="pill pill-name">{frame.name}</span>
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

#[component]
fn OfficePages(current: &'static str) -> impl IntoView {
    let links = OFFICE
        .iter()
        .map(|(path, name)| view! { <a href=*path aria-current=(*path == current).then_some("page")>{*name}</a> })
        .collect_view();
    view! {
        <p class="nav-group">"Back office"</p>
        {links}
        <p class="nav-group">"Yourself"</p>
        <a href="/dashboard">"My account"</a>
        <form method="post" action=SignOut::url()>
            <button type="submit">"Sign out"</button>
        </form>
    }
}
