//! Grants in the order they are spent in, and the links that download a table.

use leptos::prelude::*;

use crate::app::format::grouped;
use crate::app::views::GrantView;

/// Lots that are shown; the download has all of them.
const SHOWN: usize = 10;

/// What is left of each lot of credits, the one that is spent first at the top.
#[component]
pub fn GrantSection(grants: Vec<GrantView>) -> impl IntoView {
    let count = grants.len();
    let more = (count > SHOWN).then(|| {
        view! { <p class="soft">{format!("The first {SHOWN} of {} lots; the download has every one.", grouped(i64::try_from(count).unwrap_or(i64::MAX)))}</p> }
    });
    let body = if count == 0 {
        view! { <p class="soft">"No credits are left to spend. What you buy or are given appears here."</p> }.into_any()
    } else {
        view! { <GrantTable grants=grants.into_iter().take(SHOWN).collect()/> }.into_any()
    };
    view! {
        <section class="card stack">
            <div class="card-head"><h2>"Credits by lot"</h2><Downloads what="grants"/></div>
            <p class="soft">"Spent in this order: soonest to expire, then given before paid, then oldest. A refund goes back into the lots it came from."</p>
            {body}
            {more}
        </section>
    }
}

/// The lots as they are given; nothing when there is none.
#[component]
pub fn GrantTable(grants: Vec<GrantView>) -> impl IntoView {
    let rows = grants.into_iter().map(|grant| view! { <GrantRow grant/> }).collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="grants">
                <thead>
                    <tr>
                        <th scope="col" class="right">"Spent"</th>
                        <th scope="col">"Lot"</th>
                        <th scope="col" class="fold">"Came in, UTC"</th>
                        <th scope="col">"Expires, UTC"</th>
                        <th scope="col" class="right fold">"Size"</th>
                        <th scope="col" class="right fold">"Held"</th>
                        <th scope="col" class="right">"Left, credits"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn GrantRow(grant: GrantView) -> impl IntoView {
    let expires = if grant.expires.is_empty() { "never".to_owned() } else { grant.expires };
    view! {
        <tr>
            <td class="right soft">{format!("{}.", grouped(grant.rank))}</td>
            <td class="name" title=grant.id>{grant.kind}</td>
            <td class="when fold">{grant.granted}</td>
            <td class="when">{expires}</td>
            <td class="right soft fold">{grouped(grant.size)}</td>
            <td class="right soft fold">{grouped(grant.held)}</td>
            <td class="right strong">{grouped(grant.remaining)}</td>
        </tr>
    }
}

/// Links to a table as CSV and JSON: files, so the browser fetches them and not the router.
#[component]
pub fn Downloads(
    /// `entries`, `grants` or `usage`.
    what: &'static str,
    /// The rest of the address, with its question mark.
    #[prop(into, optional)]
    query: String,
) -> impl IntoView {
    let link = |form: &str| format!("/export/{what}.{form}{query}");
    view! {
        <span class="row">
            <a href=link("csv") rel="external" aria-label=format!("Download {what} as CSV")>"CSV"</a>
            <a href=link("json") rel="external" aria-label=format!("Download {what} as JSON")>"JSON"</a>
        </span>
    }
}
