//! Budgets and alerts: read for the settings page, and set from its forms.

use super::dates::moment;
use super::{fresh_request, refused, refused_at, request_key};
use crate::app::error::AppError;
use crate::app::views::{AlertsView, BudgetView, BudgetsView};
use crate::billing::{AlertSettings, BudgetState, Order};
use crate::identity::{Actor, SignedIn};
use crate::ledger::{AccountId, Command, Credits, Timestamp};
use crate::server::context::app;

/// The account's budgets.
pub async fn budgets(account: AccountId) -> Result<BudgetsView, AppError> {
    let kernel = app().kernel.clone();
    let report = kernel.budgets(account).await?.ok_or(AppError::NotFound)?;
    let now = kernel.now();
    Ok(BudgetsView { day: budget(report.day, now), month: budget(report.month, now), request: fresh_request() })
}

fn budget(state: BudgetState, now: Timestamp) -> BudgetView {
    BudgetView { limit: state.limit.map(Credits::get), used: state.used.get(), ends_at: moment(state.ends_at, now) }
}

/// What the account's members are told.
pub async fn alerts(account: AccountId) -> Result<AlertsView, AppError> {
    let report = app().kernel.alerts(account).await?.ok_or(AppError::NotFound)?;
    Ok(AlertsView {
        threshold: report.threshold.get(),
        rule: report.rule.name().to_owned(),
        budgets: report.settings.budgets,
        expiring: report.settings.expiring,
    })
}

/// Sets both budgets; an empty field is no limit.
pub async fn set_budgets(who: &SignedIn, day: &str, month: &str, request: &str) -> Result<(), AppError> {
    let command = Command::SetBudgets { day: amount(day)?, month: amount(month)? };
    let request = request_key(request, &["budgets", day, month])?;
    let told = |limit: &str| if limit.trim().is_empty() { "without limit".to_owned() } else { limit.to_owned() };
    let detail = format!("day {}, month {}", told(day), told(month));
    let line = app().identity.audit(&Actor::member(who), who.account, "budgets_set", detail);
    app().kernel.submit(Order::new(who.account, request, command).along(vec![line])).await?;
    Ok(())
}

/// Sets what is told; an empty threshold is the default rule.
pub async fn set_alerts(who: &SignedIn, low: &str, budgets: &str, expiring: &str) -> Result<(), AppError> {
    let settings = AlertSettings { low_balance: amount(low)?, budgets: choice(budgets)?, expiring: choice(expiring)? };
    let line = app().identity.audit(&Actor::member(who), who.account, "alerts_set", settings.to_string());
    Ok(app().kernel.set_alerts(who.account, settings, vec![line]).await?)
}

/// Leads back to the settings, which say what was saved or refused.
pub fn back_to_settings(what: &str, outcome: Result<(), AppError>) -> Result<(), AppError> {
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("/settings?saved={what}"), false),
        Err(error) => refused_at("/settings", &error),
    }
    Ok(())
}

/// A whole number of credits as people write it, 0 or more; none when nothing is written.
pub(super) fn amount(text: &str) -> Result<Option<Credits>, AppError> {
    let digits: String = text.chars().filter(|letter| *letter != ',' && *letter != ' ').collect();
    if digits.is_empty() {
        return Ok(None);
    }
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    number.and_then(Credits::new).map(Some).ok_or_else(|| refused("amount_invalid"))
}

fn choice(text: &str) -> Result<bool, AppError> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(refused("choice_invalid")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_people_write_it_and_nothing_is_none() {
        let read = |text: &str| amount(text).map(|credits| credits.map(Credits::get));
        for (text, credits) in [("", None), (" ", None), ("0", Some(0)), ("1,250", Some(1_250)), ("1 250", Some(1_250))]
        {
            assert_eq!(read(text), Ok(credits), "{text:?}");
        }
        for text in ["-1", "+1", "1.5", "1e3", "many", "9007199254740992", "99999999999999999999"] {
            assert_eq!(read(text), Err(refused("amount_invalid")), "{text:?}");
        }
        assert_eq!((choice("yes"), choice("no")), (Ok(true), Ok(false)));
        assert_eq!(choice("maybe"), Err(refused("choice_invalid")));
    }
}
