//! What the link to a new address leads to: a button, because mail scanners follow links.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::access::{FormError, NarrowPage};
use crate::app::components::{Notice, Tone};
use crate::app::functions::access::get_typed;
use crate::app::functions::own::ConfirmEmail;
use crate::app::pages::{load, query};
use crate::app::views::FrameView;

#[component]
pub fn EmailPage() -> impl IntoView {
    let (token, done, error) = (query("token"), query("done"), query("error"));
    let data = Resource::new_blocking(String::new, get_typed);
    load(data, move |typed| {
        view! { <NewAddress frame=typed.frame token=token.get() done=!done.get().is_empty() error=error.get()/> }
            .into_any()
    })
}

#[component]
fn NewAddress(frame: FrameView, token: String, done: bool, error: String) -> impl IntoView {
    let body = if done {
        view! {
            <Notice tone=Tone::Good><p>"You sign in with the new address from now on."</p></Notice>
            <p><a href="/dashboard">"Go to the overview"</a></p>
        }
        .into_any()
    } else if token.is_empty() {
        let code = if error.is_empty() { "invalid_link".to_owned() } else { error };
        view! { <FormError code/> <p class="soft"><a href="/settings/security">"Ask for a new link"</a></p> }.into_any()
    } else {
        view! {
            <p>"One press, and you sign in with this address."</p>
            <form method="post" action=ConfirmEmail::url() class="form">
                <input type="hidden" name="token" value=token/>
                <button class="button button-main button-wide" type="submit">"Use the new address"</button>
            </form>
        }
        .into_any()
    };
    view! { <NarrowPage frame title="Your new address">{body}</NarrowPage> }
}
