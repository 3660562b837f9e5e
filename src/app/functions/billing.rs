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
    let outcome = present::choose_card(&signed_in().await?, &card).await;
    present::back_to_billing("card_chosen", outcome)
}

#[server(prefix = "/fn", endpoint = "remove_card")]
pub async fn remove_card(card: String) -> Result<(), AppError> {
    let outcome = present::remove_card(&signed_in().await?, &card).await;
    present::back_to_billing("card_removed", outcome)
}

/// Sets the rule for automatic purchases; the cap is in dollars.
#[server(prefix = "/fn", endpoint = "set_top_up")]
pub async fn set_top_up(enabled: String, threshold: String, package: String, cap: String) -> Result<(), AppError> {
    let outcome = present::set_top_up(&signed_in().await?, &enabled, &threshold, &package, &cap).await;
    present::back_to_billing("top_up_set", outcome)
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
