//! The back office: customers, and what an operator does to one.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{OfficeCustomerView, OfficeHealthView, OfficeView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, Gift},
    server::context::{app, operator, signed_in},
};

/// Customers by name, id or e-mail address; `before` is the account the page ends before, empty for the newest.
#[server(prefix = "/fn", endpoint = "office")]
pub async fn get_office(
    #[server(default)] text: String,
    #[server(default)] before: String,
) -> Result<OfficeView, AppError> {
    present::customers(&operator().await?, &text, &before).await
}

#[server(prefix = "/fn", endpoint = "office_customer")]
pub async fn get_office_customer(id: String) -> Result<OfficeCustomerView, AppError> {
    present::customer(&operator().await?, &id).await
}

/// The ledger, its laws and the solvers of the server that is asked.
#[server(prefix = "/fn", endpoint = "office_health")]
pub async fn get_office_health() -> Result<OfficeHealthView, AppError> {
    Ok(present::office_health(&operator().await?).await)
}

#[server(prefix = "/fn", endpoint = "office_gift")]
pub async fn office_gift(
    account: String,
    credits: String,
    reason: String,
    #[server(default)] expires: String,
    request: String,
) -> Result<(), AppError> {
    let gift = Gift { credits, reason, expires };
    let outcome = present::gift(&operator().await?, &account, &gift, &request).await;
    present::back_to_customer(&account, "gift", outcome)
}

#[server(prefix = "/fn", endpoint = "office_adjust")]
pub async fn office_adjust(account: String, credits: String, reason: String, request: String) -> Result<(), AppError> {
    let outcome = present::adjust(&operator().await?, &account, &credits, &reason, &request).await;
    present::back_to_customer(&account, "adjust", outcome)
}

#[server(prefix = "/fn", endpoint = "office_suspend")]
pub async fn office_suspend(
    account: String,
    suspended: String,
    reason: String,
    request: String,
) -> Result<(), AppError> {
    let outcome = present::suspend(&operator().await?, &account, &suspended, &reason, &request).await;
    present::back_to_customer(&account, "suspend", outcome)
}

#[server(prefix = "/fn", endpoint = "office_tier")]
pub async fn office_tier(account: String, tier: String, request: String) -> Result<(), AppError> {
    let outcome = present::set_tier(&operator().await?, &account, &tier, &request).await;
    present::back_to_customer(&account, "tier", outcome)
}

/// Gives a purchase's money back, `amount` dollars of it or all that is left; of another payment where one is named.
#[server(prefix = "/fn", endpoint = "office_refund")]
pub async fn office_refund(
    purchase: String,
    #[server(default)] payment: String,
    #[server(default)] amount: String,
    reason: String,
    request: String,
    #[server(default)] back: String,
) -> Result<(), AppError> {
    let (who, purchase) = (operator().await?, present::purchase_of(&purchase).await?);
    let outcome = present::refund(&who, &purchase, &payment, &amount, &reason, &request).await;
    present::back_from_refund(&purchase, &back, outcome)
}

/// Signs one of the customer's people out everywhere.
#[server(prefix = "/fn", endpoint = "office_sign_out")]
pub async fn office_sign_out(account: String, user: String) -> Result<(), AppError> {
    let outcome = present::sign_member_out(&operator().await?, &account, &user).await;
    present::back_to_customer(&account, "sign_out", outcome)
}

/// Lets the operator see the customer's pages, without changing anything there.
#[server(prefix = "/fn", endpoint = "office_see")]
pub async fn office_see(account: String) -> Result<(), AppError> {
    present::look_at(&operator().await?, &account).await?;
    leptos_axum::redirect("/dashboard", false);
    Ok(())
}

/// Ends it. Also when it is over by itself already, so that the button always leads back.
#[server(prefix = "/fn", endpoint = "stop_seeing")]
pub async fn stop_seeing() -> Result<(), AppError> {
    let who = signed_in().await?;
    app().identity.end_seeing(&who).await?;
    let back = if who.seeing.is_some() { format!("/office/customers/{}", who.account) } else { "/dashboard".into() };
    leptos_axum::redirect(&back, false);
    Ok(())
}
