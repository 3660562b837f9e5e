//! Who did what on the account.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{AuditTable, Frame};
use crate::app::functions::audit::get_audit;
use crate::app::pages::{load, query};
use crate::app::views::AuditView;

#[component]
pub fn AuditPage() -> impl IntoView {
    let before = query("before");
    let data = Resource::new_blocking(move || before.get(), get_audit);
    load(data, |view| view! { <Audit view/> }.into_any())
}

#[component]
fn Audit(view: AuditView) -> impl IntoView {
    let AuditView { frame, lines, next_before, newest } = view;
    let body = if lines.is_empty() {
        view! { <p class="soft">"Nothing yet. Who invites people, makes keys or changes settings is written down here, and so is what our operators do."</p> }.into_any()
    } else {
        view! { <AuditTable lines/> }.into_any()
    };
    view! {
        <Title text="Audit log · Aethel"/>
        <Frame frame title="Audit log" current="/settings/audit">
            <section class="card stack">
                <p class="soft">"Who did what on this account. Nothing here is ever changed or taken away."</p>
                {body}
                <Pager path="/settings/audit" newest next_before/>
            </section>
        </Frame>
    }
}

/// To older lines, and back to the newest.
#[component]
pub fn Pager(path: &'static str, newest: bool, next_before: String) -> impl IntoView {
    let older = format!("{path}?before={next_before}");
    view! {
        <p class="row">
            {(!newest).then(|| view! { <a href=path>"Newest"</a> })}
            {(!next_before.is_empty()).then(|| view! { <a href=older>"Older"</a> })}
        </p>
    }
}
