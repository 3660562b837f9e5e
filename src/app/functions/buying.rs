//! Buying credits: the packages, the way to the checkout, and back.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{BuyView, PurchasesView, ReceiptView, ReturnView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, fresh_request, visitor},
    ledger::PurchaseId,
    server::context::{app, signed_in},
};

/// Purchases on one page.
#[cfg(feature = "ssr")]
const PAGE: i64 = 50;

/// The packages, and with a saved card the order of the named one.
#[server(prefix = "/fn", endpoint = "buy")]
pub async fn get_buy(package: String) -> Result<BuyView, AppError> {
    let visitor = visitor().await?;
    let packages = present::packages(app().kernel.price_book());
    let card = app().payments.saved_card(visitor.account()).await?;
    let card = card.map(|card| present::card_name(&card)).unwrap_or_default();
    let order = if card.is_empty() { None } else { present::order(&visitor, &package) };
    Ok(BuyView { frame: visitor.frame(), packages, card, order, request: fresh_request() })
}

/// Charges the saved card. The same `request` and package are one purchase.
#[server(prefix = "/fn", endpoint = "pay_with_card")]
pub async fn pay_with_card(package: String, request: String) -> Result<(), AppError> {
    let (app, who) = (app(), signed_in().await?);
    let package = app.kernel.price_book().package(&package).ok_or_else(|| present::refused("package_not_found"))?;
    let request = present::request_key(&request, &["card", &package.name])?;
    present::pay_with_card(who.account, package, &request).await
}

/// Writes the purchase down and leads to the checkout. The same `request` and package are one purchase.
#[server(prefix = "/fn", endpoint = "buy_credits")]
pub async fn buy_credits(package: String, request: String) -> Result<(), AppError> {
    let (app, who) = (app(), signed_in().await?);
    let package = app.kernel.price_book().package(&package).ok_or_else(|| present::refused("package_not_found"))?;
    let request = present::request_key(&request, &[&package.name])?;
    let checkout = app.payments.checkout(who.account, Some(&who.email), package, &request).await?;
    leptos_axum::redirect(&checkout.url, false);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "buy_return")]
pub async fn get_return(purchase: String) -> Result<ReturnView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let id: PurchaseId = purchase.parse().map_err(|_| AppError::NotFound)?;
    let purchase = app.payments.purchase(who.account, id).await?.ok_or(AppError::NotFound)?;
    // The balance is read after the purchase: a page that says "paid" must count its credits.
    let visitor = visitor().await?;
    Ok(ReturnView { frame: visitor.frame(), purchase: present::purchase(&purchase) })
}

/// How a purchase stands, in one word; while it is not paid, the word of what is wrong with its payment comes first.
#[server(prefix = "/fn", endpoint = "purchase_state")]
pub async fn get_purchase_state(purchase: String) -> Result<String, AppError> {
    let (app, who) = (app(), signed_in().await?);
    let id: PurchaseId = purchase.parse().map_err(|_| AppError::NotFound)?;
    let purchase = app.payments.purchase(who.account, id).await?.ok_or(AppError::NotFound)?;
    Ok(present::purchase_word(&purchase).to_owned())
}

/// The receipt of a purchase that was paid.
#[server(prefix = "/fn", endpoint = "receipt")]
pub async fn get_receipt(purchase: String) -> Result<ReceiptView, AppError> {
    present::receipt(&visitor().await?, &purchase).await
}

/// One page of purchases, newest first; `before` is the purchase it ends before, empty for the newest.
#[server(prefix = "/fn", endpoint = "purchases")]
pub async fn get_purchases(before: String) -> Result<PurchasesView, AppError> {
    let (app, who) = (app(), signed_in().await?);
    // One more than shown tells whether there is a next page.
    let purchases = app.payments.purchases(who.account, before.parse().ok(), PAGE + 1).await?;
    // The balance is read last: a purchase that is shown as paid is counted in it.
    Ok(present::purchases(&visitor().await?, &purchases, &before, PAGE))
}
