//! The REST API, as a page.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::DocsView;

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, public_frame},
    server::context::app,
};

#[server(prefix = "/fn", endpoint = "api_docs")]
pub async fn get_docs() -> Result<DocsView, AppError> {
    Ok(present::docs(public_frame().await, &app().openapi))
}
