//! Mails and settings.

use super::dates::{date, moment};
use super::request::visitor_zone;
use super::visitor::Visitor;
use super::zones::zone_choices;
use crate::app::shell::THEME_COOKIE;
use crate::app::views::{AlertsView, BudgetsView, MailView, SettingsView};
use crate::identity::Permission;
use crate::mail::StoredMail;
use crate::server::context::{app, request_cookie};

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
    let zone = visitor_zone();
    SettingsView {
        frame: visitor.frame(),
        name: visitor.who.name.clone(),
        email: visitor.who.email.clone(),
        account_name: visitor.summary.name.clone(),
        may_rename: visitor.who.may(Permission::Members) && visitor.who.seeing.is_none(),
        account: visitor.account().to_string(),
        tier: visitor.summary.tier.title().to_owned(),
        opened_at: date(visitor.summary.opened_at),
        theme: request_cookie(THEME_COOKIE).unwrap_or_default(),
        zone: zone.name().to_owned(),
        zones: zone_choices(&zone),
        budgets,
        alerts,
    }
}
