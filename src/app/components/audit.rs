//! Lines of the audit log.

use leptos::prelude::*;

use crate::app::views::AuditLineView;

/// Who did what, newest first. Operators see on which account, as a link to it.
#[component]
pub fn AuditTable(lines: Vec<AuditLineView>, #[prop(optional)] across: bool) -> impl IntoView {
    let rows = lines
        .into_iter()
        .map(|line| {
            let account = across.then(|| view! { <td class="fold">{account_link(line.account)}</td> });
            view! {
                <tr>
                    <td class="when">{line.at}</td>
                    <td class="name">{line.what}<span class="faint">{detail(line.detail)}</span></td>
                    <td>{line.actor}" "<span class="faint">{line.kind}</span></td>
                    {account}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="audit">
                <thead>
                    <tr>
                        <th scope="col">"When, UTC"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Who"</th>
                        {across.then(|| view! { <th scope="col" class="fold">"Account"</th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn detail(detail: String) -> String {
    if detail.is_empty() { detail } else { format!(" · {detail}") }
}

fn account_link(account: String) -> Option<AnyView> {
    (!account.is_empty()).then(|| {
        let href = format!("/office/customers/{account}");
        view! { <a class="mono" href=href>{account}</a> }.into_any()
    })
}
