//! The page of every address that leads nowhere.

use leptos::prelude::*;

use crate::app::components::Failure;
use crate::app::error::AppError;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <Failure error=AppError::NotFound/> }.into_any()
}
