//! The back office: customers found, one shown, and what an operator does to one. Every act goes through the kernel
//! under the form's key, with its line in the audit log in the same commit.

use super::audit::audit_line;
use super::dates::{date, day_after, moment};
use super::entries::purchase;
use super::grants::grant_views;
use super::keys::{key_views, spending};
use super::limits::amount;
use super::visitor::office_frame;
use super::{fresh_request, refused, refused_at, request_key};
use crate::app::error::AppError;
use crate::app::views::{ChoiceView, CustomerRowView, MemberView, OfficeCustomerView, OfficeView};
use crate::billing::{AccountSummary, Order};
use crate::identity::{Actor, Member, SignedIn};
use crate::ledger::{AccountId, Command, Credits, Tier, Timestamp, UserId};
use crate::server::context::app;

/// Customers on one page.
const PAGE: i64 = 50;
/// Purchases and audit lines shown of one customer.
const SHOWN: i64 = 20;
/// The longest reason, as the REST API takes it.
const REASON_MAX: usize = 200;
/// The longest text that is looked for.
const TEXT_MAX: usize = 254;

/// Customers by name, id or e-mail address, the newest first.
pub async fn customers(who: &SignedIn, text: &str, before: &str) -> Result<OfficeView, AppError> {
    let (app, text): (_, String) = (app(), text.trim().chars().take(TEXT_MAX).collect());
    let from: Option<AccountId> = before.parse().ok();
    let by_email = if text.is_empty() { Vec::new() } else { app.identity.accounts_by_email(&text).await? };
    let mut found = app.kernel.find_accounts(&text, &by_email, from, PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = found.len() > page;
    found.truncate(page);
    let next_before = found.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default();
    let now = app.clock.now();
    let customers = found.iter().map(|account| row(account, now)).collect();
    Ok(OfficeView { frame: office_frame(who), text, customers, next_before, newest: from.is_none() })
}

fn row(account: &AccountSummary, now: Timestamp) -> CustomerRowView {
    CustomerRowView {
        id: account.id.to_string(),
        name: account.name.clone(),
        tier: account.tier.title().to_owned(),
        available: account.available.get(),
        suspended: account.suspended,
        opened_at: moment(account.opened_at, now),
    }
}

/// One customer with everything an operator asks about.
pub async fn customer(who: &SignedIn, id: &str) -> Result<OfficeCustomerView, AppError> {
    let (app, id): (_, AccountId) = (app(), account_of(id)?);
    let grants = app.kernel.grants_to_spend(id).await?;
    let purchases = app.payments.purchases(id, None, SHOWN).await?;
    let members = app.identity.members(id).await?;
    let (keys, spent) = (app.identity.keys(id).await?, spending(id).await?);
    let audit = app.identity.audit_of_account(id, None, SHOWN).await?;
    let last = app.kernel.suspension(id).await?;
    // The balance is read last: an act that is listed is counted in it.
    let account = app.kernel.account(id).await?.ok_or(AppError::NotFound)?;
    let now = app.clock.now();
    let tiers = Tier::ALL.iter().map(|tier| ChoiceView { value: tier.to_string(), title: tier.title().to_owned() });
    Ok(OfficeCustomerView {
        frame: office_frame(who),
        id: id.to_string(),
        name: account.name,
        tier: account.tier.to_string(),
        tiers: tiers.collect(),
        suspended: account.suspended,
        reason: last.map(|last| last.reason).unwrap_or_default(),
        available: account.available.get(),
        held: account.held.get(),
        spent: account.spent.get(),
        owed: account.owed.get().saturating_neg(),
        opened_at: date(account.opened_at),
        grants: grant_views(&grants, now),
        purchases: purchases.iter().map(purchase).collect(),
        members: members.iter().map(|member| member_view(member, now)).collect(),
        keys: key_views(keys, &spent),
        audit: audit.iter().map(|line| audit_line(line, now)).collect(),
        request: fresh_request(),
    })
}

/// One member as a row.
pub fn member_view(member: &Member, now: Timestamp) -> MemberView {
    MemberView {
        id: member.user.to_string(),
        name: member.name.clone(),
        email: member.email.clone(),
        role: member.role.title().to_owned(),
        since: moment(member.since, now),
    }
}

/// What an operator gives.
pub struct Gift {
    pub credits: String,
    pub reason: String,
    /// The last day they can be spent, as a form's date; empty when they stay.
    pub expires: String,
}

/// Gives credits.
pub async fn gift(who: &SignedIn, account: &str, gift: &Gift, request: &str) -> Result<(), AppError> {
    let (account, reason) = (account_of(account)?, reason_of(&gift.reason)?);
    let credits = positive(&gift.credits)?;
    let expires_at = match gift.expires.trim() {
        "" => None,
        day => Some(day_after(day).ok_or_else(|| refused("date_invalid"))?),
    };
    let detail = format!("{} credits: {reason}", credits.get());
    let command = Command::Grant { grant: app().kernel.next_grant(), credits, reason, expires_at };
    let key = request_key(request, &["gift", &gift.credits, &gift.reason, &gift.expires])?;
    submit(who, account, key, command, "credits_given", detail).await
}

/// Brings credits in, or takes them out when there is a minus before the number.
pub async fn adjust(who: &SignedIn, account: &str, credits: &str, reason: &str, request: &str) -> Result<(), AppError> {
    let (account, reason_text) = (account_of(account)?, reason_of(reason)?);
    let trimmed = credits.trim().trim_start_matches('+');
    let (is_out, digits) = match trimmed.strip_prefix(['-', '−']) {
        Some(digits) => (true, digits),
        None => (false, trimmed),
    };
    let amount = positive(digits)?;
    let sign = if is_out { "−" } else { "+" };
    let detail = format!("{sign}{} credits: {reason_text}", amount.get());
    let command = if is_out {
        Command::Take { credits: amount, reason: reason_text }
    } else {
        Command::Add { grant: app().kernel.next_grant(), credits: amount, reason: reason_text }
    };
    let key = request_key(request, &["adjust", credits, reason])?;
    submit(who, account, key, command, "credits_adjusted", detail).await
}

/// Suspends the account, or reopens it.
pub async fn suspend(
    who: &SignedIn,
    account: &str,
    suspended: &str,
    reason: &str,
    request: &str,
) -> Result<(), AppError> {
    let (app, account, reason) = (app(), account_of(account)?, reason_of(reason)?);
    let (is_suspended, action) = match suspended {
        "yes" => (true, "account_suspended"),
        "no" => (false, "account_reopened"),
        _ => return Err(refused("choice_invalid")),
    };
    let key = request_key(request, &["suspend", suspended, &reason])?;
    let line = vec![app.identity.audit(&Actor::operator(who), account, action, reason.clone())];
    app.kernel.suspend(account, is_suspended, reason, key, None, line).await?;
    Ok(())
}

/// Sets what the account pays by.
pub async fn set_tier(who: &SignedIn, account: &str, tier: &str, request: &str) -> Result<(), AppError> {
    let account = account_of(account)?;
    let chosen: Tier = tier.parse().map_err(|_| refused("choice_invalid"))?;
    let key = request_key(request, &["tier", tier])?;
    let detail = chosen.title().to_owned();
    submit(who, account, key, Command::SetTier { tier: chosen }, "tier_set", detail).await
}

/// Lets the operator see the customer's pages for a while.
pub async fn look_at(who: &SignedIn, account: &str) -> Result<(), AppError> {
    let (app, account) = (app(), account_of(account)?);
    app.kernel.account(account).await?.ok_or(AppError::NotFound)?;
    Ok(app.identity.begin_seeing(who, account).await?)
}

/// Signs one of the account's people out in every browser.
pub async fn sign_member_out(who: &SignedIn, account: &str, user: &str) -> Result<(), AppError> {
    let user: UserId = user.parse().map_err(|_| AppError::NotFound)?;
    Ok(app().identity.sign_member_out(who, account_of(account)?, user).await?)
}

/// Leads back to the customer, whose page says what was done or refused.
pub fn back_to_customer(account: &str, done: &str, outcome: Result<(), AppError>) -> Result<(), AppError> {
    let page = format!("/office/customers/{}", account_of(account)?);
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("{page}?done={done}"), false),
        Err(error) => refused_at(&page, &error),
    }
    Ok(())
}

