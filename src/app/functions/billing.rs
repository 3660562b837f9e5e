//! Cards, automatic purchases, and payments that their customer confirms.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{BillingView, ConfirmView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, visitor},
    server::context::{app, signed_in},
};

#[server(prefix = "/fn", endpoint = "billing")]
pub async fn get_billing() -> Result<BillingView, AppError> {
    present::billing(&visitor().await?).await
}

/// Leads to Stripe's page for saving a card.
#[server(prefix = "/fn", endpoint = "add_card")]
pub async fn add_card(request: String) -> Result<(), AppError> {
    let (app, who) = (app(), signed_in().await?);
    let request = present::request_key(&request, &["card"])?;
    present::lead_to("/billing", app.payments.add_card(who.account, Some(&who.email), &request).await);
    Ok(())
}

/// Leads to Stripe's portal.
#[server(prefix = "/fn", endpoint = "open_portal")]
pub async fn open_portal(request: String) -> Result<(), AppError> {
    let (app, who) = (app(), signed_in().await?);
    let request = present::request_key(&request, &["portal"])?;
    present::lead_to("/billing", app.payments.portal(who.account, Some(&who.email), &request).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "choose_card")]
pub async fn choose_card(card: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = app().payments.make_default(who.account, &card).await;
    present::back_to_billing(&who, "card_chosen", &card, outcome.map(drop).map_err(AppError::from)).await
}

#[server(prefix = "/fn", endpoint = "remove_card")]
pub async fn remove_card(card: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = app().payments.remove_card(who.account, &card).await;
    present::back_to_billing(&who, "card_removed", &card, outcome.map_err(AppError::from)).await
}

/// Sets the rule for automatic purchases; the cap is in dollars.
#[server(prefix = "/fn", endpoint = "set_top_up")]
pub async fn set_top_up(enabled: String, threshold: String, package: String, cap: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let outcome = present::set_top_up(who.account, &enabled, &threshold, &package, &cap).await;
    let detail = format!("{enabled}, below {threshold} buy {package}, at most ${cap} a month");
    present::back_to_billing(&who, "top_up_set", &detail, outcome).await
}

/// Leads to Stripe's page for the fintech subscription.
#[server(prefix = "/fn", endpoint = "subscribe")]
pub async fn subscribe(request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let request = present::request_key(&request, &["subscribe"])?;
    present::subscribe(&who, &request).await
}

/// Ends the subscription with the paid period, or has it go on.
#[server(prefix = "/fn", endpoint = "end_subscription")]
pub async fn end_subscription(ends: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    present::end_subscription(&who, ends == "yes").await
}

/// What is to be confirmed at the bank.
#[server(prefix = "/fn", endpoint = "confirmation")]
pub async fn get_confirmation(purchase: String) -> Result<ConfirmView, AppError> {
    present::confirmation(&visitor().await?, &purchase).await
}

/// Leads to the bank's page for this payment.
#[server(prefix = "/fn", endpoint = "confirm_payment")]
pub async fn confirm_payment(purchase: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let request = present::request_key(&request, &[&purchase])?;
    present::confirm_payment(who.account, &purchase, &request).await
}
