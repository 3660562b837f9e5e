//! The billing page: cards as Stripe keeps them, the rule for automatic purchases as a sentence and a form, and the way
//! to the bank.

use super::dates::moment;
use super::money::price;
use super::visitor::Visitor;
use super::{fresh_request, purchase as purchase_view, refused, refused_at};
use crate::app::error::AppError;
use crate::app::format::{credits, grouped};
use crate::app::views::{BillingView, CardView, ChoiceView, ConfirmView, OrderView, SubscriptionView, TopUpView};
use crate::billing::date_of;
use crate::identity::{Actor, LogLine, SignedIn};
use crate::ledger::{AccountId, Cents, Credits, Package, PurchaseId, Tier, Timestamp};
use crate::payments::{
    Charged, Confirmation, Halt, KeptCard, PaymentError, SavedCard, Subscription, SubscriptionError, TopUp, TopUpError,
    TopUpSettings,
};
use crate::server::context::app;

/// The billing page. Without Stripe's answer it still shows everything that is ours.
pub async fn billing(visitor: &Visitor) -> Result<BillingView, AppError> {
    let (app, account) = (app(), visitor.account());
    let (cards, cards_known) = match app.payments.cards(account).await {
        Ok(cards) => (cards, true),
        Err(PaymentError::Unavailable) => return Err(AppError::Unavailable),
        Err(_) => (Vec::new(), false),
    };
    let rule = app.payments.top_up(account).await?;
    let spent = app.payments.topped_up_this_month(account).await?;
    Ok(BillingView {
        frame: visitor.frame(),
        cards: cards.iter().map(card_view).collect(),
        cards_known,
        top_up: top_up(rule.as_ref(), spent),
        subscription: subscription(app.payments.subscription(account).await?, visitor.summary.tier),
        request: fresh_request(),
    })
}

fn subscription(row: Option<Subscription>, tier: Tier) -> SubscriptionView {
    let day = |seconds: i64| if seconds > 0 { date_of(Timestamp::from_millis(seconds * 1_000)) } else { String::new() };
    let standing = row.as_ref().map(|row| row.standing);
    let running = standing.filter(|standing| !standing.stage.is_over());
    let state = match (running, tier) {
        (Some(standing), _) => standing.state(),
        (None, Tier::Fintech | Tier::Enterprise) => "arranged",
        (None, _) => "none",
    };
    let pay_at = row.and_then(|row| if row.standing.is_unpaid() { row.invoice_url } else { row.checkout_url });
    SubscriptionView {
        state: state.to_owned(),
        price: price(Subscription::price()),
        paid_until: day(running.map_or(0, |standing| standing.paid_until)),
        tier_until: day(running.map_or(0, |standing| standing.entitled_until())),
        pay_at: pay_at.filter(|_| matches!(state, "awaiting_payment" | "past_due")).unwrap_or_default(),
    }
}

/// Leads to Stripe's page for the subscription, or back with what was refused.
pub async fn subscribe(who: &SignedIn, request: &str) -> Result<(), AppError> {
    let line = line(who, "subscription_begun", "");
    match app().payments.subscribe(who.account, Some(&who.email), request, vec![line]).await {
        Ok(started) => leptos_axum::redirect(&started.url, false),
        Err(error) => refused_at("/billing", &error.into()),
    }
    Ok(())
}

/// Ends the subscription with the paid period, or has it go on.
pub async fn end_subscription(who: &SignedIn, ends: bool) -> Result<(), AppError> {
    let what = if ends { "subscription_canceled" } else { "subscription_resumed" };
    let outcome = app().payments.set_subscription_end(who.account, ends, vec![line(who, what, "")]).await;
    back_to_billing(what, outcome.map(drop).map_err(AppError::from))
}

/// Has this card charged from now on.
pub async fn choose_card(who: &SignedIn, card: &str) -> Result<(), AppError> {
    app().payments.make_default(who.account, card, vec![line(who, "card_chosen", card)]).await?;
    Ok(())
}

/// Removes a saved card.
pub async fn remove_card(who: &SignedIn, card: &str) -> Result<(), AppError> {
    Ok(app().payments.remove_card(who.account, card, vec![line(who, "card_removed", card)]).await?)
}

/// The audit log's line, for the act's own commit.
fn line(who: &SignedIn, action: &str, detail: &str) -> LogLine {
    app().identity.audit(&Actor::member(who), who.account, action, detail)
}

impl From<SubscriptionError> for AppError {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::Payment(error) => error.into(),
            other => refused(other.code()),
        }
    }
}

