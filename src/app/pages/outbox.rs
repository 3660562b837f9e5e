//! Test mode: the mails that would have been sent, with links that can be followed.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Notice, PublicFrame, Tone};
use crate::app::functions::public::get_outbox;
use crate::app::pages::load;
use crate::app::views::{MailView, OutboxView};

#[component]
pub fn OutboxPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| get_outbox());
    load(data, |view| view! { <Outbox view/> }.into_any())
}

#[component]
fn Outbox(view: OutboxView) -> impl IntoView {
    let empty = view.mails.is_empty();
    let mails = view.mails.into_iter().map(|mail| view! { <Mail mail/> }).collect_view();
    view! {
        <Title text="Outbox · Aethel"/>
        <PublicFrame frame=view.frame>
            <div class="stack">
                <h1 class="page-title">"Outbox"</h1>
                <Notice tone=Tone::Warn><p>"Test mode: mails stay here instead of being sent. The newest is on top."</p></Notice>
                {empty.then(|| view! { <p class="soft">"No mail yet. "<a href="/signup">"Sign up"</a>" and one appears."</p> })}
                {mails}
            </div>
        </PublicFrame>
    }
}

#[component]
fn Mail(mail: MailView) -> impl IntoView {
    let lines = mail.text.lines().map(|line| view! { {linked(line)} "\n" }).collect_view();
    view! {
        <article class="card stack-tight" id=mail.id data-testid="mail">
            <div class="row-spread"><h3>{mail.subject}</h3><span class="faint">{mail.at}</span></div>
            <p class="faint">{format!("To {}", mail.to)}</p>
            <div class="mail-text">{lines}</div>
        </article>
    }
}

/// A line with its web addresses as links.
fn linked(line: &str) -> AnyView {
    line.split_inclusive(' ')
        .map(|word| {
            let address = word.trim_end();
            if address.starts_with("http://") || address.starts_with("https://") {
                view! { <a href=address.to_owned()>{address.to_owned()}</a> " " }.into_any()
            } else {
                word.to_owned().into_any()
            }
        })
        .collect_view()
        .into_any()
}
