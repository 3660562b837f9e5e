//! Passkeys as forms. What answers for the browser is in `public/passkeys.js`; without it these stay away.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{Chip, Tone};
use crate::app::error::PASSWORD_MOST;
use crate::app::functions::passkeys::{AddPasskey, RemovePasskey, RenamePasskey, SignInPasskey};
use crate::app::views::PasskeyView;

/// The person's passkeys, and a form for another.
#[component]
pub fn PasskeySection(
    passkeys: Vec<PasskeyView>,
    /// Where passkeys work, when that is not where the site says it is; empty when it is.
    elsewhere: String,
) -> impl IntoView {
    let (tone, word) = if passkeys.is_empty() { (Tone::Plain, "None") } else { (Tone::Good, "On") };
    let link = format!("{elsewhere}/settings/security");
    let table = (!passkeys.is_empty()).then(|| view! { <Passkeys passkeys/> });
    view! {
        <section class="card stack" id="passkeys">
            <div class="card-head"><h2>"Passkeys"</h2><Chip tone word/></div>
            <p class="soft">"Your finger, face or PIN instead of the password. A passkey cannot be guessed, and works on no other site."</p>
            {table}
            {(!elsewhere.is_empty()).then(|| view! { <p class="soft">"Browsers know passkeys by a site's name: open this page as "<a href=link rel="external">{elsewhere}</a>" to use them."</p> })}
            <form method="post" action=AddPasskey::url() class="fields-row needs-passkeys" data-passkey="register">
                <input type="hidden" name="secret"/>
                <input type="hidden" name="answer"/>
                <div class="field">
                    <label for="passkey-name">"Name of the passkey"</label>
                    <input class="input" id="passkey-name" name="name" type="text" autocomplete="off" required maxlength="60"/>
                </div>
                <div class="field">
                    <label for="passkey-current">"Your password"</label>
                    <input class="input" id="passkey-current" name="current" type="password" autocomplete="current-password" required maxlength=PASSWORD_MOST.to_string()/>
                </div>
                <button class="button" type="submit">"Add a passkey"</button>
            </form>
        </section>
    }
}

#[component]
fn Passkeys(passkeys: Vec<PasskeyView>) -> impl IntoView {
    let rows = passkeys
        .into_iter()
        .map(|passkey| {
            let PasskeyView { id, name, added, used } = passkey;
            let field = format!("name-{id}");
            view! {
                <tr>
                    <td class="name">
                        {name.clone()}
                        <details class="more">
                            <summary>"Rename"</summary>
                            <form method="post" action=RenamePasskey::url() class="fields-row">
                                <input type="hidden" name="passkey" value=id.clone()/>
                                <div class="field">
                                    <label for=field.clone()>"New name"</label>
                                    <input class="input" id=field name="name" type="text" autocomplete="off" required maxlength="60" value=name/>
                                </div>
                                <button class="button button-small" type="submit">"Rename it"</button>
                            </form>
                        </details>
                    </td>
                    <td class="when fold">{added}</td>
                    <td class="when fold">{used}</td>
                    <td class="right">
                        <form method="post" action=RemovePasskey::url()>
                            <input type="hidden" name="passkey" value=id/>
                            <button class="button button-small" type="submit">"Remove"</button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table" data-testid="passkeys">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="fold">"Added, UTC"</th>
                        <th scope="col" class="fold">"Last used, UTC"</th>
                        <th scope="col"><span class="hidden-visually">"Remove"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Signs in without an address and without a password.
#[component]
pub fn PasskeySignIn(next: String) -> impl IntoView {
    view! {
        <form method="post" action=SignInPasskey::url() class="form needs-passkeys" data-passkey="sign_in">
            <input type="hidden" name="secret"/>
            <input type="hidden" name="answer"/>
            <input type="hidden" name="next" value=next/>
            <button class="button button-wide" type="submit">"Sign in with a passkey"</button>
        </form>
    }
}
