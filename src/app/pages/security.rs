//! A person's own matters: plain forms, each of which asks for what proves that it is them.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{AuditTable, Chip, Field, Frame, Notice, PasskeySection, Tone};
use crate::app::error::{PASSWORD_LEAST, PASSWORD_MOST, sentence_for};
use crate::app::functions::own::{
    ChangeEmail, ChangePassword, EndOtherSessions, EndSession, RenewRecovery, StartCodes, StopCodes, get_security,
};
use crate::app::pages::{load, query};
use crate::app::views::{SecurityView, SessionView};

#[component]
pub fn SecurityPage() -> impl IntoView {
    let (done, error) = (query("done"), query("error"));
    let data = Resource::new_blocking(move || (done.get(), error.get()), |_| get_security());
    load(data, move |view| view! { <Security view done=done.get_untracked() error=error.get_untracked()/> }.into_any())
}

#[component]
fn Security(view: SecurityView, done: String, error: String) -> impl IntoView {
    let SecurityView { frame, email, codes_on, recovery_left, passkeys, passkeys_at, sessions, events } = view;
    view! {
        <Title text="Sign-in and security · Aethel"/>
        <Frame frame title="Sign-in and security" current="/settings">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(!done.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>{done_sentence(&done)}</p></Notice> })}
            <PasswordSection/>
            <PasskeySection passkeys elsewhere=passkeys_at/>
            <CodesSection codes_on recovery_left/>
            <Sessions sessions/>
            <EmailSection email/>
            <section class="card stack">
                <h2>"What happened lately"</h2>
                {if events.is_empty() {
                    view! { <p class="soft">"Nothing yet. Changes to your sign-in are written down here."</p> }.into_any()
                } else {
                    view! { <AuditTable lines=events/> }.into_any()
                }}
            </section>
        </Frame>
    }
}

fn done_sentence(done: &str) -> &'static str {
    match done {
        "password" => "The new password is set. Every other browser is signed out.",
        "email" => "A link is on its way to the new address. It counts once you have followed it.",
        "passkey" => "The passkey is added. It signs you in from now on.",
        "passkey_renamed" => "The passkey has its new name.",
        "passkey_removed" => "The passkey is removed.",
        "codes_off" => "One-time codes are off.",
        "session" | "sessions" => "Signed out there.",
        _ => "Done.",
    }
}

#[component]
fn PasswordSection() -> impl IntoView {
    view! {
        <section class="card stack" id="password">
            <h2>"Password"</h2>
            <form method="post" action=ChangePassword::url() class="fields-row">
                <Field name="current" label="Current password" kind="password" autocomplete="current-password" most=PASSWORD_MOST/>
                <Field name="password" label="New password" kind="password" autocomplete="new-password" least=PASSWORD_LEAST most=PASSWORD_MOST
                    hint="At least 10 characters. All other devices are signed out."/>
                <button class="button" type="submit">"Change the password"</button>
            </form>
        </section>
    }
}

#[component]
fn EmailSection(email: String) -> impl IntoView {
    view! {
        <section class="card stack" id="email-section">
            <h2>"E-mail address"</h2>
            <p class="soft">"You sign in with "<strong data-testid="own-email">{email}</strong>". A new address counts once you have followed the link we send there."</p>
            <form method="post" action=ChangeEmail::url() class="fields-row">
                <Field name="email" label="New address" kind="email" autocomplete="email" most=254/>
                <Current id="email-current"/>
                <button class="button" type="submit">"Send the link"</button>
            </form>
        </section>
    }
}

/// The current password, in a form that has a field of that name elsewhere on the page.
#[component]
fn Current(id: &'static str) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>"Your password"</label>
            <input class="input" id=id name="current" type="password" autocomplete="current-password" required maxlength="200"/>
        </div>
    }
}

#[component]
fn CodesSection(codes_on: bool, recovery_left: i64) -> impl IntoView {
    let (tone, word) = if codes_on { (Tone::Good, "On") } else { (Tone::Plain, "Off") };
    let body = if codes_on {
        view! {
            <p class="soft" data-testid="recovery-left">{format!("{recovery_left} of 10 recovery codes are left. A phone that is lost is replaced by one of them.")}</p>
            <form method="post" action=RenewRecovery::url() class="fields-row">
                <Field name="code" label="A code from your authenticator" autocomplete="one-time-code" most=10/>
                <button class="button" type="submit">"Make new recovery codes"</button>
            </form>
            <form method="post" action=StopCodes::url() class="fields-row">
                <Current id="codes-current"/>
                <button class="button button-bad" type="submit">"Turn one-time codes off"</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p class="soft">"A code from an authenticator app besides the password: a stolen password alone opens nothing then."</p>
            <form method="post" action=StartCodes::url() class="fields-row">
                <Current id="codes-current"/>
                <button class="button" type="submit">"Set up one-time codes"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <section class="card stack" id="codes">
            <div class="card-head"><h2>"One-time codes"</h2><Chip tone word/></div>
            {body}
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionView>) -> impl IntoView {
    let others = sessions.iter().any(|session| !session.here);
    let rows = sessions.into_iter().map(|session| view! { <SessionRow session/> }).collect_view();
    view! {
        <section class="card stack" id="sessions">
            <div class="card-head">
                <h2>"Where you are signed in"</h2>
                {others.then(|| view! {
                    <form method="post" action=EndOtherSessions::url()>
                        <button class="button button-small" type="submit">"Sign out everywhere else"</button>
                    </form>
                })}
            </div>
            <div class="table-wrap">
                <table class="table" data-testid="sessions">
                    <thead>
                        <tr>
                            <th scope="col">"Browser"</th>
                            <th scope="col" class="fold">"Signed in by"</th>
                            <th scope="col" class="fold">"Since, UTC"</th>
                            <th scope="col" class="fold">"Last used, UTC"</th>
                            <th scope="col"><span class="hidden-visually">"End"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn SessionRow(session: SessionView) -> impl IntoView {
    let SessionView { id, browser, way, since, seen, here } = session;
    let end = if here {
        view! { <Chip tone=Tone::Good word="This browser"/> }.into_any()
    } else {
        view! {
            <form method="post" action=EndSession::url()>
                <input type="hidden" name="session" value=id/>
                <button class="button button-small" type="submit">"Sign out"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <td class="name">{browser}</td>
            <td class="fold">{way}</td>
            <td class="when fold">{since}</td>
            <td class="when fold">{seen}</td>
            <td class="right">{end}</td>
        </tr>
    }
}
