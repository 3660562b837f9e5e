//! What anybody may read: the landing page, prices, and in test mode the mails.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{LandingView, OutboxView, PricingView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, public_frame},
    server::context::app,
};

/// How many mails the outbox shows.
#[cfg(feature = "ssr")]
const MAILS_SHOWN: i64 = 50;

#[server(prefix = "/fn", endpoint = "landing")]
pub async fn get_landing() -> Result<LandingView, AppError> {
    let packages = present::packages(app().kernel.price_book());
    Ok(LandingView { frame: public_frame().await, packages })
}

#[server(prefix = "/fn", endpoint = "pricing")]
pub async fn get_pricing(operation: String, tier: String, quantity: String) -> Result<PricingView, AppError> {
    let app = app();
    let quote = present::quote(app.kernel.price_book(), &operation, &tier, &quantity);
    Ok(present::pricing(public_frame().await, app.kernel.price_book(), quote))
}

#[server(prefix = "/fn", endpoint = "outbox")]
pub async fn get_outbox() -> Result<OutboxView, AppError> {
    let app = app();
    if !app.config.outbox {
        return Err(AppError::NotFound);
    }
    let mails = app.mail.recent(MAILS_SHOWN).await.map_err(|_| AppError::Unavailable)?;
    Ok(OutboxView { frame: public_frame().await, mails: present::mails(mails) })
}
