//! The back office's side of payments: Stripe's events, replays, and every purchase.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{OfficeEventDetailView, OfficeEventsView, OfficePurchaseDetailView, OfficePurchasesView};

#[cfg(feature = "ssr")]
use crate::{app::present, server::context::operator};

/// A page of Stripe's events; `before` is where it starts, empty for the newest.
#[server(prefix = "/fn", endpoint = "office_events")]
pub async fn get_office_events(
    #[server(default)] state: String,
    #[server(default)] kind: String,
    #[server(default)] before: String,
) -> Result<OfficeEventsView, AppError> {
    present::events(&operator().await?, &state, &kind, &before).await
}

#[server(prefix = "/fn", endpoint = "office_event")]
pub async fn get_office_event(id: String) -> Result<OfficeEventDetailView, AppError> {
    present::event(&operator().await?, &id).await
}

/// Works an event off again and leads back to it.
#[server(prefix = "/fn", endpoint = "office_replay")]
pub async fn office_replay(id: String) -> Result<(), AppError> {
    let outcome = present::replay_event(&operator().await?, &id).await;
    present::back_to_event(&id, outcome)
}

/// A page of purchases of every account; `before` is the purchase it ends before, empty for the newest.
#[server(prefix = "/fn", endpoint = "office_purchases")]
pub async fn get_office_purchases(
    #[server(default)] state: String,
    #[server(default)] account: String,
    #[server(default)] before: String,
) -> Result<OfficePurchasesView, AppError> {
    present::all_purchases(&operator().await?, &state, &account, &before).await
}

#[server(prefix = "/fn", endpoint = "office_purchase")]
pub async fn get_office_purchase(id: String) -> Result<OfficePurchaseDetailView, AppError> {
    present::any_purchase(&operator().await?, &id).await
}
