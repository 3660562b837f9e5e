//! Keys, mails and settings.

use super::dates::{date, moment};
use super::request::fresh_request;
use super::visitor::Visitor;
use crate::app::flash::Kept;
use crate::app::shell::THEME_COOKIE;
use crate::app::views::{AlertsView, BudgetsView, KeyView, KeysView, MailView, NewKeyView, SettingsView};
use crate::identity::ApiKey;
use crate::mail::StoredMail;
use crate::server::context::{app, request_cookie};

/// The keys page; `kept` is what the address asked for.
pub fn keys(visitor: &Visitor, keys: Vec<ApiKey>, kept: Option<Kept>) -> KeysView {
    let created = match kept {
        Some(Kept::Secret { name, secret }) => Some(NewKeyView { name, secret }),
        _ => None,
    };
    KeysView { frame: visitor.frame(), keys: key_views(keys), created, request: fresh_request() }
}

/// Keys as rows.
pub fn key_views(keys: Vec<ApiKey>) -> Vec<KeyView> {
    let now = app().clock.now();
    keys.into_iter()
        .map(|key| KeyView {
            id: key.id.to_string(),
            name: key.name,
            prefix: format!("{}…", key.prefix),
            created_at: moment(key.created_at, now),
            last_used: key.last_used_at.map_or_else(|| "never".to_owned(), |at| moment(at, now)),
            revoked: key.revoked_at.is_some(),
        })
        .collect()
}

/// Mails as the outbox shows them.
pub fn mails(mails: Vec<StoredMail>) -> Vec<MailView> {
    let now = app().clock.now();
    mails
        .into_iter()
        .map(|mail| MailView {
            id: mail.id.to_string(),
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
            at: moment(mail.at, now),
        })
        .collect()
}

/// The settings page.
pub fn settings(visitor: &Visitor, budgets: BudgetsView, alerts: AlertsView) -> SettingsView {
    SettingsView {
        frame: visitor.frame(),
        name: visitor.who.name.clone(),
        email: visitor.who.email.clone(),
        account: visitor.account().to_string(),
        tier: visitor.summary.tier.title().to_owned(),
        opened_at: date(visitor.summary.opened_at),
        theme: request_cookie(THEME_COOKIE).unwrap_or_default(),
        budgets,
        alerts,
    }
}
