//! The team: who belongs to the account as what, who is invited, and the visitor's other accounts.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use crate::app::components::{Chip, Field, Frame, Notice, Tone};
use crate::app::error::sentence_for;
use crate::app::functions::team::{
    AcceptInvitation, DeclineInvitation, Invite, LeaveAccount, OpenAccount, RemoveMember, RevokeInvitation, SetRole,
    get_team,
};
use crate::app::pages::{load, query};
use crate::app::views::{ChoiceView, InvitationView, TeamMemberView, TeamView};

/// What each role may do, as the page explains it.
const ROLES: [(&str, &str); 5] = [
    ("Owner", "everything, and who else is an owner"),
    ("Admin", "everything but the owners"),
    ("Developer", "verify, and API keys"),
    ("Billing", "buy credits, budgets and alerts"),
    ("Viewer", "look"),
];

#[component]
pub fn TeamPage() -> impl IntoView {
    let (done, error) = (query("done"), query("error"));
    let data = Resource::new_blocking(move || (done.get(), error.get()), |_| get_team());
    load(data, move |view| view! { <Team view done=done.get_untracked() error=error.get_untracked()/> }.into_any())
}

#[component]
fn Team(view: TeamView, done: String, error: String) -> impl IntoView {
    let TeamView { frame, members, invitations, mine, roles, may_leave, request } = view;
    let manages = frame.may.members;
    let choices = roles.clone();
    view! {
        <Title text="Team · Aethel"/>
        <Frame frame title="Team" current="/team">
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Bad><p>{sentence_for(&error)}</p></Notice> })}
            {(!done.is_empty()).then(|| view! { <Notice tone=Tone::Good><p>{done_sentence(&done)}</p></Notice> })}
            {(!mine.is_empty()).then(|| view! { <Mine invitations=mine/> })}
            <Members members roles manages/>
            {manages.then(|| view! { <Invitations invitations roles=choices/> })}
            <Accounts may_leave request/>
        </Frame>
    }
}

fn done_sentence(done: &str) -> &'static str {
    match done {
        "invited" => "The invitation is on its way. It ends in seven days.",
        "revoked" => "The invitation is taken back.",
        "joined" => "You belong to this account now.",
        "declined" => "The invitation is declined.",
        "role" => "The role is set. It holds from now on.",
        "removed" => "Removed. They see nothing of this account any more.",
        "left" => "You have left the account, and are in another of yours.",
        "opened" => "The account is open, and you are in it.",
        _ => "Done.",
    }
}

#[component]
fn Mine(invitations: Vec<InvitationView>) -> impl IntoView {
    let rows = invitations
        .into_iter()
        .map(|invitation| {
            let InvitationView { id, account, role, by, .. } = invitation;
            view! {
                <div class="row-spread">
                    <p><strong>{by}</strong>" invites you to "<strong>{account}</strong>", as "{role.to_lowercase()}"."</p>
                    <Answers id/>
                </div>
            }
        })
        .collect_view();
    view! { <section class="card stack" data-testid="my-invitations"><h2>"You are invited"</h2>{rows}</section> }
}

/// Yes and no.
#[component]
pub fn Answers(id: String) -> impl IntoView {
    view! {
        <div class="row">
            <form method="post" action=AcceptInvitation::url()>
                <input type="hidden" name="invitation" value=id.clone()/>
                <button class="button button-main" type="submit">"Accept"</button>
            </form>
            <form method="post" action=DeclineInvitation::url()>
                <input type="hidden" name="invitation" value=id/>
                <button class="button" type="submit">"Decline"</button>
            </form>
        </div>
    }
}

#[component]
fn Members(members: Vec<TeamMemberView>, roles: Vec<ChoiceView>, manages: bool) -> impl IntoView {
    let rows = members.into_iter().map(|member| view! { <MemberRow member roles=roles.clone()/> }).collect_view();
    let explained =
        ROLES.into_iter().map(|(role, may)| view! { <div><dt>{role}</dt><dd>{may}</dd></div> }).collect_view();
    view! {
        <section class="card stack">
            <h2>"Members"</h2>
            <div class="table-wrap">
                <table class="table" data-testid="members">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col" class="fold">"E-mail"</th>
                            <th scope="col" class="fold">"Since, UTC"</th>
                            <th scope="col">"Role"</th>
                            {manages.then(|| view! { <th scope="col"><span class="hidden-visually">"Remove"</span></th> })}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <details class="more">
                <summary>"What each role may do"</summary>
                <dl class="facts">{explained}</dl>
            </details>
        </section>
    }
}

