//! The REST API: one file per resource, errors as problems, an OpenAPI document made from the handlers.
//!
//! Parses and answers only. It decides nothing about credits, holds no state, and knows no SQL and no Stripe type.

mod access;
mod accounts;
mod adjustments;
mod alerts;
mod all_purchases;
mod amounts;
mod answered;
mod auto_topup;
mod balance_at;
mod batch;
mod batch_body;
mod batches;
mod body;
mod budgets;
mod caller;
mod charges;
mod checkout;
mod csv;
mod deliveries;
mod document;
mod downloads;
mod endpoints;
mod entries;
mod etag;
mod events;
mod exchange;
mod export;
mod faults;
mod fields;
mod forecast;
mod grant_list;
mod grants;
mod holds;
mod idempotency;
mod keys;
mod members;
mod metadata;
mod monitors;
mod object;
mod observations;
mod office;
mod once;
mod oracle;
mod payment_methods;
mod prices;
mod printed;
mod problem;
mod purchase_refunds;
mod purchases;
mod query;
mod quotes;
mod receipt;
mod receipts;
mod reconciliations;
mod recurring;
mod refunds;
mod shares;
mod signing_keys;
mod statements;
mod status;
mod stripe_events;
mod subscriptions;
mod suspensions;
mod team;
mod usage;
mod verifications;
mod verify;
mod webhook;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::state::App;
use problem::Problem;

/// Every path under `/api`, and the downloads of signed-in pages, with its own answers for unknown paths and wrong methods.
pub fn router(app: &App) -> Router<App> {
    let (router, openapi) = documented().split_for_parts();
    let document = document::complete(openapi);
    router
        .layer(from_fn_with_state(app.clone(), once::layer))
        .layer(from_fn(etag::layer))
        .layer(from_fn_with_state(app.clone(), access::layer))
        .route("/api/openapi.json", get(move || document::serve(document.clone())))
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .merge(downloads::router())
        .merge(events::router())
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(from_fn(faults::in_time))
        .layer(CatchPanicLayer::custom(faults::fallen))
        .layer(from_fn(exchange::layer))
}

/// The description of every operation, as it is served.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    document::complete(documented().split_for_parts().1)
}

/// The operations and their description, grown together: a path that is not described cannot be served.
fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(accounts::open))
        .routes(routes!(accounts::read, accounts::rename))
        .routes(routes!(accounts::balance))
        .routes(routes!(balance_at::read))
        .routes(routes!(usage::report))
        .routes(routes!(usage::breakdown))
        .routes(routes!(export::usage))
        .routes(routes!(entries::list))
        .routes(routes!(export::entries))
        .routes(routes!(prices::list))
        .routes(routes!(charges::charge))
        .routes(routes!(batch::charge_all))
        .routes(routes!(quotes::quote))
        .routes(routes!(holds::place))
        .routes(routes!(holds::read))
        .routes(routes!(holds::capture))
        .routes(routes!(holds::release))
        .routes(routes!(grants::grant))
        .routes(routes!(grant_list::list))
        .routes(routes!(export::grants))
        .routes(routes!(forecast::read))
        .routes(routes!(refunds::refund))
        .routes(routes!(adjustments::adjust))
        .routes(routes!(adjustments::write_off))
        .routes(routes!(purchase_refunds::refund))
        .routes(routes!(recurring::add))
        .routes(routes!(recurring::list))
        .routes(routes!(recurring::end))
        .routes(routes!(budgets::read, budgets::set))
        .routes(routes!(budgets::set_key))
        .routes(routes!(alerts::read, alerts::set))
        .routes(routes!(suspensions::suspend))
        .routes(routes!(suspensions::read))
        .routes(routes!(team::members))
        .routes(routes!(members::invite))
        .routes(routes!(members::withdraw))
        .routes(routes!(members::set_role, members::remove))
        .routes(routes!(team::audit_log))
        .routes(routes!(purchases::buy))
        .routes(routes!(purchases::list))
        .routes(routes!(printed::receipt))
        .routes(routes!(checkout::start))
        .routes(routes!(checkout::payment_intent))
        .routes(routes!(checkout::payment_method))
        .routes(routes!(payment_methods::list))
        .routes(routes!(payment_methods::setup))
        .routes(routes!(payment_methods::set_default))
        .routes(routes!(payment_methods::remove))
        .routes(routes!(payment_methods::portal))
        .routes(routes!(payment_methods::confirm))
        .routes(routes!(auto_topup::read, auto_topup::set))
        .routes(routes!(subscriptions::start))
        .routes(routes!(subscriptions::read))
        .routes(routes!(subscriptions::cancel))
        .routes(routes!(subscriptions::resume))
        .routes(routes!(verify::verify))
        .routes(routes!(oracle::ask))
        .routes(routes!(oracle::list))
        .routes(routes!(oracle::show))
        .routes(routes!(monitors::start))
        .routes(routes!(monitors::list))
        .routes(routes!(monitors::show))
        .routes(routes!(monitors::extend))
        .routes(routes!(monitors::stop))
        .routes(routes!(monitors::alerts))
        .routes(routes!(monitors::report))
        .routes(routes!(observations::observe, observations::observations))
        .routes(routes!(observations::export))
        .routes(routes!(batches::verify))
        .routes(routes!(batches::list))
        .routes(routes!(batches::show))
        .routes(routes!(verifications::list))
        .routes(routes!(verifications::read))
        .routes(routes!(verifications::rerun))
        .routes(routes!(shares::create))
        .routes(routes!(shares::list))
        .routes(routes!(shares::end))
        .routes(routes!(webhook::receive))
        .routes(routes!(stripe_events::list))
        .routes(routes!(stripe_events::read))
        .routes(routes!(stripe_events::replay))
        .routes(routes!(office::set_tier))
        .routes(routes!(office::customers))
        .routes(routes!(office::audit_log))
        .routes(routes!(all_purchases::list))
        .routes(routes!(all_purchases::read))
        .routes(routes!(reconciliations::start, reconciliations::list))
        .routes(routes!(reconciliations::read))
        .routes(routes!(reconciliations::differences))
        .routes(routes!(reconciliations::repair))
        .routes(routes!(reconciliations::export))
        .routes(routes!(events::stream))
        .routes(routes!(keys::create))
        .routes(routes!(keys::list))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::rotate))
        .routes(routes!(endpoints::create))
        .routes(routes!(endpoints::list))
        .routes(routes!(endpoints::read, endpoints::set, endpoints::remove))
        .routes(routes!(endpoints::rotate))
        .routes(routes!(deliveries::test))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::read))
        .routes(routes!(deliveries::replay))
        .routes(routes!(signing_keys::list))
        .routes(routes!(receipts::show))
        .routes(routes!(statements::list))
        .routes(routes!(statements::show))
        .routes(routes!(printed::statement))
        .routes(routes!(status::show))
}

async fn unknown() -> Problem {
    Problem::not_found()
}
