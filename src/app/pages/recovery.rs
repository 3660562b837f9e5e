//! A forgotten password: asking for the link, and choosing a new one.

use leptos::prelude::*;

use super::access::{FormError, NarrowPage, PASSWORD_CODES, error_for};
use crate::app::components::{Field, Notice, SubmitButton, Tone};
use crate::app::error::{PASSWORD_LEAST, PASSWORD_MOST};
use crate::app::functions::access::{RequestReset, ResetPassword, get_typed};
use crate::app::pages::{load, query};
use crate::app::views::{FrameView, TypedView};

#[component]
pub fn ResetPage() -> impl IntoView {
    let (draft, error, sent) = (query("draft"), query("error"), query("sent"));
    let data = Resource::new_blocking(move || draft.get(), get_typed);
    let action = ServerAction::<RequestReset>::new();
    load(data, move |typed| view! { <ResetForm typed action error=error.get() sent=sent.get()/> }.into_any())
}

#[component]
fn ResetForm(typed: TypedView, action: ServerAction<RequestReset>, error: String, sent: String) -> impl IntoView {
    let outbox = typed.frame.outbox;
    let email_error = error_for(&error, &["email_invalid"]);
    let body = if sent.is_empty() {
        view! {
            <FormError code=error/>
            <p class="soft">"We send a link with which you choose a new password."</p>
            <ActionForm action attr:class="form">
                <Field name="email" label="E-mail" kind="email" value=typed.email autocomplete="username" error=email_error most=254/>
                <SubmitButton label="Send the link" class="button button-main button-wide"/>
            </ActionForm>
        }
        .into_any()
    } else {
        view! {
            <Notice tone=Tone::Good><p>"If there is an account with this address, a link is on its way."</p></Notice>
            {outbox.then(|| view! { <p><a href="/outbox">"Open the outbox"</a></p> })}
            <p class="soft"><a href="/signin">"Back to signing in"</a></p>
        }
        .into_any()
    };
    view! { <NarrowPage frame=typed.frame title="Reset the password">{body}</NarrowPage> }
}

#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let (token, error) = (query("token"), query("error"));
    let data = Resource::new_blocking(String::new, get_typed);
    let action = ServerAction::<ResetPassword>::new();
    load(data, move |typed| {
        view! { <NewPasswordForm frame=typed.frame action token=token.get() error=error.get()/> }.into_any()
    })
}

#[component]
fn NewPasswordForm(
    frame: FrameView,
    action: ServerAction<ResetPassword>,
    token: String,
    error: String,
) -> impl IntoView {
    let usable = !token.is_empty() && error != "invalid_link";
    let password_error = error_for(&error, &PASSWORD_CODES);
    let form = usable.then(|| view! {
        <ActionForm action attr:class="form">
            <input type="hidden" name="token" value=token/>
            <Field name="password" label="New password" kind="password" autocomplete="new-password" least=PASSWORD_LEAST most=PASSWORD_MOST
                hint="At least 10 characters. All devices are signed out." error=password_error/>
            <SubmitButton label="Set the password" class="button button-main button-wide"/>
        </ActionForm>
    });
    let code = if usable || !error.is_empty() { error } else { "invalid_link".to_owned() };
    view! {
        <NarrowPage frame title="Choose a new password">
            <FormError code/>
            {form}
            {(!usable).then(|| view! { <p><a href="/reset">"Ask for a new link"</a></p> })}
        </NarrowPage>
    }
}
