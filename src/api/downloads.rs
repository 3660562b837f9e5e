//! What signed-in pages offer to download: the exports, by a plain link, for whom the session's cookie names.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::access::too_many;
use super::export::{Format, export_entries, export_grants, export_usage};
use super::observations;
use super::problem::Problem;
use super::query::Parameters;
use super::reconciliations;
use crate::identity::SignedIn;
use crate::server::context::session_of;
use crate::server::limits::Verdict;
use crate::server::state::App;

/// The downloads, beside the REST API but with a session instead of a key.
pub fn router() -> Router<App> {
    Router::new()
        .route("/export/{file}", get(download))
        .route("/sentinel/{id}/observations.csv", get(observed))
        .route("/office/reconciliation/{id}/differences.csv", get(differences))
}

/// `entries`, `grants` or `usage`, ending in `.csv` or `.json`.
async fn download(
    State(app): State<App>,
    headers: HeaderMap,
    Path(file): Path<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let (what, ending) = file.split_once('.').ok_or_else(Problem::not_found)?;
    let format: Format = ending.parse().map_err(|()| Problem::not_found())?;
    let page = match what {
        "entries" | "grants" => "/ledger",
        "usage" => "/usage",
        _ => return Err(Problem::not_found()),
    };
    // The page, not the file: whoever signs in should see where they are.
    let Some(SignedIn { account, .. }) = visitor(&app, &headers).await? else {
        return Ok(Redirect::to(&format!("/signin?next={page}")).into_response());
    };
    match what {
        "entries" => export_entries(&app, account, format).await,
        "grants" => export_grants(&app, account, format).await,
        _ => export_usage(&app, account, format, &parameters).await,
    }
}

/// The observations of one of the account's monitors.
async fn observed(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Problem> {
    match visitor(&app, &headers).await? {
        Some(signed_in) => {
            let id = id.parse().map_err(|_| Problem::not_found())?;
            observations::exported(&app, signed_in.account, id).await
        }
        None => Ok(Redirect::to("/signin?next=/sentinel").into_response()),
    }
}

/// The differences of a reconciliation; for everybody but operators the address does not exist.
async fn differences(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Problem> {
    match visitor(&app, &headers).await? {
        Some(signed_in) if signed_in.operator => reconciliations::exported(&app, &id).await,
        _ => Err(Problem::not_found()),
    }
}

/// Whoever is signed in, counted by the account they work in.
async fn visitor(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, Problem> {
    let found = session_of(app, headers).await.map_err(|_| Problem::unavailable())?;
    match found.as_ref().map(|signed_in| app.limits.account(signed_in.account)) {
        Some(Verdict::Refused(spent)) => Err(too_many(&spent)),
        _ => Ok(found),
    }
}
