//! The public link of an answer: made, shown once, and ended, each by a plain form.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{CopyButton, Notice, Tone};
use crate::app::functions::shares::{EndShare, ShareAnswer};
use crate::app::views::ShareView;

/// Whether an answer can be read by whoever has its link, and the buttons that change it.
#[component]
pub fn SharePanel(
    share: ShareView,
    /// Whether the visitor may make and end links.
    may_share: bool,
) -> impl IntoView {
    let ShareView { subject, since, link, request } = share;
    let is_shared = !since.is_empty();
    if !is_shared && !may_share {
        return ().into_any();
    }
    let sentence = match is_shared {
        true => format!("Whoever has the link reads this answer, without signing in, since {since}."),
        false => "Only your team reads this answer. A public link shows it to whoever has the link: what was asked, what was found, its price and our signature; nothing of your account.".to_owned(),
    };
    let make = may_share.then(|| {
        let (subject, request) = (subject.clone(), request.clone());
        let word = if is_shared { "Make another link" } else { "Make a public link" };
        view! {
            <form method="post" action=ShareAnswer::url()>
                <input type="hidden" name="subject" value=subject/>
                <input type="hidden" name="request" value=request/>
                <button class="button button-small" type="submit">{word}</button>
            </form>
        }
    });
    let end = (may_share && is_shared).then(|| {
        view! {
            <form method="post" action=EndShare::url()>
                <input type="hidden" name="subject" value=subject/>
                <button class="button button-small button-bad" type="submit">"Stop sharing"</button>
            </form>
        }
    });
    view! {
        <section class="card stack" data-testid="share" data-shared=if is_shared { "yes" } else { "no" }>
            <h2>"Public link"</h2>
            <p class="soft">{sentence}</p>
            {(!link.is_empty()).then(|| view! { <Made link/> })}
            {(may_share && is_shared).then(|| view! {
                <p class="faint">"Another link takes the place of this one, which then opens nothing."</p>
            })}
            <div class="row">{make}{end}</div>
        </section>
    }
    .into_any()
}

#[component]
fn Made(link: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Good><p>"Copy the link now: it is not stored and cannot be shown again."</p></Notice>
        <code class="secret" id="shared-link" data-testid="shared-link">{link}</code>
        <CopyButton from="shared-link"/>
    }
}

/// What was asked beside a program: a title and a text each.
#[component]
pub fn AskedBeside(beside: Vec<(String, String)>) -> impl IntoView {
    beside
        .into_iter()
        .map(|(title, text)| view! { <h3>{title}</h3><pre class="code code-asked" tabindex="0"><code>{text}</code></pre> })
        .collect_view()
}
