//! Signing up, the mail that was sent, the confirmation, and signing in.
//!
//! Mail scanners follow links: the confirmation is a button, so that only a person confirms.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::{Field, Notice, PasskeySignIn, PublicFrame, SubmitButton, Tone};
use crate::app::error::{PASSWORD_LEAST, PASSWORD_MOST, sentence_for};
use crate::app::functions::access::{Confirm, ResendConfirmation, SignIn, SignUp, get_typed};
use crate::app::pages::{load, query};
use crate::app::views::{FrameView, TypedView};

/// The sentence for a refused form's code, where the form shows it: beside the field it is about, or on top.
pub(super) fn error_for(code: &str, codes: &[&str]) -> String {
    if codes.contains(&code) { sentence_for(code).to_owned() } else { String::new() }
}

/// The codes that belong beside a field; all others stand on top of the form.
const FIELD_CODES: [&str; 6] = [
    "name_invalid",
    "email_invalid",
    "password_too_short",
    "password_too_long",
    "password_common",
    "password_guessable",
];
/// Those about a new password.
pub(super) const PASSWORD_CODES: [&str; 4] =
    ["password_too_short", "password_too_long", "password_common", "password_guessable"];

/// What concerns the form as a whole.
#[component]
pub(super) fn FormError(code: String) -> impl IntoView {
    let whole = !code.is_empty() && !FIELD_CODES.contains(&code.as_str());
    whole.then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&code)}</p></Notice> })
}

/// A narrow card with a title.
#[component]
pub(super) fn NarrowPage(frame: FrameView, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Aethel")/>
        <PublicFrame frame>
            <div class="narrow">
                <div class="card stack">
                    <h1 class="page-title">{title}</h1>
                    {children()}
                </div>
            </div>
        </PublicFrame>
    }
}

#[component]
pub fn SignUpPage() -> impl IntoView {
    let (draft, error) = (query("draft"), query("error"));
    let data = Resource::new_blocking(move || draft.get(), get_typed);
    let action = ServerAction::<SignUp>::new();
    load(data, move |typed| view! { <SignUpForm typed action error=error.get()/> }.into_any())
}

#[component]
fn SignUpForm(typed: TypedView, action: ServerAction<SignUp>, error: String) -> impl IntoView {
    let name_error = error_for(&error, &["name_invalid"]);
    let email_error = error_for(&error, &["email_invalid"]);
    let password_error = error_for(&error, &PASSWORD_CODES);
    view! {
        <NarrowPage frame=typed.frame title="Sign up">
            <FormError code=error/>
            <ActionForm action attr:class="form">
                <Field name="name" label="Name" value=typed.name autocomplete="organization" hint="Yours or your company's." error=name_error most=100/>
                <Field name="email" label="E-mail" kind="email" value=typed.email autocomplete="email" error=email_error most=254/>
                <Field name="password" label="Password" kind="password" autocomplete="new-password" least=PASSWORD_LEAST most=PASSWORD_MOST
                    hint="At least 10 characters; a few words in a row are fine." error=password_error/>
                <SubmitButton label="Create the account" class="button button-main button-wide"/>
            </ActionForm>
            <p class="soft">"10 free credits once your address is confirmed. "<a href="/signin">"Sign in instead"</a></p>
        </NarrowPage>
    }
}

#[component]
pub fn SignUpSentPage() -> impl IntoView {
    let (draft, again, error) = (query("draft"), query("again"), query("error"));
    let data = Resource::new_blocking(move || draft.get(), get_typed);
    let action = ServerAction::<ResendConfirmation>::new();
    load(data, move |typed| view! { <SentNote typed action again=again.get() error=error.get()/> }.into_any())
}