fn card_view(kept: &KeptCard) -> CardView {
    CardView {
        id: kept.card.payment_method.clone(),
        name: card_name(&kept.card),
        expires: format!("{:02}/{}", kept.exp_month, kept.exp_year),
        is_default: kept.is_default,
    }
}

/// `Visa ending in 4242`.
pub fn card_name(card: &SavedCard) -> String {
    let mut letters = card.brand.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{} ending in {}", letters.as_str(), card.last4)
}

fn top_up(rule: Option<&TopUp>, spent: Cents) -> TopUpView {
    let app = app();
    let (book, now) = (app.kernel.price_book(), app.clock.now());
    let packages = book.packages().iter().map(|package| ChoiceView {
        value: package.name.clone(),
        title: format!("{}: {} for {}", package.name, credits(package.credits.get()), price(package.price)),
    });
    let settings = rule.map(|rule| &rule.settings);
    let package = settings.and_then(|settings| book.package(&settings.package));
    let halted = rule.and_then(|rule| rule.halted);
    let waits = rule.filter(|rule| rule.attempt.is_none() && rule.wait_until > now);
    TopUpView {
        enabled: settings.is_some_and(|settings| settings.enabled),
        sentence: sentence(settings, package, spent),
        threshold: settings.map(|settings| grouped(settings.threshold.get())).unwrap_or_default(),
        package: settings.map(|settings| settings.package.clone()).unwrap_or_default(),
        cap: settings.map(|settings| dollars(settings.monthly_cap)).unwrap_or_default(),
        packages: packages.collect(),
        halted: halted.map(|halt| format!("top_up_{halt}")).unwrap_or_default(),
        confirm: match (halted, rule.and_then(|rule| rule.attempt)) {
            (Some(Halt::NeedsOwner), Some(attempt)) => attempt.to_string(),
            _ => String::new(),
        },
        not_before: waits.map(|rule| moment(rule.wait_until, now)).unwrap_or_default(),
    }
}

fn sentence(settings: Option<&TopUpSettings>, package: Option<&Package>, spent: Cents) -> String {
    let (Some(settings), Some(package)) = (settings, package) else {
        return "Nothing is bought by itself. Set a rule, and the card that is charged buys a package when credits run low.".into();
    };
    let rule = format!(
        "adds {} for {} when fewer than {} are left, for at most {} a month (UTC)",
        credits(package.credits.get()),
        price(package.price),
        grouped(settings.threshold.get()),
        price(settings.monthly_cap),
    );
    let spent =
        if spent.is_positive() { format!(" {} of it is used this month.", price(spent)) } else { String::new() };
    if settings.enabled { format!("On: {rule}.{spent}") } else { format!("Off. Switched on, it {rule}.") }
}

/// An amount as one types it: `160`, `12.50`.
pub(super) fn dollars(amount: Cents) -> String {
    price(amount).replace('$', "")
}

/// Sets the rule from its form.
pub async fn set_top_up(
    who: &SignedIn,
    enabled: &str,
    threshold: &str,
    package: &str,
    cap: &str,
) -> Result<(), AppError> {
    let settings = TopUpSettings {
        enabled: match enabled {
            "on" => true,
            "off" => false,
            _ => return Err(refused("choice_invalid")),
        },
        threshold: whole(threshold).and_then(Credits::new).ok_or_else(|| refused("threshold_invalid"))?,
        package: package.to_owned(),
        monthly_cap: cents(cap).ok_or_else(|| refused("dollars_invalid"))?,
    };
    let line = line(who, "top_up_set", &settings.to_string());
    app().payments.set_top_up(who.account, settings, vec![line]).await?;
    Ok(())
}

