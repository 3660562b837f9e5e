//! Public links to answers.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::SharedView;

#[cfg(feature = "ssr")]
use crate::{app::present, server::context::signed_in};

/// What stands behind a public link. One that never was and one that has ended look the same.
#[server(prefix = "/fn", endpoint = "shared")]
pub async fn get_shared(token: String) -> Result<SharedView, AppError> {
    present::shared(&token).await
}

/// Makes a public link to an answer and leads back to it.
#[server(prefix = "/fn", endpoint = "share_answer")]
pub async fn share_answer(subject: String, request: String) -> Result<(), AppError> {
    let page = present::share(&signed_in().await?, &subject, &request).await?;
    leptos_axum::redirect(&page, false);
    Ok(())
}

/// Ends an answer's public link and leads back to it.
#[server(prefix = "/fn", endpoint = "end_share")]
pub async fn end_share(subject: String) -> Result<(), AppError> {
    let page = present::end_share(&signed_in().await?, &subject).await?;
    leptos_axum::redirect(&page, false);
    Ok(())
}
