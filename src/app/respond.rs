//! Gives the page that is being rendered its status code.

use leptos::prelude::use_context;

use super::error::AppError;
use leptos::server_fn::error::FromServerFnError;

/// Marks the answer as the error it shows.
pub fn with_error(error: &AppError) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(error.status_code());
    }
}
