//! The one router: REST under `/api`, health, pages and their server functions, and the built files.

use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router, middleware};
use leptos_axum::{LeptosRoutes, file_and_error_handler_with_context, generate_route_list};
use serde_json::{Value, json};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use super::door::{account_door, door};
use super::guard::guard;
use super::security::{bounded_form, provide_policy, same_origin, seal};
use super::state::App;
use crate::api;
use crate::app::{App as Pages, shell};

/// The longest that any answer may take. A proof has its own, shorter limit.
const ANSWER_SECONDS: u64 = 60;

/// Everything that is served.
pub fn router(app: App) -> Router {
    let routes = generate_route_list(Pages);
    let options = app.leptos.clone();
    let pages = Router::<App>::new()
        .leptos_routes_with_context(&app, routes, provide_policy, move || shell(options.clone()))
        .fallback(file_and_error_handler_with_context::<App, _>(provide_policy, shell))
        .layer(middleware::from_fn_with_state(app.clone(), account_door))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .layer(CompressionLayer::new());
    let limit = Duration::from_secs(ANSWER_SECONDS);
    Router::<App>::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/statements/{month}/statement.json", get(super::download::statement))
        .route("/statements/{month}/statement.pdf", get(super::download::statement_pdf))
        .route("/purchases/{purchase}/receipt.pdf", get(super::download::receipt_pdf))
        .merge(api::router(&app))
        .merge(pages)
        .layer(middleware::from_fn(bounded_form))
        .layer(middleware::from_fn_with_state(app.clone(), door))
        .layer(middleware::from_fn_with_state(app.clone(), same_origin))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, limit))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), seal))
        .with_state(app)
}

/// Whether the process runs at all. Touches nothing, so it is also what other routes' speed is measured against.
async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether the ledger answers.
async fn ready(axum::extract::State(app): axum::extract::State<App>) -> (StatusCode, Json<Value>) {
    let solver = app.judge.health();
    match app.kernel.is_reachable().await {
        true => (StatusCode::OK, Json(json!({ "status": "ok", "solvers": solver }))),
        false => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "the ledger does not answer" }))),
    }
}
