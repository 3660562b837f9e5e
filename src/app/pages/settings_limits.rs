//! The settings page's sections on budgets and alerts: plain forms, which work without scripts.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::format::{credits, grouped};
use crate::app::functions::settings::{SetAlerts, SetBudgets};
use crate::app::views::{AlertsView, BudgetView, BudgetsView};

/// How much the account may spend, and how much of it is gone.
#[component]
pub fn BudgetSection(view: BudgetsView) -> impl IntoView {
    let BudgetsView { day, month, request } = view;
    let typed = |budget: &BudgetView| budget.limit.map(grouped).unwrap_or_default();
    let (day_limit, month_limit) = (typed(&day), typed(&month));
    view! {
        <section class="card stack" id="budgets">
            <h2>"Budgets"</h2>
            <p class="soft">"Work that would pass a budget is refused. What is held for work under way counts. Days and months are those of UTC."</p>
            <div class="table-wrap">
                <table class="table" data-testid="budgets">
                    <thead>
                        <tr>
                            <th scope="col">"Period"</th>
                            <th scope="col" class="right">"Used, credits"</th>
                            <th scope="col" class="right">"Limit, credits"</th>
                            <th scope="col" class="fold">"Ends"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <BudgetRow title="This day" budget=day/>
                        <BudgetRow title="This month" budget=month/>
                    </tbody>
                </table>
            </div>
            <form method="post" action=SetBudgets::url() class="fields-row">
                <input type="hidden" name="request" value=request/>
                <Amount name="day" label="Credits a day" value=day_limit hint="Empty is no limit, 0 is to spend nothing."/>
                <Amount name="month" label="Credits a month" value=month_limit hint="Empty is no limit, 0 is to spend nothing."/>
                <button class="button" type="submit">"Set the budgets"</button>
            </form>
        </section>
    }
}

#[component]
fn BudgetRow(title: &'static str, budget: BudgetView) -> impl IntoView {
    let limit = budget.limit.map_or_else(|| "none".to_owned(), grouped);
    view! {
        <tr>
            <td class="name">{title}</td>
            <td class="right">{grouped(budget.used)}</td>
            <td class="right strong">{limit}</td>
            <td class="when fold">{budget.ends_at}</td>
        </tr>
    }
}

/// What is told by mail, once each time it begins.
#[component]
pub fn AlertSection(view: AlertsView) -> impl IntoView {
    let AlertsView { threshold, rule, budgets, expiring } = view;
    let chosen = if rule == "chosen" { grouped(threshold) } else { String::new() };
    let now = match (rule.as_str(), threshold) {
        ("chosen", 0) => "You are not told of a low balance.".to_owned(),
        ("chosen", _) => format!("You are told below {}.", credits(threshold)),
        ("last_purchase", _) => format!("You are told below {}: a fifth of the last purchase.", credits(threshold)),
        _ => format!("You are told below {}, as nothing was bought yet.", credits(threshold)),
    };
    view! {
        <section class="card stack" id="alerts">
            <h2>"Alerts"</h2>
            <p class="soft" data-testid="alert-rule">{format!("One mail each time it begins, and none until it is over. {now}")}</p>
            <form method="post" action=SetAlerts::url() class="fields-row">
                <Amount
                    name="low"
                    label="Low balance, credits"
                    value=chosen
                    hint="Empty is a fifth of the last purchase, 0 is never."
                />
                <YesOrNo name="budgets" label="Budget used to 80 % and 100 %" chosen=budgets/>
                <YesOrNo name="expiring" label="Credits expire in a week" chosen=expiring/>
                <button class="button" type="submit">"Set the alerts"</button>
            </form>
        </section>
    }
}

/// A number of credits that may be left out.
#[component]
fn Amount(name: &'static str, label: &'static str, value: String, hint: &'static str) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type="text"
                inputmode="numeric"
                autocomplete="off"
                maxlength="22"
                value=value
                aria-describedby=note.clone()
            />
            <p class="hint" id=note>{hint}</p>
        </div>
    }
}

#[component]
fn YesOrNo(name: &'static str, label: &'static str, chosen: bool) -> impl IntoView {
    let id = format!("tell-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select class="select" id=id name=name>
                <option value="yes" selected=chosen>"Tell me"</option>
                <option value="no" selected=!chosen>"Do not tell me"</option>
            </select>
        </div>
    }
}
