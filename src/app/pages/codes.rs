//! Setting up one-time codes: a picture for the phone, the first code, and the recovery codes, which are shown once.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use super::access::{FormError, NarrowPage};
use crate::app::components::{Field, Frame, Notice, Tone};
use crate::app::error::sentence_for;
use crate::app::functions::access::get_typed;
use crate::app::functions::own::{ConfirmCodes, SignInCode, get_codes};
use crate::app::pages::{load, query};
use crate::app::views::{CodesView, FrameView};

#[component]
pub fn CodesPage() -> impl IntoView {
    let (made, error) = (query("made"), query("error"));
    let data = Resource::new_blocking(move || made.get(), get_codes);
    load(data, move |view| {
        let asked = !made.get_untracked().is_empty();
        view! { <Codes view asked error=error.get_untracked()/> }.into_any()
    })
}

#[component]
fn Codes(
    view: CodesView,
    /// Whether the address names recovery codes that were just made.
    asked: bool,
    error: String,
) -> impl IntoView {
    let CodesView { frame, secret, picture, width, recovery } = view;
    let body = if !recovery.is_empty() {
        view! { <Recovery recovery/> }.into_any()
    } else if !secret.is_empty() {
        view! { <SetUp secret picture width/> }.into_any()
    } else if asked {
        view! {
            <Notice tone=Tone::Warn>
                <p>"Recovery codes are shown once, just after they are made. If you did not see them, make new ones."</p>
            </Notice>
        }
        .into_any()
    } else {
        view! { <p class="soft">"Nothing to set up here."</p> }.into_any()
    };
    view! {
        <Title text="One-time codes · Aethel"/>
        <Frame frame title="One-time codes" current="/settings">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            <section class="card stack">
                {body}
                <p><a href="/settings/security">"Back to sign-in and security"</a></p>
            </section>
        </Frame>
    }
}

#[component]
fn SetUp(secret: String, picture: String, width: i64) -> impl IntoView {
    // Four squares of quiet around it, as the standard asks.
    let frame = format!("-4 -4 {} {}", width + 8, width + 8);
    view! {
        <p>"Read this picture with an authenticator app, or type the secret in. Then enter the code that the app shows."</p>
        <svg class="qr" viewBox=frame role="img" aria-label="The secret as a QR code">
            <rect x="-4" y="-4" width="100%" height="100%" fill="#fff"></rect>
            <path d=picture fill="#000"></path>
        </svg>
        <code class="secret" data-testid="codes-secret">{secret}</code>
        <form method="post" action=ConfirmCodes::url() class="fields-row">
            <Field name="code" label="Code from the app" autocomplete="one-time-code" most=10/>
            <button class="button button-main" type="submit">"Turn one-time codes on"</button>
        </form>
    }
}

#[component]
fn Recovery(recovery: Vec<String>) -> impl IntoView {
    let codes = recovery.into_iter().map(|code| view! { <li class="mono">{code}</li> }).collect_view();
    view! {
        <Notice tone=Tone::Good>
            <p><strong>"One-time codes are on. "</strong>"Keep these recovery codes where your phone is not: each signs you in once. They are not shown again."</p>
        </Notice>
        <ul class="codes" data-testid="recovery-codes">{codes}</ul>
    }
}

/// The second step of signing in.
#[component]
pub fn SignInCodePage() -> impl IntoView {
    let (next, error) = (query("next"), query("error"));
    let data = Resource::new_blocking(String::new, get_typed);
    load(data, move |typed| view! { <CodeForm frame=typed.frame next=next.get() error=error.get()/> }.into_any())
}

#[component]
fn CodeForm(frame: FrameView, next: String, error: String) -> impl IntoView {
    view! {
        <NarrowPage frame title="Enter your code">
            <FormError code=error/>
            <form method="post" action=SignInCode::url() class="form">
                <input type="hidden" name="next" value=next/>
                <Field name="code" label="Code" autocomplete="one-time-code" hint="Six digits from your authenticator app, or one of your recovery codes." most=60/>
                <button class="button button-main button-wide" type="submit">"Sign in"</button>
            </form>
            <p class="soft"><a href="/signin">"Start over"</a></p>
        </NarrowPage>
    }
}