#[component]
fn SentNote(typed: TypedView, action: ServerAction<ResendConfirmation>, again: String, error: String) -> impl IntoView {
    let to = if typed.email.is_empty() { "your address".to_owned() } else { typed.email.clone() };
    let outbox = typed.frame.outbox;
    let email_error = error_for(&error, &["email_invalid"]);
    view! {
        <NarrowPage frame=typed.frame title="Check your mail">
            <FormError code=error/>
            {(!again.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>"Sent once more."</p></Notice> })}
            <p>"We sent a link to "<strong>{to}</strong>". Open it to confirm the address and receive 10 free credits."</p>
            {outbox.then(|| view! {
                <Notice tone=Tone::Warn>
                    <p>"Test mode: no mail leaves this machine. "<a href="/outbox">"Open the outbox"</a></p>
                </Notice>
            })}
            <details class="more">
                <summary>"No mail?"</summary>
                <ActionForm action attr:class="form">
                    <Field name="email" label="E-mail" kind="email" value=typed.email autocomplete="email" error=email_error most=254/>
                    <SubmitButton label="Send the link again" class="button"/>
                </ActionForm>
            </details>
        </NarrowPage>
    }
}

#[component]
pub fn ConfirmPage() -> impl IntoView {
    let (token, error) = (query("token"), query("error"));
    let data = Resource::new_blocking(String::new, get_typed);
    let action = ServerAction::<Confirm>::new();
    load(data, move |typed| {
        let (token, error) = (token.get(), error.get());
        view! { <ConfirmForm frame=typed.frame action token error/> }.into_any()
    })
}

#[component]
fn ConfirmForm(frame: FrameView, action: ServerAction<Confirm>, token: String, error: String) -> impl IntoView {
    let body = if token.is_empty() {
        let code = if error.is_empty() { "invalid_link".to_owned() } else { error };
        view! {
            <FormError code/>
            <p class="soft"><a href="/signup/sent">"Send a new link"</a>" or "<a href="/signin">"sign in"</a>"."</p>
        }
        .into_any()
    } else {
        view! {
            <p>"One press, and your address is confirmed."</p>
            <ActionForm action attr:class="form">
                <input type="hidden" name="token" value=token/>
                <SubmitButton label="Confirm and sign in" class="button button-main button-wide"/>
            </ActionForm>
        }
        .into_any()
    };
    view! { <NarrowPage frame title="Confirm your address">{body}</NarrowPage> }
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let (draft, error, next, reset) = (query("draft"), query("error"), query("next"), query("reset"));
    let data = Resource::new_blocking(move || draft.get(), get_typed);
    let action = ServerAction::<SignIn>::new();
    load(data, move |typed| {
        let notes = SignInNotes { error: error.get(), next: next.get(), reset: !reset.get().is_empty() };
        view! { <SignInForm typed action notes/> }.into_any()
    })
}

/// What the address says about signing in.
#[derive(Clone)]
struct SignInNotes {
    error: String,
    next: String,
    reset: bool,
}

#[component]
fn SignInForm(typed: TypedView, action: ServerAction<SignIn>, notes: SignInNotes) -> impl IntoView {
    let unconfirmed = notes.error == "not_confirmed";
    let next = notes.next.clone();
    view! {
        <NarrowPage frame=typed.frame title="Sign in">
            <FormError code=notes.error.clone()/>
            {unconfirmed.then(|| view! { <p class="soft"><a href="/signup/sent">"Send the confirmation again"</a></p> })}
            {notes.reset.then(|| view! { <Notice tone=Tone::Good><p>"The new password is set. Sign in with it."</p></Notice> })}
            <ActionForm action attr:class="form">
                <input type="hidden" name="next" value=notes.next/>
                <Field name="email" label="E-mail" kind="email" value=typed.email autocomplete="username" error=error_for(&notes.error, &["email_invalid"]) most=254/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password" most=PASSWORD_MOST/>
                <SubmitButton label="Sign in" class="button button-main button-wide"/>
            </ActionForm>
            <PasskeySignIn next/>
            <p class="row-spread"><a href="/reset">"Forgot the password?"</a><a href="/signup">"Sign up"</a></p>
        </NarrowPage>
    }
}
