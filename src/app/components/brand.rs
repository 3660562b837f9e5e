//! The mark, and the frame of pages that need nobody signed in.

use leptos::prelude::*;

use crate::app::components::Looking;
use crate::app::views::FrameView;

/// The mark and the name, linking home.
#[component]
pub fn Brand(href: &'static str) -> impl IntoView {
    view! {
        <a class="brand" href=href>
            <svg viewBox="0 0 22 22" aria-hidden="true">
                <rect width="22" height="22" rx="6"></rect>
                <path d="M6.5 11.5l3 3 6-7" fill="none" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"></path>
            </svg>
            <span>"Aethel"</span>
        </a>
    }
}

/// Says on every page that no real money moves; leads to the mails where they stay here.
#[component]
pub fn TestMode(test_mode: bool, outbox: bool) -> impl IntoView {
    match (test_mode, outbox) {
        (true, true) => view! { <a class="pill pill-test" href="/outbox" title="No real money moves. Open the mails.">"Test mode"</a> }.into_any(),
        (true, false) => view! { <span class="pill pill-test" title="No real money moves.">"Test mode"</span> }.into_any(),
        (false, _) => ().into_any(),
    }
}

/// Header, content and footer of a public page.
#[component]
pub fn PublicFrame(frame: FrameView, children: Children) -> impl IntoView {
    let signed_in = !frame.name.is_empty();
    view! {
        <div class="public">
            <a class="skip" href="#content">"Skip to content"</a>
            <header class="public-bar">
                <Brand href="/"/>
                <nav aria-label="Site">
                    <TestMode test_mode=frame.test_mode outbox=frame.outbox/>
                    <a href="/pricing">"Pricing"</a>
                    {if signed_in {
                        view! { <a class="button" href="/dashboard">"Open the dashboard"</a> }.into_any()
                    } else {
                        view! {
                            <a href="/signin">"Sign in"</a>
                            <a class="button button-main" href="/signup">"Start with 10 free credits"</a>
                        }.into_any()
                    }}
                </nav>
            </header>
            <main id="content"><Looking until=frame.looking/>{children()}</main>
            <footer class="foot">
                <span>"Paid only if there is a verdict. Unknown is free."</span>
                <span class="row"><a href="/status">"Status"</a><a href="/docs/api" rel="external">"REST API"</a></span>
            </footer>
        </div>
    }
}
