//! Who is signed in, and the theme: a plain form, because the server writes the choice into the page.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use super::settings_limits::{AlertSection, BudgetSection};
use crate::app::components::{Choice, Frame, Notice, Tone};
use crate::app::error::sentence_for;
use crate::app::functions::session::{ChooseTheme, ChooseZone, SignOut};
use crate::app::functions::settings::{RenameAccount, get_settings};
use crate::app::pages::{load, query};
use crate::app::views::SettingsView;

/// The themes and how they are called.
const THEMES: [(&str, &str); 3] = [("auto", "As the system"), ("light", "Light"), ("dark", "Dark")];

#[component]
pub fn SettingsPage() -> impl IntoView {
    let (saved, error) = (query("saved"), query("error"));
    let data = Resource::new_blocking(move || (saved.get(), error.get()), |_| get_settings());
    load(data, move |view| {
        view! { <Settings view saved=saved.get_untracked() error=error.get_untracked()/> }.into_any()
    })
}

#[component]
fn Settings(view: SettingsView, saved: String, error: String) -> impl IntoView {
    view! {
        <Title text="Settings · Aethel"/>
        <Frame frame=view.frame title="Settings" current="/settings">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(!saved.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>"Saved. It holds from now on."</p></Notice> })}
            <section class="card stack">
                <h2>"Account"</h2>
                <dl class="facts">
                    <div><dt>"Account name"</dt><dd data-testid="account-name">{view.account_name.clone()}</dd></div>
                    <div><dt>"Your name"</dt><dd>{view.name}</dd></div>
                    <div><dt>"E-mail"</dt><dd>{view.email}</dd></div>
                    <div><dt>"Account"</dt><dd class="mono" data-testid="account-id">{view.account}</dd></div>
                    <div><dt>"Tier"</dt><dd>{view.tier}</dd></div>
                    <div><dt>"Opened"</dt><dd>{view.opened_at}</dd></div>
                </dl>
                {view.may_rename.then(|| view! { <Rename name=view.account_name/> })}
            </section>
            <BudgetSection view=view.budgets/>
            <AlertSection view=view.alerts/>
            <section class="card stack">
                <h2>"Appearance, in this browser"</h2>
                <form method="post" action=ChooseTheme::url() class="row">
                    <input type="hidden" name="next" value="/settings"/>
                    <label class="label" for="theme">"Theme"</label>
                    <div><Themes theme=view.theme/></div>
                    <button class="button" type="submit">"Use it"</button>
                </form>
                <form method="post" action=ChooseZone::url() class="fields-row">
                    <input type="hidden" name="next" value="/settings"/>
                    <Choice name="zone" label="Time zone of your days" choices=view.zones chosen=view.zone/>
                    <button class="button" type="submit">"Use this zone"</button>
                </form>
            </section>
            <section class="card row-spread">
                <p class="soft">"Password, address, one-time codes and where you are signed in: "<a href="/settings/security">"sign-in and security"</a>"."</p>
                <form method="post" action=SignOut::url()>
                    <button class="button" type="submit">"Sign out"</button>
                </form>
            </section>
        </Frame>
    }
}

#[component]
fn Rename(name: String) -> impl IntoView {
    view! {
        <details class="more">
            <summary>"Rename the account"</summary>
            <form method="post" action=RenameAccount::url() class="fields-row">
                <div class="field">
                    <label for="account-name">"New name"</label>
                    <input class="input" id="account-name" name="name" type="text" autocomplete="organization" required maxlength="100" value=name/>
                </div>
                <button class="button" type="submit">"Rename it"</button>
            </form>
        </details>
    }
}

#[component]
fn Themes(theme: String) -> impl IntoView {
    let options = THEMES
        .into_iter()
        .map(|(value, title)| view! { <option value=value selected=value == theme>{title}</option> })
        .collect_view();
    view! { <select class="select" id="theme" name="theme">{options}</select> }
}