/// A comma or space stands between thousands: `4,50` is no number, rather than four hundred and fifty.
fn whole(text: &str) -> Option<i64> {
    let groups: Vec<&str> = text.trim().split([',', ' ']).collect();
    let (first, rest) = groups.split_first()?;
    if !rest.is_empty() && (!(1..=3).contains(&first.len()) || rest.iter().any(|group| group.len() != 3)) {
        return None;
    }
    let digits = groups.concat();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// Dollars as people write them: `160`, `$1,600`, `12.50`.
pub(super) fn cents(text: &str) -> Option<Cents> {
    let text = text.trim().trim_start_matches('$');
    let (whole_part, fraction) = text.split_once('.').unwrap_or((text, "00"));
    let fraction = (fraction.len() == 2 && fraction.bytes().all(|byte| byte.is_ascii_digit())).then_some(fraction)?;
    whole(whole_part)?.checked_mul(100)?.checked_add(whole(fraction)?).and_then(Cents::new)
}

impl From<TopUpError> for AppError {
    fn from(error: TopUpError) -> Self {
        match error {
            TopUpError::Payment(error) => error.into(),
            other => refused(other.code()),
        }
    }
}

/// Leads to a page of Stripe's, or back with what was refused.
pub fn lead_to(back: &str, page: Result<String, PaymentError>) {
    match page {
        Ok(url) => leptos_axum::redirect(&url, false),
        Err(error) => refused_at(back, &error.into()),
    }
}

/// Leads back to the billing page, which says what was done or refused.
pub fn back_to_billing(what: &str, outcome: Result<(), AppError>) -> Result<(), AppError> {
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("/billing?done={what}"), false),
        Err(error) => refused_at("/billing", &error),
    }
    Ok(())
}

/// What is about to be bought with the saved card.
pub fn order(visitor: &Visitor, package: &str) -> Option<OrderView> {
    let app = app();
    let package = app.kernel.price_book().package(package)?;
    let view = super::packages(app.kernel.price_book()).into_iter().find(|view| view.name == package.name)?;
    let after = visitor.summary.available.checked_add(package.credits)?;
    Some(OrderView {
        package: view.name,
        credits: view.credits,
        price: package.price.to_string(),
        buys: view.buys,
        balance_after: after.get(),
    })
}

/// Charges the saved card and leads on: to the return page, to the bank, or back with what was refused.
pub async fn pay_with_card(account: AccountId, package: &Package, request: &str) -> Result<(), AppError> {
    let back = format!("/buy?package={}", package.name);
    match app().payments.charge_saved_card(account, package, request).await {
        Ok(Charged::Paid { purchase, .. } | Charged::Processing { purchase, .. }) => {
            leptos_axum::redirect(&format!("/buy/return?purchase={purchase}"), false);
        }
        Ok(Charged::ActionRequired { purchase }) => {
            leptos_axum::redirect(&format!("/buy/confirm?purchase={purchase}"), false);
        }
        Ok(Charged::Declined { .. }) => refused_at(&back, &refused("card_declined")),
        Ok(Charged::NoCard) => refused_at("/buy", &refused("payment_method_not_found")),
        Err(error) => refused_at(&back, &error.into()),
    }
    Ok(())
}

/// A payment to be confirmed.
pub async fn confirmation(visitor: &Visitor, purchase: &str) -> Result<ConfirmView, AppError> {
    let id: PurchaseId = purchase.parse().map_err(|_| AppError::NotFound)?;
    let purchase = app().payments.purchase(visitor.account(), id).await?.ok_or(AppError::NotFound)?;
    Ok(ConfirmView {
        frame: visitor.frame(),
        can_confirm: purchase.can_be_confirmed(),
        purchase: purchase_view(&purchase),
        request: fresh_request(),
    })
}

/// Leads to the bank's page, or on when nothing is left to confirm.
pub async fn confirm_payment(account: AccountId, purchase: &str, request: &str) -> Result<(), AppError> {
    let id: PurchaseId = purchase.parse().map_err(|_| AppError::NotFound)?;
    match app().payments.confirm(account, id, request).await {
        Ok(Some(Confirmation::BankPage(url))) => leptos_axum::redirect(&url, false),
        Ok(Some(Confirmation::Done)) => leptos_axum::redirect(&format!("/buy/return?purchase={id}"), false),
        Ok(None) => return Err(AppError::NotFound),
        Err(error) => refused_at(&format!("/buy/confirm?purchase={id}"), &error.into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_as_people_write_them_and_never_rounded() {
        for (text, amount) in [("160", 16_000), ("$1,600", 160_000), ("12.50", 1_250), (" 0.05 ", 5)] {
            assert_eq!(cents(text).map(Cents::get), Some(amount), "{text}");
        }
        for text in [
            "",
            "$",
            "-1",
            "1.5",
            "1.005",
            "1e3",
            "many",
            "12.",
            "12. 5",
            ".50.",
            "4,5",
            "4,50",
            "1,2345",
            ",500",
            "99999999999999999999",
        ] {
            assert_eq!(cents(text), None, "{text}");
        }
    }

    #[test]
    fn a_card_is_called_by_its_brand_and_last_digits() {
        let card = SavedCard { brand: "visa".into(), last4: "4242".into(), payment_method: "pm_1".into() };
        assert_eq!(card_name(&card), "Visa ending in 4242");
    }
}
