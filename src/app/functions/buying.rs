//! Buying credits: the packages, the way to the checkout, and back.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{BuyView, PurchasesView, ReturnView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, fresh_request, visitor},
    ledger::PurchaseId,
    server::context::{app, signed_in},
};

#[server(prefix = "/fn", endpoint = "buy")]
pub async fn get_buy() -> Result<BuyView, AppError> {
    let visitor = visitor().await?;
    let packages = present::packages(app().kernel.price_book());
    Ok(BuyView { frame: visitor.frame(), packages, request: fresh_request() })
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

#[server(prefix = "/fn", endpoint = "purchases")]
pub async fn get_purchases() -> Result<PurchasesView, AppError> {
    let visitor = visitor().await?;
    let purchases = app().payments.purchases(visitor.account()).await?;
    Ok(PurchasesView { frame: visitor.frame(), purchases: purchases.iter().map(present::purchase).collect() })
}
