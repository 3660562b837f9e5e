//! Who did what, on every account: for operators.

use leptos::prelude::*;
use leptos_meta::Title;

use super::audit::Pager;
use crate::app::components::{AuditTable, OfficeFrame};
use crate::app::functions::audit::get_office_audit;
use crate::app::pages::{load, query};
use crate::app::views::AuditView;

#[component]
pub fn OfficeAuditPage() -> impl IntoView {
    let before = query("before");
    let data = Resource::new_blocking(move || before.get(), get_office_audit);
    load(data, |view| view! { <Audit view/> }.into_any())
}

#[component]
fn Audit(view: AuditView) -> impl IntoView {
    let AuditView { frame, lines, next_before, newest } = view;
    let body = if lines.is_empty() {
        view! { <p class="soft">"Nothing yet."</p> }.into_any()
    } else {
        view! { <AuditTable lines across=true/> }.into_any()
    };
    view! {
        <Title text="Audit log · Aethel back office"/>
        <OfficeFrame frame title="Audit log" current="/office/audit">
            <section class="card stack">
                {body}
                <Pager path="/office/audit" newest next_before/>
            </section>
        </OfficeFrame>
    }
}
