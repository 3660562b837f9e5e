//! What a mailed invitation leads to.

use leptos::prelude::*;

use super::access::NarrowPage;
use super::team::Answers;
use crate::app::components::{Notice, Tone};
use crate::app::format::query_value;
use crate::app::functions::team::get_invited;
use crate::app::pages::{load, query};
use crate::app::views::{InvitationView, InvitedView};

#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = query("token");
    let data = Resource::new_blocking(move || token.get(), get_invited);
    load(data, move |view| view! { <Invited view token=token.get()/> }.into_any())
}

#[component]
fn Invited(view: InvitedView, token: String) -> impl IntoView {
    let InvitedView { frame, invitation, signed_in, for_me } = view;
    let body = match invitation {
        None => view! {
            <Notice tone=Tone::Bad><p>"This invitation was answered, taken back, or is too old. Ask for a new one."</p></Notice>
        }
        .into_any(),
        Some(invitation) => {
            let InvitationView { id, account, email, role, by, expires } = invitation;
            let next = query_value(&format!("/invitation?token={token}"));
            view! {
                <p><strong>{by}</strong>" invites "<strong>{email.clone()}</strong>" to the account "<strong>{account}</strong>", as "{role.to_lowercase()}"."</p>
                <p class="soft">{format!("The invitation ends on {expires} UTC.")}</p>
                {if for_me {
                    view! { <Answers id/> }.into_any()
                } else if signed_in {
                    view! { <Notice tone=Tone::Warn><p>"You are signed in with another address. Sign out, and come back with the one that is invited."</p></Notice> }.into_any()
                } else {
                    view! {
                        <p class="row">
                            <a class="button button-main" href=format!("/signin?next={next}")>"Sign in to answer"</a>
                            <a class="button" href="/signup">"Sign up with this address"</a>
                        </p>
                        <p class="soft">"After signing up, open this link once more."</p>
                    }.into_any()
                }}
            }
            .into_any()
        }
    };
    view! { <NarrowPage frame title="You are invited">{body}</NarrowPage> }
}