async fn submit(
    who: &SignedIn,
    account: AccountId,
    request: String,
    command: Command,
    action: &str,
    detail: String,
) -> Result<(), AppError> {
    let app = app();
    let line = app.identity.audit(&Actor::operator(who), account, action, detail);
    app.kernel.submit(Order::new(account, request, command).along(vec![line])).await?;
    Ok(())
}

fn account_of(text: &str) -> Result<AccountId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

fn positive(text: &str) -> Result<Credits, AppError> {
    amount(text)?.filter(|credits| credits.is_positive()).ok_or_else(|| refused("credits_invalid"))
}

/// A reason that the customer will read: one line that says something.
pub(super) fn reason_of(text: &str) -> Result<String, AppError> {
    let reason = text.trim();
    let length = reason.chars().count();
    if length == 0 || length > REASON_MAX || reason.chars().any(char::is_control) {
        return Err(refused("reason_invalid"));
    }
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(reason_of(" Apology "), Ok("Apology".into()));
        for text in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(reason_of(text), Err(refused("reason_invalid")), "{text:?}");
        }
    }

    #[test]
    fn credits_that_are_given_are_some() {
        assert_eq!(positive("1,250").map(Credits::get), Ok(1_250));
        for text in ["", "0", "-5"] {
            assert!(positive(text).is_err(), "{text:?}");
        }
    }
}