#[component]
fn MemberRow(member: TeamMemberView, roles: Vec<ChoiceView>) -> impl IntoView {
    let TeamMemberView { id, name, email, role, title, since, me, open } = member;
    let label = format!("Role of {name}");
    let role = if open {
        let options = roles
            .into_iter()
            .map(|choice| {
                let chosen = choice.value == role;
                view! { <option value=choice.value selected=chosen>{choice.title}</option> }
            })
            .collect_view();
        view! {
            <form method="post" action=SetRole::url() class="row">
                <input type="hidden" name="user" value=id.clone()/>
                <select class="select" name="role" aria-label=label>{options}</select>
                <button class="button button-small" type="submit">"Set"</button>
            </form>
        }
        .into_any()
    } else {
        title.into_any()
    };
    let remove = open.then(|| {
        view! {
            <td class="right">
                <details class="more">
                    <summary>"Remove"</summary>
                    <form method="post" action=RemoveMember::url()>
                        <input type="hidden" name="user" value=id/>
                        <button class="button button-small button-bad" type="submit">"Remove from the team"</button>
                    </form>
                </details>
            </td>
        }
    });
    view! {
        <tr>
            <td class="name">{name}{me.then(|| view! { " " <Chip tone=Tone::Plain word="You"/> })}</td>
            <td class="fold">{email}</td>
            <td class="when fold">{since}</td>
            <td>{role}</td>
            {remove}
        </tr>
    }
}

#[component]
fn Invitations(invitations: Vec<InvitationView>, roles: Vec<ChoiceView>) -> impl IntoView {
    let options = roles
        .into_iter()
        .map(|choice| {
            let chosen = choice.value == "developer";
            view! { <option value=choice.value selected=chosen>{choice.title}</option> }
        })
        .collect_view();
    let rows = invitations
        .into_iter()
        .map(|invitation| {
            let InvitationView { id, email, role, expires, .. } = invitation;
            view! {
                <tr>
                    <td class="name">{email}</td>
                    <td>{role}</td>
                    <td class="when fold">{expires}</td>
                    <td class="right">
                        <form method="post" action=RevokeInvitation::url()>
                            <input type="hidden" name="invitation" value=id/>
                            <button class="button button-small" type="submit">"Take back"</button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="table-wrap">
                <table class="table" data-testid="invitations">
                    <thead>
                        <tr>
                            <th scope="col">"Invited"</th>
                            <th scope="col">"As"</th>
                            <th scope="col" class="fold">"Until, UTC"</th>
                            <th scope="col"><span class="hidden-visually">"Take back"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <section class="card stack">
            <h2>"Invite somebody"</h2>
            <form method="post" action=Invite::url() class="fields-row">
                <Field name="email" label="E-mail" kind="email" autocomplete="email" most=254/>
                <div class="field">
                    <label for="invite-role">"Role"</label>
                    <select class="select" id="invite-role" name="role">{options}</select>
                </div>
                <button class="button button-main" type="submit">"Send the invitation"</button>
            </form>
            {table}
        </section>
    }
}

#[component]
fn Accounts(may_leave: bool, request: String) -> impl IntoView {
    view! {
        <section class="card stack">
            <h2>"Another account"</h2>
            <p class="soft">"An account has its own credits, keys, members and invoices. You switch between yours in the menu."</p>
            <form method="post" action=OpenAccount::url() class="fields-row">
                <input type="hidden" name="request" value=request/>
                <Field name="name" label="Its name" autocomplete="organization" most=100/>
                <button class="button" type="submit">"Open the account"</button>
            </form>
            {may_leave.then(|| view! {
                <details class="more">
                    <summary>"Leave this account"</summary>
                    <form method="post" action=LeaveAccount::url() class="stack-tight">
                        <p class="faint">"You see nothing of it any more, at once, until somebody invites you again."</p>
                        <button class="button button-small button-bad" type="submit">"Leave it"</button>
                    </form>
                </details>
            })}
        </section>
    }
}
